"""Two hosts and one real PostgreSQL: what one blocks the other blocks too, and neither needs the database."""
import time

import pytest

from mailtools.base.failure import SettingsFailure, Unavailable
from mailtools.block_sasl_fail import records, share
from mailtools.block_sasl_fail.due import Block
from rig import parts, program
from rig.instance import write_main

pytestmark = pytest.mark.slow

LINE = '{} {} postfix/smtpd[9]: warning: unknown[{}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6\n'
NOW = 1.8e9


class Host:
    """One mail server: its log, its settings, its map."""

    def __init__(self, folder, name, address, **more):
        folder = folder / name
        folder.mkdir()
        write_main(folder, 'mynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\n')
        self.name, self.log, self.map, self.settings = name, folder / 'maillog', folder / 'access', folder / 'conf'
        values = dict({'log': self.log, 'state': folder / 'state.db', 'map': self.map, 'postfix_config': folder,
                       'map_type': 'texthash', 'share': address, 'host': name}, **more)
        self.settings.write_text('[block-sasl-fail]\n' + ''.join('{} = {}\n'.format(*one) for one in values.items()))
        self.log.write_text('')

    def guessed(self, client):
        """A client guesses seven times, now."""
        with self.log.open('a') as log:
            log.write(LINE.format(time.strftime('%b %e %H:%M:%S'), self.name, client) * 7)

    def run(self, command, *args):
        return program.run('block-sasl-fail', command, '--config', self.settings, *args)

    def scan(self, status=0):
        """Scan; the clients in the map."""
        ran = self.run('scan')
        assert ran.status == status, ran
        return [line.split()[0] for line in self.map.read_text().splitlines()]


@pytest.fixture
def hosts(postgres, tmp_path):
    """Two hosts that share."""
    if not parts.find('postconf'):
        pytest.skip('Postfix (postconf) is not installed')
    address = postgres.new_database()
    return Host(tmp_path, 'mx1', address), Host(tmp_path, 'mx2', address)


def test_each_host_blocks_the_others_offenders(hosts):
    one, two = hosts
    one.guessed('198.51.100.7')
    two.guessed('203.0.113.9')
    assert one.scan() == ['198.51.100.7']
    assert two.scan() == ['198.51.100.7', '203.0.113.9']
    assert one.scan() == ['198.51.100.7', '203.0.113.9']
    listed = one.run('list', '--csv').out
    assert '203.0.113.9,shared,' in listed and '198.51.100.7,guessing,' in listed
    assert 'blocked by another host' in one.run('explain', '203.0.113.9').out


def test_with_the_database_down_each_goes_on_alone_and_catches_up(hosts, postgres):
    one, two = hosts
    one.guessed('198.51.100.7')
    one.scan()
    assert two.scan() == ['198.51.100.7']
    postgres.stop()
    one.guessed('198.51.100.8')
    two.guessed('203.0.113.9')
    ran = one.run('scan')
    assert ran.status == 1 and 'cannot share' in ran.err and ran.err.count('\n') <= 2, ran
    assert '198.51.100.8' in one.map.read_text()
    assert one.scan() == ['198.51.100.7', '198.51.100.8']       # told once
    assert two.scan(status=1) == ['198.51.100.7', '203.0.113.9']
    postgres.start()
    one.scan()
    two.scan()
    everybody = ['198.51.100.7', '198.51.100.8', '203.0.113.9']
    assert one.scan() == two.scan() == everybody


def test_a_release_at_the_host_that_saw_it_is_one_everywhere_and_elsewhere_only_there(hosts):
    one, two = hosts
    for client in '198.51.100.7', '198.51.100.8':
        one.guessed(client)
    one.scan()
    two.scan()
    assert one.run('release', '198.51.100.7').status == 0
    assert two.run('release', '198.51.100.8').status == 0
    one.scan()
    assert two.scan() == []
    assert one.scan() == ['198.51.100.8']


def test_never_block_holds_against_others_too(postgres, tmp_path):
    address = postgres.new_database()
    one = Host(tmp_path, 'mx1', address)
    two = Host(tmp_path, 'mx2', address, never_block='198.51.100.0/24')
    one.guessed('198.51.100.7')
    one.scan()
    assert two.scan() == []


def test_what_is_no_address_in_the_table_is_passed_over(postgres):
    import psycopg2
    address = postgres.new_database()
    share.exchange(address, [], NOW, 'mx1')
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        for client in ('0.0.0.0/0', '10.0.0.0/8', '', 'x y', '1.2.3.4\nroot OK', '203.0.113.1'):
            cursor.execute('INSERT INTO sasl_block VALUES (%s, %s, 1, 3e9, %s)', ('mx2', client, 'guessing'))
    connection.close()
    assert [block.key for block in share.exchange(address, [], NOW, 'mx1')] == ['203.0.113.1']


def test_blocks_of_others_run_out_and_are_not_passed_on(postgres):
    address = postgres.new_database()
    share.exchange(address, [Block('198.51.100.7', NOW + 60, 'guessing', NOW)], NOW, 'mx1')
    theirs = share.exchange(address, [], NOW, 'mx2')
    assert theirs == (Block('198.51.100.7', NOW + 60, 'shared', NOW),)
    share.exchange(address, theirs, NOW, 'mx2')
    assert share.exchange(address, [], NOW, 'mx1') == ()
    assert share.exchange(address, [], NOW + 61, 'mx2') == ()


def test_an_own_block_is_not_shortened_by_others():
    own = records.Record('198.51.100.7', since=NOW, until=NOW + 900, why='guessing')
    theirs = [Block('198.51.100.7', NOW + 60, 'shared', NOW), Block('203.0.113.9', NOW + 60, 'shared', NOW)]
    changed = share.merged({own.key: own}, theirs, NOW)
    assert set(changed) == {'203.0.113.9'} and own.until == NOW + 900
    assert share.merged(changed, [], NOW)['203.0.113.9'].until == 0


def test_no_password_is_told(postgres):
    postgres.stop()
    with pytest.raises(Unavailable) as away:
        share.exchange('postgresql://u:geheim@/x?host=/nowhere', [], NOW, 'mx1')
    assert 'geheim' not in str(away.value)
    with pytest.raises(SettingsFailure) as wrong:
        share.exchange('postgresql:no sense password=geheim', [], NOW, 'mx1')
    assert 'geheim' not in str(wrong.value)
