"""Ask the outside: a program, a port, a clock.  Each question has a time limit, and changes nothing.

Programs are started with a list of arguments, no shell and a plain environment; what they print is bounded by what
they are.  A connection is closed again as soon as it has answered.
"""
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from typing import NamedTuple, Optional

from mailtools.base.failure import Failure, reason_of

PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin'
COMMAND_S = 30
CONNECT_S = 5
NTP_EPOCH_S = 2208988800        # from 1900 to 1970, RFC 5905


class Ran(NamedTuple):
    """How a program ended; status None: it could not be started, or did not end in time, and err says why."""

    status: Optional[int]
    out: str
    err: str


def side_by_side(function, arguments):
    """[function(*one) for one in arguments], all at once: what waits for answers must not wait in a row.

    What a call raises is raised here.
    """
    results = [None] * len(arguments)       # type: list
    raised = []                             # type: list

    def call(at):
        try:
            results[at] = function(*arguments[at])
        except Exception as error:          # of another thread: raised again in this one
            raised.append(error)
    threads = [threading.Thread(target=call, args=(at,), daemon=True) for at in range(len(arguments))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return results


def which(program, more=''):
    """The path of a program, None when it is missing."""
    return shutil.which(program, path=':'.join(filter(None, (more, PATH, os.environ.get('PATH', '')))))


def run(args, given=b'', limit_s=COMMAND_S):
    """Run a program; its Ran."""
    path = which(args[0])
    if path is None:
        return Ran(None, '', '{} is not installed'.format(args[0]))
    environment = {'PATH': PATH, 'LC_ALL': 'C', 'HOME': '/'}
    try:
        done = subprocess.run([path] + [os.fspath(one) for one in args[1:]], input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=limit_s, cwd='/', env=environment)
    except subprocess.TimeoutExpired:
        return Ran(None, '', '{} has not ended within {} s'.format(args[0], limit_s))
    except OSError as error:
        return Ran(None, '', 'cannot run {}: {}'.format(path, reason_of(error)))
    return Ran(done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace'))


def output(args, given=b''):
    """What a program prints; Failure where it does not end well."""
    ran = run(args, given)
    if ran.status != 0:
        said = ran.err.strip().splitlines() or ['status {}'.format(ran.status)]
        raise Failure('{}: {}'.format(args[0], said[-1]))
    return ran.out


def connect(host, port, source=None, limit_s=CONNECT_S):
    """A connected socket.  source: the address to come from.  Raises OSError."""
    return socket.create_connection((host, port), limit_s, (source, 0) if source else None)


def answers(place, limit_s=CONNECT_S):
    """Why nobody listens at a place, None when somebody does.

    place: (host, port), or the path of a Unix socket.
    """
    try:
        if isinstance(place, tuple):
            connect(place[0], place[1], None, limit_s).close()
        else:
            with socket.socket(socket.AF_UNIX) as one:
                one.settimeout(limit_s)
                one.connect(place)
    except OSError as error:
        return reason_of(error)
    return None


def is_postgresql(place, limit_s=CONNECT_S):
    """Why no PostgreSQL answers at a place, None when one does.

    It is asked whether it speaks TLS (SSLRequest, "Message Formats" of its manual), to which every server says S or N
    before anybody logs in.
    """
    try:
        if isinstance(place, tuple):
            connection = connect(place[0], place[1], None, limit_s)
        else:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(limit_s)
            connection.connect(place)
        with connection:
            connection.sendall(struct.pack('!II', 8, 80877103))
            said = connection.recv(1)
    except OSError as error:
        return reason_of(error)
    return None if said in (b'S', b'N') else 'what answers is no PostgreSQL'


def is_ours(address):
    """Whether this host has an address: only then can a socket be bound to it."""
    try:
        with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind((address, 0))
    except OSError:
        return False
    return True


def outgoing_address(towards='192.0.2.1'):
    """The address that this host would come from; nothing is sent.  None where there is no way out."""
    try:
        with socket.socket(socket.AF_INET6 if ':' in towards else socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.connect((towards, 9))
            return one.getsockname()[0]
    except OSError:
        return None


def clock_offset(server, limit_s=CONNECT_S, port=123):
    """Seconds by which this host's clock is behind that of a time server (RFC 5905, client mode); raises OSError."""
    family, kind, protocol, _, place = socket.getaddrinfo(server, port, 0, socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as one:
        one.settimeout(limit_s)
        one.connect(place)
        sent = time.time()
        one.send(b'\x23' + 47 * b'\0')          # version 4, mode 3
        reply = one.recv(512)
        received = time.time()
    if len(reply) < 48 or reply[0] & 7 != 4 or reply[1] == 0:
        raise OSError('{} gives no time'.format(server))
    arrived, left = (seconds + parts / 2 ** 32 - NTP_EPOCH_S
                     for seconds, parts in struct.iter_unpack('!II', reply[32:48]))
    return ((arrived - sent) + (left - received)) / 2
