"""An SMTP dialogue from one address of a host: what is said, and what is answered."""
import base64
import re
import socket
import ssl
from typing import NamedTuple

LIMIT_S = 50


class Said(NamedTuple):
    """One answer: its code, the enhanced status where there is one, and all its words in one line."""

    code: int
    status: str
    text: str


class Dialogue:
    """A connection from `address`, which is one of the host's, to `server`; use it in a with statement.

    greeting: what the server says first.  early: lines that are sent before it.
    """

    def __init__(self, host, address, server, port=25, tls=False, early=()):
        with host.network():
            self.socket = socket.create_connection((server, port), LIMIT_S, source_address=(address, 0))
        if tls:
            self.wrap()
        self.file = self.socket.makefile('rb')
        self.send(early)
        self.greeting = self.answer()

    def wrap(self):
        """From now on over TLS; nobody's certificate is looked at here."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def starttls(self):
        """STARTTLS, and EHLO again."""
        assert self.say('STARTTLS').code == 220
        self.wrap()
        self.file = self.socket.makefile('rb')
        return self.say('EHLO client.example')

    def login(self, user, password):
        """EHLO, STARTTLS and AUTH PLAIN; the answer to the last."""
        self.say('EHLO client.example')
        self.starttls()
        return self.say('AUTH PLAIN ' + base64.b64encode('\0{}\0{}'.format(user, password).encode('utf-8')).decode())

    def answer(self):
        """The next answer; code 0 when the server has hung up."""
        lines = []
        while not lines or lines[-1][3:4] == b'-':
            line = self.file.readline()
            if not line:
                return Said(0, '', 'connection closed')
            lines.append(line)
        text = ' '.join(line[4:].decode('utf-8', 'replace').strip() for line in lines)
        found = re.match(r'[245]\.\d+\.\d+', text)
        return Said(int(lines[-1][:3]), found.group() if found else '', text)

    def send(self, lines):
        """Send lines at once."""
        self.socket.sendall(b''.join(line.encode('utf-8') + b'\r\n' for line in lines))

    def say(self, *lines):
        """Send lines at once, and give the answer to the first one."""
        self.send(lines)
        return self.answer()

    def all(self, *lines):
        """Say each after the answer to the one before; the last answer, or the first that is no success."""
        for line in lines:
            said = self.say(line)
            if said.code >= 400 or said.code == 0:
                break
        return said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()
