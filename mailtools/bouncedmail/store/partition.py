"""The months of a partitioned database (PostgreSQL): which there must be, made and dropped.

`mail` and `event` have a partition each month, by received_at, in UTC:
mail_2026_11.  Keys and indices belong to the partitions, since PostgreSQL 10
has none on what is partitioned; that a mail is one row among all of them is
the work of the table `claim`.
"""
import re

from mailtools.bouncedmail.store import tables

PARTITIONED = tuple(table for table in tables.TABLES if table.by_time)
AHEAD = 2               # months made before they begin

CHILDREN = ('SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid'
            ' JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace'
            " WHERE p.relname = 'mail' AND n.nspname = current_schema()")


def month_of(time):
    """2026-11 of a time in the form of the program."""
    return time[:7]


def next_month(month):
    """The month after a month: 2026-12 -> 2027-01."""
    year, number = int(month[:4]), int(month[5:])
    return '{:04d}-{:02d}'.format(year + number // 12, number % 12 + 1)


def bounds(month):
    """(begin, end) of a month, end not included."""
    return '{}-01T00:00:00Z'.format(month), '{}-01T00:00:00Z'.format(next_month(month))


def ahead(now):
    """The months that there must be at `now`: this one and the AHEAD next."""
    months = [month_of(now)]
    while len(months) <= AHEAD:
        months.append(next_month(months[-1]))
    return months


def present(database):
    """The months that there are, in order."""
    found = (re.match(r'mail_([0-9]{4})_([0-9]{2})\Z', name) for name, in database.rows(CHILDREN))
    return sorted('-'.join(match.groups()) for match in found if match)


def ensure(database, months):
    """Make the partitions of the months that are missing, each month in a transaction of its own."""
    there = present(database)
    for month in sorted(set(months) - set(there)):
        with database.transaction():
            for statement in created(month):
                database.run(statement)
    return sorted(set(months) | set(there))


def created(month):
    """The statements that make the partitions of a month."""
    statements = []
    for table in PARTITIONED:
        name = partition_name(table, month)
        statements.append("CREATE TABLE {} PARTITION OF {} (PRIMARY KEY ({})) FOR VALUES FROM ('{}') TO ('{}')".format(
            name, table.name, ', '.join(table.key), *bounds(month)))
        statements.extend(tables.create_indices(table, name))
    return statements


def drop(database, month):
    """Forget a month: its events, its mail and their claims."""
    with database.transaction():
        for table in PARTITIONED:
            database.run('DROP TABLE {}'.format(partition_name(table, month)))
        database.run('DELETE FROM claim WHERE received_at >= ? AND received_at < ?',
                     bounds(month))


def partition_name(table, month):
    """mail_2026_11"""
    return '{}_{}'.format(table.name, month.replace('-', '_'))
