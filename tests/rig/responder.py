"""One responder as autoreply sees it: settings, state, template and a sendmail that records, all in one folder.

`deliver` pipes a mail in as local(8) does: its environment, one pipe for stdout and stderr,
a session of its own.  The stand-in sendmail is a real program; what it was given is in `sent()`.
"""
import os
import pathlib
import re
import subprocess
import time
from typing import List, NamedTuple

from rig import program

# Number of arguments, arguments, mail, in a file named after the process that asked and our own, when it is whole.
SENDMAIL = '''#!/bin/sh
name=$PPID.$$
{{ printf '%s\\0' "$#" "$@"; cat; }} > '{outbox}'/".$name" && mv '{outbox}'/".$name" '{outbox}'/"$name" || exit 75
'''
TEMPLATE = '''Hello,

nobody reads this mailbox. Please write to the address on our web page.
'''
ALLOWED = re.compile(rb'[^1234567890!@%\-_=+:,./a-zA-Z]')   # command_expansion_filter
D_S_N = re.compile(rb'\A\s*[25]\.[0-9]{1,3}\.[0-9]{1,3}\b')  # pipe_command.c: would be believed, not 75


class Delivered(NamedTuple):
    """How local(8) would see it end."""

    status: int         # below 0: died by this signal
    output: bytes       # stdout and stderr, as they came
    took_s: float


class Sent(NamedTuple):
    """What sendmail was given."""

    args: List[bytes]
    raw: bytes
    asker: int = 0      # the process that called sendmail; 1 when that was dead by then

    def recipients(self):
        """What follows `--`."""
        return self.args[self.args.index(b'--') + 1:] if b'--' in self.args else None


def censored(address):
    """An address as it stands in $SENDER: bytes -> bytes."""
    return ALLOWED.sub(b'_', address)


def environment(sender=b'', recipient=b'', original=None, **more):
    """The variables that local(8) sets; more: others, None takes one away."""
    local, _, domain = recipient.rpartition(b'@')
    _, _, extension = local.partition(b'+')
    made = {b'PATH': b'/usr/bin:/bin', b'LOGNAME': local, b'USER': local, b'LOCAL': local, b'DOMAIN': domain,
            b'SENDER': sender, b'RECIPIENT': recipient, b'HOME': b'/var/lib/mailtools',
            b'SHELL': b'/usr/sbin/nologin', b'CLIENT_ADDRESS': b'192.0.2.7', b'CLIENT_HELO': b'mail.sender.example',
            b'CLIENT_HOSTNAME': b'unknown', b'CLIENT_PROTOCOL': b'ESMTP', b'MAIL_CONFIG': b'/etc/postfix'}
    if extension:
        made[b'EXTENSION'] = extension
    if original is not None:
        made[b'ORIGINAL_RECIPIENT'] = original
    made = {name: censored(value) for name, value in made.items()}
    for name, value in more.items():
        made[name.encode()] = value
    return {name: value for name, value in made.items() if value is not None}


class Responder:
    """A role address with its answer; every path is in `folder`."""

    def __init__(self, folder, python=None, template=TEMPLATE, **settings):
        self.folder = pathlib.Path(str(folder))
        self.state, self.outbox = self.folder / 'state', self.folder / 'outbox'
        self.config, self.template = self.folder / 'autoreply.conf', self.folder / 'answer.txt'
        self.sendmail = self.folder / 'sendmail'
        self.python = python
        for path in self.folder, self.state, self.outbox:
            path.mkdir(exist_ok=True)
        self.write_template(template)
        self.stand_in(SENDMAIL.format(outbox=self.outbox))
        self.configure(**settings)

    def configure(self, **settings):
        """Write the settings file; a value None leaves the default in force."""
        values = {'sendmail': self.sendmail, 'state': self.state}
        values.update(settings)
        self.config.write_text('[autoreply]\n' + ''.join(
            '{} = {}\n'.format(*one) for one in values.items() if one[1] is not None), encoding='utf-8')

    def write_template(self, text):
        """Another answer; str or bytes."""
        self.template.write_bytes(text if isinstance(text, bytes) else text.encode('utf-8'))

    def stand_in(self, script):
        """Another program as sendmail; the old one may be running, so its file is replaced."""
        fresh = self.folder / 'sendmail.new'
        fresh.write_text(script)
        fresh.chmod(0o755)
        os.rename(str(fresh), str(self.sendmail))

    def mend_sendmail(self):
        """The stand-in that records again."""
        self.stand_in(SENDMAIL.format(outbox=self.outbox))

    def command(self, *options):
        """The argument list of the pipe."""
        return program.command('autoreply', '--config', str(self.config), *(options + (str(self.template),)),
                               python=self.python)

    def start(self, env, options=(), **kwargs):
        """Start the pipe; the Popen, whose stdin waits for the mail."""
        return subprocess.Popen(self.command(*options), env=env, cwd='/', start_new_session=True,
                                **dict({'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE,
                                        'stderr': subprocess.STDOUT}, **kwargs))

    def deliver(self, raw, env, options=(), timeout=60, **kwargs):
        """Pipe a mail in; raw: bytes, or an open file."""
        began = time.monotonic()
        given = {} if isinstance(raw, bytes) else {'stdin': raw}
        process = self.start(env, options, **dict(given, **kwargs))
        try:
            output, _ = process.communicate(raw if isinstance(raw, bytes) else None, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            raise
        return Delivered(process.returncode, output or b'', time.monotonic() - began)

    def sent(self):
        """What sendmail was given so far, the oldest first."""
        files = [path for path in self.outbox.iterdir() if not path.name.startswith('.')]
        found = []
        for path in sorted(files, key=lambda one: one.stat().st_mtime_ns):
            count, _, rest = path.read_bytes().partition(b'\0')
            parts = rest.split(b'\0', int(count))
            found.append(Sent(parts[:-1], parts[-1], int(path.name.split('.')[0])))
        return found

    def count(self):
        """How many answers sendmail was given."""
        return sum(1 for name in os.listdir(str(self.outbox)) if not name.startswith('.'))
