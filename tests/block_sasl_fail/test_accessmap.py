"""The map that Postfix asks: the old one or the new one, never a torn one, and never the wrong ones in it."""
import os
import stat
import subprocess
import sys

import pytest

from mailtools.base import settings
from mailtools.base.failure import SettingsFailure
from mailtools.block_sasl_fail import accessmap, due
from mailtools.block_sasl_fail.postfix import Postfix, PostfixFailure, network_text
from mailtools.block_sasl_fail.settings import PROGRAM, SETTINGS
from rig import mounts, parts
from rig.full import in_full
from rig.instance import write_main
from rig.program import CHECKOUT

needs_postfix = pytest.mark.skipif(not parts.find('postmap'), reason='Postfix (postmap) is not installed')
ACTION = 'REJECT authentication abuse'
ADDRESSES = ('198.51.100.7', '203.0.113.99', '2001:db8:9::7', '2001:db8:51c:1::66')
NETWORKS = ('198.18.5.0/24', '2001:db8:bad:1::/64')


def plan(*keys):
    """A Plan that blocks these, in the order of due()."""
    return due.Plan(tuple(due.Block(key, 2e9, 'guessing') for key in sorted(keys)), False)


@pytest.fixture
def make(tmp_path):
    """A function: settings -> Settings, with a main.cf and a map in tmp_path."""
    (tmp_path / 'postfix').mkdir()
    write_main(tmp_path / 'postfix', 'mynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\n')

    def made(**values):
        values = dict(dict(map=tmp_path / 'access', map_type='hash', postfix_config=tmp_path / 'postfix'), **values)
        file = tmp_path / 'settings'
        file.write_text('[{}]\n'.format(PROGRAM) + ''.join('{} = {}\n'.format(*one) for one in values.items()))
        return settings.load(PROGRAM, SETTINGS, str(file))
    return made


def read(path):
    """The text of a file."""
    with open(path) as file:
        return file.read()


def has(kind):
    """Skip where Postfix lacks a type."""
    if kind not in Postfix().map_types():
        pytest.skip('this Postfix has no {} tables'.format(kind))


def listing(folder):
    """{name: (inode, mtime, bytes)} of a folder's files."""
    return {one.name: (one.stat().st_ino, one.stat().st_mtime_ns, one.read_bytes())
            for one in folder.iterdir() if one.is_file()}


# -- what is in it --

@needs_postfix
@pytest.mark.parametrize('kind', ['hash', 'cidr'] + in_full('btree', 'lmdb', 'texthash'))
def test_postfix_finds_each_address_and_nothing_beside_it(make, kind):
    has(kind)
    config = make(map_type=kind)
    accessmap.publish(plan(*ADDRESSES + NETWORKS), config)
    postfix = Postfix(config.postfix_config)

    def asked(key):
        return postfix.asked(kind, config.map, key) or (
            None if kind == 'cidr' else postfix.asked('cidr', config.map + '.cidr', key))
    for key in ADDRESSES + ('198.18.5.1', '198.18.5.255', '2001:db8:bad:1::', '2001:db8:bad:1:ffff::1'):
        assert asked(key) == ACTION, key
    for key in ('198.51.100.8', '198.51.100', '198.51', '198', '198.18.4.255', '198.18.6.0', '2001:db8:9::8',
                '2001:db8:bad:2::1', '2001:db8:51c:1::67'):
        assert asked(key) is None, key


@needs_postfix
def test_no_key_of_an_indexed_map_is_a_part_of_an_address(make):
    # smtpd cuts at . and : from the right, so 2001:db8:1:2 as a key would be all of that /64, and 198.18.5 a /24.
    config = make()
    accessmap.publish(plan(*ADDRESSES + NETWORKS), config)
    assert accessmap.keys_in(config.map) == set(ADDRESSES)
    assert accessmap.keys_in(config.map + '.cidr') == set(NETWORKS)


