"""Where the real parts of this machine are, and which user may run them."""
import glob
import os
import pwd
import re
import shutil
import subprocess

PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin:/usr/bin:/bin'


def find(name):
    """The path of a system program, None when it is missing."""
    return shutil.which(name, path=PATH)


def postgresql_folder():
    """The folder of initdb and pg_ctl, the newest version; None when there is none.

    POSTGRESQL=/opt/pg10/bin in the environment asks for another.
    """
    if 'POSTGRESQL' in os.environ:
        return os.environ['POSTGRESQL']
    found = glob.glob('/usr/lib/postgresql/*/bin/initdb') + glob.glob('/usr/pgsql-*/bin/initdb')
    if found:
        return os.path.dirname(max(found, key=version))
    initdb = find('initdb')
    return os.path.dirname(initdb) if initdb else None


def version(path):
    """15.0 of /usr/lib/postgresql/15/bin/initdb."""
    return float(re.findall(r'[0-9]+(?:\.[0-9]+)?', path)[-1])


def other_user(*names):
    """The first of these users that exists, None if none does."""
    for name in names:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            pass
    return None


def as_user(user, args):
    """The argument list that runs `args` as `user`; unchanged when that is us."""
    if user is None or pwd.getpwuid(os.getuid()).pw_name == user:
        return list(args)
    return ['runuser', '-u', user, '--'] + list(args)


def call(args, **kwargs):
    """Run a system program, for its side effect; its output is the message of a failure."""
    done = subprocess.run([os.fspath(one) for one in args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd='/', timeout=120, **kwargs)
    assert done.returncode == 0, '{}: status {}: {}'.format(
        args, done.returncode, done.stdout.decode('utf-8', 'replace'))
    return done.stdout.decode('utf-8', 'replace')
