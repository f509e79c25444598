"""Listings: a real Postfix with thousands of deferred mails, and the text of Postfix 2.10."""
import calendar
import json
import os
import tracemalloc

import pytest

from mailtools.mailqueues import detail as details
from mailtools.mailqueues import postqueue
from mailtools.mailqueues.detail import Gathering, bucket_of, domain_of, folded
from rig import parts
from rig.queuehost import QueueHost
from rig.queuesite import QueueSite

SENT, COPIES = 300, 9
ALL = SENT * (1 + COPIES)
HOST = '[host mx]\nlocal = yes\nqueue_directory = {0}/spool\npostfix_config = {0}/etc\ndetail = {1}\n'


@pytest.fixture(scope='module')
def mx():
    """A Postfix whose queue is full."""
    if os.getuid() != 0:
        pytest.skip('a private Postfix needs root')
    for name in ('postfix', 'qshape'):
        if parts.find(name) is None:
            pytest.skip('{} is not installed'.format(name))
    host = QueueHost()
    try:
        host.send([('sender{}@example.org'.format(number) if number % 5 else '',
                    ['r{}@{}{}.example'.format(one, ('grey', 'slow', 'Other')[(one + number) % 3], number % 7)
                     for one in range(1 + number % 4)]) for number in range(SENT)])
        host.settle(SENT)
        host.multiply(COPIES)
        host.age()
        for path in host.deferred()[::400]:
            host.tool('postsuper', '-h', path.name)
        yield host
    finally:
        host.remove()


def asked(tmp_path, mx, detail='postqueue', **settings):
    """What status.json says after an export."""
    site = QueueSite(tmp_path, HOST.format(mx.top, detail), **dict({'timeout': '40s', 'detail_time': '30s',
                                                                   'top': '1000'}, **settings))
    ran = site.run()
    assert ran.status == 0, ran.err
    return site.status['mx']


def shape(mx):
    """{domain: its ten buckets} by qshape itself."""
    lines = mx.tool('qshape', '-w', '400', 'maildrop', 'incoming', 'active', 'deferred', 'hold').decode().splitlines()
    rows = [line.split() for line in lines[1:]]
    return {row[0]: [int(word) for word in row[2:]] for row in rows}


@pytest.mark.slow
def test_numbers_ages_and_reasons_are_those_of_postfix(tmp_path, mx):
    listed = [json.loads(line) for line in mx.tool('postqueue', '-j').decode().splitlines()]
    wanted = shape(mx)
    found = asked(tmp_path, mx)
    for queue in ('maildrop', 'incoming', 'active', 'deferred', 'hold'):
        ids = {one['queue_id'] for one in listed if one['queue_name'] == queue}
        assert found['queues'][queue] == len(ids), queue
        oldest = [one['arrival_time'] for one in listed if one['queue_name'] == queue]
        assert abs(found['detail']['oldest'].get(queue, 0) - min(oldest, default=0)) < 5
    assert found['queues']['hold'] > 3 and found['total'] == ALL
    detail = found['detail']
    assert (detail['share'], detail['seen'], found['detail_error']) == (1, ALL, None)
    assert detail['total'] == wanted.pop('TOTAL') and 0 not in detail['total']
    assert {row['domain']: row['buckets'] for row in detail['domains']} == wanted
    reasons = {one['reason']: (one['recipients'], one['reputation']) for one in detail['reasons']}
    recipients = [rcpt for one in listed for rcpt in one['recipients']]
    assert reasons == {
        'connect to HOST: Connection timed out':
            (sum('@slow' in rcpt['address'] and 'delay_reason' in rcpt for rcpt in recipients), False),
        'host HOST said: 451 4.7.1 ADDRESS: Greylisted for N':
            (sum('@grey' in rcpt['address'] and 'delay_reason' in rcpt for rcpt in recipients), True),
        'mail for HOST waits':
            (sum('@Other' in rcpt['address'] and 'delay_reason' in rcpt for rcpt in recipients), False)}


@pytest.mark.slow
def test_qshape_itself_gives_the_same_ages(tmp_path, mx):
    found = asked(tmp_path, mx, 'qshape')
    wanted = shape(mx)
    assert found['detail']['total'] == wanted.pop('TOTAL')
    assert {row['domain']: row['buckets'] for row in found['detail']['domains']} == wanted
    assert found['detail']['oldest'] == {} and found['detail']['reasons'] == []


@pytest.mark.slow
def test_past_its_size_the_listing_is_a_sample_that_says_so(tmp_path, mx):
    found = asked(tmp_path, mx, detail_size='100k')
    detail = found['detail']
    assert 50 < detail['seen'] < 1000 and found['queues']['deferred'] + found['queues']['hold'] == ALL
    assert detail['share'] == round(detail['seen'] / ALL, 4)


