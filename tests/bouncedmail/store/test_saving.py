"""Each mail once, whatever it holds and whoever else writes."""
import made
import pytest
from made import AT, COMPLAINT, HARD, NOW, SOFT, mail, suppressed

from mailtools.bouncedmail.report import Event
from mailtools.bouncedmail.store import open_store, saving, schema
from mailtools.bouncedmail.store.questions import Filter
from mailtools.bouncedmail.store.rows import event_of
from mailtools.bouncedmail.store.tables import KEY_LIMIT, WORD_LIMIT

HOSTILE = {
    'NUL': 'a\0b\0',
    'half a surrogate pair': 'a\ud800b\udcffc',
    'quotes and SQL': "'; DROP TABLE event; -- \" \\' $$ %s ? :x {0}",
    'escapes of COPY': 'a\\N\\.\tb\n\\\\c\r\\x41',
    'emoji': 'caf\u00e9 \U0001f4ec \u202egnp.exe',
    'one MB': 'x' * (1 << 20),
    'empty': '',
}


def events(store, **wanted):
    """The Events that a Filter wants."""
    return [event_of(row)[3] for row in store.search(Filter(**wanted))]


def test_what_is_saved_is_what_is_read(store):
    saved = mail(HARD, SOFT._replace(recipient='Joe@example.org', headers={}), text='Ach, Grüße!\nBye')
    assert store.save([saved]) == (1, 0, ())
    found, rows = store.mail(saved.id)
    assert found['raw'] == saved.raw
    assert (found['received_at'], found['host'], found['body']) == (AT, 'mail1.example.com', 'Ach, Grüße!\nBye')
    assert (found['return_path'], found['delivered_to'], found['size']) == ('', None, len(saved.raw))
    assert [event_of(row) for row in rows] == [
        (saved.id, number, AT, event) for number, event in enumerate(saved.report.events)]


def test_a_mail_that_comes_again_changes_nothing(store):
    batch = [mail(HARD), mail(SOFT), mail(COMPLAINT)]
    store.save(batch)
    before = made.contents(store)
    again = [one._replace(received_at=NOW, host='mail2') for one in batch]
    assert store.save(again + [mail(HARD)]) == (1, 3, ())
    assert store.save(again) == (0, 3, ())
    after = made.contents(store)
    assert len(after[0]) == 4
    assert set(before[0]) < set(after[0])
    assert set(before[1]) < set(after[1])


def test_a_mail_twice_in_a_batch_is_one(store):
    one = mail(HARD)
    assert store.save([one, one]) == (1, 1, ())
    assert store.database.rows('SELECT hard FROM address') == [(1,)]


def test_an_empty_batch_is_no_work(store):
    assert store.save([]) == (0, 0, ())


def test_a_mail_of_which_nothing_is_known(store):
    saved = mail(Event(), message_id=None, subject=None, envelope={}, text='', error='empty mail')
    assert store.save([saved]) == (1, 0, ())
    assert events(store, kind='other') == [Event()]
    assert store.mail(saved.id)[0]['error'] == 'empty mail'
    assert made.count(store, 'address') == 0


@pytest.mark.parametrize('text', HOSTILE.values(), ids=HOSTILE)
def test_no_text_of_a_stranger_is_refused(store, text):
    hostile = Event(*[text if isinstance(value, str) else value for value in HARD])._replace(
        kind='bounce', headers={text or 'X': text})
    saved = mail(hostile, text=text, message_id=text, subject=text, error=text,
                 envelope={'return_path': text, 'original_to': text, 'delivered_to': text})
    assert store.save([saved, mail(HARD)]) == (2, 0, ())
    assert len(events(store, reason=text)) == 1
    assert store.find(text) == [saved.id]


def test_bytes_of_every_kind_come_back(store):
    raw = bytes(range(256)) * 300
    saved = mail(HARD, raw=raw)
    store.save([saved])
    assert store.mail(saved.id)[0]['raw'] == raw


