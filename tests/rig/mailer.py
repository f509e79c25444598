"""Postfix on a machine of its own, set up as its administrator would: /etc/postfix, /etc/aliases, a user."""
import re

from rig import waiting
from rig.instance import MASTER, write_main

MAIN = '''compatibility_level = 3.6
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = {daemons}
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
myhostname = mx1.example.com
mydestination = $myhostname, localhost
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /var/log/maillog
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
default_transport = error:no outside delivery in tests
relay_transport = error:no outside delivery in tests
alias_maps = {type}:/etc/aliases
alias_database = {type}:/etc/aliases
# A mail to an unknown user is accepted, and local(8) returns it.
local_recipient_maps =
recipient_delimiter = +
mail_spool_directory = /var/mail
mailbox_command =
home_mailbox =
'''
PERSON = 'ann'


class Mailer:
    """Postfix of a Machine; the person `ann` reads her mail there."""

    def __init__(self, machine):
        self.machine = machine
        machine.write('/etc/postfix/main.cf', '')
        self.type, daemons = machine.call('postconf', '-dh', 'default_database_type', 'daemon_directory').split()
        write_main(machine.path('/etc/postfix'), MAIN.format(daemons=daemons, type=self.type))
        machine.write('/etc/postfix/master.cf', 'smtp inet n - n - - smtpd\n' + MASTER)
        machine.write('/etc/aliases', 'postmaster: root\nroot: {}\n'.format(PERSON))
        machine.write('/var/log/maillog', '')
        machine.call('useradd', '-M', '-s', '/bin/sh', PERSON)
        machine.call('install', '-m', '600', '-o', PERSON, '-g', 'mail', '/dev/null', '/var/mail/' + PERSON)
        machine.call('newaliases')

    def set_up(self, text):
        """Do what the comment of an alias file tells the administrator to: its lines behind `#   `, as root."""
        commands = [line.lstrip('# ') for line in text.splitlines() if re.match(r'#   (?:postconf|postalias) ', line)]
        assert commands
        for command in commands:
            self.machine.call('sh', '-ec', command.replace('hash:', self.type + ':'))
            write_main(self.machine.path('/etc/postfix'), self.machine.path('/etc/postfix/main.cf').read_text())

    def start(self):
        """Start it, or have it read its files again."""
        if self.machine.run('postfix', 'status').status:
            self.machine.call('postfix', 'start')
        else:
            self.machine.call('postfix', 'reload')

    def send(self, sender, recipient, text):
        """Hand in a mail, as a person does."""
        self.machine.call('sendmail', '-f', sender, '--', recipient, stdin=text.encode(), user=PERSON)

    def letters(self):
        """What lies in the person's mailbox, as text of an mbox."""
        return self.machine.path('/var/mail/' + PERSON).read_text(errors='replace')

    def log(self):
        """The log."""
        return self.machine.path('/var/log/maillog').read_text(errors='replace')

    def until(self, condition, what):
        """waiting.until, with the log where it is in vain."""
        try:
            return waiting.until(condition, 30, what=what)
        except AssertionError as error:
            raise AssertionError('{}\n{}\n{}'.format(error, self.log()[-3000:], self.machine.call('mailq')))
