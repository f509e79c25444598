"""autoreply/state.py: one answer a sender and interval, no more than the caps, whatever is damaged."""
import multiprocessing
import os
import time

import pytest
from parts import NOW, settings_of

from mailtools.autoreply import folder as folder_module
from mailtools.autoreply import state as state_module
from mailtools.autoreply.count import lines_of
from mailtools.autoreply.state import State, file_name, shard_of
from mailtools.autoreply.values import Trouble
from rig.full import in_full

DAY, HOUR = 86400, 3600
KEY, DOMAIN = 'ann@example.org', 'example.org'


class Desk:
    """A state folder, and what was sent."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.reported = []
        self.sent = 0
        self.settings = settings_of(state=str(folder), **settings)

    def state(self, template='/etc/t.txt'):
        return State(self.settings, template, lambda event, what: self.reported.append(event))

    def ask(self, key=KEY, now=NOW, domain=None, template='/etc/t.txt', fails=False):
        """One mail; the rule that kept the answer back, '' when it was sent."""
        def send():
            if fails:
                raise Trouble('refused')
            self.sent += 1

        found = self.state(template).answer_once(key, domain or key.rpartition('@')[2], now, send)
        return found.rule if found else ''

    def record(self, key=KEY):
        return self.state().path_of(key)[1]

    def records(self):
        return [path for path in (self.folder / 'answered').rglob('*') if path.is_file()]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_facts_4_one_answer_in_the_interval(desk):
    assert [desk.ask(now=NOW + days * DAY) for days in (0, 1, 6.9, 7.1, 7.2)] == [
        '', 'answered-before', 'answered-before', '', 'answered-before']
    assert desk.sent == 2


def test_facts_4_other_senders_and_templates_have_their_own(desk):
    assert desk.ask() == desk.ask('bob@example.org') == desk.ask(template='/etc/other.txt') == ''
    assert desk.ask() == desk.ask('bob@example.org') == desk.ask(template='/etc/other.txt') == 'answered-before'


def test_facts_4_what_was_not_sent_is_not_recorded_and_not_counted(desk):
    for _ in range(3):
        with pytest.raises(Trouble, match='refused'):
            desk.ask(fails=True)
    assert desk.records() == [] and lines_of((desk.folder / 'sent').read_bytes(), NOW) == ([], True)
    assert desk.ask() == ''


def test_facts_4_a_record_is_there_before_anything_else_can_be_asked(desk):
    desk.ask()
    assert [path.name for path in desk.records()] == [KEY]
    assert os.stat(desk.record()).st_mtime == NOW
    os.unlink(desk.record())
    assert desk.ask() == ''         # as the README says


@pytest.mark.parametrize('caps, senders, rule', [
    ({'max_per_hour': '3'}, 'a{0}@d{0}.org', 'cap-hour'), ({'max_per_day': '3'}, 'a{0}@d{0}.org', 'cap-day'),
    ({'max_per_domain_per_hour': '3'}, 'a{0}@d.org', 'cap-domain')])
def test_facts_4_beyond_a_cap_there_is_silence(tmp_path, caps, senders, rule):
    desk = Desk(tmp_path, **caps)
    assert [desk.ask(senders.format(number)) for number in range(6)] == [''] * 3 + [rule] * 3
    assert len(desk.records()) == desk.sent == 3
    assert desk.ask('other@other.org') == ('' if rule == 'cap-domain' else rule)
    assert desk.ask(senders.format(9), now=NOW + HOUR + 1) == ('cap-day' if rule == 'cap-day' else '')
    assert desk.ask(senders.format(8), now=NOW + DAY + 1) == ''


@pytest.mark.parametrize('caps, window_s, rule', [
    ({'max_per_hour': '3'}, HOUR, 'cap-hour'), ({'max_per_day': '3'}, DAY, 'cap-day')])
def test_facts_4_a_cap_holds_within_any_hour_to_a_part_of_a_second(tmp_path, caps, window_s, rule):
    desk = Desk(tmp_path, **caps)
    for number in range(3):
        assert desk.ask('a{0}@d{0}.org'.format(number), now=NOW + .9) == ''
    assert desk.ask('b@b.org', now=NOW + .5 + window_s) == rule
    assert desk.ask('b@b.org', now=NOW + 1 + window_s) == ''


@pytest.mark.parametrize('shards, first, later', [
    (16, 160, 120)] + in_full((256, 1000, 600)))
def test_facts_4_many_senders_are_remembered_and_old_ones_dropped(tmp_path, monkeypatch, shards, first, later):
    monkeypatch.setattr(folder_module.posix, 'fsync', lambda descriptor: None)       # so many take a while
    monkeypatch.setattr(state_module, 'shard_of', lambda key: shard_of(key) % shards)
    desk = Desk(tmp_path, max_per_hour='9999', max_per_day='9999', max_per_domain_per_hour='9999')
    for number in range(first):
        desk.ask('a{}@example.org'.format(number))
    assert {desk.ask('a{}@example.org'.format(number), now=NOW + 6 * DAY) for number in range(0, first, 50)} == {
        'answered-before'}
    for number in range(later):
        desk.ask('b{}@example.org'.format(number), now=NOW + 8 * DAY)
    assert later <= len(desk.records()) < later * 1.5
    assert len((tmp_path / 'sent').read_bytes().splitlines()) <= (first + later) * 1.4


def test_the_count_is_rewritten_when_most_of_it_is_old(desk):
    for number in range(10):
        desk.ask('a{}@d{}.org'.format(number, number))
    desk.ask('late@example.org', now=NOW + 2 * DAY)
    assert len((desk.folder / 'sent').read_bytes().splitlines()) == 1


def damage_directory(path):
    """A folder where a file should be."""
    path.mkdir(parents=True)
    (path / 'x').write_text('x')


def damage_link(path):
    """A link that leads to itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path)


