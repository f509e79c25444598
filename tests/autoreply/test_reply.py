"""autoreply/reply.py and words.py: an answer that other programs and people can read, and nothing injected."""
import email
import email.header
import email.policy
import quopri
import re

import pytest
from parts import NOW, mail

from mailtools.autoreply import reply, words
from mailtools.autoreply.template import template_of

TEXT = b'Hello,\n\nnobody reads this.\n'


def answer(more='', template=TEXT, subject=None, **kwargs):
    """The answer as an independent parser reads it."""
    if subject is not None:
        more += 'Subject: {}\n'.format(subject)
        kwargs['raw'] = ('Return-Path: <ann@example.org>\nTo: donotreply@example.com\n{}\n'.format(more)).encode(
            'utf-8', 'surrogateescape')
    raw = reply.answer_of(mail(more, **kwargs), template_of(template), NOW, '1.2.ab')
    sound(raw)
    return email.message_from_bytes(raw, policy=email.policy.default)


def sound(raw):
    """Line lengths, characters, and every field known and once."""
    head, _, body = raw.partition(b'\n\n')
    assert b'\r' not in raw and b'\0' not in raw and raw.endswith(b'\n')
    assert all(len(line) <= 998 for line in raw.split(b'\n')) and all(len(line) <= 76 for line in body.split(b'\n'))
    assert all(len(line) <= 76 for line in head.split(b'\n') if b'=?' in line)
    names = re.findall(rb'^([^ \t:\n]+):', head, re.M)
    known = (b'From To Subject Date Message-ID In-Reply-To References Auto-Submitted X-Auto-Response-Suppress '
             b'Precedence X-Loop Content-Language MIME-Version Content-Type Content-Transfer-Encoding').split()
    assert len(set(names)) == len(names) and set(names) <= set(known)


def test_facts_3_the_fields_of_an_answer():
    found = answer()
    assert dict(found.items()) == {
        'From': 'donotreply@example.com', 'To': 'ann@example.org', 'Subject': 'Auto: Hello',
        'Date': 'Fri, 15 Jan 2027 08:00:00 +0000', 'Message-ID': '<autoreply.1.2.ab@example.com>',
        'In-Reply-To': '<1@example.org>', 'References': '<1@example.org>', 'Auto-Submitted': 'auto-replied',
        'X-Auto-Response-Suppress': 'All', 'Precedence': 'bulk', 'X-Loop': 'donotreply@example.com',
        'MIME-Version': '1.0', 'Content-Type': 'text/plain; charset="utf-8"',
        'Content-Transfer-Encoding': 'quoted-printable'}
    assert found.get_content() == TEXT.decode() and not found.defects


def test_facts_3_no_part_of_the_original_text_goes_back():
    assert 'question' not in answer().as_string()


@pytest.mark.parametrize('template, settings, sender', [
    (TEXT, {}, 'donotreply@example.com'), (TEXT, {'from_name': 'Ex, Ltd'}, '"Ex, Ltd" <donotreply@example.com>'),
    (b'From: Ex Ltd\n\nx', {'from_name': 'no'}, 'Ex Ltd <donotreply@example.com>'),
    (b'From: Ex Ltd <x@example.net>\n\nx', {}, 'Ex Ltd <x@example.net>'),
    ('From: Bücher "A" <x@example.net>\n\nx'.encode(), {}, 'Bücher "A" <x@example.net>')])
def test_facts_3_from_is_the_address_written_to_with_a_name(template, settings, sender):
    found = answer(template=template, **settings)['From']
    assert found.addresses[0].addr_spec == re.search(r'[^ <]+@[^ >]+', sender).group()
    name = sender.rpartition('<')[0].strip().replace('"', '')
    assert found.addresses[0].display_name.replace('"', '') == name


