"""What every Postfix of the tests is made of: a folder of its own, and what main.cf and master.cf always hold."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import tempfile

from rig import parts, waiting

# None of them asks DNS, speaks to the outside or is heard there.
MAIN = '''compatibility_level = 3.6
queue_directory = {top}/spool
data_directory = {top}/data
command_directory = {command_directory}
daemon_directory = {daemon_directory}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.test.invalid
maillog_file = {top}/log/maillog
maillog_file_prefixes = {top}
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
'''
LOOPBACK = '''inet_interfaces = 127.0.0.1
inet_protocols = ipv4
'''
NOT_OUTSIDE = '''default_transport = error:no outside delivery in tests
relay_transport = error:no outside delivery in tests
'''
MASTER = '''pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
'''


class Instance:
    """The folder `top` of one, with its main.cf and master.cf in `config`."""

    def __init__(self, prefix):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir='/tmp'))
        self.top.chmod(0o755)
        self.config = self.top / 'etc'
        self.port = None

    def write(self, main, smtpd, **more):
        """Make the folders and both files.

        main: what main.cf has besides MAIN, where {top} and `more` are filled in.
        smtpd: the lines that master.cf has besides MASTER, those of smtpd first of all.
        """
        for name in ('etc', 'spool', 'data', 'log'):
            (self.top / name).mkdir(mode=0o755)
        postfix = pwd.getpwnam('postfix')
        os.chown(str(self.top / 'data'), postfix.pw_uid, postfix.pw_gid)
        asked = {name: parts.call(['postconf', '-d', '-h', name]).strip()
                 for name in ('daemon_directory', 'command_directory')}
        write_main(self.config, (MAIN + main).format(top=self.top, **dict(asked, **more)))
        (self.config / 'master.cf').write_text(smtpd + MASTER)

    def start(self):
        """Start it; it takes connections when this returns."""
        self.postfix('check')
        self.postfix('start')
        waiting.until(self.answers, what='smtpd')

    def postfix(self, what):
        """postfix start, stop, ..."""
        return parts.call([parts.find('postfix'), '-c', self.config, what])

    def answers(self):
        """True when smtpd takes connections."""
        return listens(self.port)

    def log(self):
        """What Postfix has logged."""
        return (self.top / 'log' / 'maillog').read_text()

    def remove(self):
        """End all of it at once, which `postfix stop` may take seconds for, and remove it."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.killpg(int((self.top / 'spool' / 'pid' / 'master.pid').read_text()), signal.SIGKILL)
        shutil.rmtree(str(self.top), ignore_errors=True)


def write_main(folder, text):
    """Write main.cf, as of long ago: each program of Postfix waits a second for one that is just being written."""
    path = folder / 'main.cf'
    path.write_text(text)
    os.utime(str(path), (1e9, 1e9))


def listens(port):
    """True when somebody takes connections at a port of loopback."""
    try:
        socket.create_connection(('127.0.0.1', port), 5).close()
    except OSError:
        return False
    return True


def free_port():
    """A port that nobody listens at just now."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]
