"""An SMTP dialogue that asks and never sends: every transaction ends with RSET before DATA, and the session with QUIT.

There is no DATA in this file, so no mail can be accepted by what it does.
"""
import contextlib
import smtplib
import ssl
import time
from typing import Any, Dict, List, NamedTuple, Tuple

from mailtools.base.failure import one_line, reason_of

HELO = 'mailsystem-check.invalid'       # no name of ours, which a host refuses; RFC 6761: nobody has it
STEP_S = 20                             # for one reply, beside the pause that strangers have to wait
SESSION_S = 75


class Reply(NamedTuple):
    """What a server says to one command."""

    code: int
    text: str


class Heard(NamedTuple):
    """What was heard in one session.  error: why it ended early, '' when it did not."""

    greeting: Reply
    features: Dict[str, str]                    # of EHLO, in the clear
    tls_features: Dict[str, str]                # of EHLO after STARTTLS; empty without
    replies: Tuple[Tuple[str, Reply], ...]      # (recipient, what RCPT TO heard, or MAIL FROM where that was refused)
    error: str


def converse(host, port, source=None, recipients=(), pause_s=0, tls=False, wrapped=False):
    """Heard of one session.

    source: the address to come from.  recipients: each is tried in a transaction of its own, from nobody (<>).
    pause_s: how long strangers are kept waiting.  tls: go on after STARTTLS.  wrapped: the port speaks TLS from the
    start.  Certificates are judged elsewhere, not here.
    """
    heard = Conversation(recipients, tls)
    options: Dict[str, Any] = {'timeout': STEP_S + pause_s, 'local_hostname': HELO}
    options['source_address'] = (source, 0) if source else None
    try:
        client = smtplib.SMTP_SSL(host, port, context=any_certificate(), **options) if wrapped else \
            smtplib.SMTP(host, port, **options)
        try:
            heard.go(client)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
    except smtplib.SMTPConnectError as refused:
        heard.greeting = reply((refused.smtp_code, refused.smtp_error))
    except OSError as error:                    # SMTPException is one
        heard.error = one_line(error) if isinstance(error, smtplib.SMTPException) else reason_of(error)
    except ValueError as error:                 # a reply that is none
        heard.error = one_line(error)
    return heard.result()


class Conversation:
    """One session as it goes."""

    def __init__(self, recipients, tls):
        self.recipients, self.tls = recipients, tls
        self.greeting = Reply(0, '')            # 0: none was heard
        self.features: Dict[str, str] = {}
        self.tls_features: Dict[str, str] = {}
        self.replies: List[Tuple[str, Reply]] = []
        self.error = ''
        self.end = time.monotonic() + SESSION_S

    def go(self, client):
        """Speak, with a client that was greeted; raises what smtplib raises."""
        self.greeting = Reply(220, '')
        self.features = ehlo(client)
        if self.tls and 'starttls' in self.features:
            said = reply(client.starttls(context=any_certificate()))
            if said.code == 220:
                self.tls_features = ehlo(client)
        for recipient in self.recipients:
            if time.monotonic() > self.end:
                self.error = 'no time left'
                return
            self.replies.append((recipient, attempt(client, recipient)))

    def result(self):
        """The Heard."""
        return Heard(self.greeting, self.features, self.tls_features, tuple(self.replies), self.error)


def ehlo(client):
    """{feature: parameters} of EHLO; empty where it is refused."""
    code, _ = client.ehlo()
    return dict(client.esmtp_features) if code == 250 else {}


def attempt(client, recipient):
    """The Reply to RCPT TO, or to MAIL FROM where that is refused already; then RSET."""
    said = reply(client.docmd('MAIL', 'FROM:<>'))
    if said.code == 250:
        said = reply(client.docmd('RCPT', 'TO:<{}>'.format(recipient)))
    client.docmd('RSET')
    return said


def reply(answer):
    """(code, bytes) of smtplib as a Reply."""
    code, text = answer
    text = text if isinstance(text, str) else text.decode('utf-8', 'replace')
    return Reply(code, ' '.join(text.split())[:300])


def any_certificate():
    """TLS with whoever answers: it is our own host that is asked, and nothing secret is told."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
