"""What the application does: feed bulk mail to a round-robin name.  Run on its host; alone with the standard library.

Arguments: NAME FIRST LAST.  The recipients are read from stdin, one a line.  Each has an envelope sender of his
own (VERP).  A new connection is made for every PER_CONNECTION mails, to whatever address the name has first by then.
Prints how many mails were taken at which address, as JSON.
"""
import collections
import json
import smtplib
import socket
import sys

PER_CONNECTION = 20
MAIL = '''Received: from worker7.corp.example.com (worker7.corp.example.com [10.20.0.77]) by app.example.com; {date}
From: News <news@example.com>
To: <{recipient}>
Subject: News of the week, number {number}
Date: {date}
Message-ID: <bulk-{number}@example.com>
X-Campaign-Id: week-48

Dear {recipient}, this is number {number}.
'''
DATE = 'Sun, 29 Nov 2026 12:00:00 +0000'


def sender(recipient):
    """bounces+user=big.example@example.com of user@big.example."""
    return 'bounces+{}@example.com'.format(recipient.replace('@', '='))


def feed(name, recipients):
    """Send to all; how many mails each address took."""
    taken = collections.Counter()
    numbered = list(enumerate(recipients))
    for first in range(0, len(numbered), PER_CONNECTION):
        address = socket.getaddrinfo(name, 25, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
        with smtplib.SMTP(address, 25, timeout=50) as client:
            for number, recipient in numbered[first:first + PER_CONNECTION]:
                text = MAIL.format(recipient=recipient, number=number, date=DATE)
                client.sendmail(sender(recipient), [recipient], text)
                taken[address] += 1
    return taken


if __name__ == '__main__':
    print(json.dumps(feed(sys.argv[1], sys.stdin.read().split())))