def test_dates_that_no_calendar_has_are_left_out(store):
    wrong = ('2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '2026-11-22T25:00:00Z', 'yesterday', '')
    right = ('2024-02-29T23:59:59Z', '0001-01-31T00:00:00Z', '9999-12-31T23:59:59Z')
    store.save([mail(HARD._replace(bounced_at=date, original_date=date)) for date in wrong + right])
    assert sorted(event.bounced_at or '' for event in events(store)) == sorted(('',) * len(wrong) + right)


def test_keys_that_are_too_long_for_an_index_are_cut_and_found(store):
    long = 'é' * 5000 + '@example.org'
    store.save([mail(HARD._replace(original_message_id=long, reason=long, recipient=long))])
    (event,) = events(store, message_id=long)
    assert (event.original_message_id, event.reason) == (long[:KEY_LIMIT], long[:WORD_LIMIT])
    assert event.recipient == long
    assert made.count(store, 'address') == 0        # nobody can mail that


def test_only_the_mail_that_is_refused_is_refused(store, monkeypatch):
    batch = [mail(HARD._replace(recipient='u{}@example.org'.format(number))) for number in range(9)]
    bad = batch[4]._replace(received_at=None)
    huge = batch[6]._replace(raw=b'x' * 2000)
    monkeypatch.setattr(saving, 'SIZE_LIMIT', 1000)
    if store._writer.database.engine == 'postgresql':
        bad = bad._replace(received_at='2026-13-77T00:00:00Z')
        monkeypatch.setattr(saving.Writer, '_make_months', lambda *_: None)
        store.save([mail()])
    new, repeated, refused = store.save(batch[:4] + [bad, batch[5], huge] + batch[7:])
    assert (new, repeated) == (7, 0)
    assert {(one.id, bool(why)) for one, why in refused} == {(bad.id, True), (huge.id, True)}
    assert store.find(bad.id) == []
    assert 'u4@example.org' not in suppressed(store)
    assert len(suppressed(store)) >= 7


def test_events_whose_mail_was_deleted_by_hand_stop_nobody_else(store, monkeypatch):
    monkeypatch.setattr(schema, 'TRIES', 2)
    batch = [mail(HARD) for _ in range(5)]
    store.save(batch)
    store.database.run('DELETE FROM mail')
    if store.database.relations(['claim']):
        store.database.run('DELETE FROM claim')
    new, repeated, refused = store.save(batch[:1] + [mail(SOFT)])
    assert (new, repeated) == (1, 0)
    assert [one for one, _ in refused] == batch[:1]


def test_four_writers_of_the_same_addresses_count_right(empty_url):
    def batch(writer, number):
        return [mail(SOFT._replace(recipient='{}{}@example.org'.format('uU'[writer % 2], one)), HARD._replace(
            recipient='v{}@example.org'.format(one))) for one in range(number % 3, 24 + number % 3)]
    batches = [[batch(writer, number) for number in range(5)] for writer in range(4)]
    assert made.at_once(empty_url, batches) == []
    store = open_store(empty_url)
    assert made.count(store, 'mail') == 4 * 5 * 24
    assert made.count(store, 'event') == 2 * 4 * 5 * 24
    assert store.database.rows('SELECT sum(soft), sum(hard), min(soft + hard), max(soft + hard) FROM address') == [
        (4 * 5 * 24, 4 * 5 * 24, 4 * 1, 4 * 5)]
    store.close()


def test_two_drainers_of_the_same_spool_write_each_mail_once(empty_url):
    spool = [mail(SOFT._replace(recipient='u{}@example.org'.format(number % 7))) for number in range(120)]
    forth = [spool[start:start + 20] for start in range(0, 120, 20)]
    assert made.at_once(empty_url, [forth, forth[::-1], forth]) == []
    store = open_store(empty_url)
    assert (made.count(store, 'mail'), made.count(store, 'event')) == (120, 120)
    assert store.database.rows('SELECT sum(soft), count(*) FROM address') == [(120, 7)]
    store.close()


def test_the_last_drain_of_each_host(store):
    store.note_drain('mail1', AT)
    store.note_drain('mail2', AT)
    store.note_drain('mail1', NOW)
    assert store.last_drains() == {'mail1': NOW, 'mail2': AT}


def test_who_asked_the_predecessors_table_goes_on_working(store):
    store.save([mail(HARD, text='Sorry, no.', message_id='b77@mail1.example.com'), mail(HARD, SOFT)])
    assert store.database.rows("SELECT body FROM bounces WHERE message_id = 'b77@mail1.example.com'") == [
        ('Sorry, no.',)]
    assert made.count(store, 'bounces') == 2
