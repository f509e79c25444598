"""A host whose Postfix is guessed at: a log that we write, settings, and block-sasl-fail run on them.

The log is written by us, and rotated as logrotate(8) does; the program, its state and its map are real.
"""
import os
import pathlib
import subprocess
import time

from mailtools.block_sasl_fail import state
from mailtools.block_sasl_fail.accessmap import keys_in
from rig import program
from rig.instance import write_main

PACKERS = {'.gz': 'gzip', '.xz': 'xz', '.bz2': 'bzip2'}
SETTINGS = """[block-sasl-fail]
log = {0}/log/maillog
state = {0}/state.db
map = {0}/access
map_type = texthash
postfix_config = {0}
pid_file = {0}/pid
poll = 0.05s
journalctl = {0}/journalctl
"""
# With a name of its own Postfix asks no name server.
MAIN_CF = 'compatibility_level = 2\nmyhostname = mx.test.invalid\nmynetworks = 127.0.0.0/8\n'


class Guessed:
    """One host, all of it in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(str(folder))
        (self.folder / 'log').mkdir(parents=True)
        self.log = str(self.folder / 'log' / 'maillog')
        self.state = str(self.folder / 'state.db')
        self.map = self.folder / 'access'
        self.conf = self.folder / 'settings'
        self.conf.write_text(SETTINGS.format(self.folder))
        write_main(self.folder, MAIN_CF)
        self.failures = {}      # what is in the log: {address: count}
        self.lines = 0
        open(self.log, 'wb').close()

    # -- the log --

    def line(self, client=None):
        """One line; with a client it is one of its failures, and is counted as written."""
        self.lines += 1
        stamp = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime()) + '.{:06d}+00:00'.format(self.lines % 10**6)
        if client is None:
            return '{} mx postfix/smtpd[{}]: connect from unknown[192.0.2.1]\n'.format(stamp, self.lines)
        self.failures[client] = self.failures.get(client, 0) + 1
        return '{} mx postfix/smtpd[{}]: warning: unknown[{}]: SASL LOGIN authentication failed: x\n'.format(
            stamp, self.lines, client)

    def write(self, *clients, path=None):
        """Append a failure of each client; None is a line that says nothing."""
        text = ''.join(self.line(one) for one in clients)
        with open(path or self.log, 'a') as file:
            file.write(text)

    def shift(self):
        """maillog.1 becomes maillog.2, and so on."""
        for number in range(60, 0, -1):
            for ending in ('',) + tuple(PACKERS):
                old = '{}.{}{}'.format(self.log, number, ending)
                if os.path.exists(old):
                    os.rename(old, '{}.{}{}'.format(self.log, number + 1, ending))

    def rotate(self, to='.1', way='rename', ending=''):
        """What logrotate does at night; ending: compressed at once."""
        if to == '.1':
            self.shift()
        if way == 'rename':
            os.rename(self.log, self.log + to)
            open(self.log, 'wb').close()
        else:
            subprocess.check_call(['cp', self.log, self.log + to])
            os.truncate(self.log, 0)
        if ending:
            subprocess.check_call([PACKERS[ending], self.log + to])

    # -- the program --

    def configure(self, **settings):
        """Set some more, or otherwise."""
        kept = [line for line in self.conf.read_text().splitlines() if line.split(' = ')[0] not in settings]
        self.conf.write_text('\n'.join(kept + ['{} = {}'.format(*one) for one in settings.items()]) + '\n')

    def run(self, *args, **kwargs):
        """Run a command of the program to its end."""
        return program.run('block-sasl-fail', *(args + ('-c', str(self.conf))), **kwargs)

    def start(self, *args, **kwargs):
        """Start a command of the program."""
        return program.start('block-sasl-fail', *(args + ('-c', str(self.conf))), **kwargs)

    def scan(self):
        """A scan that has nothing to say."""
        ran = self.run('scan')
        assert (ran.status, ran.out, ran.err) == (0, '', '')

    # -- what it knows --

    def counted(self):
        """{address: failures} of the state."""
        with state.opened(self.state, write=False) as file:
            return {one.key: one.count for one in file.all() if '/' not in one.key and one.key != '*' and one.count}

    def evidence(self, client):
        """The lines kept for an address."""
        with state.opened(self.state, write=False) as file:
            return file.evidence(client)

    def blocked(self):
        """The addresses and networks in the maps."""
        return keys_in(str(self.map)) | keys_in(str(self.map) + '.cidr')

    def due(self):
        """The addresses and networks with a block in the state."""
        with state.opened(self.state, write=False) as file:
            return {one.key for one in file.blocked(time.time()) if one.key != '*'}

    def expect(self):
        """Each failure in the log is counted once, and the map is as the state says."""
        assert self.counted() == self.failures
        assert self.blocked() == self.due()
