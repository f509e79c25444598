"""What the application does: feed bulk mail to a round-robin name.  Run on its host; alone with the standard library.

Arguments: NAME FIRST.  The recipients are read from stdin, one a line, and numbered from FIRST on.  Each has an
envelope sender of his own (VERP).  A new connection is made for every PER_CONNECTION mails, to whatever address the
name has first by then.  Prints how many mails were taken at which address, as JSON.
"""
import collections
import functools
import json
import smtplib
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

PER_CONNECTION = 20
AT_ONCE = 6             # connections
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


def send(name, numbered):
    """Send some mails over one connection; the address that took them, and how many."""
    address = socket.getaddrinfo(name, 25, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    with smtplib.SMTP(address, 25, timeout=50) as client:
        for number, recipient in numbered:
            client.sendmail(sender(recipient), [recipient],
                            MAIL.format(recipient=recipient, number=number, date=DATE))
    return address, len(numbered)


def feed(name, first, recipients):
    """Send to all; how many mails each address took."""
    numbered = list(enumerate(recipients, first))
    parts = [numbered[start:start + PER_CONNECTION] for start in range(0, len(numbered), PER_CONNECTION)]
    taken = collections.Counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for address, number in pool.map(functools.partial(send, name), parts):
            taken[address] += number
    return taken


if __name__ == '__main__':
    print(json.dumps(feed(sys.argv[1], int(sys.argv[2]), sys.stdin.read().split())))
