"""The page, as a real browser shows it: what is wrong is seen, the charts tell the truth, nothing is fetched."""
import datetime
import json
import os
import re
import time

import pytest
import scenes

from mailtools.mailqueues import charts, dashboard, dashboard_charts
from mailtools.mailqueues.history import DAY, HOUR, History
from mailtools.mailqueues.past import NOTHING, past_of
from mailtools.mailqueues.values import Domain, Reason, Snapshot
from rig import browser as browsers
from rig.waiting import until
from rig.website import Site

FIVE = ('mail1', 'mail2', 'mail3', 'mail4', 'mx1')
NOW = scenes.NOW
# The clock of the browser stands still; what would run every minute is kept to be called.
CLOCK = 'Date.now = function () {{ return {} * 1000; }};'
TIMERS = 'window.timers = []; window.setInterval = function (run, every) { timers.push([run, every]); };'


@pytest.fixture(scope='module')
def browser():
    """One browser for all."""
    if browsers.path() is None:
        pytest.skip('Chromium is not installed')
    made = browsers.Browser()
    yield made
    made.close()


@pytest.fixture
def page(browser):
    """page(url, ...) opens a tab."""
    opened = []

    def open_page(url, **kwargs):
        opened.append(browser.page(**dict({'before': CLOCK.format(NOW + 12)}, **kwargs)))
        return opened[-1].open(url)
    yield open_page
    for one in opened:
        one.close()


@pytest.fixture(scope='module')
def five_past(tmp_path_factory):
    """Eight weeks of five hosts."""
    path = tmp_path_factory.mktemp('five') / 'history.db'
    return past_of(scenes.fill(path, FIVE, since_s=56 * DAY, gone=scenes.gone_like_five), NOW)


@pytest.fixture(scope='module')
def five(five_past, tmp_path_factory):
    """The page of five hosts, of which one fails, one never answered and one needs attention: a path."""
    return written(tmp_path_factory.mktemp('page'), scenes.five(), five_past)


def written(folder, snapshot, past=NOTHING):
    """The page as a file; its path."""
    path = folder / 'dashboard.html'
    path.write_text(dashboard.render(snapshot, past, scenes.Settings), encoding='utf-8')
    return path


def url(path):
    """file: of a path."""
    return path.as_uri()


@pytest.fixture
def site(five):
    """The page of five hosts over HTTP."""
    made = Site(five.parent, 'dashboard.html')
    yield made
    made.close()


# -- where it is opened --

def test_from_a_file_nothing_is_fetched_and_no_script_fails(page, five):
    tab = page(url(five))
    tab.click('label[for=span-month]')
    tab.point('.month .area')
    assert tab.requests() == [url(five)]
    assert tab.complaints() == []
    assert tab.get('document.title').startswith('No figures from mail3 and mail4')


def test_over_http_nothing_but_the_page_is_asked_for(page, site):
    tab = page(site.url)
    assert tab.requests() == [site.url]
    assert tab.get('document.querySelector("link[rel=icon]").href').startswith('data:')     # else /favicon.ico is
    assert site.asked == ['GET /dashboard.html 200']
    assert tab.complaints() == []


@pytest.mark.slow
def test_a_page_that_would_fetch_or_throw_is_noticed(page, tmp_path):
    (tmp_path / 'bad.html').write_text('<script>throw Error("no")</script><img src="http://127.0.0.1:9/x.png">')
    tab = page(url(tmp_path / 'bad.html'))
    assert len(tab.requests()) == 2 and tab.complaints()


def test_it_loads_itself_anew_only_when_there_is_a_newer_one(page, site, five):
    tab = page(site.url, before=CLOCK.format(NOW + 12) + TIMERS)
    renew = 'timers.filter(function (one) { return one[1] === 60000; })[0][0]()'
    tab.get(renew + ', 0')
    until(lambda: 'HEAD /dashboard.html 200' in site.asked)
    assert tab.get('new Promise(function (done) { setTimeout(done, 300, "still here"); })') == 'still here'
    assert site.asked == ['GET /dashboard.html 200', 'HEAD /dashboard.html 200']
    newer = five.stat().st_mtime + 60
    os.utime(str(five), (newer, newer))
    tab.get(renew + ', 0')
    until(lambda: site.asked[2:] == ['HEAD /dashboard.html 200', 'GET /dashboard.html 200'])


