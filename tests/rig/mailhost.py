"""One mail server as bouncedmail sees it: a spool, settings and a database, all in one folder."""
import os
import pathlib
import sqlite3
import subprocess

from rig import program

BOUNCE = """\
From MAILER-DAEMON  {ctime}
Return-Path: <>
X-Original-To: bounces+user{number}=example.org@mx1.example.com
Delivered-To: bounces@mx1.example.com
Received: by mx1.example.com (Postfix) id 4D{number:06d}; Sun, 22 Nov 2026 21:19:37 +0000 (UTC)
Date: Sun, 22 Nov 2026 21:19:37 +0000 (UTC)
From: MAILER-DAEMON@mx1.example.com (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounces@mx1.example.com
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b{number}"
Message-Id: <{message_id}>

--b{number}
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx1.example.com.

<user{number}@example.org>: host mail.example.org[192.0.2.9] said: 550 5.1.1
    <user{number}@example.org>: user unknown (in reply to RCPT TO command)

--b{number}
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.example.com

Final-Recipient: rfc822; user{number}@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <user{number}@example.org>: user unknown

--b{number}
Content-Type: message/rfc822

From: news@example.com
To: user{number}@example.org
Subject: News
Message-Id: <original{number}@example.com>

{text}
--b{number}--
"""
LINE = 'A line of a newsletter that came back with the bounce, sixty-four.\n'
CTIMES = ('Sun Nov 22 21:19:37 2026', 'Mon Nov 23 07:00:01 2026')


def message_id(number):
    """The Message-ID of bounce(number)."""
    return 'bounce{}@mx1.example.com'.format(number)


def bounce(number, size=0, delivery=0):
    """A bounce as local(8) pipes it; all bounces of one number are one mail.

    size: bytes of returned text.  delivery: 0 or 1; the `From ` line has another time.
    """
    return BOUNCE.format(number=number, message_id=message_id(number), ctime=CTIMES[delivery],
                         text=LINE * (size // len(LINE) + 1)).encode('ascii')


class MailHost:
    """A spool with its settings file and, unless another is named, an SQLite database."""

    def __init__(self, folder, database=None, python=None, **settings):
        self.folder = pathlib.Path(str(folder))
        self.spool = self.folder / 'spool'
        self.config = self.folder / 'bouncedmail.conf'
        self.python = python
        self.started = []
        self.folder.mkdir(exist_ok=True)
        self.spool.mkdir(exist_ok=True)
        self.database = database or 'sqlite:{}'.format(self.folder / 'bounces.db')
        self.configure(**settings)

    def configure(self, **settings):
        """Write the settings file."""
        values = {'spool': self.spool, 'database': self.database, 'retry_first': '1s', 'retry_most': '1s'}
        values.update(settings)
        self.config.write_text('[bouncedmail]\n' + ''.join(
            '{} = {}\n'.format(key, value) for key, value in values.items()), encoding='utf-8')

    def run(self, command, *args, **kwargs):
        """Run a command to its end."""
        return program.run(
            'bouncedmail', command, '--config', self.config, *args, python=self.python, **kwargs)

    def start(self, command, *args, **kwargs):
        """Start a command; the Popen."""
        self.started.append(program.start(
            'bouncedmail', command, '--config', self.config, *args, python=self.python, **kwargs))
        return self.started[-1]

    def end(self):
        """Kill what still runs, after a test that failed."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()

    def ingest(self, raw, env=None):
        """Pipe a mail in as local(8) does; Ran."""
        return self.run('ingest', stdin=raw, env=env)

    def start_ingest(self):
        """Start a pipe; the Popen, to whose stdin the mail is to be written."""
        return self.start('ingest', stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def deliver(self, raw, name):
        """Put a mail into new/ as local(8) itself does for an alias that ends in /."""
        for folder in 'tmp', 'new', 'cur':
            (self.spool / folder).mkdir(exist_ok=True)
        (self.spool / 'tmp' / name).write_bytes(raw)
        os.rename(str(self.spool / 'tmp' / name), str(self.spool / 'new' / name))

    def waiting(self):
        """The names of the mails that wait."""
        return self.names('new') + self.names('cur')

    def names(self, folder):
        """The names of files in a folder of the spool."""
        path = self.spool / folder
        return sorted(os.listdir(str(path))) if path.exists() else []

    def rows(self, sql):
        """What a statement gives on the SQLite database, or on PostgreSQL."""
        if self.database.startswith('sqlite:'):
            path = self.database[len('sqlite:'):]
            if not os.path.exists(path):
                return []
            connection = sqlite3.connect(path, timeout=30)
        else:
            import psycopg2
            connection = psycopg2.connect(self.database)
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall()
        finally:
            connection.close()

    def stored(self):
        """The Message-IDs of all mails in the database, sorted, one for each row."""
        try:
            return sorted(row[0] for row in self.rows('SELECT message_id FROM mail'))
        except sqlite3.OperationalError as error:
            if 'no such table' not in str(error):       # the drainer is about to make them
                raise
            return []

    def recipients(self):
        """The recipients of all events, sorted, one for each row."""
        return sorted(row[0] or '' for row in self.rows('SELECT recipient FROM event'))
