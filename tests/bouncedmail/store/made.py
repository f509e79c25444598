"""Mails as the drainer hands them to the store, made to order, and what a database holds of them."""
import hashlib
import itertools
import threading

from mailtools.bouncedmail.report import Event, Mail, Report
from mailtools.bouncedmail.store import open_store

NOW = '2026-11-22T12:00:00Z'
AT = '2026-11-20T10:00:00Z'

HARD = Event(kind='bounce', recipient='jane@example.org', action='failed', status='5.1.1', status_explicit=True,
             severity='hard', reason='userunknown', rule='status', format='rfc3464', smtp_reply='550',
             smtp_command='RCPT', diagnostic='550 5.1.1 <jane@example.org>: User unknown',
             reporting_mta='mail1.example.com', remote_mta='mx.example.org', bounced_at='2026-11-20T09:59:58Z',
             message_id='b1@mail1.example.com', original_message_id='n1@example.com',
             original_sender='news@example.com', original_subject='News', original_date='2026-11-20T09:59:00Z',
             headers={'X-Campaign': 'spring'})
SOFT = HARD._replace(severity='soft', status='4.2.2', reason='mailboxfull')
COMPLAINT = Event(kind='complaint', recipient='jane@example.org', feedback_type='abuse', reason='feedback')

_numbers = itertools.count(1)


def mail(*events, at=AT, raw=None, text='Sorry.', **report):
    """A mail with these events; every one is another unless `raw` is given."""
    raw = b'Subject: Returned mail %d\r\n\r\nSorry.\r\n' % next(_numbers) if raw is None else raw
    fields = dict({'message_id': 'b1@mail1.example.com', 'subject': 'Returned mail', 'text': text,
                   'envelope': {'return_path': '', 'original_to': 'bounces@mail1.example.com'}}, **report)
    return Mail(hashlib.sha256(raw).hexdigest(), at, 'mail1.example.com', raw,
                Report(events or (HARD,), **fields))


def soft_on(*days, recipient='jane@example.org'):
    """A mail with a soft bounce on each of these days of November 2026."""
    return [mail(SOFT._replace(recipient=recipient), at='2026-11-{:02d}T08:00:00Z'.format(day)) for day in days]


def count(store, table):
    """How many rows a table has."""
    return store.database.rows('SELECT count(*) FROM ' + table)[0][0]


def contents(store):
    """All rows of the three tables, sorted."""
    return [sorted(repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
                   for row in store.database.rows('SELECT * FROM ' + table))
            for table in ('mail', 'event', 'address')]


def suppressed(store):
    """{address: why}"""
    return {facts.address: facts.suppressed_why for facts in store.suppressed()}


def at_once(url, batches):
    """Save each list of batches by a writer of its own, all at the same time; what they raised."""
    raised, barrier = [], threading.Barrier(len(batches))

    def work(own):
        store = open_store(url)
        try:
            barrier.wait(30)
            for batch in own:
                store.save(batch)
        except Exception as error:      # told to the test, which has no ear in this thread
            raised.append(error)
        finally:
            store.close()
    threads = [threading.Thread(target=work, args=(own,)) for own in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised
