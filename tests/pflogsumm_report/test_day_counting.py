"""What is counted, against logs whose truth is known, and against the real pflogsumm(1) where it is right."""
import datetime

import pytest
from maillog import CLIENT, DAY, RELAY, RFC3339, TRADITIONAL, Log, at, busy
from reports import of_text, pflogsumm, same

from mailtools.pflogsumm_report.values import TOTALS
from rig.genlog import generate


@pytest.mark.parametrize('form', [TRADITIONAL, RFC3339])
def test_random_mail_is_counted_as_it_was_made(tmp_path, form):
    log = busy(seed=3)
    same(of_text(tmp_path, log.text(form)), log.figures())


def test_all_totals_and_hours_are_pflogsumms_own(tmp_path):
    text = b''.join(line for line in busy(seed=4, mails=300).text().splitlines(True) if b'header Subject' not in line)
    theirs, ours = pflogsumm(text), of_text(tmp_path, text)
    assert len(theirs) == len(TOTALS) + 1
    same(ours, {name: number for name, number in theirs.items() if number is not None})


@pytest.mark.parametrize('options', [(), ('--iso', '--postfix', '3.9', '--long-queue-ids')])
def test_a_generated_log_has_its_truth_and_pflogsumms(tmp_path, options):
    made = generate('--lines', 15000, '--mails-per-day', 25000, '--start', '2026-11-22T02:00:00', *options)
    totals, text = made.truth['totals'], made.log
    figures = of_text(tmp_path, text)
    same(figures, {'received': totals['received'], 'delivered': totals['delivered'], 'deferrals': totals['deferred'],
                   'bounced': totals['bounced'], 'rejected': totals['rejected']})
    assert figures['tls']['in']['connections'] == totals['connections']
    theirs = pflogsumm(b''.join(line for line in text.splitlines(True) if b'header Subject' not in line))
    same(figures, {name: number for name, number in theirs.items() if number is not None})


def test_totals_are_the_same_with_and_without_detail(tmp_path):
    text = busy(seed=5).text()
    whole = of_text(tmp_path, text)
    same(whole, of_text(tmp_path, text, totals=True))
    assert 'reasons' in whole and 'reasons' not in of_text(tmp_path, text, totals=True)


def test_a_subject_is_no_rejection_but_other_headers_are(tmp_path):
    log = Log()
    log.mail(at(), 'a@example.org', ['b@example.net'], subject='reject: RCPT from x[192.0.2.9]: 554 no')
    log.say(at(), 'cleanup', 'AAAA: warning: header X-Spam: yes from {}; from=<> to=<>'.format(CLIENT))
    log.say(at(), 'cleanup', 'AAAA: reject: body buy from {}; from=<a@b.example> to=<c@d.example>: no'.format(CLIENT))
    log.say(at(), 'cleanup', 'AAAA: milter-reject: END-OF-MESSAGE from {}: 5.7.1 spam; from=<>'.format(CLIENT))
    log.say(at(), 'cleanup', 'AAAA: hold: header X: y from {}; from=<>'.format(CLIENT))
    log.say(at(), 'cleanup', 'AAAA: discard: body y from {}; from=<>'.format(CLIENT))
    figures = of_text(tmp_path, log.text())
    same(figures, {'reject_warnings': 1, 'rejected': 2, 'held': 1, 'discarded': 1})
    assert figures['per_hour']['rejected'][12] == 5 == sum(figures['per_hour']['rejected'])
    without = b''.join(line for line in log.text().splitlines(True) if b'Subject' not in line)
    same(figures, {name: pflogsumm(without)[name] for name in ('rejected', 'reject_warnings', 'held', 'discarded')})


@pytest.mark.parametrize('tag', ['postfix/submissions/smtpd', 'postfix/10025/smtpd', 'postfix-out/smtpd',
                                 'postfix/smtpd', 'outbound/smtpd', 'postfix-in/submission/smtpd'])
def test_every_service_and_instance_counts(tmp_path, tag):
    instance, _, service = tag.partition('/')
    log = Log(instance=instance)
    log.mail(at(), 'a@example.org', ['b@example.net'], service=service)
    figures = of_text(tmp_path, log.text())
    same(figures, log.figures())
    assert tag in [row['service'] for row in figures['services']]


def test_other_programs_and_quoted_lines_count_for_nothing(tmp_path):
    log = Log()
    log.mail(at(), 'a@example.org', ['b@example.net'])
    line = 'postfix/smtpd[1]: BBBB: client=x[192.0.2.9]'
    log.write(at(), 'webmail[1]', line)
    log.write(at(), 'spamd/x[1]', 'BBBB: client=x[192.0.2.9]')
    log.say(at(), 'smtpd', 'lost connection after {} from x[192.0.2.9]'.format(line))
    log.attempt(at(), 'BBBB', 'c@example.net', 0, 'bounced', said='550 BBBB: to=<x@y.example>, relay=x, delay=1, '
                                                                  'status=sent (ok)')
    same(of_text(tmp_path, log.text()), dict(log.figures(), bounced=1, delivered=1))


