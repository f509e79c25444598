"""A machine of its own for what is installed: this one's root behind an overlay, in namespaces of its own.

What is written there is in memory and gone with the machine; the network is loopback alone, and when the
process that holds it ends, all that was started there ends too.  Root only.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from rig import parts, waiting
from rig.program import PATH, Ran
from rig.syslogd import Syslog

# $1 is the folder, $2 the socket of syslog; cat waits until we are gone.
SET_UP = '''set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/merged"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/merged"
mount -t proc proc "$1/merged/proc"
mount -t tmpfs tmpfs "$1/merged/dev"
for name in null zero full random urandom tty; do
    touch "$1/merged/dev/$name"
    mount --bind "/dev/$name" "$1/merged/dev/$name"
done
mkdir "$1/merged/dev/shm"
mount -t tmpfs tmpfs "$1/merged/dev/shm"
ln -s /proc/self/fd "$1/merged/dev/fd"
touch "$1/merged/dev/log"
mount --bind "$2" "$1/merged/dev/log"
ip link set lo up
hostname mx1.example.com
echo '127.0.0.1 mx1.example.com mx1 localhost' > "$1/merged/etc/hosts"
echo ready
exec chroot "$1/merged" cat
'''
RPM = ('rpm', '--dbpath', '/var/lib/rpm-of-the-test')


class Machine:
    """One such machine; `root` is its root folder as seen from here."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='mt-machine-'))
        (self.top / 'system').mkdir()
        self.syslog = Syslog(self.top / 'log')
        self.holder = subprocess.Popen(
            ['unshare', '--mount', '--net', '--pid', '--uts', '--fork', '--kill-child', '--propagation', 'private',
             'sh', '-c', SET_UP, 'sh', str(self.top / 'system'), str(self.top / 'log')],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = self.holder.stdout.readline()
        assert said == b'ready\n', said + self.holder.stdout.read()
        children = pathlib.Path('/proc/{0}/task/{0}/children'.format(self.holder.pid))
        self.pid = int(children.read_text().split()[0])
        self.root = pathlib.Path('/proc/{}/root'.format(self.pid))
        waiting.until(lambda: not os.path.samefile(str(self.root), '/'), what='chroot')

    def path(self, name):
        """A file of the machine, as seen from here."""
        return self.root / str(name).lstrip('/')

    def command(self, args, user=None, env=None):
        """The argument list that runs a program there, as a user, under `env -i`."""
        inside = ['nsenter', '--target', str(self.pid), '--mount', '--net', '--pid', '--uts', '--root', '--wd', '--']
        as_user = ['setpriv', '--reuid', user, '--regid', user, '--init-groups'] if user else []
        variables = ['{}={}'.format(*one) for one in dict({'PATH': PATH}, **(env or {})).items()]
        return inside + as_user + ['env', '-i'] + variables + [os.fspath(one) for one in args]

    def start(self, *args, user=None, env=None):
        """Start a program of the machine under `env -i`; a Popen, and its process id as we see it."""
        process = subprocess.Popen(self.command(args, user, env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, env={'PATH': PATH})
        children = pathlib.Path('/proc/{0}/task/{0}/children'.format(process.pid))
        return process, int(waiting.until(lambda: children.read_text().split(), what='nsenter')[0])

    def run(self, *args, stdin=b'', user=None, env=None, timeout=60):
        """Run a program of the machine to its end under `env -i`; Ran."""
        done = subprocess.run(self.command(args, user, env), input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env={'PATH': PATH}, timeout=timeout)
        return Ran(done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace'))

    def call(self, *args, **kwargs):
        """Run one that must end well; its output."""
        ran = self.run(*args, **kwargs)
        assert ran.status == 0, (args, ran)
        return ran.out

    def share(self, folder):
        """Show a folder of ours there, sockets in it included."""
        self.path(folder).mkdir(parents=True, exist_ok=True)
        parts.call(['nsenter', '--target', str(self.pid), '--mount', 'mount', '--bind', folder,
                    '{}/system/merged{}'.format(self.top, folder)])

    def write(self, name, text, mode=0o644):
        """A file of root's."""
        self.path(name).write_text(text, encoding='utf-8')
        self.path(name).chmod(mode)

    def use_python(self, python, interpreter, wheel=None):
        """Make a Python of ours the machine's, for every user, with a wheel in its site-packages."""
        python = os.path.realpath(python)
        for folder in pathlib.Path(python).parents:
            self.path(folder).chmod(0o755)
        target = self.path(interpreter)
        if target.exists() or target.is_symlink():
            target.unlink()
        target.symlink_to(python)
        if wheel:
            site = self.call(interpreter, '-c', 'import site; print(site.getsitepackages()[0])').strip()
            self.call(interpreter, '-m', 'zipfile', '-e', self.bring(wheel), site)

    def bring(self, path):
        """Copy a file of ours there, for /tmp may be a disk that it does not have; its path."""
        there = '/var/tmp/' + path.name
        shutil.copy(str(path), str(self.path(there)))
        return there

    def rpm(self, *args, timeout=60):
        """Run rpm there, on packages of ours too; Ran, without the advice of Debian's to use alien(1) instead."""
        brought = [self.bring(one) if isinstance(one, pathlib.Path) else one for one in args]
        ran = self.run(*RPM, *brought, timeout=timeout)
        return ran._replace(err=''.join(line for line in ran.err.splitlines(True)
                                        if not line.startswith(('rpm: RPM should', 'rpm: However'))))

    def install(self, *paths):
        """Install or upgrade packages; what scriptlets and rpm said on the way is a failure."""
        ran = self.rpm('-U', *paths)
        assert ran == (0, '', ''), ran

    def remove(self):
        """End all that runs there, and the machine."""
        self.holder.stdin.close()
        try:
            self.holder.wait(10)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.holder.wait(10)
        self.holder.stdout.close()
        self.syslog.close()
        (self.top / 'system').rmdir()
        self.top.rmdir()
