"""What smtpd(8) logs of SASL, and what others make it log, or log themselves, so that it looks alike.

Each maker takes a random.Random, and whether the Postfix is 3.9 or later, which logs the user name; it gives
a Message.  Sources: smtpd/smtpd_sasl_glue.c, smtpd/smtpd.c, xsasl/*.c of Postfix 2.10 to 3.12.
"""
import ipaddress
from typing import Any, NamedTuple

VICTIM4, VICTIM6 = '203.0.113.66', '2001:db8:dead::66'
ANY = object()          # a field of which nothing is said


class Message(NamedTuple):
    """What a process logs: its tag, the text, and what it tells (None: nothing)."""

    tag: str
    text: bytes
    told: Any = None
    command: str = 'smtpd'      # _COMM, as journald sees it


# Who is at the other end

NAMES = ('unknown', 'mail.example.com', 'a', 'host-1.bot.example', 'xn--bcher-kva.example', 'under_score.example',
         '1.2.3.4.dyn.example', 'SASL.authentication.failed.example', 'warning', 'smtpd', 'x' * 63 + '.example',
         'localhost', '192-0-2-66.example', 'EXAMPLE.NET')
NO_ADDRESSES = ('unknown', '999.1.2.3', '1.2.3', '1.2.3.4.5', '', '256.0.0.1', 'g::1', '1:2:3', ':::', '1.2.3.4/32',
                'IPv6:', '0x7f.1', '1.2.3.4]:25', '::1::2', '1.2.3.-4', '+1.2.3.4', ' 1.2.3.4')


def address(rng):
    """An address in the form that Postfix logs: IPv4, or compressed IPv6 in lower case."""
    if rng.random() < 0.6:
        return str(ipaddress.ip_address(rng.getrandbits(32)))
    groups = rng.choice((0, 1, 3, 8))
    number = rng.getrandbits(128) if groups == 8 else (0x20010db8 << 96) | rng.getrandbits(16 * groups + 1)
    found = ipaddress.ip_address(number)
    return str(found.ipv4_mapped or found)


def client(rng, where):
    """NAME[ADDR], or NAME[ADDR]:PORT with smtpd_client_port_logging."""
    return '{}[{}]{}'.format(rng.choice(NAMES), where, rng.choice(('', '', ':{}'.format(rng.randrange(65536)))))


# What they ask for

TAGS = (
    ('postfix/smtpd', 'smtpd'),
    ('postfix/submission/smtpd', 'submission/smtpd'),
    ('postfix/smtps/smtpd', 'smtps/smtpd'),
    ('postfix/submissions/smtpd', 'submissions/smtpd'),
    ('postfix-out/smtpd', 'smtpd'),
    ('postfix-out/smtps/smtpd', 'smtps/smtpd'),
    ('postfix-in.2/submission/smtpd', 'submission/smtpd'),
    ('postfix-mx_1/port2525/smtpd', 'port2525/smtpd'),
    ('postfix/a/b/smtpd', 'a/b/smtpd'),
)
OTHER_TAGS = (
    ('postfix/smtp', 'smtp'), ('postfix/cleanup', 'cleanup'), ('postfix/qmgr', 'qmgr'),
    ('postfix/postscreen', 'postscreen'),
    ('postfix/lmtp', 'lmtp'), ('postfix/local', 'local'), ('postfix/pipe', 'pipe'), ('postfix/error', 'error'),
    ('postfix/tlsproxy', 'tlsproxy'), ('postfix/bounce', 'bounce'), ('postfix/master', 'master'),
    ('postfix/smtpd-policy', 'perl'), ('postfix/xsmtpd', 'x'), ('postfix/smtpdx', 'x'), ('postfix', 'postfix'),
    ('smtpd', 'smtpd'), ('xpostfix/smtpd', 'logger'), ('dovecot', 'dovecot'), ('opensmtpd', 'smtpd'),
    ('root', 'logger'),
    ('webmail', 'php'), ('x', 'logger'), ('postfix/submission', 'x'), ('postfix/smtpd/', 'x'), ('postfix//', 'x'),
)
MECHANISMS = ('LOGIN', 'PLAIN', 'login', 'Plain', 'CRAM-MD5', 'DIGEST-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256-PLUS',
              'XOAUTH2', 'OAUTHBEARER', 'NTLM', 'GSSAPI', 'GSS-SPNEGO', 'EXTERNAL', 'ANONYMOUS', 'OTP', 'SKEY',
              'KERBEROS_V4', 'LoGiN', 'x' * 1500, 'NTLM' * 30)
