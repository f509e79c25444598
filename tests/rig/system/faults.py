"""Ways to break a host of the small world, each a context manager that mends it again.

Used as `with faults.text(world.mx, path, old, new):`.
"""
import contextlib
import os
import re

from rig import waiting
from rig.system import company, services

MAIN, MASTER = '/etc/postfix/main.cf', '/etc/postfix/master.cf'


@contextlib.contextmanager
def content(host, path, made):
    """Another content; made(text) gives it from the one that is there.  Its times, mode and owner come back too."""
    place = host.path(path)
    before, about = place.read_bytes(), place.stat()
    replace(place, made(before.decode('utf-8')).encode('utf-8'), about)
    try:
        yield
    finally:
        replace(place, before, about)
        os.utime(str(place), ns=(about.st_atime_ns, about.st_mtime_ns))


def replace(place, content, about):
    """Write a file whole, with the mode and owner that it had."""
    temporary = place.with_name(place.name + '.rig')
    temporary.write_bytes(content)
    os.chown(str(temporary), about.st_uid, about.st_gid)
    temporary.chmod(about.st_mode & 0o7777)
    temporary.rename(place)


def text(host, path, old, new):
    """Something else in a file."""
    def made(before):
        assert old in before, '{} has no {!r}'.format(path, old)
        return before.replace(old, new)
    return content(host, path, made)


@contextlib.contextmanager
def parameters(host, *settings, reload=False):
    """Parameters of main.cf, written as for postconf -e; with `reload`, Postfix goes by them."""
    with content(host, MAIN, lambda before: before):
        host.call('postconf', '-e', *settings)
        if reload:
            reloaded(host)
        yield
    if reload:
        reloaded(host)


def reloaded(host):
    """Let Postfix read its settings; it does so only once nobody has written them for a moment."""
    for path in MAIN, MASTER:
        os.utime(str(host.path(path)), (1e9, 1e9))
    host.call('postfix', 'reload')
    waiting.until(lambda: host.listens(25), what='smtpd')


@contextlib.contextmanager
def reload(host, fault):
    """Another fault, by which Postfix goes."""
    with fault:
        reloaded(host)
        yield
    reloaded(host)


@contextlib.contextmanager
def without_postfix(host):
    """With its Postfix stopped."""
    host.call('postfix', 'stop')
    host.daemons.pop('postfix').wait(30)
    try:
        yield
    finally:
        services.postfix(host)


@contextlib.contextmanager
def zone(world, *changes, part='company'):
    """Another text of the company's zone, or of another part of all there is.

    changes: pairs of (old, new); blanks in the old are any number of them.
    """
    before = world.names.parts[part]
    after = before
    for old, new in changes:
        pattern = ' +'.join(re.escape(word) for word in re.split(' +', old))
        after, times = re.subn(pattern, lambda _, new=new: new, after)
        assert times, 'the zone has no {!r}'.format(old)
    world.names.set(**{part: after})
    try:
        yield
    finally:
        world.names.set(**{part: before})


@contextlib.contextmanager
def stopped(host, name):
    """Without one of its daemons."""
    host.stop(name)
    try:
        yield
    finally:
        getattr(services, name)(host)


@contextlib.contextmanager
def rights(host, path, mode=None, owner=None):
    """Another mode or owner."""
    place = host.path(path)
    about = place.stat()
    if owner:
        os.chown(str(place), *host.user(owner))
    if mode is not None:
        place.chmod(mode)
    try:
        yield
    finally:
        os.chown(str(place), about.st_uid, about.st_gid)
        place.chmod(about.st_mode & 0o7777)


@contextlib.contextmanager
def missing(host, path):
    """Without a file."""
    aside = host.path(path + '.aside')
    host.path(path).rename(aside)
    try:
        yield
    finally:
        aside.rename(host.path(path))


@contextlib.contextmanager
def touched(host, path, by_s=60):
    """A file that is newer than it was."""
    place = host.path(path)
    about = place.stat()
    os.utime(str(place), (about.st_mtime + by_s, about.st_mtime + by_s))
    try:
        yield
    finally:
        os.utime(str(place), ns=(about.st_atime_ns, about.st_mtime_ns))


@contextlib.contextmanager
def certificate(world, host, names=(), days=30, key=True):
    """A certificate for other names, or another time; `key` says whether its key comes with it."""
    made_key, made = world.authority.certificate(*(names or (host.name,)), days=days)
    with contextlib.ExitStack() as stack:
        stack.enter_context(content(host, company.CERTIFICATE, lambda _: made))
        if key:
            stack.enter_context(content(host, company.CERTIFICATE_KEY, lambda _: made_key))
        yield


@contextlib.contextmanager
def clock(world, wrong_s):
    """A time server that says that the clock is wrong."""
    world.wire.clock(wrong_s)
    try:
        yield
    finally:
        world.wire.clock()


@contextlib.contextmanager
def full(host, path, size):
    """A folder that is a disk of its own, which is nearly full."""
    host.call('mount', '-t', 'tmpfs', '-o', 'size={}'.format(size), 'tmpfs', path)
    try:
        yield
    finally:
        host.call('umount', path)
