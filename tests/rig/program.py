"""Run one of our programs as cron and local(8) do: a real process, an empty environment."""
import os
import pathlib
import subprocess
import sys
from typing import NamedTuple

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BIN = CHECKOUT / 'bin'
PATH = '/usr/bin:/bin:/usr/sbin:/sbin'
# LD_PRELOAD=/opt/sqlite-3.7.17/libsqlite3.so.0 make test: with an SQLite of before.
ENVIRONMENT = dict({'PATH': PATH}, **{name: os.environ[name] for name in ('LD_PRELOAD',) if name in os.environ})


class Ran(NamedTuple):
    """How a process ended."""

    status: int
    out: str
    err: str


def command(name, *args, python=None):
    """The argument list that starts bin/NAME with this Python, as its #! line would."""
    return [str(python or sys.executable), '-IS', str(BIN / name)] + [os.fspath(one) for one in args]


def run(name, *args, stdin=b'', env=None, timeout=60, python=None, cwd='/'):
    """Run bin/NAME to its end under `env -i`.

    stdin: bytes, or a file.  env: more variables than PATH.
    """
    environment = dict(ENVIRONMENT, **(env or {}))
    given = {'input': stdin} if isinstance(stdin, bytes) else {'stdin': stdin}
    done = subprocess.run(command(name, *args, python=python), env=environment, timeout=timeout, cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given)
    return Ran(done.returncode, done.stdout.decode('utf-8', 'replace'),
               done.stderr.decode('utf-8', 'replace'))


def start(name, *args, env=None, python=None, cwd='/', **kwargs):
    """Start bin/NAME under `env -i` and give the Popen."""
    environment = dict(ENVIRONMENT, **(env or {}))
    return subprocess.Popen(command(name, *args, python=python), env=environment, cwd=cwd, **kwargs)
