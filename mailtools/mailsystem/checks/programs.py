"""What do our other programs say of themselves, and does the database answer?

Each is a package of its own and run as a program: `PROGRAM check`, a plug-in whose status is ours; autoreply, which has
none, explains a mail that it is given, and sends nothing.  What Postfix runs as another user we run as that user:
root's would leave files that the user cannot write, and would not see what the user may not read.
"""
import pwd
import sys
from urllib.parse import parse_qs, unquote, urlsplit

from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.said import critical, good, unknown, warning

NAMES = ('program-bouncedmail', 'program-block-sasl-fail', 'program-mailqueues', 'program-autoreply', 'database')
USER = 'mailtools'
# role -> programs that it needs; others are asked where they are set up.
NEEDED = {'mx': ('bouncedmail', 'block-sasl-fail', 'autoreply'), 'sender': ('bouncedmail',), 'client': ()}
CHECKED = {                     # program -> (as whom, '': as we are; arguments)
    'bouncedmail': (USER, ('check',)),
    'block-sasl-fail': ('', ('check',)),
    'mailqueues': ('', ('check',)),
    'autoreply': (USER, ('--explain', '/etc/mailtools/donotreply.txt')),
}
MAIL = '''Return-Path: <somebody@mailsystem-check.example>
Delivered-To: {0}
From: somebody@mailsystem-check.example
To: {0}
Subject: mailsystem check

Nothing is sent.
'''
LIMIT_S = 40
POSTGRESQL_PORT = 5432


def find(host):
    """Findings of each program, and on the database."""
    if not host.live:
        return []
    found = judge_database(host.site.database)
    mail = MAIL.format('{}@{}'.format(host.site.donotreply, host.site.domain)).encode('utf-8')
    for program in CHECKED:
        needed = program in NEEDED[host.role]
        set_up = host.seen('/etc/mailtools/{}.conf'.format(program)) is not None
        path = probes.which(program, own_folder())
        if path is None:
            found += [absent(program, needed)] if needed or set_up else []
        elif needed or set_up:
            found += asked(program, path, host.is_root, mail)
    return found


def own_folder():
    """Where this program is: the others may be beside it."""
    return sys.argv[0].rpartition('/')[0]


def absent(program, needed):
    """A program that is not installed."""
    if needed:
        return critical('program-' + program, '{} is not installed, and this host needs it'.format(program),
                        'install mailtools-{}'.format(program))
    return warning('program-' + program, '{} has settings, but is not installed'.format(program),
                   'install mailtools-{}'.format(program))


def asked(program, path, is_root, mail):
    """Ask a program of itself.  mail: for its standard input."""
    name, (user, arguments) = 'program-' + program, CHECKED[program]
    if user and not is_root:
        return [unknown(name, '{} must run as {}'.format(program, user), 'run it as root')]
    if user:
        try:
            pwd.getpwnam(user)
        except KeyError:
            return [critical(name, 'there is no user {}: no bounce is taken'.format(user),
                             'useradd -r -U -d /var/lib/mailtools -s /sbin/nologin {}'.format(user))]
    command = ['runuser', '-u', user, '--'] if user else []
    return [judge(program, probes.run(command + [path] + list(arguments), mail, LIMIT_S))]


def judge(program, ran):
    """The Finding on what a program said: its first line, and its fixes."""
    name = 'program-' + program
    lines = ran.out.strip().splitlines()
    said = lines[0].partition('|')[0] if lines else (ran.err.strip().splitlines() or ['no word why'])[-1]
    fixes = [line.strip()[len('fix:'):].strip() for line in lines if line.strip().startswith('fix:')]
    fix = '; '.join(fixes) or ' '.join((program,) + CHECKED[program][1])
    if ran.status in (126, 127):
        return critical(name, '{} cannot be run: {}'.format(program, said), 'install mailtools-{} anew'.format(program))
    if ran.status is None:
        return unknown(name, said, fix)
    if ran.status == 0:
        return good(name, said if 'check' in CHECKED[program][1] else '{} runs'.format(program))
    say = {1: warning, 3: unknown}.get(ran.status, critical)
    return say(name, said, fix)


# -- the database --

def places_of(database):
    """[(host, port) or path] of a PostgreSQL by its address; [] for SQLite and for what libpq alone can tell."""
    if not database.startswith(('postgresql://', 'postgres://')):
        return []
    parts = urlsplit(database)
    asked = parse_qs(parts.query)               # ?host=/run/postgresql&port=5433
    named = parts.netloc.rpartition('@')[2] or ''.join(asked.get('host', [])[:1])
    found = []
    for one in named.split(','):
        host, colon, port = one.rpartition(':')
        if not colon or port.endswith(']'):
            host, port = one, ''.join(asked.get('port', [])[:1])
        number = int(port) if port.isdigit() else POSTGRESQL_PORT
        host = unquote(host).strip('[]')
        found.append('{}/.s.PGSQL.{}'.format(host, number) if host.startswith('/') else (host, number))
    return [one for one in found if isinstance(one, str) or one[0]]


def judge_database(database):
    """Does one of the servers answer?"""
    places = places_of(database)
    if not places:
        return []
    said = []
    for place in places:
        why = probes.is_postgresql(place)
        if why is None:
            return [good('database', 'PostgreSQL answers at {}'.format(shown(place)))]
        said.append('{}: {}'.format(shown(place), why))
    return [critical('database', 'no PostgreSQL answers ({}): bounces wait in the spool'.format('; '.join(said)),
                     'systemctl start postgresql   (there), listen_addresses, pg_hba.conf, the firewall')]


def shown(place):
    """A place for people."""
    return place if isinstance(place, str) else '{}:{}'.format(*place)