def test_an_id_means_a_mail_of_one_instance_of_one_host_until_removed(tmp_path):
    ids = ['3F4A2B1C0D'] * 3
    one, other, third = Log(ids=ids), Log(ids=ids, instance='postfix-out'), Log(ids=ids, host='mx2')
    for log, size in ((one, 1000), (other, 20000), (third, 300000)):
        log.mail(at(), 'a@example.org', ['b@example.net'], size, outcomes=[['deferred', 'sent']])
    one.mail(at(13), 'c@example.org', ['d@example.net'], 4000000)
    merged = Log()
    merged.lines = one.lines + other.lines + third.lines
    figures = of_text(tmp_path, merged.text())
    same(figures, {'bytes_received': 4321000, 'bytes_delivered': 4321000, 'received': 4, 'deferred': 3})


def test_an_id_is_free_at_once_when_its_mail_is_removed(tmp_path):
    log = Log(ids=['3F4A2B1C0D'] * 9)
    for second in range(3):
        log.mail(at(12, second), 'a@example.org', ['b@example.net'], 10 ** second)
    log.say(at(13), 'qmgr', '3F4A2B1C0D: from=<>, size=5000, nrcpt=1 (queue active)')      # a bounce
    log.attempt(at(13), '3F4A2B1C0D', 'a@example.org', 5000, 'sent')
    same(of_text(tmp_path, log.text()), {'bytes_received': 111, 'bytes_delivered': 5111, 'deferred': 0})


def test_a_removed_line_that_comes_early_does_not_lose_the_size(tmp_path):
    log = Log()
    qid = log.mail(at(), 'a@example.org', ['b@example.net'], 1000)
    log.attempt(at(12, 0, 1), qid, 'c@example.net', 1000, 'sent')
    same(of_text(tmp_path, log.text()), {'bytes_delivered': 2000})


def test_domains_are_one_in_any_case_local_parts_are_not(tmp_path):
    log = Log()
    for sender in ('a@Example.ORG', 'a@example.org', 'A@example.org', '', 'root'):
        log.mail(at(), sender, ['B@EXAMPLE.net'], service='pickup' if sender == 'root' else 'smtpd')
    log.mail(at(), 'z@example.org', ['b@example.net'], client='unknown[2001:db8::1]')
    log.mail(at(), '', ['b@example.net'], client='unknown[2001:db8::1]')
    text = log.text()
    figures = of_text(tmp_path, text)
    same(figures, {'senders': 5, 'recipients': 2, 'recipient_domains': 1, 'sending_domains': 3})
    same(figures, {name: pflogsumm(text)[name] for name in ('senders', 'recipients', 'recipient_domains',
                                                            'sending_domains')})


def test_addresses_may_hold_a_bracket_and_an_original_recipient(tmp_path):
    log = Log()
    form = '{}: to=<{}>, orig_to=<{}>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (ok)'
    log.say(at(), 'local', form.format('AAAA', '"a>b"@example.net', 'x'))
    log.say(at(), 'local', form.format('AAAA', 'c@example.net', '"a>b"@example.net'))
    same(of_text(tmp_path, log.text()), {'delivered': 2, 'recipients': 2, 'recipient_domains': 1})


def test_only_local_forwards_and_a_probe_is_no_delivery(tmp_path):
    log = Log()
    form = 'AAAA: to=<b@example.net>, relay={}, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status={} ({})'
    log.say(at(), 'local', form.format('local', 'sent', 'forwarded as BBBB'))
    log.say(at(), 'smtp', form.format(RELAY, 'sent', '250 ok, forwarded as BBBB'))
    log.say(at(), 'smtp', form.format(RELAY, 'deliverable', '250 ok'))
    log.say(at(), 'smtp', form.format(RELAY, 'undeliverable', '550 no'))
    same(of_text(tmp_path, log.text()), {'forwarded': 1, 'delivered': 1, 'bounced': 0})


def test_mail_that_was_in_the_queue_at_midnight_has_its_size(tmp_path):
    log = Log()
    before = DAY - datetime.timedelta(days=1)
    kept = log.mail(at(23, 0, day=before), 'a@example.org', ['b@example.net'], 7000, outcomes=[['deferred']],
                    removed=False)
    log.mail(at(23, 1, day=before), 'a@example.org', ['b@example.net'], 9000)
    log.attempt(at(1), kept, 'b@example.net', 7000, 'sent')
    log.attempt(at(2), 'UNKNOWN1', 'b@example.net', 0, 'sent')
    figures = of_text(tmp_path, log.text())
    same(figures, {'bytes_delivered': 7000, 'delivered': 2, 'received': 0,
                   'carried': {'known': 1, 'unknown': 1, 'open': 1}})
    same(of_text(tmp_path, log.text(), carry='0'), {'bytes_delivered': 0})