@pytest.mark.slow
def test_text_and_json_of_one_queue_are_the_same_mails(mx):
    def messages(reader, out):
        found = [one for line in out.splitlines() for one in reader.line(line)]
        return sorted(found + list(reader.end()), key=lambda one: one.id)
    listed = mx.tool('postqueue', '-j')
    now = max(json.loads(line)['arrival_time'] for line in listed.splitlines())
    by_json = messages(postqueue.Json(), listed)
    by_text = messages(postqueue.Text(now, '+0000'), mx.tool('postqueue', '-p'))
    assert len(by_json) == ALL
    # Text shows recipients by reason: their order differs.
    assert [one._replace(recipients=sorted(one.recipients)) for one in by_text] == [
        one._replace(recipients=sorted(one.recipients)) for one in by_json]


@pytest.mark.slow
def test_looking_whether_the_mail_system_is_up_troubles_nobody(tmp_path, mx):
    log = mx.top / 'log' / 'maillog'
    before = len(log.read_text())
    found = asked(tmp_path, mx, 'none')
    assert (found['mail_down'], found['detail']) == (False, None)
    assert not [line for line in log.read_text()[before:].splitlines() if 'warning' in line or 'fatal' in line]


@pytest.mark.slow
def test_a_mail_system_that_is_down_is_told_and_the_files_are_counted_all_the_same(tmp_path, mx):
    mx.postfix('stop')          # for good: the next start would give the copies other names
    for detail in 'postqueue', 'none':
        found = asked(tmp_path, mx, detail)
        assert found['mail_down'] is True and found['total'] == ALL
        assert found['detail_error'] == ('the mail system is down' if detail == 'postqueue' else None)


# -- Postfix 2.10, as on EL7 --

NOW = calendar.timegm((2026, 1, 2, 12, 0, 0))
TEXT = b'''-Queue ID- --Size-- ----Arrival Time---- -Sender/Recipient-------
3C1A22D0B5*     512 Fri Jan  2 12:59:01  sender@example.com
                                         one@example.net

4D2B33E1C6     1048 Wed Dec 31 23:14:55  MAILER-DAEMON
(host mx.example.net[192.0.2.1] said: 450 4.2.0 <a@example.net>: try again (later) (in reply to RCPT TO command))
                                         a@example.net
                                         b@example.net
                          (connect to mx.example.org[2001:db8::1]:25: Connection timed out)
                                         c@example.org

5E3C44F2D7!   20480 Wed Dec  3 00:00:00  held@example.com
                                         (ask)@example.net

6F4D5503E8*#     77 Fri Jan  2 12:00:00  x@example.com
                                         d@example.net

3bXYZ12345zABC     99 Sat Feb 29 10:00:00  old@example.com
                                (a reason that somebody has
   folded into two lines)
                                         e@example.net

AB12CD34EF       10 Fri Jan  2 12:30:00  new@example.com
                                         f@example.net

-- 21 Kbytes in 6 Requests.
'''


def text_messages(text, zone='+0100'):
    reader = postqueue.Text(NOW, zone)
    return [one for line in text.splitlines() for one in reader.line(line)] + list(reader.end())


def test_the_text_of_2_10_is_read():
    active, deferred, held, expired, folded_one, new = text_messages(TEXT)
    assert active == ('active', '3C1A22D0B5', NOW - 59, 512, 'sender@example.com', (('one@example.net', ''),))
    assert deferred[:5] == ('deferred', '4D2B33E1C6', calendar.timegm((2025, 12, 31, 22, 14, 55)), 1048, '')
    said = ('host mx.example.net[192.0.2.1] said: 450 4.2.0 <a@example.net>: try again (later) '
            '(in reply to RCPT TO command)')
    assert deferred.recipients == (
        ('a@example.net', said), ('b@example.net', said),
        ('c@example.org', 'connect to mx.example.org[2001:db8::1]:25: Connection timed out'))
    assert (held.queue, held.arrival) == ('hold', calendar.timegm((2025, 12, 2, 23, 0, 0)))
    assert (expired.queue, expired.id) == ('active', '6F4D5503E8')
    assert folded_one.recipients == (('e@example.net', 'a reason that somebody has folded into two lines'),)
    assert folded_one.arrival == calendar.timegm((2020, 2, 29, 9, 0, 0))
    assert (new.queue, new.recipients) == ('incoming', (('f@example.net', ''),))


@pytest.mark.parametrize('text', [
    b'Mail queue is empty\n', b'', b'\n\n', b'postqueue: fatal: x\n', b'(x)\n(y\n', b' a\n'])
def test_text_without_mails_gives_none(text):
    assert text_messages(text) == []


@pytest.mark.parametrize('line', [
    b'', b'{', b'null', b'[]', b'{}', b'{"queue_name": "deferred"}', b'\xff\xfe', b'[' * 100000,
    b'{"queue_name":"d","queue_id":"A","arrival_time":"x","message_size":1,"sender":"","recipients":[]}',
    b'{"queue_name":"d","queue_id":"A","arrival_time":1,"message_size":1,"sender":"","recipients":[1]}'])