# -- what is wrong --

def test_a_failing_host_and_one_never_seen_stand_first_and_red_with_reason_and_since(page, five):
    tab = page(url(five))
    rows = tab.get('[].map.call(document.querySelectorAll(".hosts tbody th"), function (one) {'
                   ' return one.innerText; })')
    assert rows == ['mail3', 'mail4', 'mail2', 'mail1', 'mx1']
    for selector in '.verdict', '.hosts tbody tr:first-child .badge', '.hosts tbody tr:nth-child(2) .badge':
        red, green, blue = tab.get(numbers_of(selector))[:3]
        assert red > 150 and green < 60 and blue < 60, selector
    said = tab.get('document.querySelector(".problems").innerText')
    assert 'Connection refused since' in said and '(1 h 15 min)' in said
    assert 'the host key of mail4.example.org has changed since' in said and 'never seen' in said
    assert tab.get('document.querySelector(".problems li").getBoundingClientRect().bottom') < 200


def numbers_of(selector):
    """JavaScript: [red, green, blue] behind an element."""
    return 'getComputedStyle(document.querySelector({})).backgroundColor.match(/\\d+/g).map(Number)'.format(
        json.dumps(selector))


def test_figures_of_a_failing_host_are_told_with_their_age_and_are_in_no_sum(page, five):
    tab = page(url(five))
    first = tab.get('document.querySelector(".hosts tbody tr").innerText')
    assert '980' in first and '1 h 16 min old' in first
    tile = tab.get('document.querySelector(".tile").innerText')
    seen = [one for one in scenes.five().hosts if not one.error]
    total = sum(one.counts[queue] for one in seen for queue in ('active', 'deferred', 'incoming'))
    assert '{:,}'.format(total) in tile and 'of 3 of 5 hosts' in tile


def test_a_host_that_never_answered_has_no_zero_anywhere(five):
    row = re.search(r'<tr[^>]*><th[^>]*>mail4</th>.*?</tr>', five.read_text(encoding='utf-8'), re.DOTALL).group()
    assert re.findall(r'<td role="cell" class="n[^>]*>([^<]*)</td>', row) == ['&ndash;'] * 7


def test_all_well_is_green_and_says_so(page, tmp_path):
    hosts = tuple(scenes.known(name, figures=scenes.counts()) for name in FIVE)
    tab = page(url(written(tmp_path, Snapshot(NOW, hosts))))
    assert tab.get('document.querySelector("h1").innerText') == 'All 5 hosts are well'
    red, green, _ = tab.get(numbers_of('.verdict'))[:3]
    assert green > 80 > red
    assert tab.get('document.querySelector(".problems")') is None


def test_a_stale_host_and_one_whose_mail_system_is_down_are_told_apart(tmp_path):
    hosts = (scenes.known('full', NOW, scenes.counts(active=19000)),
             scenes.known('late', NOW - 2 * HOUR, scenes.counts()),
             scenes.known('down', NOW, scenes.counts())._replace(mail_down=True),
             scenes.known('fine', NOW, scenes.counts()))
    text = written(tmp_path, Snapshot(NOW, hosts)).read_text(encoding='utf-8')
    assert '<h1>No figures from late; Postfix is down on down; full needs attention</h1>' in text
    assert 'figures are 2 h old' in text and 'the mail system is down' in text
    assert re.findall(r'class="s-(\w+) (\w+)', text)[:4] == [
        ('stale', 'bad'), ('down', 'bad'), ('critical', 'bad'), ('well', 'well')]


def test_the_page_itself_says_how_old_it_is_now(page, five):
    fresh = page(url(five), before=CLOCK.format(NOW + 12))
    assert '12 s ago' in fresh.get('document.querySelector(".when").innerText')
    assert not fresh.get('document.querySelector(".too-old").offsetHeight')
    old = page(url(five), before=CLOCK.format(NOW + 47 * 60))
    assert '47 min ago' in old.get('document.querySelector(".when").innerText')
    assert old.get('document.querySelector(".too-old").offsetHeight') > 10
    assert old.get('getComputedStyle(document.querySelector("main")).filter') == 'grayscale(1)'
    assert '2 h 3 min old' in old.get('document.querySelector(".hosts tbody tr").innerText')


# -- charts --

