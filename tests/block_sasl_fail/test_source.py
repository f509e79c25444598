"""Each line of a log is read once, whatever logrotate(8) and others do between two runs."""
import itertools
import os
import random
import subprocess

import pytest

from mailtools.block_sasl_fail import source
from mailtools.block_sasl_fail.source import LogFailure, Source
from rig.full import in_full

PACKERS = {'.gz': 'gzip', '.xz': 'xz', '.bz2': 'bzip2'}


def line(number):
    """A line of which there is one."""
    return 'Mar  5 04:03:02 mx postfix/smtpd[{0}]: line {0} {1}\n'.format(number, 'x' * (number % 90)).encode()


class Log:
    """A log, a reader that remembers its place, and what both have to say."""

    def __init__(self, folder):
        self.path = str(folder / 'maillog')
        self.written = []
        self.read = []
        self.place = None
        self.last = None
        open(self.path, 'wb').close()

    def write(self, count=1, path=None):
        with open(path or self.path, 'ab') as file:
            for _ in range(count):
                self.written.append(line(len(self.written)))
                file.write(self.written[-1])

    def scan(self):
        self.last = Source(self.path, self.place)
        for chunk in self.last.chunks():
            self.read.append(chunk.data)
        self.place = self.last.place

    def rename(self, to):
        os.rename(self.path, self.path + to)
        open(self.path, 'wb').close()

    def copytruncate(self, to):
        subprocess.check_call(['cp', self.path, self.path + to])
        os.truncate(self.path, 0)

    def shift(self, endings=('', '.gz', '.xz', '.bz2')):
        for number in range(40, 0, -1):
            for ending in endings:
                old = '{}.{}{}'.format(self.path, number, ending)
                if os.path.exists(old):
                    os.rename(old, '{}.{}{}'.format(self.path, number + 1, ending))

    def pack(self, to, ending):
        subprocess.check_call([PACKERS[ending], self.path + to])

    def expect_all(self):
        self.scan()
        assert b''.join(self.read) == b''.join(self.written)
        assert not self.last.lost and not self.last.damaged


@pytest.fixture
def log(tmp_path):
    return Log(tmp_path)


def test_what_is_appended(log):
    for count in 1, 0, 3, 5000:
        log.write(count)
        log.scan()
    log.expect_all()


ROTATED = [('.1', ''), ('.1', '.gz'), ('-20260305', '.xz'), ('.2026-03-05', '.bz2'), ('-1772679782', '')]


@pytest.mark.parametrize('rotate', ['rename', 'copytruncate'])
@pytest.mark.parametrize('to, ending', ROTATED + in_full(*(
    one for one in itertools.product(['.1', '-20260305', '.2026-03-05', '-1772679782'], ['', '.gz', '.xz', '.bz2'])
    if one not in ROTATED)))
@pytest.mark.parametrize('before, after', [(0, 5), (5, 0), (5, 5), (900, 9000)])
def test_one_rotation(log, rotate, to, ending, before, after):
    log.write(before)
    log.scan()
    log.write(3)
    getattr(log, rotate)(to)
    if ending:
        log.pack(to, ending)
    log.write(after)
    log.expect_all()


@pytest.mark.parametrize('days', [1, 2, 11])
def test_missed_days(log, days):
    log.write(5)
    log.scan()
    for _ in range(days):
        log.write(5)
        log.shift()
        log.rename('.1')
        log.write(5)
    log.expect_all()


def test_a_writer_that_goes_on_with_the_old_file(log):
    log.write(5)
    log.rename('.1')
    log.scan()
    log.write(2, log.path + '.1')
    log.scan()
    log.write(2, log.path + '.1')
    log.write(2)
    log.expect_all()


def test_a_log_that_is_not_there_for_a_while(log):
    log.write(5)
    log.scan()
    log.write(5)
    os.rename(log.path, log.path + '.1')
    log.scan()
    log.write(5)
    log.expect_all()


def test_a_line_without_its_end_waits_for_it(log):
    log.write(2)
    with open(log.path, 'ab') as file:
        file.write(b'half')
    log.scan()
    assert b''.join(log.read) == b''.join(log.written)
    with open(log.path, 'ab') as file:
        file.write(b' and half\n')
    log.written.append(b'half and half\n')
    log.expect_all()


def test_the_last_line_of_an_old_file_needs_no_end(log):
    log.write(2)
    with open(log.path, 'ab') as file:
        file.write(b'half')
    log.scan()
    log.rename('.1')
    log.scan()
    assert b'half' not in b''.join(log.read), 'somebody may still write'
    log.written.append(b'half')
    log.write(2)
    log.expect_all()


def test_copytruncate_that_lost_lines_that_were_read(log):
    log.write(20)
    subprocess.check_call(['cp', log.path, log.path + '.1'])
    log.write(2)
    log.scan()
    os.truncate(log.path, 0)
    log.write(5)
    log.expect_all()


