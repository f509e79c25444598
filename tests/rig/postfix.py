"""A Postfix of our own in a scratch folder, whose alias pipes mail to bouncedmail as user mailtools.

Needs root: local(8) changes users, to the owner of the file that the alias is in.
"""
import os
import pathlib
import pwd
import re
import shutil
import smtplib
import subprocess
import sys

from rig import parts
from rig.instance import LOOPBACK, NOT_OUTSIDE, Instance, free_port
from rig.program import BIN, CHECKOUT

USER = 'mailtools'

MAIN = LOOPBACK + NOT_OUTSIDE + '''mydestination = $myhostname, localhost
mynetworks = 127.0.0.1/32
alias_maps = {type}:{top}/aliases/bounces
alias_database = $alias_maps
# No table of local users: a mail to an unknown one is accepted, and local(8) returns it.
local_recipient_maps =
recipient_delimiter = +
# With 1s a mail may come up again before local(8) has let go of its file; qmgr then leaves it till it starts anew.
minimal_backoff_time = 2s
maximal_backoff_time = 3s
queue_run_delay = 1s
command_time_limit = 20s
'''


class Postfix(Instance):
    """One instance; `spool` is the Maildir that its alias fills."""

    def __init__(self):
        super().__init__('mt-mx-')
        self.spool = self.top / 'bounces'
        self.port = free_port()
        self.owner = user_mailtools()
        self.lay_out()
        alias_map = '{}:{}'.format(self.type, self.top / 'aliases' / 'bounces')
        parts.call(['postalias', '-c', self.config, alias_map])
        self.start()

    def lay_out(self):
        """Folders, main.cf, master.cf, the program, and the shipped alias with its path."""
        self.type = parts.call(['postconf', '-d', '-h', 'default_database_type']).strip()
        self.write(MAIN, '127.0.0.1:{} inet n - n - - smtpd\n'.format(self.port), type=self.type)
        for name in ('lib', 'bin', 'aliases', 'bounces'):
            (self.top / name).mkdir(mode=0o755)
        program = self.program()
        alias = (CHECKOUT / 'aliases.d' / 'bounces').read_text()
        aliases = self.top / 'aliases' / 'bounces'
        aliases.write_text(alias.replace('/usr/bin/bouncedmail ingest',
                                         '{} ingest --spool {}'.format(program, self.spool)))
        for path in (aliases, aliases.parent, self.spool):
            os.chown(str(path), self.owner.pw_uid, self.owner.pw_gid)
        for name in ('tmp', 'new', 'cur'):
            (self.spool / name).mkdir(mode=0o700)
            os.chown(str(self.spool / name), self.owner.pw_uid, self.owner.pw_gid)

    def program(self):
        """bin/bouncedmail as it is installed: in a place, and with a Python, that USER can reach."""
        shutil.copytree(str(CHECKOUT / 'mailtools'), str(self.top / 'lib' / 'mailtools'))
        text = (BIN / 'bouncedmail').read_text()
        text = re.sub('^#!.*', '#!{} -IS'.format(reachable_python(self.top)), text, count=1)
        text = re.sub('^LIBRARY = .*', "LIBRARY = '{}/lib'".format(self.top), text, count=1, flags=re.M)
        program = self.top / 'bin' / 'bouncedmail'
        program.write_text(text)
        program.chmod(0o755)
        return program

    def send(self, mails):
        """Hand in (envelope sender, recipient, text) mails over one connection."""
        with smtplib.SMTP('127.0.0.1', self.port, timeout=20) as client:
            for sender, recipient, text in mails:
                client.sendmail(sender, [recipient], text)

    def spooled(self):
        """The files that wait in the spool."""
        return sorted((self.spool / 'new').iterdir())


def user_mailtools():
    """The user that the package makes; made here when it is missing."""
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        parts.call(['useradd', '-r', '-M', '-d', '/var/lib/mailtools', '-s', '/usr/sbin/nologin', '-U', USER])
        return pwd.getpwnam(USER)


def reachable_python(folder):
    """This Python, as USER can start it: itself, or a copy in `folder` when it lies in a closed home."""
    own = os.path.realpath(sys.executable)
    if subprocess.call(parts.as_user(USER, [own, '-IS', '-c', 'pass']), cwd='/',
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        return own
    base = pathlib.Path(sys.base_prefix)
    copy = folder / 'python'
    name = 'python{}.{}'.format(*sys.version_info)
    without = shutil.ignore_patterns('test', 'tests', 'site-packages', 'idlelib', 'ensurepip', '*.a')
    shutil.copytree(str(base / 'lib'), str(copy / 'lib'), symlinks=True, ignore=without, copy_function=second_name)
    (copy / 'bin').mkdir()
    shutil.copy(own, str(copy / 'bin' / name))
    wrapper = copy / 'python'
    wrapper.write_text('#!/bin/sh\nLD_LIBRARY_PATH={0}/lib exec {0}/bin/{1} "$@"\n'.format(copy, name))
    wrapper.chmod(0o755)
    return wrapper


def second_name(path, name):
    """Another name for a file, where that can be: a copy of a library takes seconds."""
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name)