def test_facts_3_from_is_not_the_internal_address_and_is_exact():
    raw = b"Return-Path: <ann@example.org>\nX-Original-To: d'or@example.com\nTo: d'or@example.com\n\n"
    found = answer(raw=raw, env={'ORIGINAL_RECIPIENT': b'd_or@example.com'})
    assert found['From'] == "d'or@example.com"


@pytest.mark.parametrize('subject, shown', [
    ('Hello', 'Auto: Hello'), ('', 'Automatic reply'), ('  ', 'Automatic reply'),
    ('=?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'Auto: Grüße'), ('=?UTF-8?B?R3LDvMOfZQ==?=', 'Auto: Grüße'),
    ('=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=', 'Auto: Grüße'), ('=?utf-8?q?a?= =?utf-8?q?b?=', 'Auto: ab'),
    ('=?utf-8?q?a?= b =?utf-8?q?c?=', 'Auto: a b c'), ('=?iso-8859-1?q?K=F6ln?=', 'Auto: Köln'),
    ('=?koi8-r?b?0NLJ18XU?=', 'Auto: привет'), ('=?iso-2022-jp?b?GyRCJDMbKEI=?=', 'Auto: こ'),
    ('=?utf-8?q?a=0D=0ABcc:_victim@example.net?=', 'Auto: a Bcc: victim@example.net'),
    ('=?utf-8?q?a=00b=C2=85c=E2=80=A8d?=', 'Auto: a b c d'), ('Grüße', 'Auto: Grüße'),
    ('caf\udce9', 'Auto: café'), ('=?x-unknown?q?abc?=', 'Auto: =?x-unknown?q?abc?='),
    ('=?unicode_escape?q?=5Cn?=', 'Auto: =?unicode_escape?q?=5Cn?='), ('=?utf-8?b?%%%?=', 'Automatic reply'),
    ('=?utf-8?q?a', 'Auto: =?utf-8?q?a'), ('=?=?=?', 'Auto: =?=?=?'), ('=?utf-16?b?/v8ACgBh?=', 'Auto: a'),
    ('a\tb\n c', 'Auto: a b c'), ('\u202etxt.exe', 'Auto: txt.exe')], ids=range(23))
def test_facts_3_the_subject_is_the_old_one_decoded_flattened_and_encoded_anew(subject, shown):
    found = reply.answer_of(mail(raw='Return-Path: <a@b.org>\nTo: donotreply@example.com\nSubject: {}\n\n'.format(
        subject).encode('utf-8', 'surrogateescape')), template_of(TEXT), NOW, 'x')
    sound(found)
    line = re.search(rb'^Subject:((?:.*\n[ \t])*.*\n)', found, re.M).group(1).decode('ascii')
    unfolded = re.sub(r'\n[ \t]', ' ', line).strip()
    assert str(email.header.make_header(email.header.decode_header(unfolded))).strip() == shown


@pytest.mark.parametrize('letter', ['x', 'ü', 'あ', '\U0001f389', 'x '])
def test_facts_3_a_long_subject_is_cut_and_folded(letter):
    found = answer(subject=letter * 4000)
    assert 200 < len(found['Subject']) <= 256 and found['Subject'].startswith('Auto: ' + letter)


def test_a_subject_of_one_giant_word_is_decoded_then_cut():
    import base64
    found = answer(subject='=?utf-8?b?{}?='.format(base64.b64encode(('ü' * 5000).encode()).decode()))
    assert found['Subject'].startswith('Auto: üü')


def test_facts_3_the_subject_of_the_template_goes_first():
    assert answer(template='Subject: Nicht gelesen: ü\n\nx'.encode())['Subject'] == 'Nicht gelesen: ü'
    assert answer(template=b'Subject: =?utf-8?q?x?=\n\nx')['Subject'] == '=?utf-8?q?x?='


@pytest.mark.parametrize('fields, in_reply_to, references', [
    ('Message-ID: <b@x>\nReferences: <a@x>\n', '<b@x>', '<a@x> <b@x>'),
    ('Message-ID: <b@x>\nIn-Reply-To: <a@x>\n', '<b@x>', '<a@x> <b@x>'),
    ('Message-ID: <b@x>\nIn-Reply-To: <a@x> <c@x>\n', '<b@x>', '<b@x>'),
    ('Message-ID: <b@x>\nReferences: <a@x>\nIn-Reply-To: <c@x>\n', '<b@x>', '<a@x> <b@x>'),
    ('Message-ID: (x) <b@x> (y)\n', '<b@x>', '<b@x>'),
    ('Message-ID: <b@x>\nReferences: broken <a@x> (c) a@x\n', '<b@x>', '<a@x> <b@x>'),
    ('References: <a@x>\n', None, None), ('Message-ID: b@x\n', None, None), ('Message-ID: <b x@x>\n', None, None),
    ('Message-ID: <b>\n', None, None), ('Message-ID: <b@x> <c@x>\n', None, None), ('Message-ID: <ü@x>\n', None, None),
    ('Message-ID: <b@x>\nReferences: <b@x>\n', '<b@x>', '<b@x>'),
    ('Message-ID: <{}@x>\n'.format('b' * 950), None, None)],
    ids=range(14))
def test_facts_3_a_reply_is_in_its_thread(fields, in_reply_to, references):
    found = answer(raw=('Return-Path: <a@b.org>\nTo: donotreply@example.com\n' + fields + '\n').encode())
    assert found['In-Reply-To'] == in_reply_to and found['References'] == references


def test_facts_3_many_references_are_cut_in_the_middle_and_folded():
    ids = ['<{}.{}@example.org>'.format(number, 'x' * 50) for number in range(500)]
    raw = 'Return-Path: <a@b.org>\nTo: donotreply@example.com\nMessage-ID: <new@x>\nReferences: {}\n\n'.format(
        '\n '.join(ids))
    found = answer(raw=raw.encode())['References'].split()
    assert found[0] == ids[0] and found[-2:] == [ids[-1], '<new@x>'] and len(found) == reply.REFERENCES


@pytest.mark.parametrize('text', [
    'From me\n.\n..\nFrom you\n', 'x' * 5000 + '\n', 'ü' * 3000 + '\n', 'blanks \t\nx \n', '=3D =\n', 'a\x1b\x0cb\n',
    'x' * 74 + '.y\n', 'x' * 75 + '.' + 'y' * 75 + 'From z\n', 'あ' * 100 + '\n', 'x' * 76 + '\n', 'x' * 77 + '\n',
    'Z' * 200000 + '\n'], ids=range(12))
def test_facts_3_the_text_comes_back_whole_in_lines_that_no_server_changes(text):
    found = answer(template=b'Language: en\n\n' + text.encode())
    assert found.get_payload(decode=True).decode().replace('\r\n', '\n') == text
    raw = found.get_payload()
    assert not re.search(r'^(?:From |\.)|[ \t]$', raw, re.M)


def test_quoted_printable_is_what_another_decoder_reads():
    data = bytes(range(1, 256)) * 20 + b'\n'
    encoded = reply.quoted_printable(data)
    assert quopri.decodestring(encoded).replace(b'\n', b'') == data.replace(b'\n', b'')


def test_facts_3_message_id_has_a_public_domain():
    assert answer(message_id_domain='Example.NET')['Message-ID'].endswith('@example.net>')
    assert answer(template=b'From: x@example.org\n\nx')['Message-ID'].endswith('@example.org>')


def test_facts_5_to_is_the_quoted_sender_alone():
    found = answer(sender='"x, victim@example.net"@example.org')
    assert found['To'] == '"x, victim@example.net"@example.org' and found['Cc'] is None


def test_a_subject_with_many_broken_words_takes_linear_time():
    words.decoded(b'=?' * 40000)
    words.decoded(b'=?utf-8?q?' * 8000)
