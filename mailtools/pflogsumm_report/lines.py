"""Lines of Postfix that are counted -> their parts, all of a stretch at once.

    STAMP HOST INSTANCE/[SERVICE/]DAEMON[PID]: [QUEUE-ID: ]KIND...

What Postfix logs is anchored at the begin of its text, so that nothing that a stranger wrote (a subject, a reply, a HELO)
is taken for it.  The last element of the tag is the daemon, and whatever is before it names the instance
(multi_instance_name, syslog_name) and the service.  [ID 197553 mail.info] is of Solaris.
"""
import re
from typing import Dict

DAEMONS = (b'smtpd', b'smtp', b'lmtp', b'local', b'virtual', b'pipe', b'error', b'discard', b'qmgr', b'nqmgr', b'oqmgr',
           b'cleanup', b'pickup', b'bounce', b'postscreen', b'master', b'trivial-rewrite', b'tlsproxy', b'proxymap',
           b'anvil', b'scache', b'verify', b'flush', b'showq', b'postlogd', b'dnsblog', b'tlsmgr', b'spawn', b'qmqpd')

# After the id of the mail, or alone. What cleanup's header_checks say of a Subject is no trouble, and is logged for
# each mail of some hosts.
TOTALS = (br'client=', br'from=<', br'to=<', br'removed', br'uid=', br'sender=',
          br'(?:milter-)?(?:reject|hold|discard): ', br'reject_warning: ', br'warning: (?:header (?!Subject:)|body )')
DETAIL = (br'connect from ', br'(?:Anonymous|Untrusted|Trusted|Verified) TLS connection established (?:to|from) ',
          br'warning: (?!header )', br'fatal: ', br'panic: ')

# What follows to=<: delivery agents by way of log_adhoc(3), src/global/log_adhoc.c.  An address may hold a >.
DELIVERY = re.compile(
    br'([^>]*(?:>(?!, )[^>]*)*)>, (?:orig_to=<[^>]*(?:>(?!, )[^>]*)*>, )?relay=([^,]+), (?:conn_use=[^,]+, )?'
    br'delay=([^,]+), (?:delays=([^,]+), )?(?:dsn=[^,]+, )?status=(\w+)(.*)')
# What follows from=<: src/qmgr/qmgr_active.c.
ORIGIN = re.compile(br'(.*)>, size=(\d+)')
# What follows discard: and the like from cleanup: src/cleanup/cleanup_message.c, cleanup_milter.c.
CONTENT = re.compile(br'(?:header|body|END-OF-MESSAGE) ')

_patterns: Dict[tuple, 're.Pattern'] = {}


def counted(width, detail):
    """The pattern whose findall() gives (host and instance, service and daemon, queue id, kind, the rest of the line).

    The text begins with a line end.
    width: bytes of the stamps, with the blank.
    """
    key = width, detail
    if key not in _patterns:
        kinds = b'|'.join(TOTALS + DETAIL if detail else TOTALS)
        _patterns[key] = re.compile(
            br'\n.{%d}(\S+ [^/\s\[]+)/([^\s\[]+)\[\d+\]: (?:\[ID \d+ [^\]]+\] )?(?:(\w+): )?(%s)(.*)' % (width, kinds))
    return _patterns[key]


def queued(width):
    """The pattern that finds what opens and closes a mail in the queue: (instance, queue id, sender, size or '')."""
    key = width, None
    if key not in _patterns:
        _patterns[key] = re.compile(
            br'\n.{%d}(\S+ [^/\s\[]+)/(?:[^\s\[]+/)?[no]?qmgr\[\d+\]: (?:\[ID \d+ [^\]]+\] )?(\w+): '
            br'(?:from=<(.*)>, size=(\d+)|removed)' % width)
    return _patterns[key]


def is_postfix(instance, service):
    """Whether a line is of Postfix: `mx1 postfix-out` and `submission/smtpd`."""
    return instance.partition(b' ')[2].startswith(b'postfix') or service.rpartition(b'/')[2] in DAEMONS
