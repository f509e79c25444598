"""One host of the system: a process in namespaces of its own, whose files, processes and network are the host's.

Its files are read and written through /proc/PID/root, commands run through nsenter(1), and a socket made
within `network()` is a socket of the host.  When the host is removed, or the tests die, the kernel ends
every process in it.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

from rig import parts, waiting
from rig.program import CHECKOUT, PATH, Ran

INIT = pathlib.Path(__file__).with_name('hostinit.py')
NAMESPACES = ('--net', '--mount', '--pid', '--uts', '--ipc')
CLONE_NEWNET = 0x40000000
LISTEN = '0A'       # in /proc/net/tcp
LIBC = ctypes.CDLL(None, use_errno=True)


class Host:
    """name: what hostname(1) says in it, and what it is called here."""

    def __init__(self, name):
        self.name = name
        self.daemons = {}
        asked = {'name': name, 'open': sorted({str(CHECKOUT), sys.prefix, sys.base_prefix})}
        self.process = subprocess.Popen(
            [parts.find('unshare')] + list(NAMESPACES) + [
                '--fork', '--kill-child=KILL', '--propagation', 'private', sys.executable, '-IS', str(INIT),
                json.dumps(asked)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.process.stdout.readline() != b'ready\n':
            said = self.process.communicate()[1].decode('utf-8', 'replace').strip()
            raise RuntimeError('cannot make the host {}: {}'.format(name, said))
        self.pid = child_of(self.process.pid)

    def set_up(self):
        """Make of it what it is; it exists, and will be removed, whatever goes wrong here."""

    def path(self, path):
        """Where a file of the host can be read from here."""
        return pathlib.Path('/proc/{}/root{}'.format(self.pid, path))

    def read(self, path):
        """The text of a file of the host; empty when there is none."""
        try:
            return self.path(path).read_text(encoding='utf-8', errors='backslashreplace')
        except FileNotFoundError:
            return ''

    def write(self, path, text, mode=0o644, owner=None, group=None):
        """Write a file of the host, whole.  A link is replaced, never followed: it could lead out of the host."""
        place = self.path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=str(place.parent))
        with os.fdopen(handle, 'wb') as file:
            file.write(text if isinstance(text, bytes) else text.encode('utf-8'))
            os.fchmod(file.fileno(), mode)
            os.fchown(file.fileno(), self.user(owner or 'root')[0],
                      self.group(group) if group else self.user(owner or 'root')[1])
        os.rename(temporary, str(place))

    def folder(self, path, mode=0o755, owner='root'):
        """Make a folder of the host."""
        place = self.path(path)
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(mode)
        os.chown(str(place), *self.user(owner))

    def user(self, name):
        """(uid, gid) of a user of the host."""
        fields = self.entry('/etc/passwd', name)
        return int(fields[2]), int(fields[3])

    def group(self, name):
        """The gid of a group of the host."""
        return int(self.entry('/etc/group', name)[2])

    def entry(self, path, name):
        """The fields of a line of passwd(5) or group(5)."""
        for line in self.read(path).splitlines():
            if line.split(':')[0] == name:
                return line.split(':')
        raise KeyError('{}: no {} in {}'.format(self.name, name, path))

    def command(self, *args, user=None):
        """The argument list that runs `args` in the host."""
        enter = [parts.find('nsenter'), '-t', str(self.pid), '-n', '-m', '-p', '-u', '-i', '--']
        return enter + parts.as_user(user, [os.fspath(one) for one in args])

    def run(self, *args, user=None, stdin=b'', timeout=55, env=None):
        """Run a program in the host to its end, under `env -i`; Ran."""
        command = self.command(*args, user=user)
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                              cwd='/', env=dict({'PATH': PATH}, **(env or {})))
        return Ran(done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace'))

    def call(self, *args, **kwargs):
        """Run a program that must succeed; what it says."""
        ran = self.run(*args, **kwargs)
        assert ran.status == 0, '{}: {}: status {}: {}{}'.format(self.name, args, ran.status, ran.out, ran.err)
        return ran.out + ran.err

    def start(self, name, *args, user=None, ready=None, env=None):
        """Start a program that stays in the foreground, and wait until ready() is true."""
        assert name not in self.daemons, '{}: {} runs already'.format(self.name, name)
        self.folder('/var/log/rig')
        command = self.command(*args, user=user)
        with self.path('/var/log/rig/' + name).open('ab') as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/',
                                       env=dict({'PATH': PATH}, **(env or {})))
        self.daemons[name] = process

        def up():
            assert process.poll() is None, '{}: {} ended: {}'.format(
                self.name, name, self.read('/var/log/rig/' + name)[-2000:])
            return ready is None or ready()
        waiting.until(up, 40, what='{} of {}'.format(name, self.name))

    def stop(self, name):
        """End such a program, which is the only child of its nsenter(1)."""
        process = self.daemons.pop(name)
        with contextlib.suppress(ProcessLookupError, StopIteration):
            os.kill(child_of(process.pid), signal.SIGTERM)
        process.wait(30)

    @contextlib.contextmanager
    def network(self):
        """Sockets that this thread makes meanwhile are the host's."""
        with open('/proc/thread-self/ns/net') as own, open('/proc/{}/ns/net'.format(self.pid)) as other:
            enter(other)
            try:
                yield
            finally:
                enter(own)

    def listening(self):
        """(address, port) of every socket in the host that takes TCP connections over IPv4."""
        table = pathlib.Path('/proc/{}/net/tcp'.format(self.pid)).read_text()
        rows = (line.split() for line in table.splitlines()[1:])
        ends = (row[1].split(':') for row in rows if row[3] == LISTEN)
        return {(socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16)) for address, port in ends}

    def listens(self, port):
        """True when something in the host takes connections at a port; nobody is bothered with one."""
        return any(one == port for _, one in self.listening())

    def has_no_mail(self):
        """True when nothing is in the queue of its Postfix."""
        return 'is empty' in self.call('postqueue', '-p')

    def log(self):
        """The mail log."""
        return self.read('/var/log/maillog')

    def logged(self, *words, limit_s=50, since=0):
        """Wait for a line of the mail log, after its first `since` characters, that has all these words; the line."""
        def found():
            return next((line for line in self.log()[since:].splitlines() if all(word in line for word in words)), None)
        try:
            return waiting.until(found, limit_s, 0.1)
        except AssertionError:
            raise AssertionError('{}: no line with {} in\n{}'.format(self.name, words, self.log()[since:][-6000:]))

    def remove(self):
        """End every process in it."""
        self.process.kill()             # and its child with it, which is init, and so all of them
        self.process.communicate()
        for process in self.daemons.values():
            process.wait(20)


def child_of(pid):
    """The process that `pid` has started."""
    with open('/proc/{0}/task/{0}/children'.format(pid)) as file:
        return int(next(iter(file.read().split())))


def enter(namespace):
    """setns(2)."""
    if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'setns')