def test_lines_of_json_that_are_none_are_passed_over(line):
    assert postqueue.Json().line(line) == ()


def test_members_that_are_not_known_are_passed_over():
    message, = postqueue.Json().line(
        b'{"queue_name":"hold","queue_id":"A1","arrival_time":5,"message_size":7,"forced_expire":false,"new":{},'
        b'"sender":"MAILER-DAEMON","recipients":[{"address":"a@b","delay_reason":"x","orig":1},{"address":"c@d"}]}')
    assert message == ('hold', 'A1', 5.0, 7, '', (('a@b', 'x'), ('c@d', '')))


# -- what is gathered --

def test_a_listing_without_end_takes_no_more_memory(monkeypatch):
    """Each mail with a domain and a reason of its own; the limits are smaller here, for they are what is tested."""
    for name in 'REMEMBERED', 'DISTINCT_MOST', 'CACHED':
        monkeypatch.setattr(details, name, 100)
    gathered = Gathering()
    gathered.begin('postqueue-j', NOW, '+0000')
    line = ('{{"queue_name":"deferred","queue_id":"A{0}","arrival_time":{0},"message_size":7,"sender":"s{0}@x.example",'
            '"recipients":[{{"address":"a@{1}.example","delay_reason":"said {1}"}}]}}')
    taken = []
    tracemalloc.start()
    try:
        for number in range(6000):
            word = ''.join(chr(97 + number // 26 ** place % 26) for place in range(3))
            gathered.line(line.format(number, word).encode())
            if number in (2000, 5999):
                taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert taken[1] - taken[0] < 50000
    found = gathered.detail(NOW, 0, 6000, True, 5)
    assert (found.seen, found.total.total, found.domains[0].domain) == (6000, 6000, 'other')



def test_a_mail_that_is_listed_twice_counts_once():
    gathered = Gathering()
    gathered.begin('postqueue-p', NOW, '+0000')
    for line in TEXT.splitlines() + TEXT.splitlines():
        gathered.line(line)
    gathered.finish(True)
    detail = gathered.detail(NOW + 100, 100 - 3600, 6, True, 10)
    assert (detail.seen, sum(detail.total.buckets), detail.share) == (6, 8, 1.0)
    assert [row.domain for row in detail.domains] == ['example.net', 'example.org']
    assert detail.oldest['active'] == NOW - (100 - 3600)      # by our clock


@pytest.mark.parametrize('age_s, bucket', [
    (-5, 0), (0, 0), (299, 0), (300, 1), (599, 1), (600, 2), (76799, 8), (76800, 9), (10 ** 9, 9)])
def test_buckets_double_from_five_minutes_on(age_s, bucket):
    assert bucket_of(age_s) == bucket


@pytest.mark.parametrize('address, domain', [
    ('a@Example.ORG', 'example.org'), ('"x@y"@example.org', 'example.org'), ('a@b@c.example', 'c.example'),
    ('', 'MAILER-DAEMON'), ('root', 'root'), ('a@.x..y.', 'x.y'), ('a@[192.0.2.1]', '[192.0.2.1]')])
def test_domains_are_those_of_qshape(address, domain):
    assert domain_of(address) == domain


@pytest.mark.parametrize('reason, text', [
    ('connect to mx1.example.com[2001:db8::1]:25: Connection timed out', 'connect to HOST: Connection timed out'),
    ('connect to 192.0.2.7[192.0.2.7]:25: Connection refused', 'connect to HOST: Connection refused'),
    ('host a.example[192.0.2.1] refused to talk to me: 421 Too many connections from 192.0.2.9',
     'host HOST refused to talk to me: 421 Too many connections from IP'),
    ('host mx.example[192.0.2.1] said: 450 4.2.1 <u@d.example>: try again in 300 seconds (in reply to RCPT TO command)',
     'host HOST said: 450 4.2.1 ADDRESS: try again in N seconds (in reply to RCPT TO command)'),
    ('Host or domain name not found. Name service error for name=d.example type=MX: Host not found, try again',
     'Host or domain name not found. Name service error for name=HOST type=MX: Host not found, try again'),
    ('host g.example[192.0.2.1] said: 421-4.7.28 [192.0.2.99      15] unusual rate. https://a.example/?p=1 '
     'd2e1a72fcca58-6c3f.si123 - gsmtp (in reply to end of DATA command)',
     'host HOST said: 421-4.7.28 IP unusual rate. URL ID - gsmtp (in reply to end of DATA command)'),
    ('said: 451 4.7.1 Greylisted, come back in 00:05:00', 'said: 451 4.7.1 Greylisted, come back in N:N:N'),
    ('evil \x1b[2J\u202e', 'evil \\x1b[NJ\\u202e'),
])
def test_what_differs_from_mail_to_mail_is_folded_away(reason, text):
    assert folded(reason) == text
