"""The parts of the reader, each by itself: splitter, addresses, dates, VERP, codes, verdicts."""
import re
import signal
import time

import pytest

from mailtools.bouncedmail import classify, phrases, reasons
from mailtools.bouncedmail.address import all_addresses, clean_address, site, typed_address
from mailtools.bouncedmail.dates import utc
from mailtools.bouncedmail.finding import command_in, remote_in, reply_in, status_in
from mailtools.bouncedmail.message import body_text, decode_base64, decode_text, split
from mailtools.bouncedmail.notice import cut, html_text
from mailtools.bouncedmail.reading import report_of
from mailtools.bouncedmail.report import Event, Report
from mailtools.bouncedmail.verp import decode
from mailtools.bouncedmail.words import decode_words

MULTIPART = b"""Content-Type: multipart/mixed; boundary="abc"

preamble
--abc
Content-Type: text/plain

first
--abcd is no boundary
--abc
Content-Type: message/rfc822

Subject: second
--abc--
epilogue
"""


def test_a_boundary_that_another_begins_with_is_told_apart():
    parts = split(MULTIPART).parts
    assert [part.type for part in parts] == ['text/plain', 'message/rfc822']
    message = split(MULTIPART)
    assert body_text(message, parts[0]) == 'first\n--abcd is no boundary'


@pytest.mark.parametrize('line_end', [b'\n', b'\r\n', b'\r'])
def test_line_ends_make_no_difference(line_end):
    message = split(MULTIPART.replace(b'\n', line_end))
    assert [body_text(message, part) for part in message.parts] == ['first\n--abcd is no boundary', 'Subject: second']


def test_a_multipart_without_its_boundary_parameter_is_still_split():
    parts = split(MULTIPART.replace(b'; boundary="abc"', b'')).parts
    assert [part.type for part in parts] == ['text/plain', 'message/rfc822']


def test_a_multipart_whose_end_is_missing_keeps_its_last_part():
    message = split(MULTIPART.partition(b'--abc--')[0])
    assert message.parts[-1].type == 'message/rfc822'


def test_an_mbox_line_and_empty_lines_before_the_header_are_skipped():
    for before in (b'From someone@example.org Thu Apr 29 23:34:45 2010\n', b'\n\n', b'>From x@example.org today\n'):
        assert split(before + b'Subject: here\n\ntext').fields['subject'] == 'here'


def test_a_field_is_unfolded_and_its_first_occurrence_counts():
    fields = split(b'Subject: one\n two\nSubject: three\nX-A :\n\tv\n\n').fields
    assert fields == {'subject': 'one two', 'x-a': 'v'}


def test_broken_base64_gives_what_can_be_had():
    assert decode_base64(b'aGVs\nbG8=\n-- \nsig') == b'hello'
    assert decode_base64(b'aGVsbG8') == b'hello'
    assert decode_base64(b'not base64!') == b'not base64!'


@pytest.mark.parametrize('text, addresses', [
    ('<Anna@Example.ORG>: host', ('Anna@example.org',)),
    ('"a b"@example.org and c@[192.0.2.1]', ('"a b"@example.org', 'c@[192.0.2.1]')),
    ("Bob 'bob@example.org', carl@example.net.", ('bob@example.org', 'carl@example.net')),
    ('recipient=rex@example.org, to=ann@example.org', ('rex@example.org', 'ann@example.org')),
    ('bounces+ann=example.org@example.net', ('bounces+ann=example.org@example.net',)),
    ('=?utf-8?b?eA==?=@example.org', ('=?utf-8?b?eA==?=@example.org',)),
    ('änne@müller.example', ('änne@müller.example',)),
    ('@@@@ @ a@ @b no address', ()),
])
def test_addresses_are_found_and_nothing_else(text, addresses):
    assert all_addresses(text) == addresses


@pytest.mark.parametrize('field, address', [
    ('rfc822; user@example.org', 'user@example.org'),
    ('RFC822;<user@Example.org>', 'user@example.org'),
    (r'utf-8; \x{5bae}\x{5d0e}@example.org', '宮崎@example.org'),
    ('rfc822; user+3Dx@example.org', 'user+3Dx@example.org'),
    ('x400; /c=de/a=viat/', None),
    ('dns; host.example.org', None),
])
def test_address_types_of_rfc3464_and_rfc6533(field, address):
    assert typed_address(field) == address


@pytest.mark.parametrize('address, registered', [
    ('a@mx.example.org', 'example.org'),
    ('mx1.example.co.jp', 'example.co.jp'),
    ('example.jp', 'example.jp'),
    ('MAILER-DAEMON', ''),
    ('a@[192.0.2.1]', ''),
])
def test_the_domain_that_was_registered(address, registered):
    assert site(address) == registered


