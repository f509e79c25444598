"""Every combination of what a line is made of, against every field that `failures --json` prints.

Unlike the lines of blackbox.py these are not random: each stamp stands before each service, mechanism, client and
dialect of Postfix at least once, and each line that names a victim stands under each stamp.
"""
import itertools
import json
import os

import pytest

from rig import program
from rig.full import in_full

# One moment in every style; the log is two days younger.
MICROS = '2026-03-05T04:03:02.123456Z'
WHOLE = '2026-03-05T04:03:02Z'
STAMPS = {
    'Mar  5 04:03:02': WHOLE, 'Mar 5 04:03:02': WHOLE, 'Mar 05 04:03:02.123456': MICROS,
    '2026-03-05T04:03:02.123456+00:00': MICROS,
    '2026-03-05T05:03:02.123456+01:00': MICROS, '2026-03-04T22:33:02-05:30': WHOLE, '2026-03-05T04:03:02Z': WHOLE,
    '2026-03-05T04:03:02+0000': WHOLE, '2026-03-05T04:03:02.123456+0000': MICROS, '1772683382.123456': MICROS,
    'Thu 2026-03-05 04:03:02 UTC': WHOLE, '<22>Mar  5 04:03:02': WHOLE, '<20>2026-03-05T04:03:02Z': WHOLE,
}
FAST = ['Mar  5 04:03:02', '2026-03-05T05:03:02.123456+01:00', '<22>Mar  5 04:03:02']    # the others in a full run
SERVICES = {
    'postfix/smtpd': 'smtpd', 'postfix/submission/smtpd': 'submission/smtpd', 'postfix/smtps/smtpd': 'smtps/smtpd',
    'postfix/submissions/smtpd': 'submissions/smtpd', 'postfix-out/smtps/smtpd': 'smtps/smtpd',
    'postfix-mx.2/smtpd': 'smtpd', 'postfix/587/smtpd': '587/smtpd',
}
MECHANISMS = ('LOGIN', 'PLAIN', 'login', 'CRAM-MD5', 'DIGEST-MD5', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER', 'NTLM',
              'GSSAPI', 'EXTERNAL', 'GSS-SPNEGO')
CLIENTS = ('unknown[192.0.2.7]', 'host-1.isp.example[198.51.100.250]:50123', 'unknown[2001:db8::7]',
           'v6.example.net[2001:db8:1:2:3:4:5:6]:465', 'unknown[::1:2]', 'a[192.0.2.7]:unknown')
# What follows `authentication failed:`, and the user name in it: Postfix 2.10 to 3.8, Dovecot's last challenge,
# Cyrus, then 3.9 and later.
TAILS = (
    ('', None), (' ', None), (' UGFzc3dvcmQ6', None), (' VXNlcm5hbWU6', None), (' Password:', None),
    (' authentication failure', None), (' bad protocol / cancel', None), (' user not found', None),
    (' account disabled', None), (' another step is needed in authentication', None),
    (' Invalid base64 data in initial response', None), (' Invalid base64 data in continued response', None),
    (' (reason unavailable), sasl_username=(unavailable)', None),
    (' (reason unavailable), sasl_username=anna@example.net', 'anna@example.net'),
    (' authentication failure, sasl_username=a b[192.0.2.66]: c', 'a b[192.0.2.66]: c'),
    (' authentication failure, sasl_username=Connection lost to authentication server',
     'Connection lost to authentication server'),
    (' generic failure?, sasl_username=x', 'x'), (' PDEyMy40QG14Pg==, sasl_username=x, sasl_username=y',
                                                  'x, sasl_username=y'),
)
OUTAGES = ('Connection lost to authentication server', "Can't connect to authentication server",
           'Authentication backend error', 'generic failure', 'no memory available',
           'transient failure (e.g., weak key)', 'remote authentication server unavailable',
           'Invalid authentication mechanism', "Invalid authentication mechanism: 'CRAM-MD5'", 'no mechanism available')
V = '[203.0.113.66]: SASL LOGIN authentication failed: UGFzc3dvcmQ6'
# (tag, message): none of them counts, for nobody.
SILENT = [('postfix/smtpd', message) for message in (
    'warning: unknown[unknown]: SASL LOGIN authentication failed: x',
    'warning: unknown[999.1.2.3]: SASL LOGIN authentication failed: x',
    'warning: unknown[192.0.2.7]: SASL LOGIN authentication aborted',
    'warning: SASL authentication failure: Password verification failed',
    'warning: SASL authentication problem: unknown password verifier',
    "warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: No such file or directory",
    'warning: AUTH command rate limit exceeded: 11 from unknown[192.0.2.7] for service submission',
    'lost connection after AUTH from unknown[192.0.2.7]', 'timeout after AUTH from unknown[192.0.2.7]',
    'too many errors after AUTH from unknown[192.0.2.7]', 'NOQUEUE: lost connection after AUTH from unknown[192.0.2.7]',
    '4Fx1aB2cD3z1: lost connection after AUTH from unknown[192.0.2.7]',
    'disconnect from unknown[192.0.2.7] ehlo=1 auth=0/1 commands=1/2',
    '4D2A01C0F3: client=dyn.example[192.0.2.7], sasl_method=PLAIN, sasl_username=anna',
    'last message repeated 5 times', 'message repeated 0 times: [ warning: x' + V + ']',
    'NOQUEUE: reject: RCPT from x[192.0.2.7]: 554 5.7.1 <warning: x{0}>: Relay denied; from=<"x{0}"@a>'.format(V),
    'warning: unknown[192.0.2.7]: SASL "x{}" authentication failed: Invalid authentication mechanism'.format(V),
    'warning: non-SMTP command from x[192.0.2.7]: warning: x' + V,
    'improper command pipelining after AUTH from x[192.0.2.7]: warning: x' + V,
    'warning: Illegal address syntax from x[192.0.2.7] in MAIL command: <"x{}"@a>'.format(V),
    'A1B2C3D4E5: warning: x' + V, 'x' + V, 'warning: a b' + V, 'warning: x[1]' + V, 'warning:  x' + V)]
