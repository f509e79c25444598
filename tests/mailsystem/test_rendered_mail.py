"""What the rendered tables and settings do to mail: real postmap is asked, as Postfix's daemons ask them."""
import pytest
from sites import MAIN, MASTER, files, put, run, tool

from mailtools.mailsystem import reading

HEADERS = '''Received: from app7.lan (unknown [10.20.3.7])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
\tby mx1.example.com (Postfix) with ESMTPS id 4XyZ
\tfor <a@world.example>; Sun, 29 Nov 2026 17:00:00 +0000 (UTC)
Received: from laptop (unknown [203.0.113.9])
\t(Authenticated sender: ann)
\tby mx1.example.com (Postfix) with ESMTPSA id 5XyZ; Sun, 29 Nov 2026 16:59:59 +0000 (UTC)
Received: from app8 (unknown [IPv6:fd12:3456::8])
\tby mail1.example.com (Postfix) with ESMTP id 6XyZ; Sun, 29 Nov 2026 16:59:58 +0000 (UTC)
Received: by app7.lan (Postfix, from userid 0)
\tid 7XyZ; Sun, 29 Nov 2026 16:59:57 +0000 (UTC)
Received: from [127.0.0.1] (localhost [127.0.0.1])
\tby mx1.example.com (Postfix) with SMTP id 8XyZ; Sun, 29 Nov 2026 16:59:56 +0000 (UTC)
Received: by app9.corp.example.com with SMTP; Sun, 29 Nov 2026 16:59:55 +0000
Received: from x (app9.corp.example.com [203.0.113.8]) by gw.example; Sun, 29 Nov 2026 16:59:54 +0000
'''
FOREIGN = '''Received: from mx.world.example (mx.world.example [203.0.113.77])
\tby mx1.example.com (Postfix) with ESMTPS id 9XyZ
\tfor <a@example.com>; Sun, 29 Nov 2026 17:00:00 +0000 (UTC)
Received: from corp.example.com.world.example (x [110.20.3.7]) by mx.world.example
\twith ESMTPSA id 1; Sun, 29 Nov 2026 16:59:59 +0000 (UTC)
'''


def matched(tmp_path, role, table, headers):
    """How many headers of a message a table of header_checks(5) takes, by real postmap."""
    config = put(tmp_path, files(tmp_path, role))
    table = 'regexp:{}/{}'.format(config, table)
    _, out, err = run([tool('postmap'), '-c', config, '-h', '-q', '-', table], headers)
    assert err == ''
    return out


@pytest.mark.parametrize('role', ['mx', 'sender'])
def test_mail_to_the_world_does_not_tell_of_internal_hosts(tmp_path, role):
    taken = matched(tmp_path, role, 'smtp_header_checks', HEADERS)
    ours = 7 if role == 'mx' else 6             # a login at the MX is a stranger's line to a sender
    assert taken.count('Received: ') == taken.count('\tIGNORE') == ours, taken


@pytest.mark.parametrize('role', ['mx', 'sender', 'client'])
def test_lines_of_others_stay(tmp_path, role):
    assert matched(tmp_path, role, 'smtp_header_checks', FOREIGN) == ''


def test_mail_for_the_provider_keeps_all_lines(tmp_path):
    made = files(tmp_path, 'mx')
    assert reading.services(made[MASTER].text)['relay/unix'].options == {'smtp_header_checks': ''}
    assert dict(reading.table(made['/etc/postfix/transport'].text)) == {'example.com': 'relay:[mx.hosted.example]:25'}


def test_a_client_hides_its_name_in_what_its_postfix_wrote(tmp_path):
    taken = matched(tmp_path, 'client', 'smtp_header_checks', (
        'Message-Id: <20261129170000.4XyZ7@app7.corp.example.com>\nMessage-ID: <mine@app7.corp.example.com>\n'))
    assert taken == ('Message-Id: <20261129170000.4XyZ7@app7.corp.example.com>\t'
                     'REPLACE Message-Id: <20261129170000.4XyZ7@example.com>\n')


@pytest.mark.parametrize('role', ['mx', 'sender'])
def test_subjects_are_logged(tmp_path, role):
    taken = matched(tmp_path, role, 'header_checks', 'Subject: hello\n there\nTo: a@example.com\n')
    assert taken.count('INFO') == 1 and 'To:' not in taken


