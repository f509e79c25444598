"""What Postfix on this host is set to, and its programs: postconf(1), postmap(1).

Each question is asked once in a run.  Programs are started with a list of arguments, no shell, and a time limit.
A host without main.cf (Postfix not set up yet) has Postfix's defaults.
"""
import contextlib
import os
import subprocess
import threading

from mailtools.base.failure import EX_UNAVAILABLE, Failure, reason_of
from mailtools.block_sasl_fail import networks

PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin'      # cron has no sbin
FOLDER = '/etc/postfix'
LIMIT_S = 60
# What the program always wants to know; asked together, for each start of postconf takes 10 ms.
# Whose addresses are never a client's: ours, and those of front ends, behind which all clients have one address.
EXEMPT = ('mynetworks', 'proxy_interfaces', 'inet_interfaces', 'smtpd_authorized_xclient_hosts')
USUAL = ('default_database_type',) + EXEMPT


class PostfixFailure(Failure):
    """A program of Postfix is missing, or refuses."""

    status = EX_UNAVAILABLE


class Postfix:
    """One instance of Postfix.

    folder: of its main.cf; '' for the usual one.
    """

    def __init__(self, folder=''):
        self.folder = folder or os.environ.get('MAIL_CONFIG') or FOLDER
        self.set_up = os.path.exists(os.path.join(self.folder, 'main.cf'))
        self._values = {}
        self._answers = {}

    def call(self, program, *args, given=None):
        """What a program prints, text; raises PostfixFailure.  given: text for its standard input."""
        ran = self.run(program, *args, given=given)
        if ran.returncode:
            said = ran.stderr.decode('utf-8', 'replace').strip().splitlines() or ['no word why']
            raise PostfixFailure('{} {}: {}'.format(program, ' '.join(args), said[-1]))
        return ran.stdout.decode('utf-8', 'replace')

    def run(self, program, *args, given=None):
        """Run a program of Postfix on this instance; its CompletedProcess."""
        with self.command(program, *args) as command:
            try:
                return subprocess.run(
                    command, input=(given or '').encode('utf-8'),
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_S, cwd='/')
            except subprocess.TimeoutExpired:
                raise PostfixFailure('{} has not ended within {} s'.format(program, LIMIT_S))
            except OSError as error:
                raise PostfixFailure('cannot run {}: {}'.format(command[0], reason_of(error)))

    @contextlib.contextmanager
    def command(self, program, *args):
        """The argument list of a program of Postfix, good while the block runs; raises PostfixFailure."""
        path = found(program)
        if path is None:
            raise PostfixFailure('{} is not installed'.format(program))
        with contextlib.ExitStack() as stack:
            folder = self.folder if self.set_up else stack.enter_context(no_settings())
            yield [path, '-c', folder] + list(args)

    def postconf(self, *args):
        """The lines that postconf prints for these arguments."""
        if args not in self._answers:
            self._answers[args] = self.call('postconf', *args).splitlines()
        return self._answers[args]

    def value(self, name):
        """A parameter of main.cf, with $names in it expanded; '' for one that it doesn't know."""
        if name not in self._values:
            asked = USUAL if name in USUAL else (name,)
            for line in self.postconf('-x', *asked):
                found, _, value = line.partition('=')
                self._values[found.strip()] = value.strip()
        return self._values.get(name, '')

    def map_types(self):
        """The types of tables that this Postfix can read."""
        return [line.strip() for line in self.postconf('-m')]

    def build(self, kind, path):
        """Make the index of the text file at `path`, beside it.

        It is read back: on a full disk the postmap of 3.7 makes an empty lmdb and ends with 0.
        """
        table = '{}:{}'.format(kind, path)
        self.call('postmap', table)
        with open(path, 'rb') as file:
            wanted = summed(line.split()[0] for line in file)
        if summed(self.keys(table)) != wanted:
            raise PostfixFailure('postmap {}: the index lacks entries (disk full?)'.format(table))

    def keys(self, table):
        """Yield the keys of a table, bytes, in its own order; raises PostfixFailure."""
        with self.command('postmap', '-s', table) as command:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd='/') as process:
                late = threading.Timer(LIMIT_S, process.kill)
                late.start()
                try:
                    for line in process.stdout or ():
                        yield line.split(b'\t')[0]
                finally:
                    late.cancel()
        if process.returncode:
            raise PostfixFailure('postmap -s {}: status {}'.format(table, process.returncode))

    def asked(self, kind, path, key):
        """What Postfix finds for a key in a table, None when nothing; it does not cut addresses into parts."""
        ran = self.run('postmap', '-q', key, '{}:{}'.format(kind, path))
        if ran.returncode == 0:
            return ran.stdout.decode('utf-8', 'replace').strip()
        if ran.stderr.strip():
            raise PostfixFailure('postmap -q: {}'.format(
                ran.stderr.decode('utf-8', 'replace').strip().splitlines()[-1]))
        return None

    def exempt(self):
        """(networks as text, what could not be read) that this host calls its own.

        $mynetworks, $proxy_interfaces, $smtpd_authorized_xclient_hosts, and $inet_interfaces, where `all` is every
        address of the host.
        """
        found, unread = [], []
        said = ' '.join(map(self.value, EXEMPT))
        for word in said.replace(',', ' ').split():
            try:
                found.extend(self.listed(word))
            except (PostfixFailure, OSError, ValueError) as error:
                unread.append('{}: {}'.format(word, error))
        if self.value('inet_interfaces') in ('all', ''):
            found.extend(own_addresses())
        return tuple(found), tuple(unread)

    def listed(self, word):
        """The networks that one word of mynetworks names: itself, or what a file or table holds."""
        if word.startswith('!'):            # an exception: leaving it out exempts more, not less
            return []
        if word.startswith('/'):
            with open(word) as file:
                return [one for line in file if not line.startswith('#')
                        for entry in line.replace(',', ' ').split() for one in self.listed(entry)]
        kind, colon, path = word.partition(':/')
        if colon and kind.isalnum():
            if kind == 'cidr':
                with open('/' + path) as file:
                    entries = [line.split()[0] for line in file if line[:1].strip() and line[0] != '#']
            else:
                entries = [line.split()[0] for line in self.call('postmap', '-s', word).splitlines()]
            return [one for one in map(network_text, entries) if one]
        found = network_text(word)
        return [found] if found else []     # a host name of proxy_interfaces


