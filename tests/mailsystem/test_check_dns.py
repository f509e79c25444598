"""What is judged by what DNS says: SPF, DMARC, names, block lists.  DNS is a table; test_check_probes asks one."""
import checked
import pytest

from mailtools.mailsystem.checks import blocklists, dkim, dmarc, names, opendkim, spf
from mailtools.mailsystem.checks.host import Seen
from mailtools.mailsystem.checks.lookup import Answer
from mailtools.mailsystem.checks.spfwalk import walk

ADDRESS = '192.0.2.21'


def txt(**records):
    """A table of TXT records; `a_example` is a.example."""
    return {(name.replace('_', '.'), 'TXT'): value for name, value in records.items()}


def judged(record, zone=None, addresses=(ADDRESS,)):
    """The names of what is wrong with an SPF record of example.com."""
    table = dict(zone or {})
    table['example.com', 'TXT'] = record
    return checked.problems(spf.judge('example.com', addresses, checked.dns(table), 'fix'))


# -- SPF --

@pytest.mark.parametrize('record, zone, result', [
    ('v=spf1 ip4:192.0.2.0/24 -all', {}, 'pass'),
    ('v=spf1 ip4:192.0.2.21 -all', {}, 'pass'),
    ('v=spf1 ip4:198.51.100.1 -all', {}, 'fail'),
    ('v=spf1 ip4:198.51.100.1 ~all', {}, 'softfail'),
    ('v=spf1 ip4:198.51.100.1', {}, 'neutral'),
    ('v=spf1 -ip4:192.0.2.21 ip4:192.0.2.0/24 -all', {}, 'fail'),           # the first that matches counts
    ('V=SPF1 IP4:192.0.2.21 -ALL', {}, 'pass'),
    ('v=spf1 a -all', {('example.com', 'A'): ADDRESS}, 'pass'),
    ('v=spf1 a/24 -all', {('example.com', 'A'): '192.0.2.99'}, 'pass'),
    ('v=spf1 a:mail1.example.com -all', {('mail1.example.com', 'A'): ADDRESS}, 'pass'),
    ('v=spf1 mx -all', {('example.com', 'MX'): '10 m.example', ('m.example', 'A'): ADDRESS}, 'pass'),
    ('v=spf1 mx//64 -all', {('example.com', 'MX'): '10 m.example', ('m.example', 'A'): '192.0.2.1'}, 'fail'),
    ('v=spf1 exists:%{i}.x.example -all', {('192.0.2.21.x.example', 'A'): '127.0.0.2'}, 'pass'),
    ('v=spf1 include:o.example -all', txt(o_example='v=spf1 ip4:192.0.2.21 -all'), 'pass'),
    ('v=spf1 include:o.example ~all', txt(o_example='v=spf1 -all'), 'softfail'),    # fail of an include: no match
    ('v=spf1 redirect=o.example', txt(o_example='v=spf1 ip4:192.0.2.21 -all'), 'pass'),
    ('v=spf1 redirect=o.example', {}, 'permerror'),
    ('v=spf1 -all redirect=o.example', txt(o_example='v=spf1 +all'), 'fail'),       # all before redirect
    ('v=spf1 ip4:192.0.2.21 exp=e.example -all', {}, 'pass'),
    ('v=spf1 ipv4:192.0.2.21 -all', {}, 'permerror'),
    ('something else', {}, 'none'),
])
def test_an_address_has_the_result_of_rfc_7208(record, zone, result):
    table = dict(zone)
    table['example.com', 'TXT'] = record
    assert walk('example.com', ADDRESS, checked.dns(table)).result == result


def test_ipv6_is_matched_by_ip6_and_aaaa_only():
    table = {('example.com', 'TXT'): 'v=spf1 ip6:2001:db8::/32 -all', ('x.example', 'TXT'): 'v=spf1 a//64 -all',
             ('x.example', 'AAAA'): '2001:db8::1'}
    assert walk('example.com', '2001:db8::22', checked.dns(table)).result == 'pass'
    assert walk('x.example', '2001:db8::22', checked.dns(table)).result == 'pass'
    assert walk('example.com', ADDRESS, checked.dns(table)).result == 'fail'


def includes(count):
    """An SPF record with so many includes, each of one more record, and these."""
    zone = {('i{}.example'.format(at), 'TXT'): 'v=spf1 ip4:198.51.100.{}'.format(at) for at in range(count)}
    return 'v=spf1 {} ip4:192.0.2.21 -all'.format(' '.join('include:' + name for name, _ in sorted(zone))), zone


def test_ten_look_ups_are_well_and_eleven_are_not():
    record, zone = includes(10)
    assert judged(record, zone) == []
    record, zone = includes(11)
    assert judged(record, zone) == ['spf-lookups']