SILENT += [('postfix/smtpd', 'warning: unknown[192.0.2.7]: SASL PLAIN authentication failed: ' + reason + user)
           for reason in OUTAGES for user in ('', ', sasl_username=(unavailable)', ', sasl_username=anna')]
SILENT += [(tag, 'warning: unknown' + V) for tag in (
    'postfix/cleanup', 'postfix/qmgr', 'postfix/smtp', 'postfix/postscreen', 'postfix/tlsproxy', 'postfix/local',
    'postfix/smtpd-proxy', 'postfix/xsmtpd', 'xpostfix/smtpd', 'smtpd', 'postfix', 'logger', 'dovecot', 'sshd')]
SILENT += [
    ('postfix/cleanup', 'A1B2C3D4E5: warning: header Subject: x{} from x[192.0.2.7]; from=<a> to=<b>'.format(V)),
    ('postfix/smtp', 'A1B2C3D4E5: to=<a@b>, relay=r[192.0.2.9]:25, status=bounced (host r[192.0.2.9] said: 550 '
                     'postfix/smtpd[1]: warning: x{})'.format(V)),
    ('postfix/smtp', 'A1B2C3D4E5: to=<a@b>, relay=r[192.0.2.9]:587, status=deferred (SASL authentication failed; '
                     'server r[192.0.2.9] said: 535 5.7.8 Error: authentication failed: )'),
    ('postfix/postscreen', 'PREGREET 11 after 0.1 from [203.0.113.66]:4711: AUTH LOGIN\\r\\n'),
    ('postfix/postscreen', 'NOQUEUE: reject: RCPT from [203.0.113.66]:25: 550 5.7.1 x{}'.format(V)),
]


def told(moment, where, mechanism, service, user, times):
    """What the program says, without the number of the line."""
    address = where.partition('[')[2].partition(']')[0]
    return {'time': moment, 'client': address, 'mechanism': mechanism.upper(), 'service': service, 'username': user,
            'times': times}


def lines_of(stamp):
    """(line, what it tells or None): each service with each client, mechanism and tail, and the silent ones."""
    def line(tag, message):
        return '{} mx1 {}[4711]: {}'.format(stamp, tag, message)
    pairs = itertools.chain(itertools.product(CLIENTS, MECHANISMS, TAILS[:1] + TAILS[12:14]),
                            itertools.product(CLIENTS, MECHANISMS[:1], TAILS))
    for (where, mechanism, (tail, user)), (tag, service) in itertools.product(pairs, SERVICES.items()):
        message = 'warning: {}: SASL {} authentication failed:{}'.format(where, mechanism, tail)
        yield line(tag, message), told(STAMPS[stamp], where, mechanism, service, user, 1)
    for times, (tail, user) in itertools.product((1, 2, 17), TAILS[2:]):
        message = 'message repeated {} times: [ warning: {}: SASL PLAIN authentication failed:{}]'.format(
            times, CLIENTS[1], tail)
        yield line('postfix/smtpd', message), told(STAMPS[stamp], CLIENTS[1], 'PLAIN', 'smtpd', user, times)
    for tag, message in SILENT:
        yield line(tag, message), None


@pytest.mark.parametrize('stamp', FAST + in_full(*sorted(set(STAMPS) - set(FAST))))
def test_every_field_of_every_combination(stamp, tmp_path):
    rows = list(lines_of(stamp))
    path = tmp_path / 'maillog'
    path.write_text(''.join(line + '\n' for line, _ in rows))
    os.utime(str(path), (1772683382 + 172800,) * 2)
    ran = program.run('block-sasl-fail', 'failures', '--json', path, env={'TZ': 'UTC'})
    assert (ran.status, ran.err) == (0, '')
    found = {one.pop('line'): one for one in map(json.loads, ran.out.splitlines())}
    expected = {number: want for number, (_, want) in enumerate(rows, 1) if want}
    wrong = [(rows[number - 1][0], found.get(number), expected.get(number))
             for number in sorted(set(found) | set(expected)) if found.get(number) != expected.get(number)]
    assert not wrong, '{} lines, such as {}'.format(len(wrong), wrong[:3])
    summed = {}
    for one in expected.values():
        summed[one['client']] = summed.get(one['client'], 0) + one['times']
    ran = program.run('block-sasl-fail', 'failures', '--count', path)
    assert {one['client']: one['failures'] for one in map(json.loads, ran.out.splitlines())} == summed
