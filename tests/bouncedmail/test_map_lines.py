"""No address can make a line of the map mean something else."""
import os
import subprocess

import pytest

from mailtools.bouncedmail.accessmap import line_of
from rig import parts
from rig.instance import write_main

SAFE = ['jane@example.org', "o'brien+tag=x#y@sub.example.org", 'grün@exämple.org', 'a.b-c_d@x',
        '$mydomain@example.org', '{a}|b@example.org', '!x@example.org']
UNSAFE = ['', 'jane', 'jane@', '@example.org', '#x@example.org', 'a b@example.org', '"a b"@example.org',
          'a\nroot@example.org', 'a\tOK@example.org', ' a@example.org', 'a@b@example.org', 'a@[192.0.2.1]',
          'a@example.org OK', 'a@example.org,b', '<a@example.org>', 'a\u202eb@example.org', 'a\u00a0b@example.org',
          'a\u3000b@example.org', 'a\x85b@example.org', 'a\ufeff@example.org', 'a\\@example.org', '\x1b[2J@example.org']


@pytest.mark.parametrize('address', SAFE)
def test_an_address_has_a_line(address):
    assert line_of(address, 'REJECT no') == address + ' REJECT no'


@pytest.mark.parametrize('address', UNSAFE)
def test_an_address_that_could_break_the_map_has_none(address):
    assert line_of(address, 'REJECT no') is None


@pytest.mark.skipif(not parts.find('postmap'), reason='Postfix (postmap) is not installed')
def test_postmap_finds_each_address_and_nothing_else(tmp_path):
    path = tmp_path / 'map'
    lines = [line_of(address, 'REJECT ' + address) for address in SAFE + UNSAFE]
    path.write_text('\n'.join(filter(None, lines)) + '\n', encoding='utf-8')
    os.utime(str(path), (1e9, 1e9))         # as write_main() does: postmap waits for what is just being written
    write_main(tmp_path, 'compatibility_level = 2\n')
    asked = subprocess.run([parts.find('postmap'), '-c', str(tmp_path), '-s', 'texthash:{}'.format(path)],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    found = sorted(line.split('\t')[0] for line in asked.stdout.decode().splitlines())
    assert (found, asked.stderr.decode()) == (sorted(SAFE), '')
