"""The probes of `check` against real parts: a name server, a PostgreSQL, a clock that is told, programs, a socket."""
import pathlib
import socket
import struct
import subprocess
import tempfile
import threading
import time

import pytest

from mailtools.mailsystem.checks import lookup, probes, programs, smtp
from mailtools.mailsystem.values import Endpoint
from rig import parts, waiting
from rig.instance import free_port

# -- DNS --

ZONE = '''$ORIGIN example.com.
@ 60 SOA mx1 hostmaster 1 60 60 60 60
@ 60 NS mx1
@ 60 MX 10 mx1
@ 60 TXT "v=spf1 " "ip4:192.0.2.10 -all"
@ 60 TXT "other"
mx1 60 A 192.0.2.10
mx1 60 AAAA 2001:db8::10
alias 60 CNAME mx1
empty 60 TXT "only text"
10.2.0.192.in-addr.arpa.example.com. 60 PTR mx1
'''


@pytest.fixture(scope='module')
def nameserver():
    """NSD with a zone; its Endpoint."""
    if parts.find('nsd') is None:
        pytest.skip('nsd is not installed')
    with tempfile.TemporaryDirectory(prefix='mt-nsd-') as folder:
        port, top = free_port(), pathlib.Path(folder)
        (top / 'zone').write_text(ZONE)
        (top / 'nsd.conf').write_text('''server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  zonesdir: {top}
  pidfile: {top}/pid
  xfrdfile: {top}/xfrd
  zonelistfile: {top}/list
  logfile: {top}/log
remote-control:
  control-enable: no
zone:
  name: example.com
  zonefile: {top}/zone
'''.format(port=port, top=top))
        server = subprocess.Popen([parts.find('nsd'), '-d', '-c', str(top / 'nsd.conf')], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        here = Endpoint('127.0.0.1', port)
        waiting.until(lambda: lookup.Lookup(here)('example.com', 'SOA').status == lookup.FOUND, what='nsd')
        yield here
        server.terminate()
        server.wait(20)


def test_answers_are_values(nameserver):
    ask = lookup.Lookup(nameserver)
    assert ask('Example.COM.', 'MX') == lookup.Answer('found', ('10 mx1.example.com',))
    assert ask('example.com', 'TXT').values == ('other', 'v=spf1 ip4:192.0.2.10 -all')     # strings joined
    assert ask('alias.example.com', 'CNAME').values == ('mx1.example.com',)
    assert ask('alias.example.com', 'A').values == ('192.0.2.10',)
    assert ask('10.2.0.192.in-addr.arpa.example.com', 'PTR').values == ('mx1.example.com',)
    assert lookup.addresses(ask, 'mx1.example.com') == (['192.0.2.10', '2001:db8::10'], False)


def test_nothing_there_and_nobody_there_are_not_the_same(nameserver):
    ask = lookup.Lookup(nameserver)
    assert ask('none.example.com', 'A').status == lookup.NONE          # NXDOMAIN
    assert ask('empty.example.com', 'A').status == lookup.NONE         # no such record
    assert ask('other.example', 'A').status == lookup.FAILED           # refused: not its zone
    assert ask('a..b', 'A').status == lookup.FAILED
    assert ask('x' * 64 + '.example.com', 'A').status == lookup.FAILED
    assert ask.silent == 0                                             # it does answer


def test_a_resolver_that_is_silent_is_given_up(monkeypatch):
    monkeypatch.setattr(lookup, 'LIMIT_S', 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(('127.0.0.1', 0))
        ask = lookup.Lookup(Endpoint(*silent.getsockname()))
        began = time.monotonic()
        assert {ask('n{}.example'.format(at), 'A').status for at in range(40)} == {lookup.FAILED}
        assert time.monotonic() - began < 10
        assert 'does not answer' in ask('last.example', 'A').why


# -- other probes --

class Told(threading.Thread):
    """Answers one question for the time, by what it is told."""

    def __init__(self, reply):
        super().__init__(daemon=True)
        self.reply = reply
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        """Answer."""
        with self.socket:
            _, client = self.socket.recvfrom(512)
            self.socket.sendto(self.reply, client)


def time_reply(ahead_s, mode=4, stratum=2):
    """The reply of a time server whose clock is ahead of ours."""
    at = time.time() + probes.NTP_EPOCH_S + ahead_s
    stamp = struct.pack('!II', int(at), int(at % 1 * 2 ** 32))
    return bytes([0x20 | mode, stratum]) + 30 * b'\0' + stamp + stamp


@pytest.mark.parametrize('ahead_s', [0, 3600, -86400])
def test_the_offset_of_the_clock_is_measured(ahead_s):
    offset = probes.clock_offset('127.0.0.1', port=Told(time_reply(ahead_s)).port)
    assert abs(offset - ahead_s) < 5


@pytest.mark.parametrize('reply', [b'', b'short', time_reply(0, mode=3), time_reply(0, stratum=0)],
                         ids=['empty', 'short', 'of a client', 'of an unset clock'])
def test_what_is_no_time_is_none(reply):
    with pytest.raises(OSError):
        probes.clock_offset('127.0.0.1', port=Told(reply).port)


def test_a_postgresql_answers_and_something_else_does_not(postgres):
    assert programs.judge_database(postgres.url())[0].level == 'ok'
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen(1)
        threading.Thread(target=lambda: other.accept()[0].sendall(b'220 hello'), daemon=True).start()
        found = programs.judge_database('postgresql://127.0.0.1:{}/m'.format(other.getsockname()[1]))
    assert found[0].level == 'critical' and 'no PostgreSQL' in found[0].text
    assert programs.judge_database('postgresql://127.0.0.1:{}/m'.format(free_port()))[0].level == 'critical'


def test_a_program_that_hangs_or_is_missing_ends():
    assert probes.run(['sleep', '20'], limit_s=0.1).status is None
    assert 'not installed' in probes.run(['no-such-program']).err
    assert probes.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])[:] == (3, 'out\n', 'err\n')


def test_addresses_of_this_host_are_known():
    assert probes.is_ours('127.0.0.78') and not probes.is_ours('192.0.2.99')


def test_a_server_that_speaks_no_smtp_is_an_error_and_no_crash():
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen(1)

        def answer():
            with other.accept()[0] as connection:
                connection.sendall(b'\xff\xfe nonsense\r\n' * 3)
        threading.Thread(target=answer, daemon=True).start()
        heard = smtp.converse('127.0.0.1', other.getsockname()[1], None, ('a@b.example',))
    assert heard.replies == () and heard.greeting.code != 220
    assert smtp.converse('127.0.0.1', free_port()).error == 'Connection refused'


def test_there_is_no_data_in_the_dialogue():
    text = pathlib.Path(smtp.__file__).read_text().split('"""', 2)[2]
    assert '.data(' not in text and 'sendmail' not in text and "'DATA" not in text
