"""Is the clock right?  Signatures, certificates, greylisting and logs depend on it.

The host's own time servers, as chrony, ntpd or timesyncd are set, are asked by SNTP; where none is set, the kernel
says whether anything keeps its clock (adjtimex(2)).
"""
import ctypes
import re

from mailtools.base.failure import Failure, reason_of
from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.said import critical, good, unknown, warning

NAMES = ('clock',)
WRONG_S, BAD_S = 2, 60
MOST = 3                        # servers that are asked, until one answers
FILES = ('/etc/chrony.conf', '/etc/chrony/chrony.conf', '/etc/ntp.conf', '/etc/ntpsec/ntp.conf',
         '/etc/systemd/timesyncd.conf')
SERVER = re.compile(r'^[ \t]*(?:(?:server|pool|peer)[ \t]+(\S+)|(?:Fallback)?NTP=[ \t]*(\S.*))', re.M | re.I)
TIME_ERROR = 5                  # of adjtimex: not synchronised
FIX = 'systemctl restart chronyd && chronyc makestep   (or ntpd, systemd-timesyncd)'


def find(host):
    """The Finding."""
    if not host.live:
        return []
    servers = [one for text in map(host.read, FILES) if text for one in servers_in(text)][:MOST]
    said = []
    for server in servers:
        try:
            return [judge(probes.clock_offset(server), server)]
        except OSError as error:
            said.append('{}: {}'.format(server, reason_of(error)))
    if servers:
        return [warning('clock', 'no time server answers: {}'.format('; '.join(said)), FIX)]
    return [judge_kernel(kept())]


def servers_in(text):
    """The time servers that a settings file names."""
    return [one for found in SERVER.findall(text) for one in ' '.join(found).split()]


def judge(offset_s, server):
    """offset_s: seconds by which the clock is behind the server's."""
    off = 'the clock is {:.1f} s {} {}'.format(abs(offset_s), 'behind' if offset_s > 0 else 'ahead of', server)
    if abs(offset_s) >= BAD_S:
        return critical('clock', off + ': signatures and certificates are judged wrongly', FIX)
    if abs(offset_s) >= WRONG_S:
        return warning('clock', off, FIX)
    return good('clock', 'the clock agrees with {}'.format(server))


def kept():
    """Whether something keeps the kernel's clock right; raises Failure where the kernel does not tell."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))    # modes 0: only asks
    except (OSError, AttributeError) as error:
        raise Failure('the kernel does not tell of its clock: {}'.format(error))
    return 0 <= state < TIME_ERROR if state >= 0 else None


def judge_kernel(synchronised):
    """Of a host that names no time server: True, False, or None where the kernel may not be asked."""
    if synchronised:
        return good('clock', 'the kernel says that its clock is kept right')
    if synchronised is None:
        return unknown('clock', 'no time server is set, and the kernel may not be asked', 'install chrony')
    return warning('clock', 'nothing keeps the clock right: no time server is set', 'install chrony, and start chronyd')