def chart(host, span, queue):
    """The selector of one chart of the page of five."""
    order = ['mail3', 'mail4', 'mail2', 'mail1', 'mx1']
    return '.card:nth-child({}) .{} .plot.{}'.format(order.index(host) + 1, span, queue)


@pytest.mark.parametrize('span', scenes.fast_first(1, [(span,) for span in charts.SPANS]), ids=lambda span: span.key)
def test_the_figure_under_the_pointer_is_that_of_the_history(page, five, five_past, span):
    tab = page(url(five))
    tab.click('label[for=span-{}]'.format(span.key))
    for host, queue in (('mail1', 'deferred'), ('mx1', 'active')):
        for share in 0.9, 0.97, 0.999:
            tab.point(chart(host, span.key, queue) + ' .area', share)
            step = five_past.steps[span.key][host][int(share * span.steps)]
            said = tab.get('document.querySelector("{} output b").innerText'.format(chart(host, span.key, queue)))
            assert said == '{:,}'.format(getattr(step, queue + '_most')), (host, share)


def test_one_pointer_reads_all_charts_at_that_time_and_leaves_them_as_they_were(page, five):
    tab = page(url(five))
    before = tab.get('document.querySelector(".cards").innerText')
    tab.point(chart('mail1', 'day', 'deferred') + ' .area', 0.25)
    assert tab.get('document.querySelectorAll(".day .needle").length') == 10
    tab.point('h2')
    assert tab.get('document.querySelectorAll(".needle").length') == 0
    assert tab.get('document.querySelector(".cards").innerText') == before


def test_a_time_when_a_host_was_not_seen_is_a_band_and_no_line(page, five):
    tab = page(url(five))
    gone = tab.get('document.querySelector("{} .gone").getAttribute("d")'.format(chart('mail3', 'day', 'deferred')))
    start, steps = map(int, re.match(r'M(\d+) 0h(\d+)v', gone).groups())
    assert (start + steps, steps) == (288, 15)             # 76 minutes up to now
    line = tab.get('document.querySelector("{} .most").getAttribute("d")'.format(chart('mail3', 'day', 'deferred')))
    assert line.startswith('M0 ') and line.endswith('V0') and line.count('M') == 1
    tab.point(chart('mail3', 'day', 'deferred') + ' .area', 0.99)
    assert 'not seen' in tab.get('document.querySelector("{} output").innerText'.format(
        chart('mail3', 'day', 'deferred')))


def test_the_chosen_span_stays_when_the_page_is_loaded_anew(page, five):
    tab = page(url(five))
    shown = ('["day", "week", "month", "year"].filter(function (one) {'
             ' return document.querySelector(".card ." + one).offsetHeight > 100; })')
    assert tab.get(shown) == ['day']
    tab.click('label[for=span-year]')
    assert tab.get(shown) == ['year']
    assert page(tab.get('location.href')).get(shown) == ['year']


def test_axes_are_labelled(page, five):
    tab = page(url(five))
    labels = tab.get('[].map.call(document.querySelectorAll(".card:first-child .day .axis i"),'
                     ' function (one) { return one.innerText; })')
    assert len(labels) == 4 and sum(bool(re.match(r'\w{3} \d+$', label)) for label in labels) == 1
    top = tab.get('document.querySelector("{} .y1").innerText'.format(chart('mail1', 'day', 'deferred')))
    most = tab.get('document.querySelector("{} output").innerText'.format(chart('mail1', 'day', 'deferred')))
    assert float(top.replace('k', '')) * 1000 >= int(most.split()[-1].replace(',', ''))


# -- detail --

def test_domains_are_summed_over_hosts_the_largest_first_and_reasons_too(page, five):
    tab = page(url(five))
    rows = tab.get('[].map.call(document.querySelectorAll(".heat tbody tr"), function (row) {'
                   ' return [].map.call(row.children, function (cell) { return cell.innerText; }); })')
    details = [one.detail for one in scenes.five().hosts if one.detail]
    gmail = [sum(numbers) for numbers in zip(*(row.buckets for one in details for row in one.domains
                                               if row.domain == 'gmail.com'))]
    assert rows[0][0] == 'gmail.com'
    assert [int(cell.replace(',', '') or 0) for cell in rows[0][1:]] == [sum(gmail)] + gmail
    totals = [int(row[1].replace(',', '')) for row in rows]
    assert totals == sorted(totals, reverse=True) and len(rows) == 15
    assert 'Of mail2 a sample: 34% of its mail.' in tab.get('document.body.innerText')
    assert tab.get('document.querySelector(".reasons li em").innerText') == 'reputation'


