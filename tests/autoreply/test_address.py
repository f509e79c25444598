"""autoreply/address.py: the one recipient, what sendmail gets of it, and the key it is remembered by."""
import pytest

from mailtools.autoreply.address import addresses_in, filtered, key_of, sender_of, written


@pytest.mark.parametrize('value, same', [
    ('<ann@example.org>', 'ann@example.org'), ('ann@example.org', 'ann@example.org'),
    ("<o'brien+x@Example.ORG>", "o'brien+x@example.org"), ('<Ann.Lee@example.org>', 'Ann.Lee@example.org'),
    ('<a&b#1!{x}@example.org>', 'a&b#1!{x}@example.org'), ('(from) <ann@example.org> (x)', 'ann@example.org'),
    ('<ann(c(o)m)@example.org>', 'ann@example.org'),
    ('<@relay.example,@b.example:ann@example.org>', 'ann@example.org'),
    ('<"ann"@example.org>', 'ann@example.org'), ('<"a b"@example.org>', '"a b"@example.org'),
    ('<"a@b"@example.org>', '"a@b"@example.org'), (r'<"a\"b"@example.org>', r'"a\"b"@example.org'),
    (r'<"a\\b"@example.org>', r'"a\\b"@example.org'), ('<".a"@example.org>', '".a"@example.org'),
    ('<"x, victim@example.net"@example.org>', '"x, victim@example.net"@example.org'),
    ('<"a>b"@example.org>', '"a>b"@example.org'), ('<"(a)"@example.org>', '"(a)"@example.org'),
    ('<grün@bücher.example>', 'grün@bücher.example'), ('<ann@[192.0.2.1]>', 'ann@[192.0.2.1]'),
    ('<ann@[IPv6:2001:db8::1]>', 'ann@[ipv6:2001:db8::1]'), ('<ann@example.org.>', 'ann@example.org'),
    ('<a..b@example.org>', '"a..b"@example.org')])
def test_facts_5_sendmail_gets_one_address_quoted_where_it_must_be(value, same):
    assert written(sender_of(value.encode())) == same


@pytest.mark.parametrize('value', ['<>', '', '< >', '(nobody) <>', '()'])
def test_facts_2_1_the_null_sender_is_none(value):
    assert sender_of(value.encode()) is None


@pytest.mark.parametrize('value', [
    b'From ann@example.org  x', b'<ann@example. or g>', b'<an n@example.org>',
    b'<ann>', b'ann', b'<@example.org>', b'<ann@>', b'<ann@example.org', b'<a@b.org>, <c@d.org>',
    b'<a@b.org> c@d.org',
    b'a@b.org, c@d.org', b'<a@b.org,c@d.org>', b'<a@b.org c@d.org,>', b'<a@b..org>', b'<a@.org>', b'<a@b_c,d>',
    b'<-x@example.org>', b'<"-x"@example.org>', b'<a@-x.org>', b'<ann@exam ple.org,>', b'<"a\x00b"@example.org>',
    b'<"a\rb"@example.org>', '<"a\u2028b"@example.org>'.encode(), b'<\xff@example.org>', b'<"a@example.org>',
    b'<"a"b@example.org>', b'<a"b"@example.org>', b'<""@example.org>', b'<a@[192.0.2.1>', b'<a@[x y,]>',
    b'<' + b'a' * 600 + b'@example.org>', b'<a;b@example.org>', b'<a@b@example.org>', b'<ann@example.org/x>'])
def test_facts_5_what_is_not_one_address_is_refused(value):
    with pytest.raises(ValueError):
        sender_of(value)


def test_comments_nested_5000_deep_are_no_trouble():
    deep = b'(' * 5000 + b')' * 5000
    with pytest.raises(ValueError, match='too long'):
        sender_of(deep + b'<ann@example.org>')
    assert addresses_in(deep + b'ann@example.org' + deep) == ['ann@example.org']


@pytest.mark.parametrize('one, other', [
    ('Ann@Example.org', 'ann@example.org'), ('"ann"@example.org', 'ann@example.org'),
    ('prvs=1234abcdef=ann@example.org', 'ann@example.org'), ('PRVS=9999ffffff=Ann@example.org', 'ann@example.org'),
    ('btv1==123abc==ann@example.org', 'ann@example.org'),
    ('SRS0=AbC=4T=example.org=ann@forward.example', 'ann@example.org'),
    ('SRS0+xYz=5U=example.org=ann@forward.example', 'ann@example.org'),
    ('SRS1=Qq=second.example==AbC=4T=example.org=ann@third.example', 'ann@example.org'),
    ('GRÜN@example.org', 'grün@example.org')])
def test_facts_4_one_person_has_one_key(one, other):
    assert key_of(sender_of(one.encode())) == key_of(sender_of(other.encode())) == other


@pytest.mark.parametrize('one, other', [
    ("o'brien@example.org", 'o_brien@example.org'), ('a@example.org', 'a@example.net'),
    ('prvs=ann@example.org', 'ann@example.org'), ('srs0@example.org', 'ann@example.org'),
    ('SRS0=a=b=example.org=x@f.example', 'SRS0=a=b=example.org=y@f.example')])
def test_facts_4_two_persons_have_two(one, other):
    assert key_of(sender_of(one.encode())) != key_of(sender_of(other.encode()))


@pytest.mark.parametrize('value, found', [
    ('a@b.org', ['a@b.org']), ('Ann <A@B.org>, "x, y" <c@d.org>', ['a@b.org', 'c@d.org']),
    ('team: a@b.org, c@d.org; e@f.org', ['a@b.org', 'c@d.org', 'e@f.org']), ('undisclosed-recipients:;', []),
    ('"a@b.org" <c@d.org>', ['c@d.org']), ('a@b.org (c@d.org)', ['a@b.org']), ('', []), ('Ann', []),
    ('=?utf-8?q?a=40b.org?= <c@d.org>', ['c@d.org']), ('<a@b.org', []), ('broken <, a@b.org', []),
    ('a @ b . org', ['a@b.org']), ('<@r.example:a@b.org>', ['a@b.org']), (', ,a@b.org,,', ['a@b.org'])])
def test_the_addresses_of_a_recipient_field(value, found):
    assert addresses_in(value.encode()) == found


def test_what_local_does_to_its_environment_is_known():
    assert filtered("o'brien#1@example.org") == 'o_brien_1@example.org'
    assert filtered('grün@x') == 'gr__n@x'
