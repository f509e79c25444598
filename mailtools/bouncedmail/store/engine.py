"""What a shell round one database engine offers, and the ways in which it says no.

sqlite.py and postgresql.py each have a class Database with

    engine, name            its name in tables.ENGINES; the database for messages, no password in it
    close()                 it opens by itself, and again after a failure
    rows(sql, parameters)   all rows of a statement; `?` stands for a parameter
    stream(sql, parameters) the rows one by one, in constant memory
    run(sql, parameters)    how many rows a statement changed
    transaction()           all or nothing: a context manager; outside of it each statement is its own
    insert(table, rows)     rows whose keys are new
    insert_new(table, rows) those whose first column is not there yet; the set of those
    having(table, keys)     the rows with these first columns, locked until the transaction ends
    update(table, rows)     rows that are there, found by their first column
    delete(table, column, keys)
    relations(names)        which of the names are tables or views already

and raises Refused, Conflict, Duplicate, NoTable or base.failure.Unavailable, nothing of the driver's.
"""
from mailtools.base.failure import Unavailable


class Refused(Exception):
    """The database takes none of it, for what one of the rows holds; trying again is useless."""


class Conflict(Unavailable):
    """Another transaction was in the way; the same again will do."""


class Duplicate(Conflict):
    """A row with this key is there: another wrote it since we looked, or else a hand."""


class NoTable(Unavailable):
    """A table is missing: the database is not set up."""
