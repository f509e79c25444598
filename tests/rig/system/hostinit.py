"""The first process of a host, alone with the standard library: it makes the host's files its own, and reaps.

Started in namespaces of its own (net, mount, pid, uts, ipc) with one argument, JSON:
    name:  what hostname(1) says.
    open:  folders that every user of the host must reach, though they may lie in a closed home.
It writes `ready` to its stdout when all is in place, and ends, and with it the host, when its stdin does.
"""
import json
import os
import signal
import socket
import subprocess
import sys

OWN = ('/etc', '/usr', '/var')          # as the machine has them, but written to in memory
EMPTY = ('/run',)
DEVICES = ('null', 'zero', 'full', 'random', 'urandom', 'tty')
SCRATCH = '/run'                        # where layers lie; hidden by the empty one that comes last


def mount(*args):
    """mount(8)."""
    subprocess.run(['mount'] + list(args), check=True)


def overlay(path, layers):
    """Whatever is written below `path` from now on is ours alone."""
    upper, work = (os.path.join(layers, path.strip('/'), name) for name in ('upper', 'work'))
    os.makedirs(upper)
    os.makedirs(work)
    mount('-t', 'overlay', '-o', 'lowerdir={},upperdir={},workdir={}'.format(path, upper, work), 'overlay', path)


def devices(layers):
    """A /dev without the machine's log, so that the host has its own."""
    folder = os.path.join(layers, 'dev')
    os.makedirs(os.path.join(folder, 'shm'))
    os.chmod(os.path.join(folder, 'shm'), 0o1777)
    for name in DEVICES:
        open(os.path.join(folder, name), 'w').close()
        mount('--bind', '/dev/' + name, os.path.join(folder, name))
    for name, target in (('fd', '/proc/self/fd'), ('stdin', 'fd/0'), ('stdout', 'fd/1'), ('stderr', 'fd/2')):
        os.symlink(target, os.path.join(folder, name))
    mount('--rbind', folder, '/dev')


def closed(path):
    """The topmost folder on the way to `path` that not everybody may pass, None when all are open."""
    found = None
    while path != '/':
        if not os.stat(path).st_mode & 0o001:
            found = path
        path = os.path.dirname(path)
    return found


def opened(paths, layers):
    """Let everybody pass to these folders: what hides them is replaced by open, empty folders."""
    hidden = sorted((closed(path), path) for path in paths if closed(path))
    kept = []
    for number, (_, path) in enumerate(hidden):
        kept.append(os.path.join(layers, 'open', str(number)))
        os.makedirs(kept[-1])
        mount('--rbind', path, kept[-1])
    for folder in sorted({folder for folder, _ in hidden}):
        mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', folder)
    for keep, (_, path) in zip(kept, hidden):
        os.makedirs(path, exist_ok=True)
        mount('--rbind', keep, path)


def main():
    """Make the host, and be its init."""
    asked = json.loads(sys.argv[1])
    socket.sethostname(asked['name'])
    mount('-t', 'proc', 'proc', '/proc')
    mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', SCRATCH)
    for path in OWN:
        overlay(path, SCRATCH)
    opened(asked['open'], SCRATCH)
    devices(SCRATCH)
    for path in EMPTY:
        mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', path)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)       # orphans are reaped by the kernel
    print('ready', flush=True)
    while os.read(0, 4096):
        pass


if __name__ == '__main__':
    main()
