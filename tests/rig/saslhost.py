"""A Postfix with Dovecot's passwords in a network of its own, and clients at many addresses.

Two network namespaces, a cable between them: in one Postfix listens at 192.0.2.1:587, in the other clients
have the addresses CLIENTS.  (Loopback is never blocked, so it won't do.)  Needs root and ip(8).
"""
import json
import os
import subprocess
import sys

import pytest

from rig import parts, program, waiting
from rig.instance import NOT_OUTSIDE, Instance

SERVER, GATE = '192.0.2.1', '192.0.2.2'
SERVER6, GATE6 = '2001:db8:1::1', '2001:db8:1::2'
CLIENTS = ['198.51.100.{}'.format(number) for number in range(21, 61)] + ['203.0.113.5']
CLIENTS6 = ['2001:db8:2:1::{:x}'.format(number) for number in range(1, 5)]
CROWD6 = ['2001:db8:2:2::{:x}'.format(number) for number in range(1, 9)]      # one /64
USER, PASSWORD = 'alice', 'secret'

MAIN = NOT_OUTSIDE + '''inet_interfaces = 192.0.2.1, 2001:db8:1::1
inet_protocols = all
mydestination = $myhostname
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
local_transport = discard:
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {top}/dovecot/run/auth-client
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_error_sleep_time = 0
smtpd_client_auth_rate_limit = 0
'''
SMTPD = '587 inet n - n - - smtpd\n  -o syslog_name=postfix/submission\n'
DOVECOT = '''base_dir = {top}/dovecot/run
state_dir = {top}/dovecot/state
log_path = {top}/dovecot/log
protocols =
ssl = no
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {top}/dovecot/users
}}
# Asked last, so it is what says no: without `nodelay` that takes half a second, whatever auth_failure_delay is.
passdb {{
  driver = static
  args = nopassword=y nodelay=y
  deny = yes
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
'''
# All clients, in their namespace: a JSON list on a line is one of them, and it answers with
# {"greeting": reply, "auth": [replies], "mail": reply}, None for what it never heard.
CLIENT = '''
import json, smtplib, sys
for line in sys.stdin:
    server, address, user, password, guesses, send = json.loads(line)
    told = {'greeting': None, 'auth': [], 'mail': None}
    try:
        smtp = smtplib.SMTP(timeout=20, source_address=(address, 0))
        told['greeting'] = smtp.connect(server, 587)[0]
        if told['greeting'] == 220:
            smtp.ehlo('client.test.invalid')
            for number in range(guesses):
                try:
                    smtp.user, smtp.password = user.format(number), password
                    told['auth'].append(smtp.auth('PLAIN', smtp.auth_plain)[0])
                except smtplib.SMTPAuthenticationError as error:
                    told['auth'].append(error.smtp_code)
            if send:
                smtp.sendmail('alice@mx.test.invalid', ['bob@mx.test.invalid'], 'Subject: x\\n\\nx\\n')
                told['mail'] = 250
        smtp.quit()
    except (smtplib.SMTPException, OSError) as error:
        told['trouble'] = str(error)
    print(json.dumps(told), flush=True)
'''