@needs_postfix
def test_the_line_is_what_other_scripts_rely_on(make):
    config = make()
    accessmap.publish(plan('198.51.100.70', '198.51.100.7', '9.9.9.9'), config)
    assert read(config.map) == ''.join('{} REJECT authentication abuse\n'.format(one) for one in (
        '198.51.100.7', '198.51.100.70', '9.9.9.9'))


@needs_postfix
@pytest.mark.parametrize('kind', ['hash', 'cidr'])
def test_what_may_never_be_blocked_is_in_no_map_whoever_asks(make, kind, tmp_path):
    (tmp_path / 'more').write_text('# ours too\n203.0.113.0/24, [2001:db8:77::]/48\n')
    (tmp_path / 'table').write_text('192.0.2.0/25 yes\n')
    write_main(
        tmp_path / 'postfix',
        'mynetworks = 10.1.0.0/16 [2001:db8:1::]/48 172.16.5.9 {0}/more cidr:{0}/table !10.1.2.3\n'
        'proxy_interfaces = 198.51.100.1\ninet_interfaces = 127.0.0.1\n'
        'smtpd_authorized_xclient_hosts = static:all 192.0.2.200\n'.format(tmp_path))
    config = make(map_type=kind, never_block='100.64.0.0/10, 2001:db8:2::/64')
    never = ('127.0.0.1', '127.255.0.1', '::1', 'fe80::5', '0.0.0.0', '10.1.2.3', '2001:db8:1:5::1', '172.16.5.9',
             '203.0.113.5', '2001:db8:77::1', '192.0.2.5', '198.51.100.1', '198.51.100.0/24', '100.64.1.1',
             '2001:db8:2::9', '2001:db8:2::/64', '2001:db8::/32', '0.0.0.0/0', '::/0', '10.0.0.0/8', '100.0.0.0/15',
             '2001::/16', '', ' ', '.', '198.51', '198.51.100', '198.51.100.', '1.2.3.4 OK', '1.2.3.4\nroot',
             '198.51.100.0/255.255.255.0x', 'example.org', '#1.2.3.4', '::ffff:127.0.0.1',
             '192.0.2.200')
    done = accessmap.publish(plan('198.51.100.7', *never), config)
    assert read(config.map) == '198.51.100.7 {}\n'.format(ACTION)
    assert kind == 'cidr' or read(config.map + '.cidr') == ''
    assert done.blocks == 1


@pytest.mark.parametrize('size, times', [(2, 1), (accessmap.FEW, 1), (accessmap.FEW + 1, 3)])
def test_few_lines_are_made_once_and_many_each_time(size, times):
    made = []

    def make():
        made.append(1)
        yield from range(size)
    again = accessmap.Again(make)
    next(iter(again), None)             # who stops before the end has seen too little
    made.clear()
    assert [list(again) for _ in range(3)] == [list(range(size))] * 3 and len(made) == times


def test_mynetworks_in_all_its_spellings():
    for given, wanted in (('192.168', '192.168.0.0/16'), ('10', '10.0.0.0/8'), ('192.0.2.1', '192.0.2.1/32'),
                          ('[::1]', '::1/128'), ('[2001:db8::]/32', '2001:db8::/32'), ('example.org', None)):
        assert network_text(given) == wanted


@needs_postfix
def test_all_interfaces_are_our_own_when_postfix_listens_on_all(tmp_path):
    write_main(tmp_path, 'inet_interfaces = all\nmynetworks =\n')
    assert '127.0.0.1' in Postfix(str(tmp_path)).exempt()[0]


@needs_postfix
def test_a_part_of_mynetworks_that_cannot_be_read_is_told(make, tmp_path):
    write_main(tmp_path / 'postfix', 'mynetworks = 10.1.0.0/16 /nowhere/networks\n')
    assert '/nowhere/networks' in accessmap.publish(plan(), make()).unread[0]


@needs_postfix
def test_a_host_whose_postfix_is_not_set_up_has_a_map_all_the_same(make, tmp_path):
    config = make(postfix_config=tmp_path / 'none', map_type='')
    assert config.map in accessmap.publish(plan(*ADDRESSES), config).written


@needs_postfix
def test_a_type_that_can_hold_no_such_map_is_refused(make):
    with pytest.raises(SettingsFailure, match='pcre'):
        accessmap.publish(plan(), make(map_type='pcre'))


# -- how it is written --

@needs_postfix
@pytest.mark.parametrize('kind', ['hash', 'lmdb', 'texthash', 'cidr'])
def test_an_unchanged_set_writes_nothing(make, kind, tmp_path):
    has(kind)
    config = make(map_type=kind)
    assert accessmap.publish(plan(*ADDRESSES + NETWORKS), config).written
    before, folder = listing(tmp_path), os.stat(str(tmp_path)).st_mtime_ns
    assert accessmap.publish(plan(*ADDRESSES + NETWORKS), config).written == ()
    assert (listing(tmp_path), os.stat(str(tmp_path)).st_mtime_ns) == (before, folder)


@needs_postfix
def test_an_empty_set_makes_empty_maps_which_postfix_can_open(make):
    config = make()
    accessmap.publish(plan(), config)
    assert read(config.map) == read(config.map + '.cidr') == ''
    assert Postfix(config.postfix_config).asked('hash', config.map, '198.51.100.7') is None


@needs_postfix
@pytest.mark.parametrize('harm', ['older', 'missing'])
def test_an_index_that_is_stale_is_built_anew(make, harm):
    config = make()
    accessmap.publish(plan('198.51.100.7'), config)
    if harm == 'older':                         # as after a crash between the two renames
        os.utime(config.map + '.db', (1, 1))
    else:
        os.unlink(config.map + '.db')
    assert accessmap.publish(plan('198.51.100.7'), config).written == (config.map,)
    assert Postfix(config.postfix_config).asked('hash', config.map, '198.51.100.7') == ACTION


@needs_postfix
def test_postfix_never_finds_the_index_older_than_the_text(make):
    config = make()
    for number in range(5):
        accessmap.publish(plan('198.51.100.{}'.format(number)), config)
        assert os.stat(config.map + '.db').st_mtime_ns >= os.stat(config.map).st_mtime_ns


@needs_postfix
def test_mode_and_owner_are_kept(make, shared_folder):
    config = make(map=shared_folder / 'access')
    accessmap.publish(plan('198.51.100.7'), config)
    for suffix, mode in (('', 0o640), ('.db', 0o600), ('.cidr', 0o604)):
        os.chmod(config.map + suffix, mode)
        os.chown(config.map + suffix, 65534, 8)
    accessmap.publish(plan(*ADDRESSES + NETWORKS), config)
    for suffix, mode in (('', 0o640), ('.db', 0o600), ('.cidr', 0o604)):
        info = os.stat(config.map + suffix)
        assert (stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid) == (mode, 65534, 8), suffix


@needs_postfix
def test_the_selinux_context_is_kept_where_files_can_have_one(make, shared_folder):
    config, context = make(map=shared_folder / 'access'), b'system_u:object_r:postfix_etc_t:s0\0'
    accessmap.publish(plan('198.51.100.7'), config)
    try:
        for suffix in '', '.db', '.cidr':
            os.setxattr(config.map + suffix, accessmap.CONTEXT, context)
    except OSError as error:
        pytest.skip('by design: no SELinux context can be set here: {}'.format(error))
    accessmap.publish(plan(*ADDRESSES + NETWORKS), config)
    for suffix in '', '.db', '.cidr':
        assert os.getxattr(config.map + suffix, accessmap.CONTEXT) == context, suffix


@needs_postfix
def test_a_map_that_is_a_symbolic_link_stays_one(make, tmp_path):
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'access').symlink_to(tmp_path / 'elsewhere' / 'real')
    accessmap.publish(plan('198.51.100.7'), make())
    assert (tmp_path / 'access').is_symlink() and (tmp_path / 'elsewhere' / 'real.db').exists()


