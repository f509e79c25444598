"""Mail servers behind one sshd on loopback: each a key of its own, whose forced command is how it behaves.

Needs root, as sshd does to log in another user.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import pytest

from rig import parts, waiting
from rig.instance import free_port, listens
from rig.program import CHECKOUT

QUEUES = ('maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt')
REMOTE = CHECKOUT / 'mailtools' / 'mailqueues' / 'remote.sh'

SSHD = '''Port {port}
ListenAddress 127.0.0.1
HostKey {top}/host
PidFile {top}/sshd.pid
AuthorizedKeysFile {top}/authorized_keys
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PrintMotd no
Banner {top}/banner
MaxStartups {max_startups}
'''


def fill(directory, **numbers):
    """Make a queue directory with so many files in each queue; deferred is hashed, as Postfix does it."""
    for queue in QUEUES:
        (directory / queue).mkdir(parents=True, exist_ok=True)
        (directory / queue).chmod(0o700)
        for number in range(numbers.get(queue, 0)):
            folder = directory / queue / '{:X}'.format(number % 16) if queue == 'deferred' else directory / queue
            folder.mkdir(exist_ok=True)
            (folder / '{:X}D00F{:05X}'.format(number % 16, number)).touch(mode=0o700)
    return directory


class SshHosts:
    """One sshd; `config` is the text of the [host] sections of all hosts that were added."""

    def __init__(self, max_startups='10:30:100'):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='mt-ssh-', dir='/tmp'))
        self.top.chmod(0o755)
        self.port = free_port()
        self.sections = {}          # of the settings, by host
        self.listeners = []
        for name in 'host', 'other', 'key':
            parts.call(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', self.top / name])
        self.know('127.0.0.1', self.public('host'))
        (self.top / 'authorized_keys').write_text('{}\n'.format(self.public('key')))
        (self.top / 'banner').write_text('Authorised users only.\n@@active=1\n')
        (self.top / 'sshd_config').write_text(SSHD.format(port=self.port, top=self.top, max_startups=max_startups))
        os.makedirs('/run/sshd', exist_ok=True)
        self.sudoers = self.top / 'sudoers'
        self.sudoers.write_text('root ALL=(ALL) ALL\n')
        self.sudoers.chmod(0o440)
        # Only sshd and what it starts see the other sudoers, and a shell that says nothing of its own.
        quiet = [path for path in ('/etc/bash.bashrc', os.path.expanduser('~root/.bashrc')) if os.path.exists(path)]
        mounts = ['mount --bind {}/sudoers /etc/sudoers'.format(self.top)] + [
            'mount --bind /dev/null {}'.format(path) for path in quiet]
        self.process = subprocess.Popen(
            ['unshare', '-m', '--propagation', 'private', 'sh', '-c',
             '{2} && exec {1} -D -f {0}/sshd_config -E {0}/log'.format(
                 self.top, parts.find('sshd'), ' && '.join(mounts))], stdin=subprocess.DEVNULL, start_new_session=True)
        waiting.until(lambda: listens(self.port), what='sshd')

    def public(self, name):
        """A public key, without its comment."""
        return ' '.join((self.top / (name + '.pub')).read_text().split()[:2])

    def know(self, host, key, port=None):
        """Add a line to known_hosts."""
        with open(str(self.top / 'known_hosts'), 'a') as file:
            file.write('[{}]:{} {}\n'.format(host, port or self.port, key))

    def command(self, key='key', port=None, more=''):
        """An ssh command with everything of our own."""
        return ('ssh -F none -i {top}/{key} -o IdentitiesOnly=yes -o UserKnownHostsFile={top}/known_hosts '
                '-o GlobalKnownHostsFile=/dev/null -o IdentityAgent=none -p {port} {more} root@127.0.0.1').format(
                    top=self.top, key=key, port=port or self.port, more=more)

    def add(self, name, ssh=None, behaves=None, directory=None, detail='none', options='restrict'):
        """A host.  behaves: the forced command of its key; None: what is sent runs."""
        if behaves is not None:
            parts.call(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', self.top / ('key-' + name)])
            with open(str(self.top / 'authorized_keys'), 'a') as file:
                file.write('{},command="{}" {}\n'.format(
                    options, behaves.replace('"', '\\"'), self.public('key-' + name)))
            ssh = ssh or self.command('key-' + name)
        self.sections[name] = '[host {}]\nssh = {}\nqueue_directory = {}\ndetail = {}\n'.format(
            name, ssh or self.command(), directory or self.top / 'queue', detail)

    def silent(self):
        """A port that accepts connections and never says a word."""
        one = socket.socket()
        one.bind(('127.0.0.1', 0))
        one.listen(20)
        self.listeners.append(one)
        return one.getsockname()[1]

    @property
    def config(self):
        """The sections of all hosts."""
        return self.sections_of(*self.sections)

    def sections_of(self, *names):
        """The sections of some hosts, in this order."""
        return '\n'.join(map(self.sections.get, names))

    def remove(self):
        """End it, and remove all."""
        for one in self.listeners:
            one.close()
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(str(self.top), ignore_errors=True)


def needed():
    """Skip where a part is missing."""
    if os.getuid() != 0:
        pytest.skip('an sshd that logs in as another user needs root')
    for name in ('sshd', 'ssh', 'ssh-keygen', 'sudo', 'setpriv', 'unshare', 'postfix'):
        if parts.find(name) is None:
            pytest.skip('{} is not installed'.format(name))


def left_behind(mark):
    """The command lines of processes that name `mark`, but for sshd's own: what an export should have ended."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/{}/cmdline'.format(pid), 'rb') as file:
                line = file.read().replace(b'\0', b' ').decode('utf-8', 'replace')
        except OSError:
            continue
        if str(mark) in line and 'sshd' not in line and int(pid) != os.getpid():
            found.append(line)
    return found
