"""Several hosts as one: sums that are sums, percentiles that are percentiles, and nothing guessed."""
import json
import random

import days
import pytest

from mailtools.pflogsumm_report import merging, report_html, report_text, values
from mailtools.pflogsumm_report.values import FiguresFailure
from rig.program import run

NAMES = ('mail1', 'mail2', 'mail3', 'mail4', 'mx1')


def five():
    """The figures of five hosts."""
    return [days.day(host=name, scale=1 - 0.17 * at) for at, name in enumerate(NAMES)]


@pytest.fixture
def files(tmp_path):
    """The files of those hosts, as --json writes them."""
    for one in five():
        (tmp_path / (one['host'] + '.json')).write_text(values.to_json(one) + '\n')
    return [tmp_path / (name + '.json') for name in NAMES]


def merge(*args, **kwargs):
    """Run `pflogsumm-report merge`, without settings."""
    return run('pflogsumm-report', '--config', '/dev/null', 'merge', *args, **kwargs)


# -- the sum --

def test_every_total_and_every_hour_is_the_sum(files):
    ran = merge('--json', *files)
    whole = json.loads(ran.out)
    assert ran.status == 0 and ran.err == ''
    for name in values.TOTALS:
        assert whole[name] == sum(one[name] for one in five()) > 0 or name in ('reject_warnings', 'discarded'), name
    for name in values.PER_HOUR:
        assert whole['per_hour'][name] == [sum(hour) for hour in zip(*(one['per_hour'][name] for one in five()))]
    assert [part['host'] for part in whole['parts']] == list(NAMES)
    assert [part['bounced'] for part in whole['parts']] == [one['bounced'] for one in five()]


