"""The mail: as the email package of Python reads it, whatever strangers have written into the log."""
import email
import email.policy
import itertools
import re

import days
import pytest

from mailtools.pflogsumm_report import letter, report_html, report_text, values

ENVELOPE = letter.Envelope('reports@example.org', ('ann@example.org', 'postmaster'), days.NOW, 'once', 'mail1')
# What strangers can bring into a log: markup, the end of a part or a line, turned writing, orders to a terminal.
HOSTILE = ('<script>alert(1)</script>', '</pre></td></table><img src="http://192.0.2.1/x.png">',
           '"><style>*{display:none}', "' onmouseover='x", '\r\n\r\n--===============', '.\n', '\n.\nFrom nobody',
           '\x1b[2J\x1b]0;x\x07', '\u202egnp.exe', '\x00\x0b\x85\u2028', 'x' * 5000,
           '&lt;&#60;&amp', '=3D=0A', '\udcff\udc80', '{0}{}%s%(x)s', '<!--', ']]>',
           '\\x1b', '\U0001f600', '\ud800')


def hostile():
    """A report in which every text is hostile."""
    each = itertools.cycle(HOSTILE)

    def spoilt(value):
        if isinstance(value, str):
            return next(each)
        if isinstance(value, list):
            return [spoilt(one) for one in value]
        if isinstance(value, dict):
            return {key: spoilt(one) for key, one in value.items()}
        return value
    made = days.day()
    for name in values.DETAIL:
        made[name] = spoilt(made[name])
    made['top_senders'] = [{'name': name, 'messages': 9, 'bytes': 5} for name in HOSTILE]
    made['tls']['in']['versions'] = {name: 3 for name in HOSTILE}
    return days.report(made, text='\n'.join(HOSTILE), troubles=HOSTILE[:3])


def parsed(data):
    """A mail as the modern parser reads it, which notes every defect."""
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert [part.defects for part in mail.walk() if part.defects] == []
    return mail


@pytest.fixture(scope='module')
def mail():
    """The mail of a usual day."""
    return parsed(letter.of_report(days.report(), ENVELOPE))


def parts(mail):
    """(the text, the HTML) of a mail."""
    return [part.get_content() for part in mail.iter_parts()]


# -- what it is made of --

def test_it_is_two_alternatives_the_richer_one_last(mail):
    assert mail.get_content_type() == 'multipart/alternative'
    assert [part.get_content_type() for part in mail.iter_parts()] == ['text/plain', 'text/html']
    assert {part.get_content_charset() for part in mail.iter_parts()} == {'utf-8'}


def test_the_text_is_ours_and_then_pflogsumms_whole(mail):
    text = parts(mail)[0]
    assert text == report_text.render(days.report())
    assert text.startswith('mail1.example.org, Sunday 22 November 2026')
    assert text.endswith('=' * 79 + '\n' + days.PFLOGSUMM)


def test_the_fields_say_who_when_and_that_no_person_wrote_it(mail):
    assert (mail['From'], mail['To']) == ('reports@example.org', 'ann@example.org, postmaster')
    assert mail['Auto-Submitted'] == 'auto-generated' and mail['MIME-Version'] == '1.0'
    assert mail['Message-ID'] == '<pflogsumm-report.once@mail1>'
    assert mail['Date'].datetime.timestamp() == int(days.NOW)
    assert all(len(mail.get_all(name)) == 1 for name in set(mail.keys()))


@pytest.mark.parametrize('zone, said', [('UTC', '+0000'), ('CET-1CEST', '+0100'), ('EST5EDT', '-0500'),
                                        ('IST-5:30', '+0530'), ('NST3:30NDT', '-0330')])
def test_the_date_has_the_zone_of_the_host(monkeypatch, zone, said):
    monkeypatch.setenv('TZ', zone)
    letter.time.tzset()
    try:
        found = letter.date(days.NOW)
    finally:
        monkeypatch.undo()
        letter.time.tzset()
    assert found.endswith(' ' + said)
    assert email.utils.parsedate_to_datetime(found).timestamp() == int(days.NOW)


# -- the Subject --

def test_the_subject_of_a_usual_day_is_its_main_figures():
    assert letter.subject(days.report()) == (
        'mail1.example.org Sun 22 Nov: 318,422 delivered, 5,120 deferred, 1,188 bounced, 10,226 rejected')


def test_what_is_unusual_stands_first_with_what_is_usual():
    assert letter.subject(days.unusual()) == (
        '! mail1.example.org Sun 22 Nov: 198,422 delivered (usual 239,000-400,000), '
        '61,204 deferred (usual 3,850-6,430), 9,120 bounced (!), 10,226 rejected, 811 held (!)')


def test_without_three_weeks_the_subject_flags_nothing():
    made = days.unusual()
    assert letter.subject(made._replace(past=days.past(2))) == (
        'mail1.example.org Sun 22 Nov: 198,422 delivered, 61,204 deferred, 9,120 bounced, 10,226 rejected')
    assert letter.subject(made._replace(past=days.past(3))).startswith('! ')


