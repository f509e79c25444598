"""What DNS says: one question, one Answer.  By dnspython, from the resolvers of this host or one that was given.

Answers are kept for the run.  When a resolver has not answered a few times, nobody waits for it again: the rest of
the questions fail at once, and so a check with a dead resolver still ends in time.
"""
import threading
from typing import Callable, Dict, NamedTuple, Tuple

from mailtools.base.failure import one_line

FOUND, NONE, FAILED = 'found', 'none', 'failed'
NO_LIBRARY = 'dnspython is not installed'
LIMIT_S = 5                     # for one question, all servers and repetitions
GIVE_UP = 3                     # questions without any answer, one after the other


class Answer(NamedTuple):
    """What came of a question."""

    status: str                         # found; none: no such name, or no such record; failed: nobody knows
    values: Tuple[str, ...] = ()        # sorted; a TXT record is its strings, joined; MX: `10 mx1.example.com`
    why: str = ''                       # of a failure


Ask = Callable[[str, str], Answer]      # (name, type) -> Answer


class Lookup:
    """The resolver.

    server: an Endpoint; None for those of /etc/resolv.conf.
    """

    def __init__(self, server=None):
        self.server = server
        self.answers: Dict[Tuple[str, str], Answer] = {}
        self.silent = 0                 # questions in a row without an answer
        self.lock = threading.Lock()
        self.resolver = None

    def __call__(self, name, kind):
        """The Answer to (name, type); names without a dot at the end, any case."""
        key = (name.rstrip('.').lower(), kind)
        if key not in self.answers:
            self.answers[key] = self.asked(*key)
        return self.answers[key]

    def asked(self, name, kind):
        """As it comes from the resolver."""
        if self.silent >= GIVE_UP:
            return Answer(FAILED, (), 'the resolver does not answer')
        try:
            import dns.exception
            import dns.resolver
        except ImportError:
            return Answer(FAILED, (), NO_LIBRARY)
        try:
            with self.lock:
                resolver = self.resolver = self.resolver or resolver_of(self.server)
            resolve = getattr(resolver, 'resolve', None) or resolver.query      # before dnspython 2.0
            found = resolve(name + '.', kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            self.silent = 0
            return Answer(NONE)
        except dns.exception.Timeout as error:
            self.silent += 1
            return Answer(FAILED, (), one_line(error))
        except (dns.exception.DNSException, UnicodeError, OSError) as error:    # SERVFAIL; no name at all, as a..b
            return Answer(FAILED, (), one_line(error))
        self.silent = 0
        values = tuple(sorted(map(text_of, found.rrset or ())))
        return Answer(FOUND if values else NONE, values)


def resolver_of(server):
    """A dnspython Resolver."""
    import dns.resolver

    resolver = dns.resolver.Resolver(configure=server is None)
    resolver.lifetime = LIMIT_S
    if server is not None:
        resolver.nameservers = [server.address]
        resolver.port = server.port
    return resolver


def text_of(record):
    """A record as text."""
    if hasattr(record, 'strings'):
        return b''.join(record.strings).decode('utf-8', 'backslashreplace')
    if hasattr(record, 'exchange'):
        return '{} {}'.format(record.preference, record.exchange.to_text(omit_final_dot=True))
    if hasattr(record, 'target'):
        return record.target.to_text(omit_final_dot=True)
    return record.to_text()


def addresses(ask, name):
    """(addresses of a name, sorted; whether a question failed)."""
    found = [ask(name, kind) for kind in ('A', 'AAAA')]
    return [one for answer in found for one in answer.values], any(one.status == FAILED for one in found)
