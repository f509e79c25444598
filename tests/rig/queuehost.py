"""A Postfix of our own with thousands of deferred mails, of several ages and for several reasons.  Needs root."""
import os
import pathlib
import pwd
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile

from rig import parts, waiting
from rig.postfix import MASTER, free_port

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
mydestination =
maillog_file = {top}/log/maillog
maillog_file_prefixes = {top}
alias_maps =
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_recipient_limit = 2000
transport_maps = regexp:{top}/etc/transport
minimal_backoff_time = 4000s
maximal_backoff_time = 4000s
queue_run_delay = 1000s
default_destination_concurrency_limit = 50
'''
# What the other side says differs from domain to domain.
TRANSPORT = r'''/@slow{0}\.example$/ retry:4.4.1 connect to mx.slow{0}.example[192.0.2.1]:25: Connection timed out
/@grey{0}\.example$/ retry:4.7.1 host mx{0}.example[192.0.2.{0}] said: 451 4.7.1 <u{0}@x.example>: Greylisted for 3{0}
/@other{0}\.example$/ retry:4.3.0 mail for other{0}.example waits
'''
# smtpd would refuse what goes to retry(8): so it must not see where mail goes.
PLAIN = 'plain unix - - n - - trivial-rewrite -o transport_maps=\n'
DOMAINS = 7
AGES_S = (60, 450, 900, 1800, 3600, 7200, 14400, 28800, 57600, 200000)      # one amid each of qshape's buckets
TIME = re.compile(rb'(T[\x0b-\x1f])([0-9]{10})( *[0-9]*)')                  # REC_TYPE_TIME of rec_type.h


class QueueHost:
    """One instance."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='mt-q-', dir='/tmp'))
        self.top.chmod(0o755)
        self.config, self.queue = self.top / 'etc', self.top / 'spool'
        self.port = free_port()
        for name in ('etc', 'spool', 'data', 'log'):
            (self.top / name).mkdir(mode=0o755)
        postfix = pwd.getpwnam('postfix')
        os.chown(str(self.top / 'data'), postfix.pw_uid, postfix.pw_gid)
        asked = {name: parts.call(['postconf', '-d', '-h', name]).strip()
                 for name in ('daemon_directory', 'command_directory')}
        (self.config / 'main.cf').write_text(MAIN.format(top=self.top, **asked))
        (self.config / 'master.cf').write_text(MASTER.format(port=self.port).replace(
            '- smtpd\n', '- smtpd -o rewrite_service_name=plain\n', 1) + PLAIN)
        (self.config / 'transport').write_text(''.join(map(TRANSPORT.format, range(DOMAINS))))
        self.postfix('check')
        self.postfix('start')
        waiting.until(self.answers, what='smtpd')

    def postfix(self, what):
        """postfix start, stop, ..."""
        return parts.call([parts.find('postfix'), '-c', self.config, what])

    def answers(self):
        """True when smtpd takes connections."""
        try:
            socket.create_connection(('127.0.0.1', self.port), 5).close()
        except OSError:
            return False
        return True

    def multiply(self, times):
        """Put so many copies of each deferred mail beside it: far quicker than to send as many.

        An id tells the inode of its file, but Postfix looks at that when it starts, and not while it runs.
        """
        for path in self.deferred():
            log = self.queue / 'defer' / path.relative_to(self.queue / 'deferred')
            for number in range(times):
                for one in path, log:
                    copy = one.parent / '{}{:X}'.format(path.name, number)
                    shutil.copy(str(one), str(copy))
                    shutil.copystat(str(one), str(copy))
                    shutil.chown(str(copy), 'postfix', 'root')

    def send(self, mails):
        """(sender, [recipient...]) each, over one connection."""
        with smtplib.SMTP('127.0.0.1', self.port, timeout=20) as client:
            for sender, recipients in mails:
                client.sendmail(sender, recipients, 'Subject: x\n\nx\n')

    def deferred(self):
        """The paths of all deferred mails."""
        return sorted(path for path in (self.queue / 'deferred').rglob('*') if path.is_file())

    def settle(self, number):
        """Wait until so many mails are deferred and no other queue holds any."""
        def settled():
            return len(self.deferred()) >= number and not any(
                path.is_file() for queue in ('incoming', 'active', 'maildrop')
                for path in (self.queue / queue).rglob('*'))
        waiting.until(settled, limit_s=60, every_s=0.2, what='{} deferred mails'.format(number))

    def age(self):
        """Give the deferred mails the ages of AGES_S, in turn."""
        for number, path in enumerate(self.deferred()):
            data = path.read_bytes()
            found = TIME.search(data, 0, 400)
            then = '{:010d}'.format(int(found.group(2)) - AGES_S[number % len(AGES_S)]).encode()
            with open(str(path), 'r+b') as file:
                file.seek(found.start(2))
                file.write(then)

    def tool(self, *args):
        """What a tool of Postfix prints."""
        return subprocess.check_output([parts.find(args[0]), '-c', str(self.config)] + list(args[1:]), cwd='/')

    def remove(self):
        """Stop it and remove all."""
        subprocess.call([parts.find('postfix'), '-c', str(self.config), 'stop'], stderr=subprocess.DEVNULL)
        waiting.until(lambda: not self.answers(), what='postfix stop')
        shutil.rmtree(str(self.top), ignore_errors=True)
