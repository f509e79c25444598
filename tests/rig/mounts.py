"""Small and read-only disks, mounted for the time of a test; root only."""
import contextlib
import os
import subprocess

import pytest


@contextlib.contextmanager
def small_disk(folder, size):
    """A tmpfs of so many bytes on `folder`."""
    mount('-t', 'tmpfs', '-o', 'size={},mode=0700'.format(size), 'tmpfs', str(folder))
    try:
        yield
    finally:
        unmount(folder)


@contextlib.contextmanager
def read_only(folder):
    """The folder as it is, but nobody can write it, not even root."""
    mount('--bind', str(folder), str(folder))
    try:
        mount('-o', 'remount,bind,ro', str(folder))
        yield
    finally:
        unmount(folder)


def mount(*args):
    """mount(8), or a skip that says that it is not allowed."""
    if os.getuid() != 0:
        pytest.skip('mounting a disk needs root')
    ran = subprocess.run(['mount'] + list(args), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ran.returncode:
        pytest.skip('mount is not allowed here: {}'.format(ran.stdout.decode('utf-8', 'replace').strip()))


def unmount(folder):
    """Unmount, whoever still uses it."""
    subprocess.run(['umount', '-l', str(folder)], check=True)


def fill(folder):
    """Leave no byte free in a folder's disk; the file that takes it all."""
    path = os.path.join(str(folder), 'filler')
    with open(path, 'wb', buffering=0) as file:
        size = 1 << 16
        while size:
            try:
                file.write(b'x' * size)
            except OSError:
                size //= 2
    return path
