"""Programs that answer mail on their own, and the letters that go between them and us.

Each takes one delivery and gives the letters that it sent: ours, vacation(1), and the vacation of
Dovecot's Sieve.  `talk` carries letters to and fro until nobody has anything more to say.
"""
import os
import re
import subprocess
from typing import NamedTuple

from rig import parts
from rig.responder import Responder, environment

HOPS = 24       # so many letters are a loop

SIEVE = 'require ["vacation"];\nvacation :days 1 :addresses ["{address}"] "I am away.";\n'
DOVECOT = '''log_path = /dev/stderr
ssl = no
protocols =
base_dir = {top}/run
state_dir = {top}/state
mail_location = maildir:{top}/maildir
postmaster_address = postmaster@example.org
hostname = mx.example.org
sendmail_path = {top}/sendmail
default_internal_user = {user}
default_login_user = {user}
protocol lda {{
  mail_plugins = sieve
}}
plugin {{
  sieve = {top}/vacation.sieve
}}
'''


class Letter(NamedTuple):
    """A mail under way."""

    sender: bytes       # of the envelope; b'' is the null sender
    recipient: bytes
    raw: bytes


def piped(letter):
    """The mail as local(8) pipes it."""
    return b''.join((b'From ', letter.sender or b'MAILER-DAEMON', b'  Sun Nov 22 21:19:37 2026\n', b'Return-Path: <',
                     letter.sender, b'>\nX-Original-To: ', letter.recipient, b'\nDelivered-To: ', letter.recipient,
                     b'\n',
                     letter.raw))


class Ours:
    """autoreply for one address."""

    def __init__(self, folder, address, **settings):
        self.address = address
        self.host = Responder(folder, **settings)
        self.answers = 0

    def take(self, letter):
        """The letters that one mail leads to."""
        before = self.host.sent()
        ran = self.host.deliver(piped(letter), environment(letter.sender, letter.recipient, letter.recipient))
        assert ran.status == 0, ran
        fresh = self.host.sent()[len(before):]
        self.answers += len(fresh)
        return [Letter(b'', sent.recipients()[0], sent.raw) for sent in fresh]


class Vacation:
    """vacation(1), which calls /usr/sbin/sendmail: so it runs where that is the stand-in."""

    def __init__(self, folder, address, *options):
        self.address, self.options = address, options
        self.host = Responder(folder)       # for its stand-in alone
        self.folder = self.host.folder
        self.answers = 0
        (self.folder / 'message').write_text('Subject: away\n\nI am away.\n')
        self.run('-i', '-f', str(self.folder / 'db'), 'root')

    @staticmethod
    def missing():
        """What keeps it from running here, None for nothing."""
        if parts.find('vacation') is None:
            return 'vacation is not installed'
        if parts.find('sendmail') is None:
            return 'sendmail is not installed'
        if os.getuid() != 0 or subprocess.call(['unshare', '-m', 'true'], stderr=subprocess.DEVNULL) != 0:
            return 'a mount of our own needs root'
        return None

    def run(self, *args, stdin=b''):
        """vacation to the end of all that it starts."""
        script = 'mount --bind "$0" {} && exec vacation "$@"'.format(os.path.realpath(parts.find('sendmail')))
        done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, str(self.host.sendmail)]
                              + list(args), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              cwd=str(self.folder), timeout=30)
        assert done.returncode == 0, done.stdout

    def take(self, letter):
        """The letters that one mail leads to."""
        before = self.host.sent()
        self.run('-d', *self.options, '-f', str(self.folder / 'db'), '-m', str(self.folder / 'message'), 'root',
                 stdin=piped(letter))
        fresh = self.host.sent()[len(before):]
        self.answers += len(fresh)
        sender = b'' if '-z' in self.options else self.address
        return [Letter(sender, sent.recipients()[0], b'From: ' + self.address + b'\nMessage-ID: <v%d@x.example>\n'
                       % self.answers + sent.raw) for sent in fresh]


class Sieve:
    """Dovecot's delivery agent with a vacation in Sieve."""

    def __init__(self, folder, address, user):
        self.address, self.user = address, user
        self.host = Responder(folder)
        self.folder = self.host.folder
        self.answers = 0
        (self.folder / 'dovecot.conf').write_text(DOVECOT.format(top=self.folder, user=user))
        (self.folder / 'vacation.sieve').write_text(SIEVE.format(address=address.decode()))
        for path in [self.folder] + list(self.folder.iterdir()):
            os.chown(str(path), *user_ids(user))

    @staticmethod
    def agent():
        """The path of dovecot-lda, None when it or its plugin is missing."""
        for place in '/usr/lib/dovecot', '/usr/libexec/dovecot', '/usr/lib64/dovecot':
            if os.path.exists(place + '/dovecot-lda') and any(
                    os.path.exists(place + one) for one in ('/modules/lib90_sieve_plugin.so',
                                                            '/lib90_sieve_plugin.so')):
                return place + '/dovecot-lda'
        return None

    def take(self, letter):
        """The letters that one mail leads to."""
        before = self.host.sent()
        args = ['env', 'HOME={}'.format(self.folder), self.agent(), '-c', str(self.folder / 'dovecot.conf'),
                '-f', letter.sender.decode() or '<>', '-a', letter.recipient.decode()]
        done = subprocess.run(parts.as_user(self.user, args), input=letter.raw, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=30, cwd='/',
                              env={'USER': self.user, 'PATH': parts.PATH})
        assert done.returncode == 0, done.stdout
        fresh = self.host.sent()[len(before):]
        self.answers += len(fresh)
        return [Letter(b'', re.sub(rb'\A<|>\Z', b'', (sent.recipients() or sent.args[-1:])[0]),
                       sent.raw.replace(b'\r\n', b'\n')) for sent in fresh]


def user_ids(name):
    """(uid, gid) of a user."""
    import pwd
    found = pwd.getpwnam(name)
    return found.pw_uid, found.pw_gid


def talk(parties, letter, way):
    """How many letters were carried until all were silent, HOPS when they did not end.

    way: Letter -> Letter, what a gateway makes of it.
    """
    by_address = {party.address.lower(): party for party in parties}
    under_way, carried = [letter], 0
    while under_way and carried < HOPS:
        letter = way(under_way.pop(0), carried)
        carried += 1
        party = by_address.get(letter.recipient.lower())
        if party is not None:
            under_way += party.take(letter)
    return carried
