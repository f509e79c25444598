"""Where a day is found: however its log was rotated, named and packed, each line counts once."""
import bz2
import datetime
import gzip
import lzma
import os
import random
import subprocess

import pytest
from maillog import DAY, RFC3339, TRADITIONAL, at, busy
from reports import of_files, of_text, same

from mailtools.pflogsumm_report.reading import NoLog
from mailtools.pflogsumm_report.sources import LogFailure
from rig import parts
from rig.program import run

DAYS = datetime.timedelta(days=1)


def zstd(data):
    """Packed by the real zstd(1)."""
    return subprocess.run(['zstd', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


PACKERS = {'.gz': gzip.compress, '.bz2': bz2.compress, '.xz': lzma.compress, '.zst': zstd}


def rotated(folder, log, chance, form, suffixes):
    """Write a log of several days as rotation would, at random hours; its files are changed when they should be."""
    begin = at(0) - 2 * DAYS
    cuts = sorted(begin + datetime.timedelta(seconds=chance.randrange(4 * 86400))
                  for _ in range(chance.randrange(1, 7)))
    edges = [begin] + cuts + [begin + 5 * DAYS]
    dateext = chance.random() < .5
    for number, between in enumerate(zip(edges, edges[1:])):
        data = log.text(form, between=between)
        live = number == len(edges) - 2
        old = '-{:%Y%m%d}{}'.format(between[1], number) if dateext else '.{}'.format(len(edges) - 2 - number)
        name = 'maillog' + ('' if live else old)
        suffix = '' if live else chance.choice(suffixes)
        path = folder / (name + suffix)
        path.write_bytes(PACKERS[suffix](data) if suffix else data)
        if chance.random() < .7:            # else as after a restore
            changed = min(between[1], begin + 4 * DAYS).timestamp()
            os.utime(str(path), (changed, changed))


@pytest.mark.parametrize('seed', range(12))
def test_random_rotation_and_packing_loses_and_doubles_nothing(tmp_path, seed):
    chance = random.Random(seed)
    suffixes = [''] + [one for one in PACKERS if one != '.zst' or parts.find('zstd')]
    log = busy(seed=seed, mails=60, begin=at(0) - 2 * DAYS, hours=96)
    rotated(tmp_path, log, chance, chance.choice((TRADITIONAL, RFC3339)), suffixes)
    same(of_files(tmp_path).figures, log.figures())


def test_a_file_that_is_being_packed_is_read_once(tmp_path):
    text = busy().text()
    (tmp_path / 'maillog.1').write_bytes(text)
    (tmp_path / 'maillog.1.gz').write_bytes(gzip.compress(text)[:700])
    (tmp_path / 'maillog.2').write_bytes(text[:len(text) // 2])         # as copytruncate leaves it for a moment
    same(of_files(tmp_path).figures, busy().figures())


def test_a_file_that_is_named_twice_is_read_once(tmp_path):
    (tmp_path / 'maillog').write_bytes(busy().text())
    os.link(str(tmp_path / 'maillog'), str(tmp_path / 'maillog.link'))
    same(of_files(tmp_path).figures, busy().figures())
    same(of_files(tmp_path, logs=[tmp_path / 'maillog', tmp_path / 'maillog.link']).figures, busy().figures())


def test_files_that_are_named_may_come_in_any_order(tmp_path):
    log = busy(mails=40)
    halves = at(0), at(11, 30), at(0) + DAYS
    for number in (0, 1):
        (tmp_path / 'part{}'.format(number)).write_bytes(log.text(between=halves[number:number + 2]))
    same(of_files(tmp_path, logs=[tmp_path / 'part1', tmp_path / 'part0']).figures, log.figures())


def test_holes_of_copytruncate_long_lines_and_no_line_end_do_no_harm(tmp_path):
    log = busy(mails=40)
    lines = log.text().splitlines(True)
    begin = b'Nov 22 00:00:00 mx1 postfix/smtpd[1]: '
    lines[2:2] = [begin + b'x' * (10 << 20) + b'\n', b'y' * (3 << 20) + b'\n']
    same(of_text(tmp_path, b'\0' * (2 << 20) + b''.join(lines) + begin + b'no end'), log.figures())


def test_standard_input_is_a_log_packed_or_not():
    text = busy(mails=20).text(RFC3339)
    for data in (text, gzip.compress(text)):
        ran = run('pflogsumm-report', '--json', '--totals', '--date', DAY.isoformat(), '-', stdin=data)
        assert '"received":{},'.format(busy(mails=20).truth['received']) in ran.out and ran.status == 0


def test_no_line_of_the_day_is_a_failure_and_never_zeros(tmp_path):
    (tmp_path / 'maillog').write_bytes(busy().text())
    with pytest.raises(NoLog):
        of_files(tmp_path, DAY - 3 * DAYS)
    ran = run('pflogsumm-report', '--json', '--date', '2026-11-19', str(tmp_path / 'maillog'))
    assert (ran.status, ran.out) == (1, '') and ran.err.count('\n') == 1 and 'no line of 2026-11-19' in ran.err


@pytest.mark.parametrize('make, said', [
    (lambda path: None, 'No such file'),
    (lambda path: path.mkdir(), 'directory'),
    (lambda path: path.write_bytes(gzip.compress(busy().text())[:-900]), 'ended'),
    (lambda path: path.write_bytes(b'\x1f\x8b' + os.urandom(5000)), 'cannot read')])
def test_a_log_that_cannot_be_read_whole_is_a_failure_and_no_figures(tmp_path, make, said):
    make(tmp_path / 'log')
    ran = run('pflogsumm-report', '--json', '--date', DAY.isoformat(), str(tmp_path / 'log'))
    assert (ran.status, ran.out) == (1, '') and ran.err.count('\n') == 1 and said in ran.err


def test_a_damaged_file_that_is_in_the_way_is_told(tmp_path):
    (tmp_path / 'maillog').write_bytes(busy().text())
    (tmp_path / 'maillog.7.gz').write_bytes(b'\x1f\x8b' + b'x' * 50)
    reading = of_files(tmp_path)
    same(reading.figures, busy().figures())
    assert len(reading.troubles) == 1 and 'maillog.7.gz' in reading.troubles[0]


def test_a_log_cut_off_while_it_holds_the_day_gives_no_figures(tmp_path):
    text = busy(mails=2000).text()
    (tmp_path / 'maillog.1.gz').write_bytes(gzip.compress(text)[:-2000])
    with pytest.raises(LogFailure):
        of_files(tmp_path)
