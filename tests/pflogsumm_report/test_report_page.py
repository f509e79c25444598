"""The page: valid, fetched from nowhere, and as a real browser shows it: charts to scale, readable in the dark."""
import re
import subprocess

import days
import pytest
from test_report_letter import hostile

from mailtools.pflogsumm_report import compare, html_looks, report_html
from mailtools.pflogsumm_report.report import ROWS
from rig import browser as browsers
from rig import parts

PAGES = {
    'usual': days.report, 'unusual': days.unusual, 'hostile': hostile,
    'first': lambda: days.report(past=compare.NOTHING),
    'merged': lambda: days.report(days.merged(), past=compare.NOTHING, text=None),
    'bare': lambda: days.report(days.day(detail=False), past=compare.NOTHING, text=None),
    'small': lambda: days.report(days.day(scale=0.00001), past=days.past(4)),
    'troubled': lambda: days.report(troubles=('pflogsumm is not installed',), text=None),
}


@pytest.fixture(scope='module')
def browser():
    """One browser for all."""
    if browsers.path() is None:
        pytest.skip('Chromium is not installed')
    made = browsers.Browser()
    yield made
    made.close()


@pytest.fixture
def page(browser, tmp_path):
    """page(name, ...) opens one of PAGES in a tab."""
    opened = []

    def open_page(name, **kwargs):
        path = tmp_path / (name + '.html')
        path.write_text(report_html.render(PAGES[name](), report_html.MAIL_LIMIT), encoding='utf-8')
        opened.append(browser.page(**dict({'width': 600, 'script': True}, **kwargs)).open(path.as_uri()))
        return opened[-1]
    yield open_page
    for one in opened:
        one.close()


# -- as text --