def found(program):
    """The path of a program, None when it is not installed; shutil.which() has much to load."""
    for folder in filter(None, (PATH + ':' + os.environ.get('PATH', '')).split(':')):
        path = os.path.join(folder, program)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def summed(keys):
    """(how many, sum of their hashes) of keys in any order: 100,000 of them would take 10 MB as a set."""
    count = total = 0
    for key in keys:
        count, total = count + 1, total + hash(key)
    return count, total


@contextlib.contextmanager
def no_settings():
    """A folder with an empty main.cf, for the programs refuse to run without one."""
    import tempfile  # with much behind it, and nearly every host has settings

    with tempfile.TemporaryDirectory(prefix='block-sasl-fail-') as folder:
        settings = os.path.join(folder, 'main.cf')
        with open(settings, 'w'):
            pass
        os.utime(settings, (0, 0))      # else they wait for a second, lest somebody writes it still
        yield folder


def network_text(entry):
    """An entry of mynetworks as a network: 10.0.0.0/8, [2001:db8::]/32, or 192.168 of a table; None."""
    entry = entry.replace('[', '').replace(']', '')
    octets = entry.rstrip('.').split('.')
    if len(octets) < 4 and all(one.isdigit() for one in octets):
        entry = '{}/{}'.format('.'.join(octets + ['0'] * (4 - len(octets))), 8 * len(octets))
    found = networks.parsed(entry)
    return networks.text_of(found) if found else None


def own_addresses():
    """The addresses of this host's interfaces, from the kernel; empty where it does not tell."""
    found = set()
    with contextlib.suppress(OSError), open('/proc/net/fib_trie') as file:
        before = ''
        for line in file:
            if '/32 host LOCAL' in line:
                found.add(before)
            before = line.rpartition(' ')[2].strip()
    with contextlib.suppress(OSError), open('/proc/net/if_inet6') as file:
        for line in file:
            digits = line[:32]
            text = ':'.join(digits[at:at + 4] for at in range(0, 32, 4))
            found.add(networks.key_of(networks.parsed(text)))
    return tuple(sorted(found))