def damage_fifo(path):
    """A pipe, which would never end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(str(path))


def damage_future(path):
    """A file of next year."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('x\n')
    os.utime(str(path), (NOW + 365 * DAY,) * 2)


@pytest.mark.parametrize('damage', [damage_directory, damage_link, damage_fifo, damage_future])
@pytest.mark.parametrize('what', ['record', 'sent'])
def test_facts_4_what_is_damaged_is_moved_aside_and_told(desk, damage, what):
    damage(type(desk.folder)(desk.record() if what == 'record' else str(desk.folder / 'sent')))
    assert desk.ask() == ''
    assert desk.reported == ['state-damaged'] and len(list((desk.folder / 'damaged').iterdir())) == 1
    assert desk.ask() == 'answered-before'


@pytest.mark.parametrize('depth', [1, 2, 3], ids=['answered', 'template', 'shard'])
def test_facts_4_a_file_where_a_folder_should_be_is_moved_aside(desk, depth):
    path = desk.folder.joinpath(*os.path.relpath(desk.record(), str(desk.folder)).split(os.sep)[:depth])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('x')
    assert (desk.ask(), desk.ask()) == ('', 'answered-before') and desk.reported == ['state-damaged']


@pytest.mark.parametrize('data', [b'\0' * 4096, b'garbage\n', b'1 2\n', b'x y z\n', b'torn 1',
                                  b'99999999999999999999 a b\n', b'%d a b\n' % (NOW + 2 * HOUR)])
def test_facts_4_lines_that_cannot_be_read_cost_only_themselves(tmp_path, data):
    desk = Desk(tmp_path, max_per_hour='2')
    desk.ask()
    with (tmp_path / 'sent').open('ab') as file:
        file.write(data)
    assert [desk.ask('b@b.org'), desk.ask('c@c.org')] == ['', 'cap-hour']
    assert desk.reported == ['state-damaged'] and lines_of((tmp_path / 'sent').read_bytes(), NOW)[1]


