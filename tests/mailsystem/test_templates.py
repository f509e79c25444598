"""Templates and patterns: what fills them cannot break out, and matches what it should."""
import ipaddress
import random
import re
import socket

import pytest
from sites import files, site, written

from mailtools.base.failure import Failure
from mailtools.mailsystem.patterns import any_of, literal
from mailtools.mailsystem.template import Written, fill
from rig import program

HOSTILE = ('a\nb', 'a\rb', '$x', '`x`', '"', "'", '\\', '{', '}', ';', '|', '<', '>', '#', '&', '\0', '\x7f', '\x85',
           '\u2028')


def test_names_conditions_and_repetitions():
    template = ('a {{x}}\n{{?yes}}b {{x}}\n{{?no}}c\n{{!no}}d\n'
                '{{*many}}e {{it}}\n{{*many}}f {{x}}\n{{*none}}g {{it}}\nh\n')
    values = dict(x='1', yes=True, no='', many=('p', 'q'), none=())
    assert fill(template, values) == 'a 1\nb 1\nd\ne p\nf 1\ne q\nf 1\nh\n'


def test_several_values_in_one_place_are_a_list():
    assert fill('{{x}}', dict(x=('a', 'b'))) == 'a, b' and fill('{{x}}', dict(x=5)) == '5'


@pytest.mark.parametrize('value', HOSTILE)
def test_a_value_that_may_mean_more_than_itself_is_not_written(value):
    for wrong in value, (value,), ('a', value):
        with pytest.raises(Failure, match='main.cf, line 2: x cannot be written'):
            fill('y\nx = {{x}}\n', dict(x=wrong), 'main.cf')
    with pytest.raises(Failure):
        fill('{{*x}}{{it}}', dict(x=(value,)))


def test_what_was_made_for_its_place_may_hold_all_but_the_end_of_a_line():
    assert fill('{{x}}', dict(x=Written('a$"\\{}'))) == 'a$"\\{}'
    for end in '\n\r\x85\u2028\u2029\0':
        with pytest.raises(Failure):
            fill('{{x}}', dict(x=Written('a' + end)))


def test_what_a_value_says_is_no_template():
    assert fill('{{x}}', dict(x=Written('{{y}}'), y='no')) == '{{y}}'


def test_a_name_that_is_not_known_is_told_with_its_place():
    for template in '{{z}}', '{{?z}}a', '{{*z}}a', '{{it}}':
        with pytest.raises(Failure, match='main.cf, line 2: .* is not known'):
            fill('y\n' + template, {}, 'main.cf')


def test_templates_of_ones_own(tmp_path):
    folder = tmp_path / 'templates'
    (folder / 'common' / 'etc').mkdir(parents=True)
    config = written(tmp_path, client_password_file=None)
    for text, said in ((None, 'cannot read the template'),
                       ('tls_ssl_options = x\n', 'tls_ssl_options came with Postfix 2.11'),
                       ('x = {{password_of_root}}\n', 'main.cf, line 1: password_of_root is not known')):
        for path in [path for path in files(tmp_path, 'client', client_password_file=None) if text]:
            target = folder / 'client' / path.lstrip('/')
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text if path.endswith('main.cf') else '')
        ran = program.run('mailsystem', 'render', '-c', config, '--role', 'client', '--templates', str(folder),
                          '--output', str(tmp_path / 'out'))
        assert ran.status != 0 and said in ran.err and ran.err.count('\n') == 1
    assert not (tmp_path / 'out').exists()


def test_a_literal_is_just_that_text():
    text = 'a.b+c*d(e)|f/g?h$'
    assert re.match(literal(text) + r'\Z', text) and not re.match(literal('a.b'), 'axb')


def random_address(bits, generator):
    """An address as a number, with many zero groups in IPv6."""
    if bits == 32:
        return generator.getrandbits(32)
    number = 0
    for _ in range(8):
        number = number << 16 | generator.choice((0, 0, 0, 1, generator.getrandbits(4), generator.getrandbits(8),
                                                  generator.getrandbits(16)))
    return number


@pytest.mark.parametrize('bits', [32, 128])
def test_the_pattern_of_a_network_takes_its_addresses_and_no_others(bits):
    generator = random.Random(bits)
    family, make = (socket.AF_INET, ipaddress.IPv4Address) if bits == 32 else (socket.AF_INET6, ipaddress.IPv6Address)
    for _ in range(1500):
        length = generator.randint(8, bits)
        rest = (1 << (bits - length)) - 1
        network = ipaddress.ip_network('{}/{}'.format(make(random_address(bits, generator) & ~rest), length))
        pattern = re.compile(r'\[({})\]\Z'.format(any_of([str(network)])))
        inside = [int(network.network_address) | (random_address(bits, generator) & rest) for _ in range(4)]
        beside = [int(network.network_address) ^ 1 << generator.randrange(bits) for _ in range(4)]
        for address in map(make, inside + beside):
            text = socket.inet_ntop(family, address.packed)
            if bits == 128 and '.' in text:     # ::ffff:192.0.2.1, which Postfix writes as IPv4
                continue
            shown = '[{}{}]'.format('IPv6:' if bits == 128 else '', text)
            assert bool(pattern.match(shown)) == (address in network), (network, shown, pattern.pattern)


def test_the_internal_networks_of_the_settings_are_in_the_table(tmp_path):
    text = files(tmp_path, 'mx')['/etc/postfix/smtp_header_checks'].text
    assert any_of(site(tmp_path).internal_networks) in text and 'corp[.]example[.]com' in text
