"""What is forgotten, and what is not."""
import made
import pytest
from made import COMPLAINT, HARD, NOW, SOFT, mail, suppressed

from mailtools.base.failure import SettingsFailure
from mailtools.bouncedmail.store import open_store, partition, purge
from mailtools.bouncedmail.store.questions import Filter

OLD, NEW, LIMIT = '2026-08-15T00:00:00Z', '2026-11-15T00:00:00Z', '2026-09-01T00:00:00Z'


@pytest.fixture
def filled(store, monkeypatch):
    """Five old mails and two new ones; dead@ and full@ have bounced long ago only."""
    monkeypatch.setattr(purge, 'CHUNK', 2)
    store.save([mail(HARD._replace(recipient='dead@example.org'), at=OLD),
                mail(SOFT._replace(recipient='full@example.org'), at=OLD)]
               + [mail(SOFT._replace(recipient='u{}@example.org'.format(number)), at=OLD) for number in range(3)]
               + [mail(SOFT._replace(recipient='u0@example.org'), at=NEW), mail(HARD, HARD, at=NEW)])
    return store


def addresses(store):
    """Those of whom something is known."""
    return {address.split('@')[0] for address, in store.database.rows('SELECT address FROM address')}


def test_old_mail_is_forgotten_but_not_who_is_dead(filled):
    work = filled.purge(LIMIT, LIMIT)
    assert work.counted() == (5, 3)
    assert sum(work.run()) == 5
    assert (made.count(filled, 'mail'), made.count(filled, 'event')) == (2, 3)
    assert addresses(filled) == {'dead', 'u0', 'jane'}
    assert suppressed(filled) == {'dead@example.org': 'hard', 'jane@example.org': 'hard'}
    assert filled.purge(LIMIT, LIMIT).counted() == (0, 0)
    assert list(filled.purge(LIMIT, LIMIT).run()) == []


def test_a_dead_address_is_remembered_whatever_the_policy_of_the_day(store, url):
    lenient = open_store(url, store.policy._replace(hard_count=0, complaint_count=0))
    lenient.save([mail(HARD, at=OLD), mail(COMPLAINT._replace(recipient='angry@example.org'), at=OLD)])
    list(lenient.purge(LIMIT, LIMIT).run())
    lenient.close()
    assert suppressed(store) == {'jane@example.org': 'hard', 'angry@example.org': 'complaint'}


def test_the_work_is_done_in_short_transactions(filled):
    assert list(filled.purge(LIMIT, LIMIT).run()) in ([2, 2, 1], [5])       # a month is one, however large


def test_counting_forgets_nothing(filled):
    before = made.contents(filled)
    filled.purge(NOW, NOW).counted()
    filled.purge(NOW, NOW, keep_events=True).counted()
    assert made.contents(filled) == before


def test_only_the_mails_themselves(filled):
    (old, *_), (new, *_) = ([row[0] for row in filled.search(Filter(since=day, until=day[:8] + '16'))]
                            for day in (OLD, NEW))
    work = filled.purge(LIMIT, LIMIT, keep_events=True)
    assert work.counted() == (5, 0)
    assert list(work.run()) == [2, 2, 1]
    assert made.count(filled, 'event') == 8
    assert filled.mail(old)[0]['raw'] is None
    assert filled.mail(old)[0]['body'] == 'Sorry.'
    assert filled.mail(new)[0]['raw'].startswith(b'Subject: ')
    assert addresses(filled) == {'dead', 'full', 'u0', 'u1', 'u2', 'jane'}
    assert filled.purge(LIMIT, LIMIT, keep_events=True).counted() == (0, 0)


def test_counts_survive_what_they_were_counted_from(filled):
    filled.save(made.soft_on(1, 2, 3, 4, recipient='u1@example.org'))
    list(filled.purge('2026-11-03T12:00:00Z', LIMIT).run())
    filled.save(made.soft_on(6, recipient='u1@example.org'))
    assert suppressed(filled)['u1@example.org'] == 'soft'


def test_a_mail_that_was_purged_and_comes_again_is_new(filled):
    old = mail(HARD._replace(recipient='dead@example.org'), at=OLD, raw=b'again\n')
    assert filled.save([old]).new == 1
    list(filled.purge(LIMIT, LIMIT).run())
    assert filled.save([old]).new == 1
    assert filled.find(old.id) == [old.id]


def test_a_forgiven_address_is_remembered_as_long_as_mail_of_before_may_come(filled):
    filled.forgive('dead@example.org', NOW)
    list(filled.purge(LIMIT, LIMIT).run())
    assert 'dead' in addresses(filled)
    list(filled.purge('2026-12-01T00:00:00Z', '2026-12-01T00:00:00Z').run())
    assert 'dead' not in addresses(filled)


# -- partitions --

@pytest.fixture
def monthly(schema_url):
    """An empty database with partitions."""
    store = open_store(schema_url)
    store.initialise(NOW, 'month')
    store._writer.clock = lambda: 1795348800         # NOW
    yield store
    store.close()


def test_months_are_made_ahead_and_when_old_mail_comes(monthly):
    assert partition.present(monthly.database) == ['2026-11', '2026-12', '2027-01']
    monthly.save([mail(at='2019-12-31T23:59:59Z'), mail(at='2020-01-01T00:00:00Z'), mail(at=NEW)])
    assert partition.present(monthly.database) == [
        '2019-12', '2020-01', '2026-11', '2026-12', '2027-01']
    monthly.initialise('2027-02-01T00:00:00Z')
    assert partition.present(monthly.database)[-1] == '2027-04'
    monthly._writer.clock = lambda: 1806451200       # 2027-03-31
    monthly.save([mail(at=NEW)])
    assert partition.present(monthly.database)[-1] == '2027-05'


def test_a_mail_is_one_row_in_whatever_month_it_comes_again(monthly):
    one = mail(at='2026-11-30T23:59:59Z')
    again = one._replace(received_at='2026-12-01T00:00:01Z')
    assert monthly.save([one]).new == 1
    assert monthly.save([again]).repeated == 1
    assert made.count(monthly, 'mail') == made.count(monthly, 'event') == 1


def test_only_whole_months_are_dropped_and_their_claims(monthly):
    monthly.save([mail(at=at) for at in ('2026-07-31T00:00:00Z', OLD, OLD, '2026-09-05T00:00:00Z', NEW)])
    work = monthly.purge('2026-09-20T00:00:00Z', LIMIT)
    assert work.counted() == (3, 0)
    assert list(work.run()) == [1, 2]
    assert partition.present(monthly.database)[0] == '2026-09'
    assert made.count(monthly, 'claim') == made.count(monthly, 'mail') == made.count(monthly, 'event') == 2


def test_a_month_that_another_dropped_is_made_again(monthly, schema_url):
    monthly.save([mail(at=OLD)])
    other = open_store(schema_url)
    list(other.purge(LIMIT, LIMIT).run())
    assert monthly.save([mail(at=OLD)]).new == 1
    other.close()


def test_partitions_are_for_good_and_for_postgresql(monthly, tmp_path):
    with pytest.raises(SettingsFailure, match='was made with partition month'):
        monthly.initialise(NOW, 'none')
    monthly.initialise(NOW, 'month')
    with pytest.raises(SettingsFailure, match='is SQLite'):
        open_store('sqlite:{}'.format(tmp_path / 'x.db')).initialise(NOW, 'month')
