"""A Postfix of our own in a scratch folder, whose alias pipes mail to bouncedmail as user mailtools.

Needs root: local(8) changes users, to the owner of the file that the alias is in.
"""
import os
import pathlib
import pwd
import re
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile

from rig import parts, waiting
from rig.program import BIN, CHECKOUT

USER = 'mailtools'

MAIN = '''compatibility_level = 3.6
queue_directory = {top}/spool
data_directory = {top}/data
command_directory = {command_directory}
daemon_directory = {daemon_directory}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.test.invalid
mydestination = $myhostname, localhost
mynetworks = 127.0.0.1/32
maillog_file = {top}/log/maillog
maillog_file_prefixes = {top}
alias_maps = {type}:{top}/aliases/bounces
alias_database = $alias_maps
# No table of local users: a mail to an unknown one is accepted, and local(8) returns it.
local_recipient_maps =
recipient_delimiter = +
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
default_transport = error:no outside delivery in tests
relay_transport = error:no outside delivery in tests
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
command_time_limit = 20s
'''

MASTER = '''127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
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


class Postfix:
    """One instance; `spool` is the Maildir that its alias fills."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='mt-mx-', dir='/tmp'))
        self.top.chmod(0o755)
        self.config = self.top / 'etc'
        self.spool = self.top / 'bounces'
        self.port = free_port()
        self.owner = user_mailtools()
        self.lay_out()
        alias_map = '{}:{}'.format(self.type, self.top / 'aliases' / 'bounces')
        parts.call(['postalias', '-c', self.config, alias_map])
        self.postfix('check')
        self.postfix('start')
        waiting.until(self.answers, what='smtpd')

    def postfix(self, what):
        """postfix start, stop, ..."""
        return parts.call([parts.find('postfix'), '-c', self.config, what])

    def lay_out(self):
        """Folders, main.cf, master.cf, the program, and the shipped alias with its path."""
        for name in ('etc', 'spool', 'data', 'log', 'lib', 'bin', 'aliases', 'bounces'):
            (self.top / name).mkdir(mode=0o755)
        postfix = pwd.getpwnam('postfix')
        os.chown(str(self.top / 'data'), postfix.pw_uid, postfix.pw_gid)
        asked = {name: parts.call(['postconf', '-d', '-h', name]).strip()
                 for name in ('daemon_directory', 'command_directory', 'default_database_type')}
        self.type = asked.pop('default_database_type')
        (self.config / 'main.cf').write_text(MAIN.format(top=self.top, type=self.type, **asked))
        (self.config / 'master.cf').write_text(MASTER.format(port=self.port))
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

    def answers(self):
        """True when smtpd takes connections."""
        try:
            socket.create_connection(('127.0.0.1', self.port), 5).close()
        except OSError:
            return False
        return True

    def send(self, mails):
        """Hand in (envelope sender, recipient, text) mails over one connection."""
        with smtplib.SMTP('127.0.0.1', self.port, timeout=20) as client:
            for sender, recipient, text in mails:
                client.sendmail(sender, [recipient], text)

    def spooled(self):
        """The files that wait in the spool."""
        return sorted((self.spool / 'new').iterdir())

    def log(self):
        """What Postfix has logged, for the message of a failed test."""
        return (self.top / 'log' / 'maillog').read_text()

    def remove(self):
        """Stop it and remove all."""
        subprocess.call([parts.find('postfix'), '-c', str(self.config), 'stop'], stderr=subprocess.DEVNULL)
        waiting.until(lambda: not self.answers(), what='postfix stop')
        shutil.rmtree(str(self.top), ignore_errors=True)


def free_port():
    """A port that nobody listens at just now."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


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
    shutil.copytree(str(base / 'lib'), str(copy / 'lib'), symlinks=True, ignore=without)
    (copy / 'bin').mkdir()
    shutil.copy(own, str(copy / 'bin' / name))
    wrapper = copy / 'python'
    wrapper.write_text('#!/bin/sh\nLD_LIBRARY_PATH={0}/lib exec {0}/bin/{1} "$@"\n'.format(copy, name))
    wrapper.chmod(0o755)
    return wrapper
