"""The Postfix of rig.postfix with a role address that autoreply answers, and a person with a mailbox.

The whole way is real: SMTP, a virtual alias (so that the address written to is not the one
delivered to), the alias file owned by `mailtools`, the program, Postfix's own sendmail, a mailbox.
"""
import mailbox
import os
import shutil
import subprocess

from rig import parts, waiting
from rig.instance import write_main
from rig.postfix import Postfix
from rig.program import BIN
from rig.responder import TEMPLATE

ROLE = 'info@mx.test.invalid'           # what people write to
PERSON = 'ann@mx.test.invalid'
MORE = '''virtual_alias_maps = regexp:{top}/etc/virtual
'''
VIRTUAL = '/^info@mx\\.test\\.invalid$/ behind@mx.test.invalid\n'
ALIASES = '''behind: "|{program} --config {top}/autoreply.conf {top}/answer.txt"
ann: {top}/mail/ann
'''
SETTINGS = '[autoreply]\nsendmail = {sendmail}\nstate = {top}/state\n'


class Answering(Postfix):
    """One instance.  /etc/postfix is hidden from it by a mount of its own, for sendmail(1) as a user
    asks /etc/postfix/main.cf whether it may use another folder."""

    def lay_out(self):
        """Besides what bounces need: the role address, the person, the state."""
        super().lay_out()
        program = self.top / 'bin' / 'autoreply'
        first, rest = (self.top / 'bin' / 'bouncedmail').read_text().split('\n', 1)
        library = next(line for line in rest.split('\n') if line.startswith('LIBRARY = '))
        text = (BIN / 'autoreply').read_text().split('\n', 1)[1]
        program.write_text('\n'.join([first] + [library if line.startswith('LIBRARY = ') else line
                                               for line in text.split('\n')]))
        program.chmod(0o755)
        write_main(self.config, (self.config / 'main.cf').read_text() + MORE.format(top=self.top))
        (self.config / 'virtual').write_text(VIRTUAL)
        (self.top / 'answer.txt').write_text(TEMPLATE)
        (self.top / 'autoreply.conf').write_text(SETTINGS.format(top=self.top, sendmail=parts.find('sendmail')))
        with (self.top / 'aliases' / 'bounces').open('a') as file:
            file.write(ALIASES.format(top=self.top, program=program))
        for name in 'state', 'mail':
            (self.top / name).mkdir()
            os.chown(str(self.top / name), self.owner.pw_uid, self.owner.pw_gid)
        hidden = self.top / 'etcpostfix'
        shutil.copytree('/etc/postfix', str(hidden))
        write_main(hidden, 'compatibility_level = 3.6\nmyhostname = mx.test.invalid\n'
                           'alternate_config_directories = {}\n'.format(self.config))

    def postfix(self, what):
        """postfix start, stop, ... where /etc/postfix is ours."""
        script = 'mount --bind "$0" /etc/postfix && exec "$@"'
        return parts.call(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, self.top / 'etcpostfix',
                           parts.find('postfix'), '-c', self.config, what])

    @staticmethod
    def missing():
        """What keeps it from running here, None for nothing."""
        for name in 'postfix', 'sendmail', 'runuser', 'useradd', 'unshare':
            if parts.find(name) is None:
                return '{} is not installed'.format(name)
        if subprocess.call(['unshare', '-m', '--propagation', 'private', 'mount', '--bind', '/etc', '/etc'],
                           stderr=subprocess.DEVNULL) != 0:
            return 'by design: this container allows no mount'
        return None

    def letters(self):
        """The mails in the person's mailbox."""
        path = self.top / 'mail' / 'ann'
        return list(mailbox.mbox(str(path))) if path.exists() else []

    def queue(self):
        """What postqueue -p says."""
        return parts.call(['postqueue', '-c', self.config, '-p'])

    def until_quiet(self):
        """Wait until the queue is empty."""
        waiting.until(lambda: 'is empty' in self.queue(), 30, 0.1, what='an empty queue:\n' + self.queue())
