"""autoreply/template.py: the text of the answer, and what is refused in it."""
import pytest

from mailtools.autoreply.template import sender_parts, template_of
from mailtools.autoreply.values import Template, Trouble
from rig.program import CHECKOUT


@pytest.mark.parametrize('text, found', [
    ('Hello\n', ('', '', '', 'Hello\n')), ('\n\nHello\n\n\n', ('', '', '', 'Hello\n')),
    ('Subject: S\nFrom: Ex Ltd\nLanguage: en-GB\n\nHello\n\nyou\n', ('S', 'Ex Ltd', 'en-GB', 'Hello\n\nyou\n')),
    ('subject : a\n folded one\n\nx', ('a folded one', '', '', 'x\n')),
    ('Note: this is text\n\nmore\n', ('', '', '', 'Note: this is text\n\nmore\n')),
    ('Hello\nSubject: no field\n', ('', '', '', 'Hello\nSubject: no field\n')),
    ('\ufeffSubject: S\r\n\r\nGrüße\r\n', ('S', '', '', 'Grüße\n')),
    ('{} %s $SUBJECT', ('', '', '', '{} %s $SUBJECT\n')),
    ('Subject:\n\nx', ('', '', '', 'x\n')), ('From: "A, B" <a@b.org>\n\nx', ('', '"A, B" <a@b.org>', '', 'x\n'))])
def test_a_template_is_fields_an_empty_line_and_a_text(text, found):
    assert template_of(text.encode()) == Template(*found)


@pytest.mark.parametrize('data, why', [
    (b'', 'no text'), (b'\n \n', 'no text'), (b'Subject: x\n', 'no text'), (b'Subject: x\n\n', 'no text'),
    (b'\xff', 'UTF-8'), (b'a\0b', 'NUL'), (b'Subject: x\nBcc: victim@example.net\n\nx', 'only'),
    (b'Subject: x\nhello\n\nx', 'only'), (b'Subject: a\nSubject: b\n\nx', 'twice'), (b'From: a@\n\nx', 'From'),
    (b'From: a@b.org, c@d.org\n\nx', 'From'), (b'From: <a@b.org> <c@d.org>\n\nx', 'From'),
    (b'From: <a@b.org> x\n\nx', 'From'), (b'Language: e!\n\nx', 'Language'),
    ('Language: dé\n\nx'.encode(), 'Language'),
    (b'Subject: a\x1bb\n\nx', 'printable'), (b'Subject: ' + b'x' * 300 + b'\n\nx', 'long'),
    (b'x' * (5 << 20), 'longer')])
def test_what_cannot_be_meant_is_refused(data, why):
    with pytest.raises(Trouble, match=why):
        template_of(data)


@pytest.mark.parametrize('value, found', [
    ('', ('', '')), ('Ex Ltd', ('Ex Ltd', '')), ('"Ex, Ltd"', ('Ex, Ltd', '')), ('a@b.org', ('', 'a@b.org')),
    ('Ex <a@b.org>', ('Ex', 'a@b.org')), ('"E \\"x\\"" <a@b.org>', ('E "x"', 'a@b.org')),
    ('<a@b.org>', ('', 'a@b.org'))])
def test_the_sender_is_a_name_an_address_or_both(value, found):
    assert sender_parts(value) == found


def test_the_shipped_template_can_be_used():
    found = template_of((CHECKOUT / 'conf.d' / 'donotreply.txt').read_bytes())
    assert found.subject and found.language == 'en' and len(found.body) < 1000
