"""What the parts of mailsystem hand to each other: the site, a rendered file, a finding."""
from typing import NamedTuple, Optional, Tuple

OK, WARNING, CRITICAL, UNKNOWN = 'ok', 'warning', 'critical', 'unknown'
MX, SENDER, CLIENT = 'mx', 'sender', 'client'
ROLES = (MX, SENDER, CLIENT)


class Sender(NamedTuple):
    """A host that mails the world; the application feeds it by the round-robin name."""

    name: str                           # mail1.example.com
    addresses: Tuple[str, ...]          # those it sends from, IPv4 and IPv6


class Destination(NamedTuple):
    """A server that mail is relayed to."""

    host: str                           # a name or an address
    port: int
    direct: bool                        # True: that host itself; False: the MX hosts of that name

    def nexthop(self):
        """As in transport(5) and relayhost: `[host]:port` or `host:port`."""
        return '{}:{}'.format('[{}]'.format(self.host) if self.direct else self.host, self.port)


class Endpoint(NamedTuple):
    """Where a service of this host listens."""

    address: str
    port: int


class Site(NamedTuple):
    """All that is known of the mail system; names are lower case, without a dot at the end, and fully qualified."""

    domain: str
    alias_domains: Tuple[str, ...]      # NAME@ any of these is NAME@domain
    mx: str
    mx_addresses: Tuple[str, ...]       # public ones
    senders: Tuple[Sender, ...]
    bulk_name: str                      # the round-robin name of the senders
    internal_networks: Tuple[str, ...]  # 10.0.0.0/8, 2001:db8::/32
    internal_domains: Tuple[str, ...]   # names that no stranger need see
    provider: Destination               # where mail for the domains goes
    admin: str                          # who reads root's mail, an address
    bounces: str                        # the local part that bouncedmail reads
    donotreply: str                     # the local part that autoreply answers
    postfix: Tuple[int, int]            # (2, 10): parameters of later versions are not used
    map_type: str                       # hash or lmdb
    cache_type: str                     # btree or lmdb
    system: str                         # el or debian: where other packages keep their files
    certificate: str                    # a path, PEM, with its chain
    certificate_key: str
    ca_file: str                        # whom the client believes
    dkim_selector: str
    dkim_key: str                       # the path of the private key, on every host that signs
    opendkim: Endpoint
    helo_exempt: Tuple[str, ...]        # names below the domain that are not ours
    rbls: Tuple[str, ...]               # as reject_rbl_client takes them
    pause_s: int                        # that a stranger waits before the greeting; 0: not
    greylist_delay_s: int
    greylist_clients: int               # so many mails through make a client known
    postgrey: Endpoint
    policyd_spf: str                    # the path of the program
    verify_recipients: bool             # ask the provider whether a recipient exists
    sasl_path: str                      # the socket of dovecot, below Postfix's queue directory
    sasl_users: str                     # dovecot's file of users and passwords, a path
    submission_port: int
    client_user: str                    # how a client logs in at the MX
    client_password_file: str           # a path; '' where there is none
    database: str                       # of bouncedmail, without a password
    login_user: str                     # as whom mailqueues logs in; '': as on the host that asks
    spf_includes: Tuple[str, ...]
    spf_all: str                        # ~all or -all
    dmarc_policy: str                   # none, quarantine or reject
    dmarc_addresses: Tuple[str, ...]
    resolver: Optional[Endpoint]        # None: as /etc/resolv.conf says
    daily_volume: int                   # mails that a sender sends a day when it is warm
    warmup_first: int                   # mails on its first day
    warmup_growth: float                # each day so many times the day before


class File(NamedTuple):
    """A file of a host, as it shall be."""

    path: str                           # /etc/postfix/main.cf
    text: str
    mode: int = 0o644
    owner: str = 'root'
    group: str = 'root'
    kept: bool = False                  # a beginning, that the administrator or a program goes on with
    command: str = ''                   # what must run after a change: `postmap hash:/etc/postfix/access`


class Record(NamedTuple):
    """A record of the zone."""

    name: str                           # with its dot at the end
    type: str
    value: str                          # as in the text of a zone file


class Finding(NamedTuple):
    """What check and diff say of one thing."""

    name: str                           # a stable word: open-relay, dkim-key, ...
    level: str                          # ok, warning, critical, unknown
    text: str                           # what was found, and why it matters
    fix: str                            # a command, or a line to write; '' where nothing is wrong
