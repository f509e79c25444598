"""Files are replaced whole or not at all, and a lock is held by one."""
import os
import stat
import subprocess
import sys

import pytest

from mailtools.base import disk
from mailtools.base.failure import Busy, Failure
from rig import mounts, program


def test_a_file_is_replaced_with_its_mode(tmp_path):
    path = tmp_path / 'map'
    disk.replace(str(path), b'old', 0o600)
    disk.replace(str(path), b'new', 0o640)
    assert path.read_bytes() == b'new'
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(str(tmp_path)) == ['map']


def test_a_name_without_a_folder_is_in_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    disk.replace('map', b'new')
    assert (tmp_path / 'map').read_bytes() == b'new'


def test_on_a_full_disk_the_old_file_stays(tmp_path):
    with mounts.small_disk(tmp_path, 1 << 20):
        path = tmp_path / 'map'
        disk.replace(str(path), b'old')
        filler = os.path.basename(mounts.fill(tmp_path))
        with pytest.raises(OSError):
            disk.replace(str(path), b'new' * 100000)
        assert path.read_bytes() == b'old'
        assert sorted(os.listdir(str(tmp_path))) == sorted([filler, 'map'])


HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
from mailtools.base import disk
with disk.locked(sys.argv[2]):
    print('held', flush=True)
    sys.stdin.read()
"""


def holding(path):
    """A process that holds a lock."""
    process = subprocess.Popen([sys.executable, '-c', HOLD, str(program.CHECKOUT), str(path)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b'held\n'
    return process


def test_a_lock_is_held_by_one_and_says_by_whom(tmp_path):
    path = str(tmp_path / 'lock')
    process = holding(path)
    with pytest.raises(Busy, match=r'process {}\) holds '.format(process.pid)):
        with disk.locked(path):
            pass
    process.communicate()
    with disk.locked(path):
        assert (tmp_path / 'lock').read_text() == '{}\n'.format(os.getpid())


def test_a_killed_holder_leaves_no_lock(tmp_path):
    path = str(tmp_path / 'lock')
    process = holding(path)
    process.kill()
    process.communicate()
    with disk.locked(path):
        pass


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path):
    with pytest.raises(Failure, match='cannot open the lock .*: No such file'):
        with disk.locked(str(tmp_path / 'none' / 'lock')):
            pass


def test_a_lock_file_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / 'precious').write_text('precious')
    os.symlink('precious', str(tmp_path / 'lock'))
    with pytest.raises(Failure):
        with disk.locked(str(tmp_path / 'lock')):
            pass
    assert (tmp_path / 'precious').read_text() == 'precious'