def test_a_display_name_with_an_address_in_it_is_not_the_address():
    assert clean_address('"x@spoof.example" <real@example.org>') == 'real@example.org'


@pytest.mark.parametrize('written, moment', [
    ('Thu, 29 Apr 2010 23:34:45 +0900', '2010-04-29T14:34:45Z'),
    ('29 Feb 2024 12:00 EST', '2024-02-29T17:00:00Z'),
    ('Thu Apr 29 23:34:45 2010', '2010-04-29T23:34:45Z'),
    ('April 29, 2010 11:34:45 PM -0000', '2010-04-29T23:34:45Z'),
    ('2026-11-22T21:19:37.120Z', '2026-11-22T21:19:37Z'),
    ('31 Dec 1999 23:30:00 -0100', '2000-01-01T00:30:00Z'),
    ('29 Feb 2023 12:00:00 +0000', None),
    ('Mon, 99 Foo 2010 25:61:00', None),
    ('', None),
])
def test_dates_as_mails_write_them(written, moment):
    assert utc(written) == moment


@pytest.mark.parametrize('address, recipient', [
    ('bounces+user=example.org@news.example', 'user@example.org'),
    ('bounces-user=example.org@news.example', 'user@example.org'),
    ('list-bounces+a.b=sub.example.org@news.example', 'a.b@sub.example.org'),
    ('prvs=4711ab=bounces+user=example.org@news.example', 'user@example.org'),
    ('bounces@news.example', None),
    ('plus+tag@news.example', None),
    ('a=b@news.example', None),
])
def test_verp(address, recipient):
    assert decode(address) == recipient


def test_verp_of_a_foreign_domain_is_not_believed():
    assert decode('bounces+user=example.org@other.example', domains=('news.example',)) is None


@pytest.mark.parametrize('text, reply, status, command', [
    ('host mx[192.0.2.1] said: 550 5.1.1 <a@b.c>: unknown (in reply to RCPT TO command)', '550', '5.1.1', 'RCPT'),
    ('host mx.example [192.0.2.1]: 421 busy', '421', None, None),
    ('SMTP error from remote mail server after end of data:', None, None, 'DATA'),
    ('smtp; 5.1.0 - Unknown address error 550-\'5.2.2 full\'', '550', '5.2.2', None),
    ('connected to 192.0.2.250 in 550 ms; version 5.1.12.4', None, None, None),
    ('Out: 250 2.1.5 Ok\nOut: 451 4.3.0 Error', '451', '4.3.0', None),
    ('>>> DATA\n<<< 550 unknown\n<<< 503 Need RCPT (recipient)', '550', None, 'RCPT'),
    ('192.0.2.9 does not like sender.\nRemote host said: 553 no', '553', None, 'MAIL'),
    ('554 5.7.0 header error (state 18).', '554', '5.7.0', 'DATA'),
])
def test_codes_and_commands_in_prose(text, reply, status, command):
    assert (reply_in(text), status_in(text), command_in(text)) == (reply, status, command)


@pytest.mark.parametrize('text, host', [
    ('host mx.example.org [192.0.2.61]: 550 no', 'mx.example.org'),
    ('... while talking to Mail.Example.ORG.:', 'mail.example.org'),
    ('the server said no', None),
])
def test_the_host_that_refused(text, host):
    assert remote_in(text) == host


def test_encoded_words():
    assert decode_words('=?utf-8?q?a_=C3=A4?= =?utf-8?b?w7Y=?= x') == 'a äö x'
    assert decode_words('=?nonsense?b?w7Y=?=') == '=?nonsense?b?w7Y=?='


def test_a_quoted_header_is_cut_off_and_a_label_list_is_not():
    text = 'It failed.\n\n  Message-ID: <1@x>\n  From: a@b.example\n  Date: today\n\n  hello'
    assert cut(text)[0] == 'It failed.'
    labels = 'Your message\n  To: a@b.example\n  Subject: x\n  Sent: today\ndid not reach'
    assert cut(labels)[0] == labels


def test_html_is_read_as_lines():
    page = '<html><head><title>no</title></head><p>Your mail to <b>a@b.example</b><br>failed &amp; ended</p>'
    assert [line for line in html_text(page).split('\n') if line] == ['Your mail to a@b.example', 'failed & ended']


