"""autoreply/authres.py: whom our own server believes, and nobody else."""
import pytest
from parts import head_of

from mailtools.autoreply.authres import failed, ours, read, verified


def results(*fields, **given):
    """What `ours` makes of these fields, topmost first."""
    raw = ''.join('Authentication-Results: {}\n'.format(field) for field in fields) + '\n'
    return ours(head_of(raw.encode()), given.get('server', 'mx.example.com'))


def test_a_field_is_read_with_comments_quotes_and_properties():
    assert read(b'mx.example.com 1; spf=pass (ok; x=y) smtp.mailfrom="ann@example.org";\n '
                b'dkim/1 = fail reason="a; b" '
                b'header.d=example.org; none') == ('mx.example.com', [
                    ('spf', 'pass', {'smtp.mailfrom': 'ann@example.org'}),
                    ('dkim', 'fail', {'reason': 'a;_b', 'header.d': 'example.org'})])


@pytest.mark.parametrize('value', [b'', b';', b';;;', b'mx', b'mx; none', b'=', b'mx; =', b'mx; spf', b'"', b'(',
                                   b'mx; (x'])
def test_rubbish_says_nothing(value):
    assert failed(read(value)[1]) is None and not verified(read(value)[1], ('spf',), 'example.org')


@pytest.mark.parametrize('field, why', [
    ('dmarc=fail (p=none)', 'dmarc=fail'), ('spf=fail', 'spf=fail'), ('spf=hardfail', 'spf=hardfail'),
    ('DMARC=FAIL', 'dmarc=fail'), ('spf=softfail', None), ('dkim=fail', None), ('spf=pass; dmarc=fail', 'dmarc=fail'),
    ('dmarc=temperror', None), ('spf=pass (dmarc=fail)', None), ('spf=pass reason="dmarc=fail"', None)])
def test_a_forgery_is_dmarc_or_spf_fail(field, why):
    assert failed(results('mx.example.com; ' + field)) == why


def test_only_the_topmost_field_with_our_name_counts():
    good, bad = 'mx.example.com; spf=pass', 'mx.example.com; spf=fail'
    assert failed(results(bad, good)) and not failed(results(good, bad))
    assert results('mx.example.net; spf=pass', good) is None
    assert results('MX.Example.COM; spf=pass') and results() is None


def test_without_a_name_the_topmost_field_can_still_keep_an_answer_back():
    assert failed(results('anybody.example; spf=fail', server='')) == 'spf=fail'


@pytest.mark.parametrize('field, methods, yes', [
    ('spf=pass smtp.mailfrom=ann@example.org', ('spf',), True),
    ('spf=pass smtp.mailfrom=example.org', ('spf',), True),
    ('spf=pass smtp.mailfrom=evil.example', ('spf',), False), ('spf=pass', ('spf',), True),
    ('spf=softfail', ('spf',), False), ('spf=pass', ('dkim',), False), ('spf=pass', ('dkim', 'spf'), True),
    ('dkim=pass header.d=example.org', ('dkim',), True), ('dkim=pass header.d=evil.example', ('dkim',), False),
    ('dkim=pass header.d=evil.example; dkim=pass header.i=@example.org', ('dkim',), True),
    ('dkim=pass header.d=org', ('dkim',), True), ('dkim=pass header.d=ample.org', ('dkim',), False),
    ('dmarc=pass header.from=example.org', ('dmarc',), True), ('dmarc=pass header.from=x.net', ('dmarc',), False),
    ('dkim=fail (dkim=pass)', ('dkim',), False), ('spf=passed', ('spf',), False)])
def test_a_sender_is_verified_for_his_own_domain(field, methods, yes):
    assert verified(results('mx.example.com; ' + field), methods, 'example.org') is yes
