"""What a failure line is, slowly and plainly, and lines to try a faster reader with.

reference() is written from the format strings of Postfix's source, with str.index() and no pattern:

    smtpd_sasl_glue.c, 2.10   msg_warn("%s: SASL %s authentication failed: %s", namaddr, method, reason)
    smtpd_sasl_glue.c, 3.9    msg_warn("%s: SASL %.100s authentication failed: %s, sasl_username=%.100s", ...)
    smtpd_peer.c              namaddr = NAME[ADDR], with smtpd_client_port_logging NAME[ADDR]:PORT

It knows traditional stamps and RFC 3339 only, which is what lines() makes.
"""
import ipaddress
import random

from mailtools.block_sasl_fail import patterns

SERVICES = ('smtpd', 'submission/smtpd', 'smtps/smtpd', 'a/b/smtpd')
TAGS = ('postfix', 'postfix-out', 'postfix2')
OTHER_TAGS = ('postfix/cleanup', 'postfix/smtp', 'webmail', 'smtpd', 'postfix/smtpdx', 'dovecot')
MECHANISMS = ('LOGIN', 'PLAIN', 'login', 'CRAM-MD5', 'SCRAM-SHA-256', 'xoauth2', 'X' * 300)
ODD_MECHANISMS = ('"a b"', '"x[192.0.2.66]: SASL LOGIN authentication failed: y"', '<a b>', '[a b]')
REASONS = ('', 'UGFzc3dvcmQ6', 'VXNlcm5hbWU6', 'authentication failure', 'user not found', '(reason unavailable)',
           'Invalid base64 data in initial response', 'Invalid authentication mechanism is my name')
USERNAMES = ('(unavailable)', 'anna@example.net', 'a, b', 'x[192.0.2.66]: SASL LOGIN authentication failed: y',
             'Connection lost to authentication server', 'generic failure', 'x, sasl_username=y', ']', ' ',
             'x authentication failed: Invalid authentication mechanism')
CLIENTS = ('192.0.2.1', '198.51.100.250', '2001:db8::7', '2001:db8:bad:1::1001', '::ffff:192.0.2.9')
NO_CLIENTS = ('unknown', '999.1.2.3', '192.0.2', '192.0.02.1', '2001:db8:::7', '')
STAMPS = ('Mar  5 04:03:02', 'Dec 31 23:59:59', '2026-03-05T04:03:02.123456+01:00', '2026-03-05T04:03:02Z')
HOSTS = ('mx1', 'mx1.example.net', '192.0.2.25')


def reference(line):
    """(client, mechanism, service, username) of a failure; None for any other line."""
    try:
        head, message = line.split(']: ', 1)
        place, process = head.rsplit('[', 1)
        stamp, host, tag = split_head(place)
        who, text = message[len('warning: '):].split(': SASL ', 1)
        name, address = who.split('[', 1)
        address, port = address.split(']', 1)
        mechanism, reason = text.split(' authentication failed:', 1)
    except ValueError:
        return None
    proper = (is_stamp(stamp) and process.isdigit() and message.startswith('warning: ')
              and tag.startswith('postfix') and tag.endswith('/smtpd') and not set(tag) & set('[]:"')
              and '' not in tag.split('/')
              and name and not set(name) & set(' []') and not set(mechanism) & set(' "<>[]\\') and mechanism
              and (not port or port[0] == ':' and (port[1:].isdigit() and len(port) < 7 or port == ':unknown'))
              and (not reason or reason.startswith(' ')) and not host.endswith(':') and not set(host) & set('[]'))
    if not proper:
        return None
    reason, _, username = reason[1:].partition(', sasl_username=')
    client = canonical(address)
    if client is None or not counts(reason):
        return None
    return (client, mechanism.upper(), tag.split('/', 1)[1],
            username if username not in ('', '(unavailable)') else None)


def split_head(place):
    """Stamp, host and tag; ValueError."""
    if place[:1].isdigit():
        return place.replace(' ', 'T', 1).split(' ') if place[10:11] == ' ' else place.split(' ')
    if place[15:16] != ' ':
        raise ValueError(place)
    host, tag = place[16:].split(' ')
    return place[:15], host, tag


def shape_of(text):
    """The text with 9 for each digit, A and a for letters."""
    return ''.join('9' if one in '0123456789' else 'a' if one.islower() else 'A' if one.isupper() else one
                   for one in text)


def is_stamp(text):
    """Whether it is one of the two styles."""
    shape = shape_of(text)
    if shape in ('Aaa  9 99:99:99', 'Aaa 99 99:99:99'):
        return text[4] in ' 0123'
    rest = text[19:].lstrip('.,0123456789') if text[19:20] in ('.', ',') else text[19:]
    fraction = text[19:len(text) - len(rest)]
    return (shape[:19] in ('9999-99-99A99:99:99', '9999-99-99 99:99:99') and text[10] in 'T '
            and (not fraction or shape_of(fraction[1:]) in ['9' * digits for digits in range(1, 10)])
            and (rest in ('', 'Z') or shape_of(rest) in ('+99:99', '-99:99', '+9999', '-9999')))


def canonical(address):
    """The address as Postfix prints it; None."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if found.version == 4:
        return address if str(found) == address else None
    return str(found.ipv4_mapped or found)


def counts(reason):
    """Whether the client is to blame."""
    return not (reason in patterns.OUTAGES or reason in patterns.NO_MECHANISMS
                or reason.startswith("Invalid authentication mechanism: '"))


def lines(seed, number):
    """So many lines: failures, what looks like them, and damaged ones."""
    chance = random.Random(seed)
    return [one_line(chance) for _ in range(number)]


def one_line(chance):
    """One line without its end."""
    pick = chance.choice
    tag = '{}/{}'.format(pick(TAGS), pick(SERVICES)) if chance.random() < .85 else pick(OTHER_TAGS)
    client = pick(CLIENTS) if chance.random() < .9 else pick(NO_CLIENTS)
    who = '{}[{}]{}'.format(pick(('unknown', 'host-1.example')), client, pick(('', '', ':2525', ':unknown')))
    mechanism = pick(MECHANISMS) if chance.random() < .9 else pick(ODD_MECHANISMS)
    reason = pick(REASONS) if chance.random() < .8 else pick(patterns.OUTAGES + patterns.NO_MECHANISMS)
    username = ', sasl_username=' + pick(USERNAMES) if chance.random() < .5 else ''
    line = '{} {} {}[{}]: warning: {}: SASL {} authentication failed: {}{}'.format(
        pick(STAMPS), pick(HOSTS), tag, chance.randrange(100000), who, mechanism, reason, username)
    return damaged(chance, line) if chance.random() < .4 else line


def damaged(chance, line):
    """The line with something cut out, put in, doubled, or changed."""
    at, to = sorted(chance.randrange(len(line)) for _ in range(2))
    to = min(to, at + 12)
    way = chance.randrange(5)
    if way == 0:
        return line[:at] + line[to:]
    if way == 1:
        put = chance.choice((' ', '[', ']', ': ', '"', 'warning: ', ']: SASL ', '[192.0.2.66]'))
        return line[:at] + put + line[at:]
    if way == 2:
        return line[:to] + line[at:]
    if way == 3:
        return line[:at] + chance.choice('x9Z :[]-') + line[at + 1:]
    return chance.choice((' ', 'x', 'x: ', line[:at])) + line
