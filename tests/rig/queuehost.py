"""A Postfix of our own with thousands of deferred mails, of several ages and for several reasons.  Needs root."""
import re
import shutil
import smtplib
import subprocess

from rig import parts, waiting
from rig.instance import LOOPBACK, Instance, free_port

MAIN = LOOPBACK + '''mydestination =
alias_maps =
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


class QueueHost(Instance):
    """One instance."""

    def __init__(self):
        super().__init__('mt-q-')
        self.queue = self.top / 'spool'
        self.port = free_port()
        self.write(MAIN, '127.0.0.1:{} inet n - n - - smtpd -o rewrite_service_name=plain\n'.format(self.port) + PLAIN)
        (self.config / 'transport').write_text(''.join(map(TRANSPORT.format, range(DOMAINS))))
        self.start()

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
