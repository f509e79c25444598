"""How the days before were: one SQLite file, a row a day and host.

The totals of a day are columns, for who asks in SQL; its tables per hour and all details are JSON beside them, in
`figures`.  A day that is reported again replaces its row, so repeating is harmless.  Details are dropped after
DETAIL_DAYS, for they are most of the size; totals and hours stay as long as the setting `keep` says.
"""
import datetime
import json
import zlib

from mailtools.base.sqlitefile import FileFailure, SqliteFile
from mailtools.pflogsumm_report import compare
from mailtools.pflogsumm_report.values import TOTALS

DETAIL_DAYS = 62
DAY_S = 86400
KEPT = ('date', 'host') + TOTALS + ('per_hour',)        # what a row still has without its details
SCHEMA = (
    'CREATE TABLE day (date TEXT NOT NULL, host TEXT NOT NULL, made_at INTEGER NOT NULL, lines INTEGER NOT NULL, {},'
    ' figures BLOB NOT NULL, detailed INTEGER NOT NULL, PRIMARY KEY (date, host))'.format(
        ', '.join('{} INTEGER'.format(name) for name in TOTALS)),
)
VERSION = 1
INSERT = 'INSERT OR REPLACE INTO day VALUES ({})'.format(', '.join('?' * (len(TOTALS) + 6)))
READ = 'SELECT date, host, {} FROM day WHERE date >= ? AND date <= ? ORDER BY date, host'.format(', '.join(TOTALS))
FULLER = 'SELECT 1 FROM day WHERE date = ? AND host = ? AND lines > ?'
READ_FIGURES = 'SELECT figures FROM day WHERE date = ? AND host = ?'
DETAILED = 'SELECT date, host, figures FROM day WHERE detailed AND date < ?'
THIN = 'UPDATE day SET figures = ?, detailed = 0 WHERE date = ? AND host = ?'
FORGET = 'DELETE FROM day WHERE date < ?'
FIRST, LAST = '0000-00-00', '9999-99-99'


class History:
    """The file of the history.

    keep_s: how long a day is kept, in seconds.  say: called with a sentence when the file was found damaged and
    moved aside.
    """

    def __init__(self, path, keep_s=None, say=lambda sentence: None):
        self.file = SqliteFile(path, 'the history', SCHEMA, VERSION, say=say)
        self.keep_s = keep_s

    def add(self, figures, now):
        """Keep the figures of a day, in place of what was kept of it; and drop what has grown old.  True when kept.

        What was counted from more lines of log than these is not replaced: part of the log may be gone by now.
        figures: the object of --json, as a dict.  now: seconds since the epoch.  All or nothing; raises FileFailure.
        """
        key, lines = (figures['date'], figures['host']), figures.get('lines', 0)
        row = (key + (int(now), lines) + tuple(figures[name] for name in TOTALS)
               + (packed(figures), int(any(name not in KEPT for name in figures))))

        def work(connection):
            if connection.execute(FULLER, key + (lines,)).fetchone():
                return False
            connection.execute(INSERT, row)
            thin(connection, figures['date'], self.keep_s)
            return True
        return self.file.write(work, now)

    def days(self, since=FIRST, until=LAST, hosts=None):
        """(date, host, {key: total}) of each day in [since, until], in order; hosts: names, None for all.

        No file: none.  Raises FileFailure.
        """
        with self.file.reading() as connection:
            rows = list(connection.execute(READ, (since, until))) if connection else []
        return [(row[0], row[1], dict(zip(TOTALS, row[2:]))) for row in rows if hosts is None or row[1] in hosts]

    def figures(self, date, host):
        """All that is kept of a day, as the dict that was added, less what was dropped; None: nothing is.

        Raises FileFailure.
        """
        with self.file.reading() as connection:
            row = connection.execute(READ_FIGURES, (date, host)).fetchone() if connection else None
        return unpacked(row[0], self.file.path) if row else None

    def past(self, date, host):
        """The compare.Past of a day; never raises, for a report without a past is still a report."""
        wanted = compare.same_weekdays(date)
        try:
            days = self.days(wanted[-1], wanted[0], (host,)) if wanted else []
        except FileFailure as failed:
            return compare.Past(error=str(failed))
        return compare.Past(tuple((day, totals) for day, _, totals in reversed(days) if day in wanted))


def packed(figures):
    """The figures as bytes."""
    return zlib.compress(json.dumps(figures).encode('ascii'))


def unpacked(data, path):
    """The figures of such bytes; raises FileFailure."""
    try:
        return json.loads(zlib.decompress(data).decode('ascii'))
    except (ValueError, zlib.error, TypeError) as error:
        raise FileFailure('the history {} holds a row that is damaged ({})'.format(path, error))


def thin(connection, newest, keep_s):
    """Drop the details of what is older than DETAIL_DAYS before the newest day, and days older than keep_s."""
    for date, host, data in list(connection.execute(DETAILED, (days_before(newest, DETAIL_DAYS),))):
        try:
            figures = unpacked(data, '')
        except FileFailure:
            figures = {'date': date, 'host': host}      # its totals are columns, and stay
        connection.execute(THIN, (packed({key: figures[key] for key in KEPT if key in figures}), date, host))
    if keep_s is not None:
        connection.execute(FORGET, (days_before(newest, keep_s // DAY_S),))


def days_before(date, days):
    """The date so many days before YYYY-MM-DD."""
    day = compare.day_of(date)
    return datetime.date.fromordinal(max(1, day.toordinal() - int(days))).isoformat()
