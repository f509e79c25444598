"""Rendered files into a folder of the administrator's: the only place that mailsystem writes to."""
import os
import stat

from mailtools.base import disk
from mailtools.base.failure import EX_CANTCREAT, EX_USAGE, Failure, reason_of

INSTALL = 'install.sh'


def write(folder, files, script):
    """Write the files below the folder, as FOLDER/etc/..., and install.sh; each whole or not at all.

    What holds a secret has its mode from the beginning; the folders can be entered by their owner alone.
    Raises Failure, before anything is written where the folder is not one to write to.
    """
    refuse_system(folder)
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        refuse_shared(folder)
        for file in files:
            put(folder + file.path, file.text, file.mode)
        put(os.path.join(folder, INSTALL), script, 0o755)
    except OSError as error:
        raise Failure('cannot write below {}: {}'.format(folder, reason_of(error)), EX_CANTCREAT)


def put(path, text, mode):
    """One file, and the folders that it is in."""
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    disk.replace(path, text.encode(), mode)


def refuse_system(folder):
    """Raise Failure for /, for /etc and what is in it, and for a folder whose etc is there."""
    etc = os.path.realpath('/etc')
    for path in folder, os.path.join(folder, 'etc'):
        real = os.path.realpath(path)
        if real == etc or real.startswith(etc + os.sep):
            raise Failure('{} is the configuration in force: render elsewhere, read it, and run its {}'.format(
                folder, INSTALL), EX_USAGE)


def refuse_shared(folder):
    """Raise Failure for a folder in which others can change what root is to install."""
    found = os.stat(folder)
    if found.st_uid not in (0, os.geteuid()) or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Failure('others can write to {}: render into a folder of your own'.format(folder), EX_CANTCREAT)


def secret_of(path):
    """The one line of a file that nobody else may read; raises Failure."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, 'rb') as file:
            if os.fstat(descriptor).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Failure('{}: others can read the password: chmod 600 {}'.format(path, path))
            text = file.read(4096).decode()
    except OSError as error:
        raise Failure('cannot read the password in {}: {}'.format(path, reason_of(error)))
    except UnicodeDecodeError:
        raise Failure('{}: not UTF-8'.format(path))
    secret = text[:-1] if text.endswith('\n') else text
    if not secret or not secret.isprintable() or secret != secret.strip():
        raise Failure('{}: not one line with a password'.format(path))
    return secret