def test_look_ups_behind_the_match_and_in_includes_count():
    record, zone = includes(6)
    zone['o.example', 'TXT'] = 'v=spf1 a:a.example a:b.example mx:c.example a:d.example a:e.example ~all'
    for name in 'abde':
        zone[name + '.example', 'A'] = '203.0.113.1'
    zone['c.example', 'MX'] = '10 a.example'
    first = record.replace('v=spf1', 'v=spf1 ip4:192.0.2.21').replace('-all', 'include:o.example -all')
    assert judged(first, zone) == ['spf-lookups']           # 6 + 1 + 5, though the first term matches


def test_an_include_of_itself_ends():
    record = 'v=spf1 include:example.com -all'
    assert 'spf-lookups' in judged(record)


@pytest.mark.parametrize('record, wrong', [
    ('v=spf1 ip4:192.0.2.10 -all', ['spf-sender']),
    ('v=spf1 ip4:192.0.2.21 +all', ['spf-all']),
    ('v=spf1 all', ['spf-all']),
    ('v=spf1 ip4:192.0.2.21 ?all', ['spf-all']),
    ('v=spf1 ip4:192.0.2.21', ['spf-all']),
    (('v=spf1 ip4:192.0.2.21 -all', 'v=spf1 -all'), ['spf-several']),
    (('v=spf1 ip4:192.0.2.21 -all', 'other=1'), []),
    ('other', ['spf']),
    ('v=spf10 ip4:192.0.2.21 -all', ['spf']),
    ('v=spf1 ip4:192.0.2.21 include:gone.example -all', ['spf-syntax']),
    ('v=spf1 ip4:192.0.2.21 ptr -all', ['spf-syntax']),
    ('v=spf1 ip4:192.0.2.21 ip4:192.0.2 -all', ['spf-syntax']),
    ('v=spf1 ip4:192.0.2.21 a:x.example a:y.example a:z.example -all', ['spf-lookups']),    # all void
    ('v=spf1 ip4:192.0.2.21 ' + 'ip4:192.0.2.100 ' * 30 + '-all', ['spf-syntax']),
])
def test_a_fault_of_a_record_has_its_name(record, wrong):
    assert judged(record) == wrong


def test_dns_that_fails_is_unknown_and_not_absent():
    found = spf.judge('example.com', (ADDRESS,), checked.dns({}, dead=('*',)), 'fix')
    assert [(one.name, one.level) for one in found] == [('spf', 'unknown')]
    found = spf.judge('example.com', (ADDRESS,), checked.dns(txt(example_com='v=spf1 include:o.example -all'),
                                                             dead=('o.example',)), 'fix')
    assert checked.named(found, 'spf-sender')[0].level == 'unknown'


def test_the_fix_names_the_address_that_is_missing():
    found = spf.judge('example.com', ('2001:db8::22',), checked.dns(txt(example_com='v=spf1 -all')), 'publish')
    assert 'ip6:2001:db8::22' in checked.named(found, 'spf-sender')[0].fix


def test_the_helo_name_of_bounces_is_covered_where_it_has_a_record():
    zone = txt(mail1_example_com='v=spf1 ip4:192.0.2.99 -all')
    assert checked.problems(spf.judge_helo('mail1.example.com', (ADDRESS,), checked.dns(zone))) == ['spf-helo']
    assert spf.judge_helo('mail1.example.com', (ADDRESS,), checked.dns({})) == []
    zone = {('mail1.example.com', 'TXT'): 'v=spf1 a -all', ('mail1.example.com', 'A'): ADDRESS}
    assert checked.problems(spf.judge_helo('mail1.example.com', (ADDRESS,), checked.dns(zone))) == []


# -- DMARC --

def dmarc_of(record, policy='none'):
    """(names of what is wrong, tags) of a DMARC record."""
    values = (record,) if isinstance(record, str) else record
    found, tags = dmarc.judge_record('_dmarc.example.com', Answer('found' if values else 'none', values), policy, 'fix')
    return checked.problems(found), tags


@pytest.mark.parametrize('record, policy, wrong', [
    ('v=DMARC1; p=none', 'none', []),
    ('v=DMARC1;p=REJECT', 'reject', []),
    ('v=DMARC1; p=none', 'reject', ['dmarc-policy']),
    ('v=DMARC1; p=reject', 'none', ['dmarc-policy']),
    ('v=DMARC1; p=deny', 'none', ['dmarc-policy']),
    ('v=DMARC1', 'none', ['dmarc-policy']),
    ('v=spf1 -all', 'none', ['dmarc']),
    ((), 'none', ['dmarc']),
    (('v=DMARC1; p=none', 'v=DMARC1; p=reject'), 'none', ['dmarc']),
])
def test_a_dmarc_record_is_there_once_and_says_what_was_set(record, policy, wrong):
    assert dmarc_of(record, policy)[0] == wrong