def test_facts_4_damaged_things_are_bounded(desk, monkeypatch):
    monkeypatch.setattr(folder_module, 'DAMAGED_LIMIT', 3)
    for _ in range(6):
        (desk.folder / 'sent').write_bytes(b'garbage')
        desk.ask(KEY, now=NOW + len(desk.reported) * 8 * DAY)
    assert len(desk.reported) == 6 and len(list((desk.folder / 'damaged').iterdir())) == 3


def test_facts_4_a_missing_state_is_trouble_and_is_not_made(tmp_path):
    desk = Desk(tmp_path / 'none')
    with pytest.raises(Trouble, match='No such file'):
        desk.ask()
    assert desk.sent == 0 and not (tmp_path / 'none').exists()


def test_facts_4_a_record_of_another_user_is_no_trouble_for_us(shared_folder):
    desk = Desk(shared_folder)
    desk.ask()
    for path in [shared_folder] + list(shared_folder.rglob('*')):
        os.chown(str(path), 65534, 65534)
    os.chown(desk.record(), 0, 0)
    os.chmod(desk.record(), 0o666)

    def as_nobody():
        os.setuid(65534)
        return [desk.ask(now=NOW + 8 * DAY), desk.ask(now=NOW + 8 * DAY)]
    assert in_child(as_nobody) == ['', 'answered-before']


def in_child(function):
    """What the function gives in a process of its own."""
    queue = multiprocessing.Queue()
    child = multiprocessing.Process(target=lambda: queue.put(function()))
    child.start()
    found = queue.get(timeout=30)
    child.join()
    return found


def test_facts_4_at_the_same_time_one_is_answered_and_no_cap_is_passed(tmp_path):
    desk = Desk(tmp_path, max_per_hour='5')

    def twenty(number):
        return [desk.ask('a{}@d{}.org'.format(one % 10, one % 10)) for one in range(number, number + 20)]
    queue = multiprocessing.Queue()
    children = [multiprocessing.Process(target=lambda n=n: queue.put(twenty(n))) for n in range(6)]
    for child in children:
        child.start()
    found = [rule for _ in children for rule in queue.get(timeout=60)]
    for child in children:
        child.join()
    assert found.count('') == 5 == len(desk.records())


def test_facts_4_the_wait_for_a_lock_is_bounded(desk, monkeypatch):
    monkeypatch.setattr(folder_module, 'LOCK_WAIT_S', 0.05)
    lock = desk.state().locked(desk.state().path_of(KEY)[0])
    began = time.monotonic()
    with pytest.raises(Trouble, match='locked'):
        desk.ask()
    os.close(lock)
    assert time.monotonic() - began < 5 and desk.ask() == ''
    assert folder_module.LOCK_WAIT_S < 60


def test_a_crash_between_sending_and_recording_repeats_the_answer_and_counts_both(desk):
    class Crash(BaseException):
        """As kill -9: nothing is tidied up."""

    state = desk.state()
    state.recorded = lambda *_: (_ for _ in ()).throw(Crash())
    with pytest.raises(Crash):
        state.answer_once(KEY, DOMAIN, NOW, lambda: None)
    assert desk.ask() == '' and desk.ask() == 'answered-before'
    assert len(lines_of((desk.folder / 'sent').read_bytes(), NOW)[0]) == 2


def test_looking_changes_nothing(desk):
    assert desk.state().look(KEY, DOMAIN, NOW) is None
    assert list(desk.folder.iterdir()) == []
    desk.ask()
    assert desk.state().look(KEY, DOMAIN, NOW).rule == 'answered-before'


@pytest.mark.parametrize('text', ['ann@example.org', '../../etc/passwd', '.hidden', 'a/b', 'ü@example.org',
                                  'a\0b', '', 'x' * 600, 'x' * 600 + 'y', '%2e', "o'brien@x"])
def test_a_key_is_a_file_name_of_its_own(text):
    name = file_name(text)
    assert len(name) <= 250 and '/' not in name and '\0' not in name and not name.startswith('.')
    others = ['ann@example.org', '../../etc/passwd', 'x' * 600, 'x' * 600 + 'y', '%2e', '.']
    assert [file_name(one) for one in others if one != text].count(name) == 0