def overlapping(tab, span):
    """The labels of the axis of time that stand over the one before, or out of the chart."""
    boxes = tab.get('[].map.call(document.querySelectorAll(".card:first-child .{} .axis i"), function (one) {{'
                    ' var box = one.getBoundingClientRect(); return [one.innerText, box.left, box.right]; }})'
                    .format(span.key))
    ends = tab.get('(function (box) {{ return [box.left, box.right]; }}(document.querySelector('
                   '".card:first-child .{} .axis").getBoundingClientRect()))'.format(span.key))
    shown = [box for box in boxes if box[0]]
    assert len(shown) >= min(3, len(boxes)) and len(boxes) - len(shown) <= 1, boxes
    return [box for box, before in zip(shown, [['', 0, ends[0]]] + shown)
            if box[1] < before[2] - 1 or box[2] > ends[1] + 1]


@pytest.mark.slow
@pytest.mark.parametrize('width', [800, 1120, 1330])
def test_labels_of_time_stand_apart_where_charts_are_narrowest(page, five, width):
    tab = page(url(five), width=width)
    for span in charts.SPANS:
        tab.click('label[for=span-{}]'.format(span.key))
        assert overlapping(tab, span) == [], span.key


@pytest.mark.parametrize('days', range(0, 400, 19))
def test_a_label_stands_where_its_time_begins(days):
    now = NOW - days * DAY + days * 4000
    for span in charts.SPANS:
        since, end = span.window(now)
        for share, label in charts.ticks(span, now):
            then = time.localtime(round(since + share * (end - since)))
            date = datetime.date(*then[:3])
            day, month = '{:%a} {}'.format(date, then.tm_mday), '{:%b}'.format(date)
            wanted = {'day': '{:02d}:00'.format(then.tm_hour) if then.tm_hour else day, 'week': day,
                      'month': '{} {}'.format(then.tm_mday, month),
                      'year': month if then.tm_mon > 1 else str(then.tm_year)}
            assert (label, then[4:6]) == (wanted[span.key], (0, 0))
        drawn = dashboard_charts.axis(span, now)
        assert drawn.count('<i') == len(charts.ticks(span, now)) and drawn.count('%"></i>') <= 1


# -- for everybody --

@pytest.mark.parametrize('dark, width', scenes.fast_first(1, [(True, 360), (False, 360), (True, 1280), (False, 1280)]))
def test_every_text_has_contrast_and_nothing_stands_out_of_the_window(page, five, dark, width):
    tab = page(url(five), width=width, dark=dark)
    found = tab.get(browsers.CONTRAST)
    assert found['seen'] > 150 and found['low'] == []
    for span in charts.SPANS:
        tab.click('label[for=span-{}]'.format(span.key))
        assert tab.get('document.documentElement.scrollWidth') <= width, span.key
        assert overlapping(tab, span) == []
    ground = tab.get(numbers_of('body'))
    assert max(ground[:3]) < 60 if dark else min(ground[:3]) > 200
    assert tab.get('[].every.call(document.querySelectorAll(".hosts tbody tr td"), function (one) {'
                   ' return one.getBoundingClientRect().right <= innerWidth && one.offsetHeight > 0; })')


def test_a_narrow_page_names_each_figure(page, five):
    tab = page(url(five), width=360)
    first = tab.get('document.querySelector(".hosts tbody tr")'
                    '&& getComputedStyle(document.querySelector(".hosts tbody td.n"), "::before").content')
    assert first == '"Deferred"'
    assert tab.get('parseFloat(getComputedStyle(document.querySelector(".hosts tbody td.n")).fontSize)') >= 15


def test_a_screen_reader_gets_tables_headings_and_charts_in_words(page, five):
    tab = page(url(five))
    tab.call('Accessibility.enable')
    nodes = tab.call('Accessibility.getFullAXTree')['nodes']
    roles = [node['role']['value'] for node in nodes if not node['ignored']]
    assert roles.count('table') == 2 and roles.count('columnheader') >= 9 and roles.count('rowheader') >= 5
    assert roles.count('radio') == 4 and roles.count('heading') == 1 + 3 + 5
    names = [node['name']['value'] for node in nodes if node.get('name') and node['role']['value'] in ('image', 'img')]
    assert any(re.match(r'mail1 deferred, the last 24 hours: now [\d,]+, most [\d,]+ at ', name) for name in names)


