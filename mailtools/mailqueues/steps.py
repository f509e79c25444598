"""What the charts draw, kept ready in the history beside the samples that it is made of: SQL.

The samples of 13 months of 200 hosts are a million rows and a half, and to sum them up takes seconds.  So each run
makes the steps that it falls into anew: that of five minutes of its samples, each longer one of those of the
next finer length, some thousand rows together.

`made` tells of which samples the steps know.  A file of an older version, or a clock that went back by half a day,
and they are not those: then the steps are summed up from the samples, by who reads each time, by the next run once.
"""
from mailtools.mailqueues.sums import mean

MINUTE, HOUR, DAY = 60, 3600, 86400
FOREVER = 1 << 60       # samples of a clock that was ahead are some of the next steps
# How long a step is, and how long the charts show it.  Each length is a multiple of the one before.
KEPT_S = {5 * MINUTE: DAY, 30 * MINUTE: 7 * DAY, 3 * HOUR: 30 * DAY, 2 * DAY: 396 * DAY}
BACK_S = 12 * HOUR      # the clock may go back so far: so much longer steps are kept
SCHEMA = (
    'CREATE TABLE IF NOT EXISTS step (length INTEGER NOT NULL, at INTEGER NOT NULL, host INTEGER NOT NULL,'
    ' seen INTEGER, deferred_most INTEGER, deferred_mean REAL, active_most INTEGER, active_mean REAL,'
    ' PRIMARY KEY (length, at, host))',
    # newest: the time of the youngest sample.  at: of the youngest run since all steps were made.
    'CREATE TABLE IF NOT EXISTS made (newest INTEGER, at INTEGER)')
SUMS = 'sum(seen), max(deferred_most), {}, max(active_most), {}'.format(mean('deferred_mean'), mean('active_mean'))
SAMPLES = 'FROM sample WHERE level IN (0, 1, 2, 3) AND at >= ? AND at < ?'
FINER = 'FROM step WHERE length = ? AND at >= ? AND at < ?'
SUM_UP = 'SELECT host, (at - ?) / ? AS number, {} {} GROUP BY host, number'.format(SUMS, SAMPLES)
READ = ('SELECT host, (at - ?) / ?, seen, deferred_most, deferred_mean, active_most, active_mean {} '.format(FINER))
MAKE = 'INSERT OR REPLACE INTO step SELECT ?, at / ? * ?, host, {} {} GROUP BY host, at / ?'
NEWEST = 'SELECT max(at) FROM sample WHERE level = 0'


def read(connection, since, length_s, count):
    """Rows of (host, number of the step, seen, deferred_most, ...) for `count` steps from `since` on."""
    until = since + length_s * count
    if since % length_s == 0 and length_s * count <= KEPT_S.get(length_s, 0) and are_of_now(connection):
        return connection.execute(READ, (since, length_s, length_s, since, until))
    return connection.execute(SUM_UP, (since, length_s, since, until))


def are_of_now(connection):
    """Whether the steps know all samples."""
    return made(connection)[0] == connection.execute(NEWEST).fetchone()[0]


def made(connection):
    """(newest, at) of `made`, (None, None) when there is none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'made'").fetchone():
        return None, None
    return connection.execute('SELECT newest, at FROM made').fetchone() or (None, None)


def before_run(connection):
    """The time from which on the steps can be carried on with the samples of a run; None: not at all."""
    newest, at = made(connection)
    return at - BACK_S if newest is not None and are_of_now(connection) else None


def after_run(connection, at, since):
    """Make the steps right for a run at `at`, whose samples are there; since: what before_run() gave."""
    youngest = at
    if since is None or at < since:
        make_all(connection, at)
    else:
        make_latest(connection, at)
        youngest = max(at, since + BACK_S)
    for length_s, kept_s in KEPT_S.items():
        connection.execute('DELETE FROM step WHERE length = ? AND at < ?', (length_s, at - kept_s - BACK_S - length_s))
    connection.execute('DELETE FROM made')
    connection.execute('INSERT INTO made SELECT max(at), ? FROM sample WHERE level = 0', (youngest,))


def make_latest(connection, at):
    """The step of each length that a time falls into, made anew."""
    finer_s = None
    for length_s in KEPT_S:
        begin = at // length_s * length_s
        source, of = (SAMPLES, ()) if finer_s is None else (FINER, (finer_s,))
        connection.execute(MAKE.format(SUMS, source), (length_s,) * 3 + of + (begin, begin + length_s, length_s))
        finer_s = length_s


def make_all(connection, at):
    """All steps from the samples, in a file that has none: made by an older version, or by a clock that was wrong."""
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute('DELETE FROM step')
    for length_s, kept_s in KEPT_S.items():
        begin = (at - kept_s - BACK_S) // length_s * length_s
        connection.execute(MAKE.format(SUMS, SAMPLES), (length_s,) * 3 + (begin, FOREVER, length_s))
