"""What the responder costs beside the bare interpreter, for mail that gets no answer and for mail that does."""
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'bench')]

import measure

ROUNDS = 101            # a start takes 10 ms and varies by as much
TMPFS = '/dev/shm'
HEADER = """\
From {sender}  Mon Nov 23 02:36:54 2026
Return-Path: <{sender}>
X-Original-To: donotreply@example.com
Delivered-To: donotreply@mx1.example.com
Received: from mail.example.org by mx1.example.com (Postfix) id 4D; Mon, 23 Nov 2026 02:36:54 +0000 (UTC)
From: Ann <{sender}>
To: donotreply@example.com
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=
Date: Mon, 23 Nov 2026 02:36:50 +0000
Message-ID: <1@example.org>
{more}
A line of text, and then some more of them.
"""


def program():
    """The installed program beside this Python (make venv), or else the one in bin/."""
    installed = pathlib.Path(sys.executable).with_name('autoreply')
    return installed if installed.exists() else ROOT / 'bin' / 'autoreply'


class Host:
    """Settings, state and mails in one folder; its sendmail does nothing."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / 'state').mkdir()
        self.config = self.folder / 'conf'
        self.config.write_text('[autoreply]\nsendmail = /bin/true\nstate = {}/state\nmax_per_hour = 1000000\n'
                               'max_per_day = 1000000\nmax_per_domain_per_hour = 1000000\n'.format(folder))
        self.env = {'PATH': '/usr/bin:/bin', 'SENDER': 'ann@example.org', 'RECIPIENT': 'donotreply@mx1.example.com',
                    'ORIGINAL_RECIPIENT': 'donotreply@example.com'}

    def mail(self, name, more='', size=0, sender='ann@example.org'):
        """The path of a mail."""
        path = self.folder / name
        with path.open('wb') as file:
            file.write(HEADER.format(sender=sender, more=more).encode())
            if size:
                file.truncate(size)
        return str(path)

    def command(self):
        """The argument list of the pipe, as its #! line has it."""
        return [sys.executable, '-IS', str(program()), '--config', str(self.config),
                str(ROOT / 'conf.d' / 'donotreply.txt')]

    def forget(self):
        """Nobody was answered."""
        for path in (self.folder / 'state').rglob('*@*'):
            path.unlink()


def answered(host, mail):
    """The costs of ROUNDS answers and of as many bare interpreters, taking turns."""
    bare, ours = [], []
    for turn in range(ROUNDS + 1):
        host.forget()
        one = measure.cost_of(host.command(), stdin=mail, env=host.env)
        other = measure.cost_of([sys.executable, '-I', '-S', '-c', 'pass'], env=host.env)
        if turn:
            ours.append(one)
            bare.append(other)
    return ours, bare


def main():
    table = measure.Table('autoreply : python -I -S -c pass')
    bare = [sys.executable, '-I', '-S', '-c', 'pass']
    with tempfile.TemporaryDirectory(dir=TMPFS if os.path.isdir(TMPFS) else None) as folder:
        host = Host(folder)
        person = host.mail('person')
        for what, more in ('suppressed by a rule', 'List-Id: <news.example.org>\n'), ('suppressed by the state', ''):
            mail = host.mail('mail', more)
            for clock in 'wall', 'cpu':
                table.compare('{}, {}'.format(what, clock), host.command(), bare, 1.5, clock,
                              rounds=ROUNDS, stdin=mail, env=host.env)
        ours, others = answered(host, person)
        for clock in 'wall', 'cpu':
            table.ratio('answered, sendmail = /bin/true, {}'.format(clock), measure.median(ours, clock),
                        measure.median(others, clock), 5)
        for what, more in ('answered', ''), ('suppressed', 'Precedence: bulk\n'):
            host.forget()
            large = host.mail('large', more, 100 << 20)
            peak = measure.peak_kb(host.command(), stdin=large, env=host.env)
            table.limit('memory for a mail of 100 MB, {}'.format(what), peak / 1024, 20, 'MB')
            os.unlink(large)
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
