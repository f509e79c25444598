"""counting.py and the command count, against find(1)."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

import pytest
import scenes

from mailtools.mailqueues import counting
from rig import program
from rig.sshhosts import fill

NUMBERS = {'maildrop': 1, 'incoming': 2, 'active': 34, 'deferred': 990, 'hold': 3, 'corrupt': 4}


def by_find(path):
    """find PATH -type f | wc -l"""
    return int(subprocess.check_output(['sh', '-c', 'find "$0" -type f | wc -l', str(path)]))


def test_it_counts_what_find_counts(tmp_path):
    queue = fill(tmp_path / 'queue', **NUMBERS)
    (queue / 'active' / 'link').symlink_to(queue / 'active')        # neither a file nor followed
    (queue / 'active' / 'lost+found').mkdir()                       # a disk of its own
    os.mkfifo(str(queue / 'active' / 'fifo'))
    (queue / 'deferred' / 'A' / 'B').mkdir()                        # hash_queue_depth = 2
    (queue / 'deferred' / 'A' / 'B' / 'AB22F00001').touch()
    found = counting.count(str(queue))
    assert found == {name: by_find(queue / name) for name in NUMBERS} == dict(NUMBERS, deferred=991)


def test_the_command_prints_one_object(tmp_path):
    ran = program.run('mailqueues', 'count', '--queue-directory', fill(tmp_path / 'queue', **NUMBERS))
    assert ran.status == 0, ran.err
    said = json.loads(ran.out)
    assert {name: said[name] for name in NUMBERS} == NUMBERS and said['total'] == 1030
    assert list(said)[:2] == ['host', 'at']


def test_queues_that_postfix_has_not_made_yet_are_empty(tmp_path):
    queue = fill(tmp_path / 'queue', active=1)
    (queue / 'hold').rmdir()
    (queue / 'corrupt').rmdir()
    assert counting.count(str(queue))['hold'] == 0


@pytest.mark.parametrize('missing', scenes.fast_first(1, [('.',), ('active',), ('deferred',), ('incoming',)]))
def test_what_is_no_queue_directory_is_69_and_not_0(tmp_path, missing):
    queue = fill(tmp_path / 'queue')
    subprocess.check_call(['rm', '-r', str((queue / missing).resolve())])
    ran = program.run('mailqueues', 'count', '--queue-directory', queue)
    assert (ran.status, ran.out) == (69, '') and 'is this the queue_directory of Postfix?' in ran.err


AS_NOBODY = (
    'import os, sys; sys.path.insert(0, sys.argv[1]); from mailtools.mailqueues import counting; '
    'os.getuid() or (os.setegid(65534), os.seteuid(65534)); print(counting.count(sys.argv[2]))')


def test_what_may_not_be_read_is_a_failure_and_not_a_smaller_number():
    with tempfile.TemporaryDirectory(prefix='mt-') as folder:
        os.chmod(folder, 0o755)
        queue = fill(pathlib.Path(folder) / 'queue', **NUMBERS)
        if os.getuid() != 0:
            (queue / 'maildrop').chmod(0)
        ran = subprocess.run([sys.executable, '-c', AS_NOBODY, str(program.CHECKOUT), str(queue)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd='/')
        (queue / 'maildrop').chmod(0o700)
    assert ran.returncode == 1 and ran.stdout == b'' and b'maildrop: Permission denied' in ran.stderr


def test_files_and_folders_that_vanish_meanwhile_are_no_error(tmp_path):
    queue = fill(tmp_path / 'queue', deferred=400)
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            for number in range(4):
                folder = queue / 'deferred' / 'churn{}'.format(number)
                folder.mkdir()
                (folder / 'FD00F00001').touch()
                (folder / 'FD00F00001').unlink()
                folder.rmdir()
    thread = threading.Thread(target=churn, daemon=True)
    thread.start()
    for _ in range(200):
        assert 400 <= counting.count(str(queue))['deferred'] <= 404
    stop.set()
    thread.join()