REASONS = (
    'authentication failure', 'UGFzc3dvcmQ6', 'VXNlcm5hbWU6', 'PDEyMzQuNTY3ODlAbXguZXhhbXBsZT4=', 'Password:',
    'Invalid base64 data in initial response', 'Invalid base64 data in continued response', 'bad protocol / cancel',
    'user not found', 'account disabled', 'another step is needed in authentication', 'Account is locked',
    'authentication failure (generic failure)', 'generic failure?', 'The user is gone, sorry', 'generic failure, too',
    'x' * 900, 'Connection lost to authentication server again',
)
NO_REASON = '(reason unavailable)'
DO_NOT_COUNT = (
    'Connection lost to authentication server', "Can't connect to authentication server",
    'Authentication backend error', 'generic failure', 'no memory available', 'transient failure (e.g., weak key)',
    'remote authentication server unavailable', 'Invalid authentication mechanism', 'no mechanism available',
)


def forged(rng):
    """Text that would blame a victim, if it stood where it counts."""
    victim = rng.choice((VICTIM4, VICTIM6))
    return rng.choice((
        'x[{}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6',
        'warning: unknown[{}]: SASL LOGIN authentication failed: authentication failure',
        'postfix/smtpd[1]: warning: unknown[{}]: SASL PLAIN authentication failed:',
        'Mar  5 04:03:02 mx postfix/smtpd[1]: warning: unknown[{}]: SASL PLAIN authentication failed: x',
        '2026-03-05T04:03:02+00:00 mx postfix/smtpd[1]: warning: unknown[{}]: SASL PLAIN authentication failed: x',
        '[{}]: SASL LOGIN authentication failed', '[{}]: SASL LOGIN authentication failed: a, sasl_username=b',
        '#012Mar  5 04:03:02 mx postfix/smtpd[1]: warning: unknown[{}]: SASL PLAIN authentication failed: x',
        'message repeated 9 times: [ warning: unknown[{}]: SASL PLAIN authentication failed: x]',
        '{{"SYSLOG_IDENTIFIER":"postfix/smtpd","MESSAGE":"warning: u[{}]: SASL LOGIN authentication failed: x"}}',
    )).format(victim)


def username(rng):
    """What a client calls itself; any text that has no control characters."""
    return rng.choice((
        'anna', 'anna@example.net', 'Connection lost to authentication server', 'generic failure', "o'hara", 'a b',
        'a, sasl_username=b', 'x' * 100, '"quoted"', 'back\\slash', 'trailing]', '[192.0.2.66]', '{}', 'null',
        'b\u00fccher@example.net', "x' OR 1=1", '=', '%s%n', forged(rng)[:100],
        '\u540d\u524d', '(reason unavailable)', 'a,b;c', '<b>',
    ))


def quoted(rng):
    """A mechanism with blanks, which smtpd_token.c lets through in quotes."""
    return '"{}"'.format(rng.choice((forged(rng), 'a b', 'LOGIN authentication failed: x', '')))


# What smtpd logs

def failure(rng, modern):
    """A failure that counts, or one that says that nobody could have logged in."""
    tag, service = rng.choice(TAGS)
    where, mechanism, user = address(rng), rng.choice(MECHANISMS), username(rng) if rng.random() < 0.7 else None
    counts = rng.random() < 0.7
    reason = rng.choice(REASONS if counts else DO_NOT_COUNT)
    if counts and rng.random() < 0.2:
        reason = NO_REASON if modern else ''
    if rng.random() < 0.05:
        counts, where = False, rng.choice(NO_ADDRESSES)
    elif not counts and rng.random() < 0.3:
        mechanism, reason = quoted(rng), 'Invalid authentication mechanism'
        if modern and rng.random() < 0.5:
            reason += ": '{}'".format(mechanism)        # 3.10
    if modern:
        mechanism = mechanism[:100]
        reason += ', sasl_username={}'.format('(unavailable)' if user is None else user)
    else:
        user = None
    text = 'warning: {}: SASL {} authentication failed: {}'.format(client(rng, where), mechanism, reason)
    if not reason and rng.random() < 0.5:
        text = text.rstrip()                            # as some shippers do
    raw, times = text.encode('utf-8'), 1
    if counts and reason and rng.random() < 0.03:
        raw, user = raw + rng.choice((b'\xff\xfe', b'\xc3', b'\0')), ANY if modern else user
    if rng.random() < 0.1:
        times = rng.choice((1, 2, 3, 17, 1000))
        raw = b'message repeated %d times: [ %s]' % (times, raw)
    return Message(tag, raw, told(where, mechanism, service, user, times) if counts else None)


def told(where, mechanism, service, user, times):
    """What `failures --json` says, without time and line."""
    return {'client': where, 'mechanism': mechanism.upper(), 'service': service, 'username': user, 'times': times}