@pytest.mark.parametrize('signer, origin, tags, wrong', [
    ('example.com', 'example.com', {}, []),
    ('mail.example.com', 'example.com', {}, []),
    ('mail.example.com', 'example.com', {'adkim': 's'}, ['dmarc-alignment']),
    ('other.example', 'example.com', {}, ['dmarc-alignment']),
    ('', 'example.com', {}, ['dmarc-alignment']),
    ('notexample.com', 'notexample.com', {}, ['dmarc-alignment']),
])
def test_a_signature_is_aligned_with_the_domain(signer, origin, tags, wrong):
    assert checked.problems(dmarc.judge_alignment('example.com', signer, origin, tags)) == wrong


def test_reports_go_where_they_are_taken():
    tags = {'rua': 'mailto:dmarc@reports.example'}
    assert checked.problems(dmarc.judge_reports('example.com', tags, checked.dns({}), 'fix')) == ['dmarc-reports']
    agreed = {('example.com._report._dmarc.reports.example', 'TXT'): 'v=DMARC1'}
    assert checked.problems(dmarc.judge_reports('example.com', tags, checked.dns(agreed), 'fix')) == []
    assert checked.problems(dmarc.judge_reports('example.com', {}, checked.dns({}), 'fix')) == ['dmarc-reports']
    own = {'rua': 'mailto:a@example.com!10m'}
    assert checked.problems(dmarc.judge_reports('example.com', own, checked.dns({}), 'fix')) == []


# -- DKIM --

@pytest.mark.parametrize('pattern, fits', [
    ('*', True), ('*@example.com', True), ('example.com', True), ('bounces@example.com', False),
    ('*@*.example.com', False), ('*@example.org', False), ('*@*example.com', True), ('@example.com', False),
])
def test_patterns_of_the_signing_table(pattern, fits):
    assert opendkim.fits(pattern, 'example.com') is fits


@pytest.mark.parametrize('bits, level', [(512, 'critical'), (1023, 'critical'), (1024, 'warning'), (2048, 'ok'),
                                         (4096, 'ok')])
def test_a_key_is_long_enough(bits, level):
    assert dkim.judge_bits(dkim.Key('MII', 'rsa', bits), '/key').level == level


def test_a_key_of_ed25519_is_published_as_its_32_bytes(tmp_path):
    checked.key_of(tmp_path / 'key', 256, 'ed25519')
    key = dkim.public_half(str(tmp_path / 'key'))
    assert (key.kind, len(key.text)) == ('ed25519', 44)
    record = Answer('found', ('v=DKIM1; k=ed25519; p=' + key.text,))
    assert checked.problems(dkim.judge_record('s._domainkey.example.com', record, key, '/key')) == []


def test_a_record_whose_strings_were_joined_with_blanks_is_well():
    key = dkim.Key('MIIBIjAN', 'rsa', 2048)
    record = Answer('found', ('v=DKIM1; p=MIIB IjAN ; h=sha256',))
    assert checked.problems(dkim.judge_record('s._domainkey.example.com', record, key, '/key')) == []


@pytest.mark.parametrize('owner, group, mode, by_root, level', [
    ('opendkim', 'opendkim', 0o600, False, 'ok'), ('opendkim', 'root', 0o400, False, 'ok'),
    ('root', 'opendkim', 0o640, False, 'ok'), ('root', 'opendkim', 0o600, False, 'critical'),
    ('root', 'root', 0o640, False, 'critical'), ('root', 'root', 0o600, True, 'ok'),
    ('ann', 'opendkim', 0o640, False, 'critical'), ('opendkim', 'opendkim', 0o604, False, 'critical'),
    ('opendkim', 'opendkim', 0o660, False, 'critical')])
def test_a_private_key_is_read_by_opendkim_and_nobody_else(owner, group, mode, by_root, level):
    seen = Seen(mode, owner, 0, False, 0.0, group)
    assert dkim.judge_mode('/key', seen, 'opendkim', by_root)[0].level == level


# -- names --

def test_a_dead_resolver_is_one_finding_and_not_twenty(tmp_path):
    host = checked.Below(tmp_path, 'client').host()
    host.ask = checked.dns({}, dead=('*',))
    assert [(one.name, one.level) for one in names.find(host)] == [('dns-resolver', 'critical')]


def test_a_domain_that_is_broken_is_no_dead_resolver():
    ask = checked.dns({('', 'NS'): 'a.root.example'}, dead=('example.com',))
    assert checked.problems(names.judge_resolver('example.com', ask)) == []


@pytest.mark.parametrize('helo', ['mail1', '', 'mail1.localdomain', 'mail1.local'])
def test_a_helo_name_is_fully_qualified(helo):
    assert checked.problems(names.judge_helo(helo, (ADDRESS,), checked.dns({}), 'mail1.example.com')) == ['myhostname']


