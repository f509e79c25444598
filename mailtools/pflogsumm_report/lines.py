"""Lines of Postfix that are counted -> their parts, all of a stretch at once.

    STAMP HOST INSTANCE/[SERVICE/]DAEMON[PID]: [QUEUE-ID: ]KIND...

What Postfix logs is anchored at the begin of its text, so that nothing that a stranger wrote (a subject, a reply, a
HELO) is taken for it.  The last element of the tag is the daemon, and whatever is before it names the instance
(multi_instance_name, syslog_name) and the service.  [ID 197553 mail.info] is of Solaris.
"""
import re
from typing import Dict, NamedTuple

DAEMONS = (b'smtpd', b'smtp', b'lmtp', b'local', b'virtual', b'pipe', b'error', b'discard', b'qmgr', b'nqmgr', b'oqmgr',
           b'cleanup', b'pickup', b'bounce', b'postscreen', b'master', b'trivial-rewrite', b'tlsproxy', b'proxymap',
           b'anvil', b'scache', b'verify', b'flush', b'showq', b'postlogd', b'dnsblog', b'tlsmgr', b'spawn', b'qmqpd')

# After the id of the mail. What cleanup's header_checks say of a Subject is no trouble, and may be said of each mail.
OF_MAIL = (br'client=', br'from=<', br'to=<', br'removed', br'uid=', br'sender=',
           br'(?:milter-)?(?:reject|hold|discard): ', br'reject_warning: ', br'warning: (?:header (?!Subject:)|body )')
# Without one.
ALONE = (br'(?:reject|reject_warning|hold|discard): ',)
DETAIL = ALONE + (br'connect from ', br'warning: ', br'fatal: ', br'panic: ',
                  br'(?:Anonymous|Untrusted|Trusted|Verified) TLS connection established (?:to|from) ')

# What smtpd says of most connections: to pass over it early takes less time.
PASSED_OVER = br'(?!(?:dis)?connect |Anonymous )'

# What follows to=<: delivery agents by way of log_adhoc(3), src/global/log_adhoc.c.  An address may hold a >.
DELIVERY = re.compile(
    br'([^>]*(?:>(?!, )[^>]*)*)>, (?:orig_to=<[^>]*(?:>(?!, )[^>]*)*>, )?relay=([^,]+), (?:conn_use=[^,]+, )?'
    br'delay=([^,]+), (?:delays=([^,]+), )?(?:dsn=[^,]+, )?status=(\w+)(.*)')
# What follows discard: and the like from cleanup: src/cleanup/cleanup_message.c, cleanup_milter.c.
CONTENT = re.compile(br'(?:header|body|END-OF-MESSAGE) ')

_patterns: Dict[tuple, 're.Pattern'] = {}


def counted(width, detail):
    """The pattern whose findall() gives (host and tag, queue id, kind of OF_MAIL, kind without an id, the rest).

    The text begins with a line end.
    width: bytes of the stamps, with the blank.
    """
    key = width, detail
    if key not in _patterns:
        _patterns[key] = re.compile(
            br'\n.{%d}(\S+ [^\s\[]+)\[\d+\]: %s(?:\[ID \d+ [^\]]+\] )?(?:(\w+): (%s)|(%s))(.*)' % (
                width, b'' if detail else PASSED_OVER, b'|'.join(OF_MAIL), b'|'.join(DETAIL if detail else ALONE)))
    return _patterns[key]


def queued(width):
    """The pattern that finds what opens and closes a mail in the queue: (host and tag, id, size or '')."""
    key = width, None
    if key not in _patterns:
        _patterns[key] = re.compile(
            br'\n.{%d}(\S+ [^\s\[]*qmgr)\[\d+\]: (?:\[ID \d+ [^\]]+\] )?(\w+): '
            br'(?:from=<.*>, size=(\d+)|removed)' % width)
    return _patterns[key]


class Tag(NamedTuple):
    """Who wrote a line."""

    instance: bytes         # host and instance: `mx1 postfix-out`
    service: bytes          # `submission/smtpd`
    daemon: bytes           # `smtpd`
    name: bytes             # `postfix-out/submission/smtpd`


def tag_of(text):
    """The Tag of `mx1 postfix/submission/smtpd`; None when that is not of Postfix."""
    host, _, name = text.partition(b' ')
    instance, slash, service = name.partition(b'/')
    daemon = service.rpartition(b'/')[2]
    if not slash or not (instance.startswith(b'postfix') or daemon in DAEMONS):
        return None
    return Tag(host + b' ' + instance, service, daemon, name)