def test_percentiles_are_those_of_all_deliveries_and_no_average():
    rng, many = random.Random(6), []
    several = []
    for name, slow in ('a', 1), ('b', 60), ('c', 900):
        times = sorted(round(rng.expovariate(1 / slow), 1) for _ in range(400 if name == 'a' else 37))
        many += times
        one = days.day(host=name)
        row = one['providers'][0]
        row['delays']['total']['counts'] = {str(value): times.count(value) for value in set(times)}
        several.append(dict(one, providers=[row]))
    many.sort()
    found = merging.merge(several)['providers'][0]['delays']['total']
    assert (found['p50'], found['p95']) == (many[-(-len(many) * 50 // 100) - 1], many[-(-len(many) * 95 // 100) - 1])


def test_the_text_shows_each_host_and_says_what_is_no_more_than_that(files):
    ran = merge(*files)
    assert ran.status == 0 and '5 hosts, Sunday 22 November 2026' in ran.out
    assert 'mail3                      198,794    210,158     3,379      784     6,749' in ran.out
    assert '  recipients              <= 628,134' in ran.out and '  received                   993,971' in ran.out


def test_totals_leave_out_the_details_but_not_the_parts(files):
    whole = json.loads(merge('--json', '--totals', *files).out)
    assert set(whole) == {'date', 'host', 'per_hour', 'parts'} | set(values.TOTALS)


def test_merging_what_was_merged_is_merging_all_at_once():
    first = merging.checked(values.to_json(merging.merge(five()[:2])))
    assert merging.merge([first] + five()[2:]) == merging.merge(five())


def test_one_file_may_hold_an_object_a_line_or_be_standard_input(files):
    whole = merging.merge(five())
    lines = ''.join(path.read_text() for path in files)
    assert json.loads(merge('--json', '-', stdin=lines.encode()).out) == json.loads(values.to_json(whole))
    files[0].write_text(json.dumps(five()[0], indent=2) + '\n')
    assert merging.read(str(files[0])) == [five()[0]]


def test_a_page_of_all_hosts_is_written_whole(files, tmp_path):
    settings = tmp_path / 'report.conf'
    settings.write_text('[pflogsumm-report]\nhistory = {}\n'.format(tmp_path / 'report.db'))
    ran = run('pflogsumm-report', '-c', settings, 'merge', '--html', tmp_path / 'all.html', *files)
    assert (ran.status, ran.out, ran.err) == (0, '', '')
    assert '5 hosts' in (tmp_path / 'all.html').read_text(encoding='utf-8')
    assert sorted(path.name for path in tmp_path.glob('*all*')) == ['all.html']


# -- what is refused --

def test_the_same_host_twice_is_refused(files):
    ran = merge(files[0], files[1], files[0])
    assert (ran.status, ran.out, ran.err) == (64, '', 'pflogsumm-report: mail1 is there twice\n')


def test_a_host_that_is_part_of_a_merged_one_is_refused():
    with pytest.raises(FiguresFailure, match='mail2 is there twice'):
        merging.merge([merging.merge(five()[:2]), five()[1]])


def test_another_day_is_refused(files, tmp_path):
    (tmp_path / 'old.json').write_text(values.to_json(days.day('2026-11-15', 'old')))
    ran = merge(files[0], tmp_path / 'old.json')
    assert (ran.status, ran.out) == (64, '')
    assert ran.err == 'pflogsumm-report: different days: 2026-11-22 of mail1, 2026-11-15 of old\n'


@pytest.mark.parametrize('content, said', [
    (b'', 'is empty: the host that wrote it had no report'), (b'{', 'not JSON'), (b'[]', 'no object'),
    (b'{"date": "2026-11-22"}', 'no host'), (b'\xff\xfe{}', 'it is not UTF-8'), (b'[' * 100000, 'not JSON'),
    (b'Grand Totals\n---\n', 'not JSON')])
def test_what_is_no_report_is_refused_by_name_in_one_line(tmp_path, content, said):
    path = tmp_path / 'x.json'
    path.write_bytes(content)
    with pytest.raises(FiguresFailure) as failed:
        merging.read(str(path))
    assert said in str(failed.value) and str(path) in str(failed.value) and '\n' not in str(failed.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    ran = merge(tmp_path / 'none.json')
    assert ran.status == 74 and ran.err.count('\n') == 1 and 'No such file or directory' in ran.err


def places(value, path=()):
    """The paths of all values in a JSON object, only the first of each list and a few of what is keyed by names."""
    yield path
    if isinstance(value, dict):
        for key in list(value)[:30]:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list) and value:
        yield from places(value[0], path + (0,))


def shorter(value):
    """The same with at most one row in each list of objects."""
    if isinstance(value, dict):
        return {key: shorter(one) for key, one in value.items()}
    return [shorter(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else value


def test_every_damaged_value_is_refused_or_makes_a_whole_report():
    """Values of the wrong kind anywhere: a sentence, never a traceback, and never a report that cannot be shown."""
    good = shorter(json.loads(values.to_json(days.day())))
    refused, taken = 0, 0
    for path in list(places(good))[1:]:
        target = good
        for key in path[:-1]:
            target = target[key]
        right = target[path[-1]]
        for wrong in (None, {}, 'x', -1):
            target[path[-1]] = wrong
            try:
                figures = merging.checked(json.dumps(good))
            except FiguresFailure as failed:
                assert '\n' not in str(failed) and len(str(failed)) < 300
                refused += 1
            else:
                taken += 1
                whole = days.report(merging.merge([figures, days.day(host='other')]))
                assert report_text.render(whole) and report_html.render(whole)
        target[path[-1]] = right
    assert refused > 450 and 10 < taken < refused / 4


@pytest.mark.parametrize('wrong', [float('inf'), float('nan'), True, 10 ** 15, 1e308, '5'])
def test_what_no_count_can_be_is_refused_as_one(wrong):
    with pytest.raises(FiguresFailure, match='delivered'):
        merging.checked(json.dumps(dict(days.day(), delivered=wrong)))


def test_the_figures_of_our_own_days_are_of_the_shape_that_is_asked_for():
    for made in days.day(), days.merged(), days.day(detail=False):
        assert merging.wrong_in(made, merging.SHAPE, '') is None
    assert set(values.DETAIL) <= set(merging.SHAPE)


@pytest.mark.parametrize('args', [['--totals'], ['--text', '--mail-to', 'a@example.org'], []])
def test_options_that_exclude_each_other_are_refused(files, args):
    ran = merge(*args, *(files if args else []))
    assert ran.status == 64 and ran.err.count('\n') == 1