def test_a_helo_name_leads_to_every_address_that_mail_comes_from():
    zone = {('mail2.example.com', 'A'): '192.0.2.22'}
    found = names.judge_helo('mail2.example.com', ('192.0.2.22', '2001:db8::22'), checked.dns(zone), '')
    assert checked.named(found, 'helo-address')[0].fix == 'mail2.example.com. AAAA 2001:db8::22'
    zone['mail2.example.com', 'AAAA'] = '2001:DB8:0::22'
    assert checked.problems(names.judge_helo('mail2.example.com', ('192.0.2.22', '2001:db8::22'),
                                             checked.dns(zone), '')) == []


@pytest.mark.parametrize('pointer, address, wrong', [
    ('mail1.example.com', ADDRESS, []),
    ('MAIL1.example.com', ADDRESS, []),
    ('mail1.example.com', '192.0.2.99', ['ptr']),
    ('host21.provider.example', ADDRESS, ['ptr-helo']),
    ((), ADDRESS, ['ptr']),
])
def test_an_address_has_a_name_that_leads_back(pointer, address, wrong):
    name = pointer.lower() if pointer else 'none.example'
    zone = {('21.2.0.192.in-addr.arpa', 'PTR'): pointer, (name, 'A'): address}
    for helo in ('mail1.example.com', 'Mail1.Example.com'):
        assert checked.problems(names.judge_ptr(ADDRESS, helo, checked.dns(zone))) == wrong


@pytest.mark.parametrize('zone, wrong', [
    ({('example.com', 'MX'): '10 mx1.example.com', ('mx1.example.com', 'A'): '192.0.2.10'}, []),
    ({}, ['mx']),
    ({('example.com', 'MX'): '10 other.example', ('other.example', 'A'): '192.0.2.11'}, ['mx']),
    ({('example.com', 'MX'): '10 mx1.example.com'}, ['mx-address']),
    ({('example.com', 'MX'): '10 mx1.example.com', ('mx1.example.com', 'CNAME'): 'h.example'}, ['mx-cname']),
])
def test_mail_for_the_domain_comes_to_the_mx(zone, wrong):
    assert checked.problems(names.judge_mx('example.com', 'mx1.example.com', checked.dns(zone))) == wrong


@pytest.mark.parametrize('addresses, level', [
    (('192.0.2.21', '192.0.2.22'), 'ok'), (('192.0.2.21',), 'warning'), (('192.0.2.21', '192.0.2.99'), 'critical'),
    ((), 'critical')])
def test_the_round_robin_holds_all_senders_and_nobody_else(tmp_path, addresses, level):
    found = names.judge_round_robin(checked.site(tmp_path), checked.dns({('bulk.example.com', 'A'): addresses}))
    assert [one.level for one in found] == [level]


# -- block lists --

WORKS = {('2.0.0.127.rbl.example', 'A'): '127.0.0.2'}


@pytest.mark.parametrize('zone, wrong', [
    (WORKS, []),
    ({}, ['rbl-dead']),
    ({('1.0.0.127.rbl.example', 'A'): '127.0.0.2', ('2.0.0.127.rbl.example', 'A'): '127.0.0.2'}, ['rbl-dead']),
    ({('2.0.0.127.rbl.example', 'A'): '127.255.255.254'}, ['rbl-dead']),
    ({('2.0.0.127.rbl.example', 'A'): '203.0.113.80'}, ['rbl-dead']),       # the page of who sells the domain
])
def test_a_list_that_works_has_its_test_entry_and_nobody_else(zone, wrong):
    assert checked.problems(blocklists.judge_list('rbl.example', checked.dns(zone))) == wrong


def test_an_address_on_a_list_is_told_with_what_the_list_says():
    zone = {('21.2.0.192.rbl.example', 'A'): '127.0.0.4', ('21.2.0.192.rbl.example', 'TXT'): 'see https://rbl.example'}
    found = blocklists.judge_listing('rbl.example', (ADDRESS, '192.0.2.22'), checked.dns(zone))
    assert [one.level for one in found] == ['critical', 'ok']
    assert 'see https://rbl.example' in found[0].text


def test_a_list_that_refuses_to_answer_says_nothing_about_an_address():
    zone = {('21.2.0.192.rbl.example', 'A'): '127.255.255.254'}
    assert blocklists.judge_listing('rbl.example', (ADDRESS,), checked.dns(zone))[0].level == 'warning'


def test_ipv6_is_asked_by_its_nibbles():
    assert blocklists.reversed_name('2001:db8::22', 'rbl.example').startswith('2.2.0.0.')
    assert blocklists.reversed_name('2001:db8::22', 'rbl.example').endswith('8.b.d.0.1.0.0.2.rbl.example')