def test_troubles_and_panics_are_in_the_subject():
    made = days.report(troubles=('pflogsumm is not installed',))
    made.figures['panics'] = {'count': 1, 'list': []}
    assert letter.subject(made).startswith('! mail1.example.org Sun 22 Nov: 1 panic in the log, pflogsumm is not ')


def test_a_merged_report_says_how_many_hosts():
    assert letter.subject(days.report(days.merged())).startswith('! 5 hosts Sun 22 Nov: 1,050,791 delivered')


def test_no_name_or_trouble_forges_a_field_or_makes_it_long():
    made = days.report(days.day(host='m\nBcc: x@example.org\u00fc'), troubles=('a\r\nX-A: b',))
    mail = parsed(letter.of_report(made, ENVELOPE))
    assert mail['Bcc'] is None and mail['X-A'] is None
    assert mail['Subject'].startswith('! m\\nBcc: x@example.org\u00fc Sun 22 Nov: a\\r\\nX-A: b, 318,422 delivered')
    long = parsed(letter.of_report(made._replace(troubles=('y' * 999,)), ENVELOPE))
    assert len(long['Subject']) == letter.SUBJECT_LIMIT


# -- whatever the log holds --

def test_no_line_is_too_long_and_no_byte_beyond_ascii():
    data = letter.of_report(hostile(), ENVELOPE)
    assert max(map(len, data.split(b'\n'))) <= 78 and max(data) < 128 and b'\r' not in data and b'\0' not in data


def test_hostile_text_stays_text_in_both_parts():
    mail = parsed(letter.of_report(hostile(), ENVELOPE))
    text, page = parts(mail)
    assert len(list(mail.iter_parts())) == 2
    for shown in text, page:
        assert not re.search('[^ -~\n\u00a0-\uffff\U0001f600]', shown) and not re.search('[\u2028-\u202e]', shown)
    assert '<script' not in page and '<img' not in page and page.count('<style>') == 1 and page.count('</table>') > 9
    assert '&lt;script&gt;alert(1)&lt;/script&gt;' in page and "onmouseover='" not in page
    assert '\\x1b[2J' in text and '\\u202egnp.exe' in text


def test_the_text_of_pflogsumm_is_as_it_was_byte_for_byte():
    said = ''.join('{:6d}   b\u00fccher {}\n'.format(at, 'long ' * (at % 400)) for at in range(500))
    text = parts(parsed(letter.of_report(days.report(text='\n' + said), ENVELOPE)))[0]
    assert text.endswith('\n' + said)


def test_gmail_shows_it_whole_however_long_pflogsumms_report_is():
    for length in 60, 9000:
        long = ''.join('{:6d}   <reason & more> {}\n'.format(at, 'x' * length) for at in range(240000 // length))
        page = parts(parsed(letter.of_report(days.report(text=long), ENVELOPE)))[1]
        assert len(page.encode('utf-8')) <= report_html.MAIL_LIMIT and report_html.CUT.strip() in page
        assert report_html.CUT.strip() not in report_html.render(days.report(text=long))
    assert len(report_html.render(days.unusual(), report_html.MAIL_LIMIT).encode()) < 80 << 10


def test_a_page_has_what_pflogsumm_said_up_to_the_cut_and_nothing_half():
    long = ''.join('{:6d}   <reason & more> {}\n'.format(at, 'x' * 60) for at in range(3000))
    page = report_html.render(days.report(text=long), report_html.MAIL_LIMIT)
    kept = re.search('<pre[^>]*>(.*)</pre>', page, re.S).group(1)[:-len(report_html.CUT)].split('\n')
    assert len(kept) > 50 and kept == report_html.safe_lines(long.split('\n')[:len(kept)]).split('\n')


# -- when there is none --

def test_an_alarm_says_what_is_wrong_and_what_to_do():
    mail = parsed(letter.of_alarm('mail1', days.DATE, 'no log of 2026-11-22 in /var/log/maillog*', ENVELOPE))
    assert mail['Subject'] == '! mail1 Sun 22 Nov: no report: no log of 2026-11-22 in /var/log/maillog*'
    assert mail['Auto-Submitted'] == 'auto-generated' and mail.get_content_type() == 'text/plain'
    text = mail.get_content()
    assert 'no log of 2026-11-22' in text and 'pflogsumm-report --date 2026-11-22' in text
    assert not re.search(r'\b0\b', text)
    assert all(len(mail.get_all(name)) == 1 for name in set(mail.keys()))


def test_without_pflogsumm_our_own_figures_are_there_and_it_says_so():
    text = report_text.render(days.report(text=None, troubles=('pflogsumm is not installed',)))
    assert '! Pflogsumm is not installed' in text and '318,422' in text
    assert text.endswith('There is no report of pflogsumm.\n')


def test_figures_without_detail_make_a_report_too():
    text = report_text.render(days.report(days.day(detail=False)))
    assert '318,422' in text and 'TLS' not in text
    assert '318,422' in report_html.render(days.report(days.day(detail=False)))


def test_no_line_of_our_own_text_is_wider_than_a_terminal():
    for made in days.report(), days.unusual(), days.report(days.merged()):
        text = report_text.render(made).split(report_text.RULE)[0]
        assert max(map(len, text.split('\n'))) <= 79
