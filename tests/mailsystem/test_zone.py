"""The records that `mailsystem dns` prints: a zone that a real parser takes, with what receivers ask for."""
import base64
import json
import re
import subprocess

import dns.name
import dns.zone
import pytest
from sites import site, written

from mailtools.base.failure import Failure
from mailtools.mailsystem.dns import public_key, records, spf, strings, zone
from rig import program

KEY = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A' + 'x' * 360


def openssl(*args, stdin=b''):
    """What openssl(1) prints."""
    return subprocess.run(('openssl',) + args, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=60, check=True).stdout


@pytest.fixture(scope='module')
def private():
    """A private RSA key, PEM."""
    return openssl('genrsa', '2048')


def parsed(text):
    """{(name, type): [values]} of a zone file, as dnspython reads it."""
    made = dns.zone.from_text(text, origin='.', relativize=False, check_origin=False)
    found = {}
    for name, node in made.nodes.items():
        for rdataset in node.rdatasets:
            kind = dns.rdatatype.to_text(rdataset.rdtype)
            found[name.to_text(), kind] = sorted(
                b''.join(one.strings).decode() if kind == 'TXT' else one.to_text() for one in rdataset)
    return found


def of(tmp_path, **changes):
    """The records of a site, parsed."""
    made = site(tmp_path, **changes)
    return parsed(zone(records(made, KEY), made.bulk_name, 'two\nlines'))


def test_mail_for_the_domain_comes_to_the_mx(tmp_path):
    found = of(tmp_path)
    for domain in 'example.com.', 'example.net.', 'example.org.':
        assert found[domain, 'MX'] == ['10 mx1.example.com.']
    assert found['mx1.example.com.', 'A'] == ['192.0.2.10']


def test_the_round_robin_has_every_address_of_every_sender(tmp_path):
    found = of(tmp_path)
    assert found['bulk.example.com.', 'A'] == ['192.0.2.21', '192.0.2.22']
    assert found['bulk.example.com.', 'AAAA'] == ['2001:db8::22'] == found['mail2.example.com.', 'AAAA']


def test_spf_names_every_address_that_mail_leaves_from(tmp_path):
    found = of(tmp_path)
    assert found['example.com.', 'TXT'] == [
        'v=spf1 ip4:192.0.2.10 ip4:192.0.2.21 ip4:192.0.2.22 ip6:2001:db8::22 include:_spf.hosted.example -all']
    assert of(tmp_path, spf_all='softfail')['example.com.', 'TXT'][0].endswith(' ~all')
    # A bounce has no sender but the name at HELO.
    assert found['mail2.example.com.', 'TXT'] == ['v=spf1 ip4:192.0.2.22 ip6:2001:db8::22 -all']


def test_spf_stays_within_ten_look_ups(tmp_path):
    ten = ' '.join('spf{}.example'.format(number) for number in range(10))
    assert spf(site(tmp_path, spf_includes=ten)).count('include:') == 10
    with pytest.raises(Failure, match='11 look-ups'):
        spf(site(tmp_path, spf_includes=ten + ' one.example'))


def test_the_key_is_in_strings_that_dns_takes(tmp_path):
    made = site(tmp_path)
    record = next(one for one in records(made, KEY) if one.name == 's2026._domainkey.example.com.')
    pieces = re.findall(r'"([^"]*)"', record.value)
    assert [len(piece) for piece in pieces] == [255, len('v=DKIM1; k=rsa; p=' + KEY) - 255]
    assert of(tmp_path)[record.name, 'TXT'] == ['v=DKIM1; k=rsa; p=' + KEY]
    assert ('s2026._domainkey.example.net.', 'TXT') in of(tmp_path)


def test_a_string_holds_quotes_and_backslashes_as_they_are():
    text = 'a"b\\c' * 60
    assert parsed('x.example. 60 IN TXT ' + strings(text) + '\n')['x.example.', 'TXT'] == [text]


def test_dmarc_and_who_may_get_its_reports(tmp_path):
    found = of(tmp_path)
    assert found['_dmarc.example.com.', 'TXT'] == [
        'v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com,mailto:reports@collector.example; adkim=r; aspf=r']
    assert found['example.com._report._dmarc.collector.example.', 'TXT'] == ['v=DMARC1']
    assert found['example.net._report._dmarc.example.com.', 'TXT'] == ['v=DMARC1']
    assert ('example.com._report._dmarc.example.com.', 'TXT') not in found
    assert 'rua' not in of(tmp_path, dmarc_addresses='')['_dmarc.example.com.', 'TXT'][0]