@pytest.mark.parametrize('said, becomes', [
    ('MAIL FROM:<bounces@example.com>', 'MAIL FROM:<bounces@example.com> XVERP'),
    ('mail from: <Bounces@example.com> SIZE=1000 BODY=8BITMIME',
     'MAIL FROM:<bounces@example.com> SIZE=1000 BODY=8BITMIME XVERP'),
    ('MAIL FROM:<bounces@example.com> XVERP=+=', ''),
    ('MAIL FROM:<bounces+a=b.example@example.com>', ''),
    ('MAIL FROM:<bounces@exampleXcom>', ''),
    ('MAIL FROM:<>', ''),
    ('RCPT TO:<bounces@example.com>', '')])
def test_a_sender_of_bulk_mail_becomes_one_for_each_recipient(tmp_path, said, becomes):
    config = put(tmp_path, files(tmp_path, 'sender'))
    table = 'regexp:{}/command_filter'.format(config)
    assert run([tool('postmap'), '-c', config, '-q', said, table])[1].rstrip('\n') == becomes


@pytest.mark.parametrize('role', ['mx', 'sender'])
def test_returned_mail_is_read_by_bouncedmail_on_each_host(tmp_path, role):
    made = files(tmp_path, role)
    host = {'mx': 'mx1', 'sender': 'mail1'}[role]
    virtual = dict(reading.table(made['/etc/postfix/virtual_aliases'].text))
    assert virtual['bounces@example.com'] == 'bounces@{}.example.com'.format(host)
    bounces = made['/etc/mailtools/aliases.d/bounces']
    assert dict(reading.aliases(bounces.text)) == {'bounces': '"|/usr/bin/bouncedmail ingest"'}
    assert 'hash:/etc/mailtools/aliases.d/bounces' in reading.parameters(made[MAIN].text)['alias_maps']
    conf = made['/etc/mailtools/bouncedmail.conf'].text
    assert 'database = postgresql://mailtools@db.example.com/mailtools?sslmode=verify-full\n' in conf


def test_other_domains_of_ours_are_the_same_addresses(tmp_path):
    made = files(tmp_path, 'mx')
    virtual = dict(reading.table(made['/etc/postfix/virtual_aliases'].text))
    assert virtual['@example.net'] == virtual['@example.org'] == '@example.com'
    domains = [key for key, _ in reading.table(made['/etc/postfix/virtual_domains'].text)]
    assert domains == ['example.net', 'example.org']
    assert [key for key, _ in reading.table(made['/etc/postfix/relay'].text)] == ['example.com']


def test_everything_of_ours_is_signed(tmp_path):
    made = files(tmp_path, 'sender')
    keys = dict(line.split(' ', 1) for line, _ in reading.lines(made['/etc/opendkim/KeyTable'].text))
    assert keys['s2026._domainkey.example.com'] == 'example.com:s2026:/etc/opendkim/keys/s2026.private'
    signing = [line.split() for line, _ in reading.lines(made['/etc/opendkim/SigningTable'].text)]
    assert ['*@example.net', 's2026._domainkey.example.net'] in signing
    assert {key for _, key in signing} == set(keys)
    trusted = [line for line, _ in reading.lines(made['/etc/opendkim/TrustedHosts'].text)]
    assert trusted == ['127.0.0.0/8', '::1/128', '10.20.0.0/22', 'fd12:3456::/48']
    for role in 'mx', 'sender':
        main = reading.parameters(files(tmp_path, role)[MAIN].text)
        assert main['smtpd_milters'] == 'inet:127.0.0.1:8891' and main['non_smtpd_milters'] == '$smtpd_milters'
        assert main['internal_mail_filter_classes'] == 'bounce'


def test_nobody_has_our_name_at_helo_but_who_may(tmp_path):
    config = put(tmp_path, files(tmp_path, 'mx'))
    table = 'hash:{}/helo_reject_domains'.format(config)
    run([tool('postmap'), '-c', config, table])
    for name, action in (('example.com', 'REJECT'), ('example.org', 'REJECT'), ('localhost', 'REJECT'),
                         ('[192.0.2.10]', 'REJECT'), ('news.example.com', 'DUNNO'), ('example', '')):
        assert run([tool('postmap'), '-c', config, '-q', name, table])[1].startswith(action), name