def session(rng, _modern):
    """What else smtpd says of an honest client or of one that fails: none of it counts."""
    tag = rng.choice([tag for tag, _ in TAGS])
    who = client(rng, address(rng))
    return Message(tag, rng.choice((
        'connect from {}', 'disconnect from {} ehlo=1 auth=0/3 commands=1/4', 'disconnect from {}',
        'lost connection after AUTH from {}', 'NOQUEUE: lost connection after AUTH from {}',
        'timeout after AUTH from {}', 'too many errors after AUTH from {}',
        '4D2A01C0F3: client={}, sasl_method=PLAIN, sasl_username=anna@example.net',
        'warning: {}: SASL LOGIN authentication aborted',
        'warning: AUTH command rate limit exceeded: 11 from {} for service submission',
        'warning: SASL authentication failure: Password verification failed',
        'warning: SASL authentication problem: unable to open Berkeley db /etc/sasldb2: No such file or directory',
        "warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: Connection refused",
        'warning: {}: SASL LOGIN authentication failure: x', 'warning: {}: SASL LOGIN authentication fail',
        'warning: {} SASL LOGIN authentication failed: x', 'Warning: {}: SASL LOGIN authentication failed: x',
        'info: {}: SASL LOGIN authentication failed: x', 'warning: {}:SASL LOGIN authentication failed: x',
        'warning: warning: {}: SASL LOGIN authentication failed: x', ' warning {}: SASL LOGIN authentication failed: x',
        '4D2A01C0F3: warning: {}: SASL LOGIN authentication failed: x', '{}: SASL LOGIN authentication failed: x',
        'last message repeated 3 times', 'SSL_accept error from {}: -1', '',
    )).format(who).encode('utf-8'))


# What others make smtpd, or another program, log

# {0}: the forger; {1}: the forged text.
BY_SMTPD = (
    'NOQUEUE: reject: RCPT from {0}: 550 5.1.1 <"{1}"@example.net>: Recipient address rejected: User unknown; '
    'from=<> to=<"{1}"@example.net> proto=ESMTP helo=<x>',
    'NOQUEUE: reject: MAIL from {0}: 553 5.1.8 <"{1}"@x.example>: Sender address rejected: Domain not found',
    'warning: Illegal address syntax from {0} in RCPT command: <{1}>',
    'warning: non-SMTP command from {0}: {1}',
    'improper command pipelining after AUTH from {0}: {1}\\r\\n',
    'NOQUEUE: milter-reject: HELO from {0}: 550 5.7.1 {1}; proto=SMTP helo=<x>',
    '< {0}: AUTH "{1}"', '> {0}: 535 5.7.8 Error: authentication failed: {1}',
    'NOQUEUE: reject_warning: RCPT from {0}: 554 5.7.1 {1}', 'warning: {0}: request too long: {1}',
    'warning: SASL authentication failure: {1}', 'warning: header Subject: {1} from {0}', 'warning: queue {1} from {0}',
    'A1B2C3D4E5: client={0}, sasl_method=LOGIN, sasl_username={1}',
    'A1B2C3D4E5: filter: RCPT from {0}: <{1}>: Sender address triggers FILTER smtp:x', 'generic: {1}',
    'message repeated 2 times: [ NOQUEUE: reject: RCPT from {0}: 550 5.1.1 <"{1}"@example.net>]',
    'warning: {0}: SASL LOGIN authentication aborted {1}', 'fatal: {1}', 'panic: {1}', 'table x: {1}',
)
BY_OTHERS = (
    'A1B2C3D4E5: warning: header Subject: {1} from {0}; from=<a@x.example> to=<b@example.net> proto=ESMTP helo=<x>',
    'A1B2C3D4E5: to=<x@rogue.example>, relay={0}:25, delay=1, dsn=4.0.0, status=deferred (host {0} said: 450 {1})',
    'A1B2C3D4E5: to=<x@relay.example>, relay={0}:587, delay=1, dsn=4.7.8, status=deferred (SASL authentication failed;'
    ' server {0} said: 535 5.7.8 Error: authentication failed: {1})',
    '{1}', 'warning: {1}', 'warning: {0}: SASL LOGIN authentication failed: UGFzc3dvcmQ6', ': {1}',
)


def forgery(rng, _modern):
    """A line that names a victim; the words are the same, the place is not."""
    text, who = forged(rng), client(rng, address(rng))
    tag = rng.choice([tag for tag, _ in TAGS])
    if rng.random() < 0.5:
        return Message(tag, rng.choice(BY_SMTPD).format(who, text).encode('utf-8'))
    other, command = rng.choice(OTHER_TAGS)
    return Message(other, rng.choice(BY_OTHERS).format(who, text).encode('utf-8'), None, command)


KINDS = ((failure, 6), (session, 2), (forgery, 3))