def test_a_content_filter_does_not_double_mail(tmp_path):
    log = Log()
    first = log.mail(at(), 'a@example.org', ['b@example.net'], 1000, outcomes=[['bounced']])
    log.say(at(12, 0, 2), 'amavis/smtp', first + ': to=<b@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, '
            'delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)')
    log.say(at(12, 0, 2), '10025/smtpd', 'BBBB: client=localhost[127.0.0.1]')
    log.say(at(12, 0, 2), 'qmgr', 'BBBB: from=<a@example.org>, size=1100, nrcpt=1 (queue active)')
    plain = of_text(tmp_path, log.text())
    same(plain, {'received': 2, 'delivered': 1})
    same(of_text(tmp_path, log.text(), filters='127.0.0.1[127.0.0.1]:10024', reinjection='10025'),
         {'received': 1, 'delivered': 0, 'bytes_received': 1000})


def test_solaris_ids_are_passed_over(tmp_path):
    text = busy(seed=6, mails=30)
    with_ids = b''.join(line.replace(b']: ', b']: [ID 197553 mail.info] ', 1) for line in text.text().splitlines(True))
    same(of_text(tmp_path, with_ids), text.figures())


def test_what_is_known_of_detail(tmp_path):
    log = Log()
    log.mail(at(), 'a@example.org', ['b@example.net', 'c@gmail.com'], outcomes=[['sent'], ['deferred', 'bounced']])
    log.refuse(at())
    log.say(at(), 'smtpd', 'Anonymous TLS connection established from {}: TLSv1.3 with cipher X (1/1 bits)'.format(
        CLIENT))
    log.say(at(), 'smtp', 'Trusted TLS connection established to {}: TLSv1.2 with cipher Y (1/1 bits)'.format(RELAY))
    log.say(at(), 'smtp', 'AAAA: to=<d@gmail.com>, relay=none, delay=9, delays=1/2/3/3, dsn=4.4.1, status=deferred '
                          '(connect to gmail-smtp-in.l.google.com[192.0.2.77]:25: Connection timed out)')
    log.say(at(), 'smtpd', 'warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: no')
    log.say(at(), 'master', 'fatal: bind 0.0.0.0 port 25: Address already in use')
    figures = of_text(tmp_path, log.text())
    reasons = figures['reasons']
    assert reasons['bounced'] == [{'reason': '550 5.1.1 <address>: User unknown', 'count': 1,
                                   'by': [['mx.example.net', 1]]}]
    assert reasons['rejected'][0]['reason'] == '554 5.7.1 <address>: Access denied'
    assert [row['reason'] for row in reasons['deferred']] == [
        '450 4.2.0 <address>: greylisted', 'connect to <host>: Connection timed out']
    providers = {row['provider']: row for row in figures['providers']}
    assert (providers['example.net']['delivered'], providers['example.net']['deferrals']) == (1, 1)
    assert providers['google']['deferrals'] == 1
    assert providers['example.net']['delays']['sending'] == {'p50': .69, 'p95': .69, 'counts': {'0.69': 1}}
    assert figures['tls']['in'] == {'connections': 1, 'encrypted': 1, 'share': 1.0, 'versions': {'TLSv1.3': 1},
                                    'ciphers': {'X': 1}}
    assert figures['tls']['out']['share'] == 1.0 and figures['tls']['out']['deliveries'] == 3
    assert figures['top_recipients'][0] == {'name': 'b@example.net', 'messages': 1, 'bytes': 1000, 'deferrals': 0}
    assert {'name': 'd@gmail.com', 'messages': 0, 'bytes': 0, 'deferrals': 1} in figures['top_recipients']
    assert figures['warnings']['count'] == figures['fatals']['count'] == 1



def test_what_a_new_mail_with_an_old_id_is_known_by_stays_known(tmp_path):
    log = Log(ids=['3F4A2B1C0D'] * 2)
    log.mail(at(12, 59), 'a@example.org', ['b@example.net'], 10, outcomes=[['deferred', 'sent']])
    qid = log.mail(at(12, 59, 30), 'a@example.org', ['b@example.net'], 100, outcomes=[['deferred']], removed=False)
    log.say(at(13), 'anvil', 'statistics: none')
    log.say(at(14), 'anvil', 'statistics: none')
    log.attempt(at(15), qid, 'b@example.net', 100, 'deferred', was_deferred=True)
    log.attempt(at(16), qid, 'b@example.net', 100, 'sent')
    same(of_text(tmp_path, log.text()), log.figures())
