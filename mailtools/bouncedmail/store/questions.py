"""What is asked of the tables: one function a question, each an index on both engines.

Values of users are parameters always; names of columns come from here alone.
"""
import collections
import json
from typing import Dict, List, NamedTuple, Optional, Tuple

from mailtools.bouncedmail import policy as policies
from mailtools.bouncedmail.store import rows
from mailtools.bouncedmail.store.tables import ADDRESS, EVENT, MAIL, WORD_LIMIT

ID_LENGTH = 64              # SHA-256, hex
ID_SHORTEST = 4             # digits of the beginning of an id that are taken for one
FOUND_MOST = 20             # mails that an ambiguous name is answered with
OWN_MOST = 500              # mails with one Message-ID of their own: forged; SQLite takes 999 parameters

DAY = {'sqlite': 'substr(received_at, 1, 10)', 'postgresql': "to_char(received_at, 'YYYY-MM-DD')"}
GROUPS = ('reason', 'domain', 'day', 'format')


class Filter(NamedTuple):
    """Which events are wanted: those that meet all that is not None.

    since, until: times in the form of the program, until not included.
    message_id: of the bounce or of the mail that came back, without <>.
    header: (name, value) of a header of the returned mail that was kept.
    """

    recipient: Optional[str] = None
    domain: Optional[str] = None
    since: Optional[str] = None
    until: Optional[str] = None
    reason: Optional[str] = None
    severity: Optional[str] = None
    kind: Optional[str] = None
    message_id: Optional[str] = None
    header: Optional[Tuple[str, str]] = None
    limit: Optional[int] = None


def search(database, wanted):
    """The rows of `event` that are wanted, newest first, one by one."""
    condition, parameters = where(database, wanted)
    sql = 'SELECT {} FROM event{} ORDER BY received_at DESC'.format(', '.join(EVENT.names), condition)
    if wanted.limit is not None:
        sql += ' LIMIT {:d}'.format(wanted.limit)
    return database.stream(sql, parameters)


def where(database, wanted):
    """(' WHERE ...', its parameters) of a Filter; ('', []) for one that wants all."""
    simple = [('address = ?', wanted.recipient and policies.key_of(rows.storable(wanted.recipient))),
              ('domain = ?', wanted.domain and rows.storable(wanted.domain).lower()),
              ('received_at >= ?', wanted.since), ('received_at < ?', wanted.until),
              ('reason = ?', rows.searched(wanted.reason, WORD_LIMIT)),
              ('severity = ?', wanted.severity), ('kind = ?', wanted.kind)]
    conditions = [condition for condition, value in simple if value is not None]
    parameters = [value for _, value in simple if value is not None]
    for condition, values in (_message_id(database, wanted.message_id), _header(database, wanted.header)):
        conditions += condition
        parameters += values
    return ' WHERE ' + ' AND '.join(conditions) if conditions else '', parameters


def _message_id(database, message_id):
    """The condition that a Message-ID is the bounce's own or that of the mail that came back.

    The mails are looked for first: PostgreSQL uses no index for `a = ? OR b IN (SELECT ...)`.
    """
    if message_id is None:
        return [], []
    asked = rows.searched(message_id)
    own = [id for id, in database.rows(
        'SELECT id FROM mail WHERE message_id = ? LIMIT {}'.format(OWN_MOST), (asked,))]
    condition = 'original_message_id = ?'
    if own:
        condition = '({} OR mail_id IN ({}))'.format(condition, ', '.join('?' * len(own)))
    return [condition], [asked] + own


def _header(database, header):
    """The condition that a kept header has a value.

    SQLite of EL7 knows no JSON, but headers_text() writes `"name": "value"` in one way only, and
    a quote within a value is written \\", so that no value can be mistaken for another header.
    """
    if header is None:
        return [], []
    if database.engine == 'postgresql':
        return ['headers ->> ? = ?'], [rows.storable(text) for text in header]
    return ['instr(headers, ?)'], [rows.headers_text(dict([header]))[1:-1]]


def tally(database, by, wanted):
    """[(value, events, hard, soft)], most first, but days in their order.

    by: one of GROUPS, or ('header', name).
    """
    if isinstance(by, tuple):
        return _tally_header(database, by[1], wanted)
    condition, parameters = where(database, wanted)
    value = DAY[database.engine] if by == 'day' else by
    order = 'value' if by == 'day' else 'events DESC, value'
    return database.rows(
        "SELECT {} AS value, count(*) AS events, sum(CASE severity WHEN 'hard' THEN 1 ELSE 0 END),"
        " sum(CASE severity WHEN 'soft' THEN 1 ELSE 0 END) FROM event{} GROUP BY 1 ORDER BY {}".format(
            value, condition, order), parameters)


def _tally_header(database, name, wanted):
    """The same by a header of the returned mail; events without it are left out."""
    condition, parameters = where(database, wanted)
    counts: Dict[str, List[int]] = collections.defaultdict(lambda: [0, 0, 0])
    for headers, severity in database.stream('SELECT headers, severity FROM event' + condition, parameters):
        value = (json.loads(headers) if isinstance(headers, str) else headers).get(name)
        if value is not None:
            counts[value][0] += 1
            if severity is not None:
                counts[value][1 if severity == 'hard' else 2] += 1
    return [(value,) + tuple(count) for value, count in
            sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))]


def find(database, text):
    """The ids of at most FOUND_MOST mails: by id, by the beginning of one, or by a Message-ID.

    A Message-ID may be the bounce's own or that of the mail that came back.
    """
    digits = text.lower()
    if ID_SHORTEST <= len(digits) <= ID_LENGTH and not set(digits) - set('0123456789abcdef'):
        sql = 'SELECT id FROM mail WHERE id >= ? AND id <= ? ORDER BY id LIMIT {}'
        parameters = [digits, digits.ljust(ID_LENGTH, 'f')]
    else:
        condition, parameters = where(database, Filter(message_id=text.strip('<>')))
        sql = 'SELECT DISTINCT mail_id FROM event' + condition + ' ORDER BY mail_id LIMIT {}'
    return [id for id, in database.rows(sql.format(FOUND_MOST), parameters)]


def mail(database, id):
    """(the mail as rows.mail_of() gives it, its rows of `event` in order), None if there is no such mail."""
    found = database.rows('SELECT {} FROM mail WHERE id = ?'.format(', '.join(MAIL.names)), (id,))
    if not found:
        return None
    return rows.mail_of(found[0]), database.rows(
        'SELECT {} FROM event WHERE mail_id = ? ORDER BY number'.format(', '.join(EVENT.names)), (id,))


def suppressed(database, policy):
    """The Facts of the addresses not to be mailed again by this policy, by address, one by one.

    The rows are judged here, and not by what they are marked with: that may be by settings of before.
    """
    for row in database.stream(
            'SELECT {} FROM address WHERE hard > 0 OR complaint > 0 OR length(soft_days) >= ?'
            ' ORDER BY address'.format(', '.join(ADDRESS.names)), (max(1, 9 * policy.soft_days - 1),)):
        facts = policies.judged(policies.Facts(*row), policy)
        if facts.suppressed_since:
            yield facts