def test_without_script_all_is_there_but_what_counts_on(page, five):
    tab = page(url(five), script=False)
    tab.click('label[for=span-week]')
    tab.call('Emulation.setScriptExecutionDisabled', value=False)
    assert tab.get('document.querySelector(".card .week").offsetHeight') > 100
    assert tab.get('document.querySelectorAll(".hosts tbody tr").length') == 5
    assert '1 h 16 min old' in tab.get('document.querySelector(".hosts tbody tr").innerText')


EVIL = ('</td></script><script>window.evil = 1</script><img src=x onerror="window.evil = 1">'
        '\u202e" autofocus onfocus="evil=1')


def test_strangers_words_stay_words(page, tmp_path):
    detail = scenes.detail()._replace(domains=(Domain(EVIL, 9, (9,) + (0,) * 9),), reasons=(Reason(EVIL, 9, True),))
    hosts = (scenes.known(EVIL, NOW, scenes.counts(), detail, detail_error=EVIL),
             scenes.known('mail2', NOW - 600, scenes.counts(), None, EVIL, NOW - 600))
    path = tmp_path / 'h.db'
    tab = page(url(written(tmp_path, Snapshot(NOW, hosts), past_of(scenes.fill(path, (EVIL,), 2 * DAY), NOW))))
    assert tab.get('window.evil') is None
    assert tab.get('document.querySelectorAll("script, img").length') == 1
    assert tab.get('document.querySelectorAll("[onerror], [onfocus], [autofocus]").length') == 0
    assert tab.get('document.body.innerText').count('<img src=x onerror=') >= 5
    assert '\u202e' not in tab.get('document.body.innerText') + tab.get('document.title')
    assert tab.complaints() == []


@pytest.mark.slow
def test_its_policy_lets_no_other_script_run(page, five, tmp_path):
    text = five.read_text(encoding='utf-8').replace('</main>', '<script>window.evil = 1</script></main>')
    (tmp_path / 'x.html').write_text(text, encoding='utf-8')
    tab = page(url(tmp_path / 'x.html'))
    assert tab.get('window.evil') is None
    assert any('Content Security Policy' in str(one) for one in tab.complaints())


# -- size, and what may be missing --

@pytest.mark.slow
def test_thirteen_months_of_ten_hosts_take_less_than_300_kb(page, tmp_path):
    names = ['mail{}'.format(number) for number in range(1, 10)] + ['mx1']
    past = past_of(scenes.fill(tmp_path / 'h.db', names, step_s=300), NOW)
    hosts = tuple(scenes.known(name, NOW, scenes.counts(), scenes.detail()) for name in names)
    path = written(tmp_path, Snapshot(NOW, hosts), past)
    assert 100000 < path.stat().st_size < 300000
    tab = page(url(path) + '#year')
    assert tab.get('document.querySelectorAll(".card").length') == 10
    first = tab.get('document.querySelector(".card .year .most").getAttribute("d")')
    assert first.startswith('M0 ') and first.count('l') > 100       # thirteen months ago, and from there on


@pytest.mark.parametrize('past, says', [
    (NOTHING, 'there is no history yet'),
    (NOTHING._replace(error='the history /x is <damaged>'), 'the history /x is &lt;damaged&gt;')])
def test_without_a_history_the_page_says_why_there_are_no_charts(tmp_path, past, says):
    text = written(tmp_path, scenes.five(), past).read_text(encoding='utf-8')
    assert 'No charts: {}.'.format(says) in text and 'mail3' in text


def test_a_host_that_is_new_has_a_card_without_a_line(tmp_path):
    history = History(str(tmp_path / 'h.db'))
    history.add(Snapshot(NOW - 60, (scenes.known('old', NOW - 60, scenes.counts()),)))
    hosts = (scenes.known('old', NOW, scenes.counts()), scenes.known('new', NOW, scenes.counts()))
    text = written(tmp_path, Snapshot(NOW, hosts), past_of(history, NOW)).read_text(encoding='utf-8')
    assert text.count('<article class="card') == 2
