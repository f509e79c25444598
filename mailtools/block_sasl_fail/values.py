"""What a mail log says about one try to log in: the value that parser, score and commands share."""
from typing import NamedTuple, Optional

FAILURE = 'failure'             # a wrong password, or what looks like one
LOGIN = 'login'                 # a client that was let in sends a mail
OUTAGE = 'outage'               # the server could not ask: says nothing about the client
UNSUPPORTED = 'unsupported'     # a mechanism that the server does not have: no guess at a password
ABORTED = 'aborted'             # the client gave up halfway


class Attempt(NamedTuple):
    """One line of the log about SASL.

    All text is decoded from UTF-8; what is no UTF-8 is U+FFFD.
    """

    time: float                 # seconds since the epoch, UTC
    client: str                 # address: IPv6 compressed, IPv4-mapped as IPv4; '' where the line names none
    mechanism: str              # upper case; '' where the line names none
    service: str                # the syslog name after its first slash: 'smtpd', 'submission/smtpd'
    username: Optional[str]     # None where Postfix does not give it
    times: int                  # as often as rsyslog says that the message was repeated, else 1
    reason: str                 # what Postfix says after `authentication failed:`, else ''
    kind: str                   # FAILURE, LOGIN, OUTAGE, UNSUPPORTED or ABORTED
    line: int                   # the number of the line, from 1; 0: not counted
    offset: int                 # of the first byte of the line in the file; -1: not known
