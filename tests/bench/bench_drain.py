"""How fast the spool empties, beside the parser alone on the same mails."""
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / 'tests'), str(ROOT / 'tests' / 'bench')]

import measure

from rig import parts, program
from rig.mailhost import MailHost
from rig.postgres import Postgres

MAILS = 3000
ROUNDS = 3
SAMPLES = sorted((ROOT / 'tests' / 'bouncedmail' / 'samples').glob('*.eml'))


def fill(host):
    """Put MAILS different mails into the spool."""
    raws = [path.read_bytes() for path in SAMPLES]
    for number in range(MAILS):
        name = '{}.V{}.mx1'.format(1762000000 + number, number)
        host.deliver('X-Number: {}\n'.format(number).encode() + raws[number % len(raws)], name)


def rate(args):
    """Mails in a second of a process that handles MAILS of them, its start included."""
    return MAILS / measure.cost_of(args).wall_s


def compare(table, what, make_host):
    """One row: drain beside parse, each on a fresh spool, taking turns."""
    drained, parsed = [], []
    for turn in range(ROUNDS):
        host = make_host(turn)
        fill(host)
        parsed.append(rate(program.command('bouncedmail', 'parse', host.spool)))
        drained.append(rate(program.command('bouncedmail', 'drain', '--config', host.config)))
        assert host.rows('SELECT count(*) FROM mail') == [(MAILS,)]
        subprocess.check_call(['rm', '-rf', str(host.spool)])
    table.rate('drain to {} : parse, mails'.format(what),
               statistics.median(drained), statistics.median(parsed), 0.5)


def main():
    table = measure.Table('drain')
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        compare(table, 'SQLite', lambda turn: MailHost(folder / 'sqlite{}'.format(turn)))
        if parts.postgresql_folder() is None:
            table.note('drain to PostgreSQL', 'not installed')
            return table.end()
        postgres = Postgres(on_disk=True)
        try:
            compare(table, 'PostgreSQL', lambda turn: MailHost(
                folder / 'postgresql{}'.format(turn), postgres.new_database()))
        finally:
            postgres.remove()
    return table.end()


if __name__ == '__main__':
    sys.exit(main())