@needs_postfix
def test_what_a_killed_run_left_is_removed(make, tmp_path):
    for suffix in '', '.db':
        (tmp_path / '.access.0123456789abcdef{}'.format(suffix)).write_text('x')
    (tmp_path / '.access.mine').write_text('x')
    accessmap.publish(plan('198.51.100.7'), make())
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith('.')) == ['.access.mine']


READER = '''
import os, sys
path, sizes, seen = sys.argv[1], set(), 0
print('ready', flush=True)
while not os.path.exists(path + '.stop'):
    text = open(path, 'rb').read()
    found = text.split(b'\\n')
    assert found[-1] == b'', 'a line is cut: %r' % text[-40:]
    assert len(found) - 1 in (40, 4000), 'the file is cut: %d lines' % len(found)
    sizes.add(len(found)); seen += 1
print(seen, len(sizes))
'''


@pytest.mark.slow
@pytest.mark.parametrize('kind', ['cidr'])
def test_a_reader_never_sees_a_torn_map(make, kind, tmp_path):
    few, many = (plan(*('198.18.{}.{}'.format(at >> 8, at & 255) for at in range(size))) for size in (40, 4000))
    path = str(tmp_path / 'access')
    files = accessmap.Files(path, kind, '')
    found = {size: [line for _, line in accessmap.lines(accessmap.allowed(which.blocks, ()), files, ACTION)]
             for size, which in ((40, few), (4000, many))}
    accessmap.replace(path, found[40])
    reader = subprocess.Popen([sys.executable, '-c', READER, path], stdout=subprocess.PIPE)
    try:
        assert reader.stdout.readline() == b'ready\n'
        for number in range(1000):
            accessmap.replace(path, found[4000 if number % 2 else 40])
    finally:
        open(path + '.stop', 'w').close()
        said = reader.communicate(timeout=60)[0].split()
    assert reader.returncode == 0 and int(said[0]) > 100 and said[1] == b'2'