def test_a_log_that_was_edited_is_not_read_again(log):
    log.write(50)
    log.scan()
    subprocess.check_call(['sed', '-i', 's/line 20 /password /', log.path])
    log.write(5)
    log.expect_all()


def test_a_log_that_was_emptied(log):
    log.write(50)
    log.scan()
    os.truncate(log.path, 0)
    log.scan()
    log.write(60)
    log.scan()
    assert b''.join(log.read) == b''.join(log.written)


def test_when_the_place_is_lost_all_younger_files_are_read(log):
    log.write(5)
    log.scan()
    for _ in range(3):
        log.shift()
        log.rename('.1')
        log.write(5)
    os.unlink(log.path + '.3')
    log.scan()
    assert log.last.lost
    assert b''.join(log.read) == b''.join(log.written)


def test_old_files_are_not_read_at_the_first_run(log):
    log.write(5)
    log.rename('.1')
    log.written = []
    log.write(5)
    log.expect_all()


def test_a_damaged_compressed_file_stops_nobody(log):
    log.write(5)
    log.scan()
    log.rename('.2')
    log.write(3000)
    log.rename('.1')
    log.pack('.1', '.gz')
    os.truncate(log.path + '.1.gz', 1000)
    log.write(5)
    log.scan()
    assert len(log.last.damaged) == 1 and 'maillog.1.gz' in log.last.damaged[0]
    assert b''.join(log.read).endswith(b''.join(log.written[-5:]))


def test_a_compressed_file_that_is_being_written_is_not_read(log):
    log.write(500)
    log.scan()
    log.write(500)
    log.rename('.1')
    subprocess.check_call('gzip -c {0}.1 | head -c 100 > {0}.1.gz'.format(log.path), shell=True)
    log.write(5)
    log.expect_all()


@pytest.mark.parametrize('rotate', ['rename', 'copytruncate'])
@pytest.mark.parametrize('after', [30, 30000])
def test_a_log_that_is_rotated_while_it_is_read(log, rotate, after):
    log.write(20000)
    reader = Source(log.path, None)
    chunks = reader.chunks()
    read = [next(chunks).data]
    getattr(log, rotate)('.1')
    log.write(after)
    read.extend(chunk.data for chunk in chunks)
    read.extend(chunk.data for chunk in reader.chunks())
    assert b''.join(read) == b''.join(log.written)


@pytest.mark.parametrize('size', [source.LONGEST - 100, source.LONGEST, source.LONGEST + 1, 10 << 20])
@pytest.mark.parametrize('ended', [True, False])
def test_a_line_of_any_length(log, size, ended):
    log.write(5)
    with open(log.path, 'ab') as file:
        file.write(b'y' * size)
    log.scan()
    if ended:
        with open(log.path, 'ab') as file:
            file.write(b'y\n')
        log.write(5)
        log.scan()
        log.read = [b''.join(log.read).replace(b'y' * (size + 1) + b'\n', b'').replace(b'y', b'')]
    assert b''.join(log.read).strip(b'\n') == b''.join(log.written).strip(b'\n')


def test_a_log_without_line_ends_is_read_once_and_holds_no_memory(log):
    for _ in range(3):
        with open(log.path, 'ab') as file:
            file.write(b'y' * (5 << 20))
        log.scan()
    assert log.read == [b''] * len(log.read)
    assert log.place.inside and log.place.offset == 15 << 20


@pytest.mark.parametrize('kind, saying', [
    ('missing', 'No such file'), ('folder', 'it is a folder'), ('fifo', 'it is no file')])
def test_what_cannot_be_read_is_said(tmp_path, kind, saying):
    path = tmp_path / 'maillog'
    if kind == 'folder':
        path.mkdir()
    elif kind == 'fifo':
        os.mkfifo(str(path))
    with pytest.raises(LogFailure, match='cannot read the log {}: {}'.format(path, saying)):
        list(Source(str(path), None).chunks())


@pytest.mark.parametrize('seed', [0, 1, 2, 3] + in_full(*range(4, 30)))
def test_anything_at_any_time(log, seed):
    chance = random.Random(seed)
    endings = ['.gz', '.xz', '.bz2', '']
    dated, day = chance.random() < 0.5, 0
    log.scan()
    for _ in range(60):
        act = chance.choice(['write', 'write', 'write', 'scan', 'scan', 'rotate', 'pack'])
        if act == 'write':
            log.write(chance.choice([1, 2, 30, 4000]))
        elif act == 'scan':
            log.scan()
            assert not log.last.lost
        elif act == 'rotate':
            day += 1
            to = '-202603{:02d}'.format(day) if dated else '.1'
            if not dated:
                log.shift()
            getattr(log, chance.choice(['rename', 'copytruncate']))(to)
        elif act == 'pack':
            for name in sorted(os.listdir(os.path.dirname(log.path))):
                if name != 'maillog' and not name.endswith(tuple(PACKERS)) and chance.random() < 0.5:
                    ending = chance.choice(endings)
                    if ending:
                        log.pack(name[len('maillog'):], ending)
    log.expect_all()
