"""status.json as somebody's hand, a full disk or another program may have left it: never a traceback, never OK."""
import json

import pytest
import scenes

from mailtools.mailqueues import checking, dashboard, judging, metrics, snapshot, statusfile
from mailtools.mailqueues.commands_show import rows_for_people, rows_for_programs
from mailtools.mailqueues.history import History
from mailtools.mailqueues.past import NOTHING
from mailtools.mailqueues.statusfile import Unreadable
from mailtools.mailqueues.values import Asked
from rig.queuesite import QueueSite
from rig.sshhosts import fill

NOW = scenes.NOW
ODD = (None, [], {}, 'x', -1, 1e999, True, '', float('nan'), 1e300, 10 ** 30, 'x' * 9999, '\ud800\x1b[2J', [[]],
       {'a': 1})
UNKNOWN, EX_IOERR, EX_CANTCREAT = 3, 74, 73


def text():
    """A real one, of two hosts: one with detail, one that never answered."""
    made = scenes.five()
    return snapshot.status(made._replace(hosts=tuple(
        host._replace(detail=host.detail and host.detail._replace(
            domains=host.detail.domains[:1], reasons=host.detail.reasons[:1])) for host in made.hosts[1:4:2])))


def places(said, at=()):
    """The path of each value within a JSON value, of a list of numbers that of the first and the last."""
    yield at
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in inner:
        if isinstance(value, (dict, list)) or isinstance(said, dict) or key in (0, len(said) - 1):
            yield from places(value, at + (key,))


def replaced(text, place, value):
    """The text with another value at a place, or without it for `KeyError`."""
    said = json.loads(text)
    inner = top = {'all': said}
    *way, last = ('all',) + place
    for key in way:
        inner = inner[key]
    if value is KeyError:
        inner.pop(last)
    else:
        inner[last] = value
    return json.dumps(top.get('all'))


def all_that_is_made_of(made, folder):
    """What each program would print or write of a Snapshot; it raises nothing."""
    found = judging.outlooks(made, (), scenes.Settings, NOW + 5)
    status, line = checking.line_of(found, scenes.Settings.warning, scenes.Settings.critical)
    assert line.isprintable()
    list(rows_for_people(found, NOW + 5)), list(rows_for_programs(found, NOW + 5))
    host = made.hosts[0].name if made.hosts else 'a'
    after = snapshot.after(made, {host: Asked(host, NOW, 1.0, error='gone')}, [host], NOW)
    (snapshot.index(after) + snapshot.status(after) + metrics.render(after, None, scenes.Settings)).encode()
    dashboard.render(made, NOTHING, scenes.Settings).encode()
    History(str(folder / 'h.db')).add(after)
    for known in made.hosts:
        snapshot.wants_detail(known, NOW, 600)
    return status


def test_each_value_replaced_by_each_odd_one_is_refused_or_harmless(tmp_path):
    whole, refused, others = text(), 0, []
    real = statusfile.read(whole)
    assert all_that_is_made_of(real, tmp_path) == UNKNOWN
    for place in places(json.loads(whole)):
        for value in ODD + (KeyError,):
            try:
                made = statusfile.read(replaced(whole, place, value))
            except Unreadable as error:
                assert 0 < len(str(error)) < 300 and str(error).isprintable(), (place, value)
                refused += 1
            else:
                others += [made] * (made != real)
    assert refused > 600 and len(others) > 40
    for made in others[::2]:
        all_that_is_made_of(made, tmp_path)
    for value in ODD[:7]:
        with pytest.raises(Unreadable):
            statusfile.read(json.dumps(value))


@pytest.mark.parametrize('content, says', [
    ('', 'Expecting value'),
    ('[' * 100000, 'it is nested too deep'),
    ('{"version": 1, "generated_at": 1, "hosts": ' + '[' * 100000, 'it is nested too deep'),
    (lambda: '{"version": ' + '9' * 3000000 + '}', 'it is of version Infinity'),
    (lambda: ' ' * (statusfile.SIZE_MOST + 1), 'it is larger than 64 MB'),
    ('[]', 'it is a list, which is no object'),
    ('{"version": 1, "generated_at": "x", "hosts": []}', 'generated_at is "x", which is no time'),
    ('{"version": 1, "generated_at": 1}', 'hosts is missing'),
    ('{"version": 1, "generated_at": 1, "hosts": [1]}', 'hosts[0] is 1, which is no object')], ids=range(9))
def test_the_failure_names_what_is_wrong_and_where(content, says):
    with pytest.raises(Unreadable) as refused:
        statusfile.read(content() if callable(content) else content)
    assert str(refused.value).startswith(says)


def edited(site, edit):
    """Write status.json anew, edited."""
    path = site.output / 'status.json'
    said = json.loads(path.read_text())
    edit(said)
    path.write_text(json.dumps(said))
    return path.read_bytes()


EDITS = (
    lambda said: said.update(hosts={}),
    lambda said: said['hosts'][0].update(at='yesterday'),
    lambda said: said['hosts'][0]['queues'].update(active=1e999),
    lambda said: said['hosts'][0].pop('skew_s'))


def test_by_the_real_programs_it_is_unknown_or_one_line_or_begun_anew(tmp_path):
    site = QueueSite(tmp_path, '[host a]\nlocal = yes\ndetail = none\nqueue_directory = {}\n'.format(
        fill(tmp_path / 'queue', active=3)))
    assert site.run().status == 0
    whole = (site.output / 'status.json').read_bytes()
    for edit in EDITS:
        (site.output / 'status.json').write_bytes(whole)
        broken = edited(site, edit)
        ran = site.run('check')
        assert (ran.status, ran.err, ran.out.count('\n')) == (UNKNOWN, '', 1) and 'cannot read ' in ran.out
    ran = site.run('show')
    assert (ran.status, ran.out, ran.err.count('\n')) == (EX_IOERR, '', 1) and 'hosts' in ran.err
    ran = site.run()
    assert ran.status == EX_CANTCREAT and 'Traceback' not in ran.err
    assert ran.err.endswith(
        '; it is written anew, and the old one kept as {}/status.json.damaged\n'.format(site.output))
    assert (site.output / 'status.json.damaged').read_bytes() == broken
    assert site.status['a']['queues']['active'] == 3 and site.run().status == 0


def test_figures_of_a_time_that_has_not_come_are_unknown(tmp_path):
    made = scenes.Snapshot(NOW, (scenes.known('a', NOW + 3600, scenes.counts(0, 0)),))
    one, = judging.outlooks(made, (), scenes.Settings, NOW)
    assert (one.status, one.says) == (UNKNOWN, ('figures are of a time that comes in 1 h: see the clock',))
    one, = judging.outlooks(made, (), scenes.Settings, NOW + 3590)          # a clock that was set by seconds
    assert one.status == judging.OK
