"""base/eventlog.py: nobody forges a line, and no event is lost for want of a syslog."""
import re
import socket

import pytest

from mailtools.base import eventlog
from mailtools.base.eventlog import EventLog, line_of


class Listener:
    """A syslog of our own: a datagram socket in a file."""

    def __init__(self, path):
        self.path = path
        self.open()

    def open(self):
        """Bind it, anew if need be."""
        if self.path.exists():
            self.path.unlink()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(5)

    def line(self):
        """The next line, without its time."""
        message = self.socket.recv(65536).decode()
        found = re.match(r'(<[0-9]+>)[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} (.*)', message)
        return ' '.join(found.groups())


@pytest.fixture
def listener(tmp_path):
    made = Listener(tmp_path / 'log')
    yield made
    made.socket.close()


@pytest.mark.parametrize('value, shown', [
    ('a@example.org', 'a@example.org'), ('k=v', 'k=v'), (5, '5'), (0.25, '0.250'), (True, 'yes'), ('', '""'),
    ('two words', '"two words"'), ('a"b', r'"a\"b"'), ('a\\b', r'"a\\b"'), ('a\nb', r'"a\nb"'),
    ('a\r\tb\0', r'"a\r\tb\x00"'), ('\x1b[2J', r'"\x1b[2J"'), ('\u2028', r'"\u2028"'), ('\x85', r'"\x85"'),
    ('\u202egro', r'"\u202egro"'), ('\ud800', r'"\ud800"'), (b'\xff\xc3\xa9', '"\\xff\xe9"'),
    ('\U000e0001', r'"\U000e0001"'), ('b\xfccher', '"b\xfccher"')])
def test_a_value_is_bare_or_quoted_and_escaped(value, shown):
    assert line_of('e', {'k': value}) == 'e k=' + shown


def test_what_is_not_known_is_left_out():
    assert line_of('bounced', {'to': None, 'reason': 'userunknown'}) == 'bounced reason=userunknown'


def test_a_line_is_bounded_in_characters_and_in_bytes():
    assert len(line_of('e', {'k': 'x' * 10000})) < 500
    line = line_of('e', {str(i): '\u3042' * 10000 for i in range(50)})
    assert len(line.encode()) <= eventlog.LINE_LIMIT


def test_an_event_goes_to_the_mail_facility_with_tag_and_pid(listener):
    EventLog('tool', path=str(listener.path)).warning('database-away', why='no route')
    head, rest = listener.line().split(' ', 1)
    assert head == '<{}>'.format(2 << 3 | 4)
    assert rest.startswith('tool[') and rest.endswith(']: database-away why="no route"')


def test_stderr_takes_over_while_syslog_is_away_and_gives_back(listener, capsys):
    log = EventLog('tool', path=str(listener.path))
    log.info('one')
    listener.socket.close()
    log.info('two')
    listener.open()
    log.info('three')
    assert capsys.readouterr().err == 'tool: two\n'
    assert listener.line().endswith(': three')


def test_a_restarted_syslog_loses_no_event(listener, capsys):
    log = EventLog('tool', path=str(listener.path))
    log.info('one')
    listener.socket.close()
    listener.open()
    log.info('two')
    assert listener.line().endswith(': two') and capsys.readouterr().err == ''


def test_without_a_socket_stderr_has_it(tmp_path, capsys):
    EventLog('tool', path=str(tmp_path / 'none')).error('lost', what='\x1b')
    assert capsys.readouterr().err == 'tool: lost what="\\x1b"\n'


def test_verbose_shows_it_as_well(listener, capsys):
    EventLog('tool', verbose=True, path=str(listener.path)).info('one')
    assert capsys.readouterr().err == 'tool: one\n' and listener.line().endswith(': one')


def test_a_syslog_that_stands_still_does_not_stop_us(listener, capsys, monkeypatch):
    monkeypatch.setattr(eventlog, 'WAIT_S', 0.01)
    log = EventLog('tool', path=str(listener.path))
    for count in range(2000):
        log.info('flood', count=count)
        if capsys.readouterr().err:
            return
    pytest.fail('the socket never filled up')
