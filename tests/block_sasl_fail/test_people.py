"""What a person is told at night: by explain, list, block and release, right or wrong as the question may be."""
import pytest

from rig import parts
from rig.guessed import Guessed

GUESSER, OTHER = '198.51.100.7', '198.51.100.8'

pytestmark = pytest.mark.slow


@pytest.fixture
def host(tmp_path):
    if parts.find('postconf') is None:
        pytest.skip('postfix is not installed')
    return Guessed(tmp_path / 'mx1')


def test_explain_says_what_it_is_blocked_for_and_how_to_let_it_in(host):
    host.write(*[GUESSER] * 9 + [OTHER])
    host.scan()
    lines = host.run('explain', GUESSER).out.splitlines()
    assert ' is blocked since ' in lines[0] and 'failed too often within find_time (guessing)' in lines[0]
    assert lines[1].startswith('score when it was blocked 9, blocked above 5 within 1h;')
    assert lines[2].startswith('9 failures, the last 20') and 'blocked once; last login never' in lines[2]
    assert lines[3] == '2 clients of 198.51.100.0/24 have failed'
    assert sum('SASL LOGIN authentication failed' in line for line in lines) == 9
    assert lines[-1] == 'to let it in again: block-sasl-fail release {}'.format(GUESSER)
    other = host.run('explain', OTHER)
    assert other.status == 0 and other.out.startswith('{} is not blocked\nscore 1, '.format(OTHER))
    assert 'to let it in' not in other.out


def test_explain_of_a_member_of_a_blocked_network_names_the_network(host):
    assert host.run('block', '203.0.113.0/24').out == '203.0.113.0/24 blocked for good\n'
    ran = host.run('explain', '203.0.113.9')
    assert ran.status == 0 and ran.out.startswith('203.0.113.0/24 is blocked since ')
    assert ' for good: blocked by a person (manual)\nno failure of it is known\n' in ran.out
    assert host.run('release', '203.0.113.9').out == '203.0.113.0/24 released\n'


def test_without_a_state_the_empty_answer_is_no_peace(host):
    for args in ('list',), ('stats',), ('explain', GUESSER):
        ran = host.run(*args)
        assert 'there is no state {}: scan has never run'.format(host.state) in ran.err
    host.scan()
    assert host.run('list').err == ''


@pytest.mark.parametrize('given, said', [
    ('203.0.113.9/24', 'did you mean 203.0.113.0/24?'), ('', '"" is neither an address nor a network'),
    ('nonsense', '"nonsense" is neither'), ('10.0.0.0/8', 'too wide'), ('127.0.0.1', 'never blocked: 127.0.0.0/8'),
    ('0.0.0.0/0', 'too wide'), ('2001:db8::/31', 'too wide'), ('2001::/16', 'too wide')])
def test_what_can_not_be_blocked_is_refused_in_one_line(host, given, said):
    ran = host.run('block', given)
    assert ran.status == 64 and said in ran.err and len(ran.err.splitlines()) == 1, ran
    assert host.blocked() == set()