class SaslHost(Instance):
    """The server, its clients, and the settings of block-sasl-fail for it."""

    def __init__(self):
        super().__init__('mt-sasl-')
        self.server, self.clients = ('mt{}{}'.format(os.getpid(), letter) for letter in 'sc')
        self.map = self.config / 'access_dynamic'
        self.settings = self.top / 'block-sasl-fail.conf'
        self.parameters = {}
        self.stale = False          # whether Postfix has not yet read what we have set
        self.agent = None
        try:
            self.cable()
            self.agent = subprocess.Popen(
                [parts.find('ip'), 'netns', 'exec', self.clients, sys.executable, '-IS', '-c', CLIENT],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True, bufsize=1)
            self.lay_out()
            # It keeps our end of a pipe open for as long as it lives.
            subprocess.check_call([parts.find('dovecot'), '-c', str(self.top / 'dovecot' / 'conf')],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.postfix('start')
            # Until the kernel has checked its own address of the link it looks for no neighbour on it.
            waiting.until(lambda: not any(parts.call(['ip', '-n', name, '-6', 'addr', 'show', 'tentative'])
                                          for name in (self.server, self.clients)), what='the addresses of the link')
            waiting.until(lambda: self.client(GATE)['greeting'] == 220, what='smtpd')
        except BaseException:
            self.remove()
            raise

    def cable(self):
        """Two namespaces and the link between them."""
        def ip(where, *args):
            parts.call([parts.find('ip')] + (['-n', where] if where else []) + list(args))
        for name in (self.server, self.clients):
            made = subprocess.run([parts.find('ip'), 'netns', 'add', name], stderr=subprocess.PIPE)
            if made.returncode:
                pytest.skip('a network namespace is not allowed here: {}'.format(made.stderr.decode().strip()))
            ip(name, 'link', 'set', 'lo', 'up')
        ip('', 'link', 'add', 'v' + self.server, 'netns', self.server, 'type', 'veth',
           'peer', 'name', 'v' + self.clients, 'netns', self.clients)
        for name, four, six in ((self.server, SERVER, SERVER6), (self.clients, GATE, GATE6)):
            ip(name, 'addr', 'add', four + '/24', 'dev', 'v' + name)
            ip(name, 'addr', 'add', six + '/64', 'dev', 'v' + name, 'nodad')
            ip(name, 'link', 'set', 'v' + name, 'up')
        for address in CLIENTS:
            ip(self.clients, 'addr', 'add', address + '/32', 'dev', 'lo')
        for address in CLIENTS6 + CROWD6:
            ip(self.clients, 'addr', 'add', address + '/128', 'dev', 'lo', 'nodad')
        ip(self.server, 'route', 'add', 'default', 'via', GATE)
        ip(self.server, '-6', 'route', 'add', 'default', 'via', GATE6)

    def lay_out(self):
        """Folders and settings."""
        self.write(MAIN, SMTPD)
        for name in ('dovecot', 'dovecot/run', 'dovecot/state'):
            (self.top / name).mkdir(mode=0o755)
        (self.top / 'dovecot' / 'conf').write_text(DOVECOT.format(top=self.top))
        (self.top / 'dovecot' / 'users').write_text('{}:{{PLAIN}}{}::::::\n'.format(USER, PASSWORD))

    def configure(self, **settings):
        """Write the settings of block-sasl-fail, and begin anew: no state, no map, an empty log."""
        for path in list(self.config.glob('*access_dynamic*')) + list(self.top.glob('state.db*')):
            path.unlink()
        if (self.top / 'log' / 'maillog').exists():
            os.truncate(str(self.top / 'log' / 'maillog'), 0)
        values = {'log': self.top / 'log' / 'maillog', 'state': self.top / 'state.db', 'map': self.map,
                  'postfix_config': self.config, 'map_type': 'hash', 'neighbours': 0, 'net4_addresses': 0}
        values.update(settings)
        self.settings.write_text('[block-sasl-fail]\n' + ''.join(
            '{} = {}\n'.format(*one) for one in values.items()))
        self.kind = values['map_type']

    def run(self, command, *args):
        """Run block-sasl-fail on the server; Ran."""
        done = subprocess.run(
            [parts.find('ip'), 'netns', 'exec', self.server] +
            program.command('block-sasl-fail', command, '--config', self.settings, *args),
            env={'PATH': program.PATH}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=120, cwd='/')
        return program.Ran(done.returncode, done.stdout.decode('utf-8', 'replace'),
                           done.stderr.decode('utf-8', 'replace'))

    def set(self, **parameters):
        """Set parameters of main.cf; Postfix reads them before the next client comes."""
        if any(self.parameters.get(name) != value for name, value in parameters.items()):
            parts.call(['postconf', '-c', self.config, '-e'] + ['{}={}'.format(*one) for one in parameters.items()])
            self.settle()
            self.parameters.update(parameters)
            self.stale = True

    def settle(self):
        """Make main.cf and master.cf as of long ago; else Postfix waits until nobody writes them any more."""
        for name in 'main.cf', 'master.cf':
            os.utime(str(self.config / name), (1e9, 1e9))

    def reload(self):
        """postfix reload, after main.cf or master.cf were written."""
        self.settle()
        self.stale = False
        self.postfix('reload')
        waiting.until(lambda: self.client(GATE)['greeting'] is not None, what='smtpd')

    def guard(self):
        """Do what `check` advises."""
        tables = ['{}:{}'.format(self.kind, self.map)]
        if self.kind != 'cidr':
            tables.append('cidr:{}.cidr'.format(self.map))
        self.set(smtpd_delay_reject='no', smtpd_client_restrictions=', '.join(
            'check_client_access ' + one for one in tables))

    def postfix(self, what):
        """postfix start, stop, ... in the namespace of the server."""
        return parts.call([parts.find('ip'), 'netns', 'exec', self.server,
                           parts.find('postfix'), '-c', self.config, what])

    def client(self, address, guesses=0, user=USER, password='wrong', send=False):
        """What a client at an address is told; {} in `user` is the number of the guess."""
        if self.stale:
            self.reload()
        server = SERVER6 if ':' in address else SERVER
        self.agent.stdin.write(json.dumps([server, address, user, password, guesses, send]) + '\n')
        return json.loads(self.agent.stdout.readline())

    def honest(self, address):
        """What a client with the right password is told."""
        return self.client(address, 1, password=PASSWORD, send=True)

    def logged(self, text, times=1):
        """Wait until the log says something so often."""
        waiting.until(lambda: self.log().count(text) >= times, what='{} in the log'.format(text))

    def remove(self):
        """Stop all and remove all."""
        if self.agent:
            self.agent.communicate()
        for command in ([parts.find('dovecot'), '-c', str(self.top / 'dovecot' / 'conf'), 'stop'],
                        [parts.find('ip'), 'netns', 'del', self.server],
                        [parts.find('ip'), 'netns', 'del', self.clients]):
            subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        super().remove()
