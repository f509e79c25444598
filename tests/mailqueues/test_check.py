"""check: the status and the line that a monitor gets; what is not known is never OK."""
import re
import time

import pytest
import scenes

from mailtools.mailqueues import checking, judging, snapshot
from mailtools.mailqueues.history import History
from mailtools.mailqueues.values import Snapshot
from rig.program import run

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')
# Monitoring Plugins Development Guidelines, 2.6: 'label'=value[UOM];[warn];[crit];[min];[max]
DATUM = re.compile(r"('(?:[^'=]|'')+'|[^\s'=]+)=(-?[0-9.]+)(s|%|B|c)?((?:;[0-9.:~@-]*){0,4})(?:\s|\Z)")


class Scene:
    """What the last export left behind."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / 'c.conf'
        self.config.write_text('[mailqueues]\noutput = {0}\nhistory = {0}/h.db\n[host mail1]\n'.format(folder))
        self.now = time.time()

    def wrote(self, *hosts, ago_s=5):
        """status.json of so many seconds ago."""
        made = Snapshot(self.now - ago_s, hosts)
        (self.folder / 'status.json').write_text(snapshot.status(made))

    def known(self, name='mail1', ago_s=5, **kwargs):
        """One host, asked so many seconds ago."""
        return scenes.known(name, self.now - ago_s, **dict({'figures': scenes.counts(34, 1548)}, **kwargs))

    def check(self, *args):
        """(status, text, {label: (value, unit, warning, critical)}) of the real program."""
        ran = run('mailqueues', '--config', self.config, 'check', *args)
        assert ran.err == '' and ran.out.count('\n') == 1
        text, _, data = ran.out.rstrip('\n').partition('|')
        assert text.startswith('MAILQUEUES {} - '.format(WORDS[ran.status]))
        return ran.status, text, perfdata(data)


def perfdata(data):
    """What a monitor reads from performance data; all of it must be understood."""
    found = {}
    at = 0
    while at < len(data):
        one = DATUM.match(data, at)
        assert one, data[at:]
        limits = (one.group(4).split(';') + [''] * 3)[1:3]
        found[one.group(1).strip("'")] = (float(one.group(2)), one.group(3) or '', *limits)
        at = one.end()
    return found


@pytest.fixture
def scene(tmp_path):
    """A scene without anything."""
    return Scene(tmp_path)


def test_well_is_ok_with_the_figures_and_their_limits(scene):
    scene.wrote(scene.known(detail=scenes.detail(scene.now - 60, oldest_s=4000)))
    status, text, data = scene.check('-H', 'mail1')
    assert status == OK and 'mail1: 34 active, 1,548 deferred, oldest 1 h' in text
    assert data['active'] == (34, '', '10000', '18000') and data['deferred'] == (1548, '', '50000', '')
    assert data['all'] == (1582, '', '', '') and data['oldest'][1] == 's' and 4000 <= data['oldest'][0] < 4100


@pytest.mark.parametrize('limits, status', scenes.fast_first(3, [
    (('-w', 'growth=99'), WARNING), (('-w', '1583'), OK), (('-w', '5', '-c', '1582'), CRITICAL), (('-c', '1583'), OK),
    (('-w', 'deferred=1548'), WARNING), (('-w', 'deferred=1549'), OK), (('-c', 'active=34,deferred=99999'), CRITICAL),
    (('-w', 'oldest=1h'), WARNING), (('-w', 'oldest=2h'), OK), (('-w', 'hold=1', '-c', 'corrupt=1'), OK),
    (('-w', '1582'), WARNING), (('-c', 'growth=99'), CRITICAL), (('-w', 'growth=500'), OK)]))
def test_by_number_age_and_growth(scene, limits, status):
    history = History(str(scene.folder / 'h.db'))
    history.add(Snapshot(scene.now - 3605, (scenes.known('mail1', scene.now - 3605, scenes.counts(34, 1400)),)))
    scene.wrote(scene.known(detail=scenes.detail(scene.now - 60, oldest_s=4000)))
    got, text, data = scene.check('-H', 'mail1', *limits)
    assert got == status and data['growth'][0] == 148
    assert ('limit' in text) == bool(status)


@pytest.mark.parametrize('says, kwargs', scenes.fast_first(2, [
    ('Connection refused', {'error': 'Connection refused', 'since': 1.0}),
    ('figures are 10 min old', {'ago_s': 600}),
    ('the mail system is down', {}),
    ('it never answered', {'figures': None})]))
def test_what_is_not_known_now_is_unknown_even_with_an_empty_queue(scene, says, kwargs):
    one = scene.known(**dict({'figures': scenes.counts(0, 0)}, **kwargs))
    scene.wrote(one._replace(mail_down=says == 'the mail system is down'))
    for args in (), ('-H', 'mail1', '-w', '1000', '-c', '5000'):
        status, text, _ = scene.check(*args)
        assert status == UNKNOWN and says in text


def test_when_export_has_stopped_all_is_unknown(scene):
    scene.wrote(scene.known(ago_s=3600), ago_s=3600)
    status, text, data = scene.check('-w', '5000')
    assert status == UNKNOWN and 'figures are 1 h old' in text and data == {}


@pytest.mark.parametrize('limit', ['oldest=5d', 'growth=100'])
def test_a_limit_whose_figure_is_not_to_be_had_is_unknown(scene, limit):
    scene.wrote(scene.known())
    status, text, _ = scene.check('-H', 'mail1', '-w', limit)
    assert status == UNKNOWN and '{} not known'.format(limit.partition('=')[0]) in text


def test_an_empty_queue_has_no_oldest_mail_and_is_ok(scene):
    scene.wrote(scene.known(figures=scenes.counts(0, 0, hold=3)))
    assert scene.check('-w', 'oldest=5d')[0] == OK


def test_all_hosts_together_are_as_bad_as_the_worst_which_alone_is_named(scene):
    scene.wrote(scene.known('a'), scene.known('b', figures=scenes.counts(12000, 0)),
                scene.known('c', error='refused', since=1.0))
    status, text, data = scene.check()
    assert status == UNKNOWN and 'a:' not in text and 'b: active 12,000 (limit 10,000)' in text and 'c: refused' in text
    assert data['a_active'] == (34, '', '10000', '18000') and not any(label.startswith('c_') for label in data)
    assert scene.check('-H', 'a')[0] == OK and scene.check('-H', 'b')[0] == WARNING
    assert scene.check('-H', 'a', '-H', 'b')[0] == WARNING
    assert scene.check('-c', '5')[0] == CRITICAL


def test_nothing_of_a_stranger_breaks_the_line_or_the_performance_data(scene):
    scene.wrote(scene.known("it's a=b", error=None), scene.known('x', error='evil|all=0 \x1b[2J\nOK - fine', since=1.0))
    status, text, data = scene.check()
    assert status == UNKNOWN and '\x1b' not in text and len(data) == 7


@pytest.mark.parametrize('args, says', scenes.fast_first(2, [
    (('-H', 'nobody'), 'unknown host nobody; there are mail1'),
    (('-w', 'many'), '-w many: many: neither a number nor NAME=LIMIT'), (('-w', 'lots=1'), "'lots' is none of all, "),
    (('-w', 'deferred=x'), 'deferred=x: not a whole number'), (('-c', 'oldest=5y'), 'oldest=5y: not a time like'),
    (('-w', '1,2'), 'all is set twice')]))
def test_what_cannot_be_meant_is_unknown_and_said(scene, args, says):
    scene.wrote(scene.known())
    status, text, _ = scene.check(*args)
    assert status == UNKNOWN and says in text


@pytest.mark.parametrize('content', [None, '{}'])
def test_no_status_or_a_broken_one_is_unknown(scene, content):
    if content is not None:
        (scene.folder / 'status.json').write_text(content)
    status, text, _ = scene.check('-H', 'mail1')
    assert status == UNKNOWN and 'status.json' in text


def test_a_damaged_history_hides_no_alarm(scene):
    (scene.folder / 'h.db').write_bytes(b'x' * 4096)
    scene.wrote(scene.known(figures=scenes.counts(19000, 0)))
    assert scene.check()[0] == CRITICAL


def test_settings_that_cannot_be_read_are_unknown(scene):
    scene.config.write_text('[mailqueues]\nwarning = lots=1\n')
    status, text, _ = scene.check()
    assert status == UNKNOWN and 'c.conf' in text


def test_critical_is_worse_than_unknown_and_no_bar_gets_into_the_text():
    assert judging.worst([OK, WARNING, UNKNOWN, CRITICAL]) == CRITICAL
    assert judging.worst([OK, WARNING, UNKNOWN]) == UNKNOWN and judging.worst([]) == OK
    assert checking.nothing_known('a|b') == (UNKNOWN, 'MAILQUEUES UNKNOWN - a/b')