def test_each_address_points_back_to_its_host(tmp_path):
    found = of(tmp_path)
    assert found['10.2.0.192.in-addr.arpa.', 'PTR'] == ['mx1.example.com.']
    assert found['22.2.0.192.in-addr.arpa.', 'PTR'] == ['mail2.example.com.']
    assert [value for (name, kind), value in found.items() if kind == 'PTR' and name.endswith('ip6.arpa.')] == [
        ['mail2.example.com.']]


def test_a_site_of_one_host_has_no_round_robin(tmp_path):
    made = site(tmp_path)._replace(senders=())
    found = parsed(zone(records(made, KEY), made.bulk_name))
    assert found['example.com.', 'TXT'] == ['v=spf1 ip4:192.0.2.10 include:_spf.hosted.example -all']
    assert not [name for name, _ in found if name.startswith('bulk.')]


def test_a_host_whose_addresses_are_not_known_would_be_left_out_of_spf(tmp_path):
    made = site(tmp_path)
    for wrong, name in ((made._replace(mx_addresses=()), 'mx1'),
                        (made._replace(senders=(made.senders[0]._replace(addresses=()),)), 'mail1')):
        with pytest.raises(Failure, match=name + '.example.com has no addresses'):
            records(wrong, KEY)


def test_a_public_key_is_read_from_each_form_that_it_has(private):
    pem = openssl('pkey', '-pubout', stdin=private).decode()
    wanted = base64.b64encode(openssl('pkey', '-pubout', '-outform', 'DER', stdin=private)).decode()
    assert public_key(pem) == wanted
    record = ('mail._domainkey\tIN\tTXT\t( "v=DKIM1; h=sha256; k=rsa; "\n'
              '\t  "p={}"\n\t  "{}" )  ; ----- DKIM key mail\n').format(wanted[:250], wanted[250:])
    assert public_key(record) == wanted
    assert public_key('v=DKIM1; k=rsa; p=' + wanted) == wanted


@pytest.mark.parametrize('text', ['', 'p=', 'p=' + 'A' * 300, 'v=DKIM1; p=abc"; other',
                                  '-----BEGIN PUBLIC KEY-----\n@@\n-----END PUBLIC KEY-----'])
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(Failure, match='not the public key'):
        public_key(text)


def test_a_key_of_another_kind_is_refused():
    with pytest.raises(Failure, match='RSA'):
        public_key(openssl('pkey', '-pubout', stdin=openssl('ecparam', '-genkey', '-name', 'prime256v1')).decode())


def test_the_program_prints_a_zone_and_never_the_private_key(tmp_path, private):
    key = tmp_path / 'mail.private'
    key.write_bytes(private)
    config = written(tmp_path, dkim_key=str(key))
    ran = program.run('mailsystem', 'dns', '-c', config)
    assert (ran.status, ran.err) == (0, '') and 'PRIVATE' not in ran.out
    public = base64.b64encode(openssl('pkey', '-pubout', '-outform', 'DER', stdin=private)).decode()
    assert parsed(ran.out)['s2026._domainkey.example.com.', 'TXT'] == ['v=DKIM1; k=rsa; p=' + public]
    rows = [json.loads(line) for line in program.run('mailsystem', 'dns', '-c', config, '--json').out.splitlines()]
    assert set(rows[0]) == {'name', 'type', 'value'} and len(rows) > 10
    (tmp_path / 'mail.txt').write_text('p=' + public)
    assert program.run('mailsystem', 'dns', '-c', config, '--key', str(tmp_path / 'mail.txt')).out == ran.out


def test_a_key_that_is_not_there_is_told_with_what_makes_it(tmp_path):
    ran = program.run('mailsystem', 'dns', '-c', written(tmp_path, dkim_key=str(tmp_path / 'none')))
    assert ran.status == 1 and 'opendkim-genkey' in ran.err and ran.err.count('\n') == 1
    (tmp_path / 'broken').write_text('-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n')
    ran = program.run('mailsystem', 'dns', '-c', written(tmp_path, dkim_key=str(tmp_path / 'broken')))
    assert ran.status == 1 and 'openssl cannot read the key' in ran.err
