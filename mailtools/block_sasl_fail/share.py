"""Several hosts tell each other whom they block: one table in a PostgreSQL (10 or later, or what speaks like it).

Each host writes its own rows and reads the others'.  The database decides nothing: with it away a host
goes on with what it knows (rows of others that it has read stay until they run out), and the next exchange
writes what is missing, for a host writes what it blocks, not what changed.  No password is ever in a message.
"""
import contextlib
import socket

from mailtools.base.failure import Failure, SettingsFailure, Unavailable, one_line
from mailtools.base.settings import masked
from mailtools.block_sasl_fail import networks
from mailtools.block_sasl_fail.due import Block
from mailtools.block_sasl_fail.records import LASTING, MANUAL, SHARED, Record

# Keys are content; no sequence, trigger or extension, so that distributed engines may do as well.
CREATE = ('CREATE TABLE IF NOT EXISTS sasl_block (host text NOT NULL, client text NOT NULL,'
          ' since double precision NOT NULL, until double precision NOT NULL, why text NOT NULL,'
          ' PRIMARY KEY (host, client))')
CONNECTION = {
    'connect_timeout': '5',
    'fallback_application_name': 'block-sasl-fail',
    'client_encoding': 'UTF8',
    'keepalives_idle': '10',
    'keepalives_interval': '5',
    'keepalives_count': '3',
}
SESSION = "SET statement_timeout = '20s'; SET lock_timeout = '10s'"
OWN = ('guessing', 'slow', 'neighbours', 'network', MANUAL)     # what a host tells others
MOST = 100000                                                   # rows that are believed


def exchange(address, blocks, now, host=None):
    """Write this host's blocks, read the others': a tuple of Blocks, why = SHARED, sorted by key.

    All or nothing; raises Unavailable or SettingsFailure.

    address: the setting `share`.  blocks: of this host, in any order; those that came from others are left out.
    now: seconds since the epoch; what has run out by then is neither written nor read.
    """
    own = {block.key: block for block in blocks if block.why in OWN and block.until > now}
    host = host or socket.gethostname()
    with connected(address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('sasl_block')")
        if cursor.fetchone()[0] is None:
            cursor.execute(CREATE)
        cursor.execute('SELECT client, since, until, why FROM sasl_block WHERE host = %s', (host,))
        there = {row[0]: row[1:] for row in cursor.fetchall()}
        gone = [key for key in there if key not in own]
        new = [block for block in own.values() if there.get(block.key) != row_of(block)]
        if gone:
            cursor.execute('DELETE FROM sasl_block WHERE host = %s AND client = ANY(%s)', (host, gone))
        for block in sorted(new):
            cursor.execute(
                'INSERT INTO sasl_block VALUES (%s, %s, %s, %s, %s) ON CONFLICT (host, client)'
                ' DO UPDATE SET since = excluded.since, until = excluded.until, why = excluded.why',
                (host, block.key) + row_of(block))
        cursor.execute('SELECT client, max(since), max(until) FROM sasl_block WHERE host <> %s AND until > %s'
                       ' GROUP BY client ORDER BY client LIMIT %s', (host, now, MOST))
        theirs = cursor.fetchall()
    return believed(theirs)


def row_of(block):
    """What the table says of a block of ours."""
    return float(block.since), float(block.until), block.why


def believed(rows):
    """Blocks of (client, since, until) rows: what is no address, or too wide a network, is passed over."""
    found = []
    for client, since, until in rows:
        network = networks.parsed(client)
        if network is not None and not networks.too_wide(network):
            found.append(Block(networks.key_of(network), min(until, LASTING), SHARED, since))
    return tuple(sorted(found))


def merged(records, blocks, now):
    """{key: Record} that change, so that exactly these blocks of others are in force.

    records: {key: Record}, all with until > now, and those of the blocks' keys that exist.  A block of our own is
    never shortened, and what a person released here stays free until it is blocked anew elsewhere.
    """
    theirs, changed = {block.key: block for block in blocks}, {}
    for key, record in records.items():
        if key not in theirs and getattr(record, 'why', '') == SHARED and record.until > now:
            record.free()
            changed[key] = record
    for key, block in theirs.items():
        record = records.get(key) or Record(key)
        own = record.until > now and record.why != SHARED
        if own or record.until == block.until or record.released >= block.since:
            continue
        if record.until <= now:
            record.since = now
        record.until, record.why = block.until, SHARED
        changed[key] = record
    return changed


@contextlib.contextmanager
def connected(address):
    """A connection, whose transaction is committed when the block ends well."""
    try:
        import psycopg2
        import psycopg2.extensions
    except ImportError:
        raise Failure('share: psycopg2 is not installed (package python3-psycopg2)', Unavailable.status)
    try:
        parameters = psycopg2.extensions.parse_dsn(dsn_of(address))
    except psycopg2.Error:
        raise SettingsFailure('share: libpq cannot understand this connection string') from None
    connection = None
    try:
        connection = psycopg2.connect(**dict(CONNECTION, **parameters))
        with connection.cursor() as cursor:
            cursor.execute(SESSION)
        yield connection
        connection.commit()
    except psycopg2.Error as error:
        said = one_line(error)
        if parameters.get('password'):
            said = said.replace(parameters['password'], '***')
        raise Unavailable('cannot share: {}'.format(masked(said))) from None
    finally:
        if connection is not None:
            connection.close()


def dsn_of(address):
    """What libpq takes: a URL as it is, of `postgresql:host=... dbname=...` the part after the colon."""
    return address if address.startswith('postgresql://') else address[len('postgresql:'):]