@pytest.mark.slow
@needs_postfix
@pytest.mark.parametrize('kind', ['hash', 'lmdb'])
def test_postmap_never_misses_who_is_in_every_version(make, kind):
    has(kind)
    config = make(map_type=kind)
    postfix = Postfix(config.postfix_config)
    accessmap.publish(plan('198.51.100.7'), config)
    asked = subprocess.Popen(
        ['sh', '-c', 'n=0; while [ $n -lt 60 ]; do {} -c {} -q 198.51.100.7 {}:{} || exit 1; n=$((n+1)); done'.format(
            parts.find('postmap'), postfix.folder, kind, config.map)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    rounds = 0
    while asked.poll() is None:
        rounds += 1
        accessmap.publish(plan('198.51.100.7', '198.51.100.{}'.format(100 + rounds % 100)), config)
    assert (asked.returncode, asked.stderr.read()) == (0, b'') and rounds > 1


# -- when it cannot be written --

def assert_old_map_served(config, folder, before, kind='hash'):
    """All is as it was, and nothing is left beside it."""
    assert listing(folder) == before
    assert Postfix(config.postfix_config).asked(kind, config.map, '198.51.100.7') == ACTION


@pytest.mark.slow
@needs_postfix
@pytest.mark.parametrize('kind', ['hash', 'lmdb', 'texthash'])
def test_a_full_disk_leaves_the_old_map(make, tmp_path, kind):
    has(kind)
    disk = tmp_path / 'disk'
    disk.mkdir()
    config = make(map=disk / 'access', map_type=kind)
    with mounts.small_disk(disk, 4 << 20):
        accessmap.publish(plan('198.51.100.7'), config)
        filler = mounts.fill(disk)
        before = listing(disk)
        many = plan('198.51.100.7', *('198.18.{}.{}'.format(at >> 8, at & 255) for at in range(20000)))
        with pytest.raises(accessmap.MapFailure, match='the old one stays'):
            accessmap.publish(many, config)
        assert_old_map_served(config, disk, before, kind)
        # Room for the text, none for the index.
        os.truncate(filler, os.stat(filler).st_size - (900 << 10))
        before = listing(disk)
        if kind != 'texthash':
            with pytest.raises(accessmap.MapFailure, match='the old one stays'):
                accessmap.publish(many, config)
            assert_old_map_served(config, disk, before, kind)
        os.unlink(filler)
        accessmap.publish(many, config)
        assert Postfix(config.postfix_config).asked(kind, config.map, '198.18.5.5') == ACTION


@needs_postfix
@pytest.mark.parametrize('postmap', [
    'echo postmap: fatal: no room >&2; exit 1', 'kill -9 $$', 'exit 0', 'echo torn > "${4#hash:}.db"; exit 1'])
def test_a_postmap_that_fails_leaves_the_old_map_and_says_so(make, tmp_path, monkeypatch, postmap):
    folder = tmp_path / 'maps'
    folder.mkdir()
    config = make(map=folder / 'access')
    accessmap.publish(plan('198.51.100.7'), config)
    before = listing(folder)
    programs = tmp_path / 'bin'
    programs.mkdir()
    (programs / 'postmap').write_text('#!/bin/sh\n{}\n'.format(postmap))
    (programs / 'postmap').chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr('mailtools.block_sasl_fail.postfix.PATH', '{}:/usr/sbin:/usr/bin:/bin'.format(programs))
        with pytest.raises(accessmap.MapFailure, match='the old one stays'):
            accessmap.publish(plan(*ADDRESSES), config)
    assert_old_map_served(config, folder, before)
    accessmap.publish(plan(*ADDRESSES), config)


@needs_postfix
def test_a_folder_that_cannot_be_written_leaves_the_old_map_and_says_so(make, tmp_path):
    folder = tmp_path / 'maps'
    folder.mkdir()
    config = make(map=folder / 'access')
    accessmap.publish(plan('198.51.100.7'), config)
    with mounts.read_only(folder):
        with pytest.raises(accessmap.MapFailure, match='Read-only file system'):
            accessmap.publish(plan(*ADDRESSES), config)
    assert_old_map_served(config, folder, listing(folder))


def test_a_host_without_postfix_says_so(make, monkeypatch):
    monkeypatch.setattr('mailtools.block_sasl_fail.postfix.PATH', '/nowhere')
    monkeypatch.setenv('PATH', '/nowhere')
    with pytest.raises(PostfixFailure, match='postconf is not installed'):
        accessmap.publish(plan(), make())


KILLED = '''
import os, sys
sys.path.insert(0, {checkout!r})
from mailtools.base import settings
from mailtools.block_sasl_fail import accessmap, due
from mailtools.block_sasl_fail.settings import PROGRAM, SETTINGS
steps = int(sys.argv[2])

def counted(name):
    real = getattr(os, name)
    def call(*args, **kwargs):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), 9)
        return real(*args, **kwargs)
    setattr(os, name, call)
for name in ('open', 'fsync', 'fchmod', 'rename', 'unlink', 'listdir'):
    counted(name)
config = settings.load(PROGRAM, SETTINGS, sys.argv[1])
accessmap.publish(due.Plan(tuple(due.Block(key, 2e9, 'x') for key in sys.argv[3:]), False), config)
'''


@pytest.mark.slow
@needs_postfix
def test_killed_at_any_step_the_map_is_old_or_new_and_the_next_run_mends_it(make, tmp_path):
    config = make()
    postfix = Postfix(config.postfix_config)
    ended, step = -9, 0
    while ended == -9:
        accessmap.publish(plan('198.51.100.7'), config)
        ended = subprocess.call([sys.executable, '-c', KILLED.format(checkout=str(CHECKOUT)), config.path,
                                 str(step), '198.51.100.7', '198.51.100.8', '198.18.5.0/24'])
        assert postfix.asked('hash', config.map, '198.51.100.7') == ACTION
        assert accessmap.keys_in(config.map) in ({'198.51.100.7'}, {'198.51.100.7', '198.51.100.8'})
        accessmap.publish(plan('198.51.100.7', '198.51.100.8'), config)
        assert postfix.asked('hash', config.map, '198.51.100.8') == ACTION
        step += 1
    assert ended == 0 and step > 10
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith('.access')] == []