@pytest.mark.parametrize('name', sorted(PAGES))
def test_a_validator_has_nothing_to_say(name):
    if parts.find('tidy') is None:
        pytest.skip('tidy is not installed')
    ran = subprocess.run([parts.find('tidy'), '-q', '-e', '-utf8'], input=report_html.render(PAGES[name]()).encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (ran.returncode, ran.stdout.decode()) == (0, '')


def test_the_validator_notices_what_is_wrong():
    if parts.find('tidy') is None:
        pytest.skip('tidy is not installed')
    broken = report_html.render(days.report()).replace('</table>', '', 1)
    ran = subprocess.run([parts.find('tidy'), '-q', '-e', '-utf8'], input=broken.encode(), stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    assert ran.returncode != 0


@pytest.mark.parametrize('name', sorted(PAGES))
def test_nothing_in_it_can_fetch_or_run_anything(name):
    text = re.sub(r'&lt;.*?&gt;', '', report_html.render(PAGES[name]()))
    tags = set(re.findall(r'<([a-z0-9]+)', text))
    assert tags <= {'html', 'head', 'meta', 'title', 'style', 'body', 'table', 'thead', 'tbody', 'tr', 'td', 'th',
                    'div', 'span', 'p', 'h1', 'h2', 'br', 'pre'}
    attributes = set(re.findall(r' ([a-z-]+)="', ' '.join(re.findall(r'<[^>]*>', text))))
    assert attributes <= {'lang', 'charset', 'name', 'content', 'style', 'class', 'role', 'scope', 'title', 'colspan',
                          'aria-label', 'width', 'align'}
    assert 'url(' not in text and '@import' not in text


def test_every_look_is_in_use_and_stands_at_the_element_itself():
    pages = [report_html.render(make()) for make in PAGES.values()] + [
        report_html.render(days.report(days.day(), past=days.past()))]
    for name, look in html_looks.LOOKS.items():
        assert any('style="' + look.light in page for page in pages), name


def test_each_total_is_told_with_the_week_before_and_the_median():
    text = report_html.render(days.report())
    plain = re.sub(r'\s+', ' ', re.sub(r'<[^>]*>', ' ', text))
    assert 'Delivered 318,422 327,025 319,498 \u00b10 %' in plain
    assert all(name.capitalize() in plain for key, name, always, _ in ROWS if always)
    assert 'Median: of the last 8 Sundays' in plain


def test_an_upper_bound_is_shown_as_one():
    plain = re.sub(r'<[^>]*>', ' ', report_html.render(PAGES['merged']()))
    assert '&le; 13,594' in plain and 'an address that several hosts saw is counted by each' in plain
    assert '&le; 993,971' not in plain
    assert '&le;' not in re.sub(r'<[^>]*>', ' ', report_html.render(days.report()))


# -- as it is seen --

def test_it_fetches_nothing_fits_a_telephone_and_can_be_read_in_the_dark(page):
    tab = page('unusual', width=360, dark=True)
    assert len(tab.requests()) == 1 and tab.complaints() == []
    assert tab.get('document.documentElement.scrollWidth') <= 360
    contrast = tab.get(browsers.CONTRAST)
    assert contrast['seen'] > 200 and contrast['low'] == []
    assert tab.get('getComputedStyle(document.body).backgroundColor') == 'rgb(16, 19, 23)'


@pytest.mark.slow
@pytest.mark.parametrize('name', sorted(PAGES))
@pytest.mark.parametrize('width', [360, 600, 1280])
@pytest.mark.parametrize('dark', [False, True])
def test_every_page_at_every_width_by_day_and_by_night(page, name, width, dark):
    tab = page(name, width=width, dark=dark)
    assert len(tab.requests()) == 1 and tab.complaints() == []
    assert tab.get('document.documentElement.scrollWidth') <= width
    assert tab.get(browsers.CONTRAST)['low'] == []


@pytest.mark.slow
def test_columns_are_to_scale_and_the_same_without_a_style_sheet(page):
    heights = ('[].map.call(document.querySelectorAll("td[title$=\\":00\\"], td[title*=\\":00: \\"]"), function (one) {'
               ' return [one.title, one.firstChild ? one.firstChild.getBoundingClientRect().height : 0]; })')
    tab = page('usual')
    found = tab.get(heights)
    hours = days.day()['per_hour']['delivered']
    assert len(found) == 24 * 5 and found[0][0] == '0:00: {:,}'.format(hours[0])
    tall = [height for _, height in found[:24]]
    assert tall == [max(1, int(report_html.HOURS_PX * value / max(hours) + 0.5)) for value in hours]
    tab.get('document.querySelector("style").remove()')         # what many mail clients do
    assert [height for _, height in tab.get(heights)[:24]] == tall
    assert tab.get(browsers.CONTRAST)['low'] == []


@pytest.mark.slow
def test_bars_are_to_scale(page):
    tab = page('usual')
    shares = tab.get('[].map.call(document.querySelectorAll("[aria-label=\\"Why mail bounced\\"] .b-bounced"),'
                     ' function (one) { return one.getBoundingClientRect().width / '
                     'one.parentElement.getBoundingClientRect().width; })')
    counts = [row['count'] for row in days.day()['reasons']['bounced']]
    assert shares == pytest.approx([count / counts[0] for count in counts], abs=0.01)


@pytest.mark.slow
def test_the_bars_of_delays_fill_their_place_and_no_more(page):
    tab = page('usual')
    sums = tab.get('[].map.call(document.querySelectorAll("[aria-label=Providers] [role=img]"), function (one) {'
                   ' var box = one.getBoundingClientRect(), last = one.lastElementChild.getBoundingClientRect();'
                   ' return [(last.right - box.left) / box.width, last.top - box.top]; })')
    assert len(sums) == 10 and all(0.97 < share <= 1.001 and top == 0 for share, top in sums)


@pytest.mark.slow
def test_what_is_unusual_is_seen_first_and_in_amber(page):
    tab = page('unusual')
    band = 'document.querySelector("h1").parentElement'
    assert tab.get('getComputedStyle({}).backgroundColor'.format(band)) == 'rgb(138, 82, 0)'
    assert tab.get(band + '.getBoundingClientRect().top') < 40
    assert 'Deferred 61,204, usually 3,850 to 6,430 on a Sunday' in tab.get(band + '.innerText')
    for name, colour in (('usual', 'rgb(23, 107, 52)'), ('first', 'rgb(63, 75, 89)'), ('troubled', 'rgb(179, 32, 26)')):
        assert page(name).get('getComputedStyle({}).backgroundColor'.format(band)) == colour