@pytest.mark.parametrize('text, status, reply, command, reason', [
    ('550 5.1.1 user unknown', '5.1.1', '550', 'RCPT', 'userunknown'),
    ('550 user unknown', None, '550', 'DATA', 'filtered'),          # the host took RCPT: a filter spoke
    ('550 5.1.1 user unknown', '5.1.1', '550', 'DATA', 'userunknown'),  # but its status is about the address
    ('550 user unknown', None, '550', 'MAIL', 'rejected'),
    ('552 5.2.2 over quota', '5.2.2', '552', None, 'mailboxfull'),
    ('550 5.7.1 rejected', '5.7.26', '550', None, 'authfailure'),
    ('', '5.4.4', None, None, 'hostunknown'),
    ('', '5.7.606', None, None, 'blocked'),
    ('554 no', None, '554', 'CONN', 'blocked'),
    ('mailboxfull@example.org refused', None, None, None, 'onhold'),    # an address is no reason
    ('', None, None, None, 'undefined'),
])
def test_what_is_asked_in_which_order(text, status, reply, command, reason):
    assert classify.classify(text, status, reply, command).reason == reason


@pytest.mark.parametrize('first_hand, status, reply, command, reason', (
    (False, None, None, None, 'filtered'),
    (False, '5.0.0', None, None, 'filtered'),
    (True, None, None, None, 'userunknown'),
    (False, '5.1.1', None, None, 'userunknown'),
    (False, None, '550', None, 'userunknown'),
    (False, None, None, 'RCPT', 'userunknown'),
))
def test_hearsay_condemns_nobody(first_hand, status, reply, command, reason):
    assert classify.classify('[User unknown]', status, reply, command, first_hand).reason == reason


def test_each_phrase_leads_to_its_reason():
    """A phrase that another row takes away from its own is dead, and a lie in the table."""
    for row in phrases.CERTAIN:
        for phrase in row.phrases:
            found = classify.said(classify.CERTAIN, classify.plain(phrase.lstrip('_').replace(' .. ', ' x ')), '')
            assert found is not None and found.reason == row.reason, (row.name, phrase, found)


def test_no_phrase_stands_twice():
    every = [phrase for row in phrases.CERTAIN for phrase in row.phrases]
    assert len(every) == len(set(every))


def test_every_reason_that_a_table_names_is_in_the_vocabulary():
    named = {row.reason for row in phrases.CERTAIN + phrases.LIKELY}
    for table in (reasons.PRECISE, reasons.VAGUE, reasons.REPLIES, reasons.PROVIDER_CODES):
        named |= set(table.values())
    named |= {row[3] for row in reasons.EXCHANGE_ONLINE}
    assert named <= set(reasons.REASONS)


def test_the_index_of_the_table_finds_what_a_plain_search_finds():
    text = classify.plain('451 the mailbox of this user is almost full, host unknown, relaying denied, quota exceeded')
    plain = [row for row in phrases.CERTAIN
             if any(phrase in text for phrase in row.phrases if ' .. ' not in phrase and phrase[0] != '_')]
    assert classify.said(classify.CERTAIN, text, '') is plain[0]


def test_a_mail_that_no_reader_comes_to_an_end_with_is_given_up():
    endless = re.compile(rb'(?:a|a)*b')         # two ways at each place

    def read(raw):
        try:
            return endless.match(raw)
        except Exception:
            return None

    report = report_of(b'a' * 60, read, longest=0.2)
    assert 'took longer than 0.2 s' in report.error and report.events
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert report_of(b'', lambda raw: Report((Event(kind='delay'),)), longest=0.2).error is None


def test_blanks_behind_a_reply_code_cost_nothing():
    started = time.process_time()
    assert status_in('550' + ' ' * 3990) is None
    assert status_in('550 (#5.1.1) user unknown') == status_in('550    5.1.1 user unknown') == '5.1.1'
    assert time.process_time() - started < 5      # it was hours


def test_a_lone_angle_bracket_in_html_parts_words():
    assert html_text('<p>To kij@example.org<ipient has no mailbox.</p>1 < 2').split() == [
        'To', 'kij@example.org<ipient', 'has', 'no', 'mailbox.', '1', '<', '2']


@pytest.mark.parametrize('damage', ['\x04', '\x7f', '\x90', '\ufffd', '\n'])
def test_a_quoted_local_part_has_no_control_characters(damage):
    assert clean_address('"jo{}hn"@example.org'.format(damage)) is None
    assert clean_address('"jo hn"@example.org') == '"jo hn"@example.org'


def test_a_line_of_iso_2022_jp_that_does_not_end_in_ascii_garbles_no_other():
    text = decode_text(b'\x1b$BG[Aw\n<kij@example.jp>: 550 unknown\n', {})
    assert text == '\u914d\u9001\n<kij@example.jp>: 550 unknown\n'
