"""Databases that are new, older, newer, somebody else's, away, or not to be written."""
import os
import re
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile

import made
import pytest
from made import NOW, mail

from mailtools.base.failure import EX_CONFIG, EX_UNAVAILABLE, SettingsFailure, Unavailable
from mailtools.bouncedmail.store import database_of, open_store, schema, tables
from mailtools.bouncedmail.store.engine import Conflict, NoTable
from rig import program


def said(error_type, act, *args):
    """The one line of the failure that an act ends with, and its status."""
    with pytest.raises(error_type) as raised:
        act(*args)
    line = str(raised.value)
    assert line and '\n' not in line
    return line, raised.value.status


def answer(store):
    """Some question."""
    return store.last_drains()


@pytest.fixture
def url(empty_url):
    """A new database, also for `store`."""
    return empty_url


# -- every engine --

def test_the_first_mail_sets_up_an_empty_database(store):
    assert store.save([mail()]).new == 1
    assert store.database.rows('SELECT version FROM schema_version') == [(tables.VERSION,)]


def test_initdb_may_be_repeated_and_keeps_what_is_there(store):
    assert 'schema 1' in store.initialise(NOW)
    store.save([mail()])
    before = made.contents(store)
    assert 'nothing to do' in store.initialise(NOW)
    assert made.contents(store) == before


def test_many_set_up_the_same_database_at_once(url):
    assert made.at_once(url, [[[mail()]] for _ in range(6)]) == []
    store = open_store(url)
    assert made.count(store, 'mail') == 6
    assert made.count(store, 'schema_version') == 1
    store.close()


def test_a_database_that_another_sets_up_at_this_moment_is_asked_again(store, url, monkeypatch):
    store.save([mail()])
    store.note_drain('mail1', NOW)
    rows, refusals = type(store.database).rows, [Conflict('database is locked'), Conflict('database is locked')]

    def refused_twice(*args):
        if refusals:
            raise refusals.pop()
        return rows(*args)
    monkeypatch.setattr(type(store.database), 'rows', refused_twice)
    later = open_store(url)
    assert later.last_drains() == {'mail1': NOW}
    refusals.append(Conflict('database is locked'))
    assert later.save([mail()]).new == 1
    later.close()


def test_an_older_database_is_migrated_and_until_then_refused(store, url, monkeypatch):
    store.initialise(NOW)
    store.save([mail()])
    monkeypatch.setattr(tables, 'VERSION', 3)
    step = 'ALTER TABLE mail ADD COLUMN colour{} text'
    monkeypatch.setattr(schema, 'MIGRATIONS', {
        version: dict.fromkeys(tables.ENGINES, [step.format(version)]) for version in (2, 3)})
    later = open_store(url)
    assert said(SettingsFailure, later.save, [mail()]) == (
        '{} has schema 1: run `bouncedmail initdb`'.format(later.name), EX_CONFIG)
    assert 'schema 1 migrated to 3' in later.initialise(NOW)
    assert later.database.rows('SELECT colour2, colour3 FROM mail') == [(None, None)]
    assert later.database.rows('SELECT version FROM schema_version ORDER BY version') == [(1,), (2,), (3,)]
    later.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(store, monkeypatch):
    store.initialise(NOW)
    monkeypatch.setattr(tables, 'VERSION', 2)
    monkeypatch.setattr(schema, 'MIGRATIONS', {2: dict.fromkeys(tables.ENGINES, [
        'ALTER TABLE mail ADD COLUMN colour text', 'ALTER TABLE nobody ADD COLUMN colour text'])})
    with pytest.raises(Unavailable):
        store.initialise(NOW)
    assert store.database.rows('SELECT version FROM schema_version') == [(1,)]
    with pytest.raises(Unavailable):
        store.database.rows('SELECT colour FROM mail')


def test_a_newer_database_is_refused(store, url):
    store.initialise(NOW)
    store.database.run("INSERT INTO schema_version VALUES (9, '{}', 'none')".format(NOW))
    later = open_store(url)
    line = '{} has schema 9, this program knows up to 1: upgrade bouncedmail'.format(later.name)
    for act in (lambda: later.save([mail()]), lambda: later.initialise(NOW), lambda: answer(later)):
        assert said(SettingsFailure, act) == (line, EX_CONFIG)


@pytest.mark.parametrize('name', ['sqlite', 'postgresql'])
def test_somebody_elses_tables_are_not_touched(name, tmp_path, request):
    url = ('sqlite:{}'.format(tmp_path / 'x.db') if name == 'sqlite'
           else request.getfixturevalue('postgres_url'))
    store = open_store(url)
    store.database.run('CREATE TABLE bounces (message_id text, body text)')
    for act in (lambda: store.save([mail()]), lambda: store.initialise(NOW)):
        line, status = said(SettingsFailure, act)
        assert 'has bounces already' in line and status == EX_CONFIG
    assert said(NoTable, answer, store)[0].endswith('is not set up: run `bouncedmail initdb`')
    store.close()


def test_addresses_are_judged_anew_by_initdb(store, url):
    store.save(made.soft_on(1, 2, 3))
    stricter = open_store(url, store.policy._replace(soft_days=3))
    assert '1 addresses judged anew' in stricter.initialise(NOW)
    assert store.database.rows('SELECT suppressed_why FROM address') == [('soft',)]
    assert '0 addresses judged anew' in stricter.initialise(NOW)
    stricter.close()


# -- the setting --

@pytest.mark.parametrize('url', ['', 'sqlite', 'sqlite:', '/var/lib/x.db', 'mysql://u:secret@h/d', 'postgresql://[',
                                 'postgresql:nonsense', 'host=h nonsense=secret', 'postgres://u:secret%zz@h/d'])
def test_a_setting_that_names_no_database_is_refused_without_its_password(url):
    line, status = said(SettingsFailure, open_store, url)
    assert line.startswith('database: ') and status == EX_CONFIG
    assert 'secret' not in line


@pytest.mark.parametrize('url, name', [
    ('sqlite:/a/b.db', 'sqlite:/a/b.db'),
    ('sqlite:///a/b.db', 'sqlite:/a/b.db'),
    ('postgresql://u:secret@h:5433/d?sslmode=require', 'postgresql://h:5433/d'),
    ('postgres://h/d', 'postgresql://h/d'),
    ('postgresql:service=mail password=secret', 'postgresql:service=mail'),
    ('host=h dbname=d password=secret', 'postgresql://h/d'),
    ('service=mail', 'postgresql:service=mail'),
])
def test_every_spelling_of_a_database_and_its_name_without_password(url, name):
    if not name.startswith('sqlite'):
        pytest.importorskip('psycopg2')
    assert database_of(url).name == name


def test_the_driver_is_loaded_for_postgresql_alone(tmp_path):
    code = ('import sys; sys.path.insert(0, {!r}); from mailtools.bouncedmail.store import open_store\n'
            'open_store({!r}).note_drain("mail1", {!r}); print("psycopg2" in sys.modules)')
    ran = subprocess.run([sys.executable, '-c', code.format(
        str(program.CHECKOUT), 'sqlite:{}'.format(tmp_path / 'x.db'), NOW)], stdout=subprocess.PIPE, timeout=60)
    assert ran.stdout == b'False\n'


# -- SQLite --

def test_the_file_is_not_for_others_and_of_the_folders_owner(tmp_path):
    if os.geteuid() == 0:
        os.chown(str(tmp_path), 12345, 12346)
    path = tmp_path / 'x.db'
    store = open_store('sqlite:{}'.format(path))
    store.save([mail()])
    folder = tmp_path.stat()
    found = [one.stat() for one in tmp_path.iterdir()]
    assert len(found) == 3          # two more while it is open
    assert {(one.st_uid, one.st_gid) for one in found} == {(folder.st_uid, folder.st_gid)}
    assert {stat.S_IMODE(one.st_mode) for one in found} == {0o640}


def test_a_commit_is_on_the_disk_when_save_returns(tmp_path):
    store = open_store('sqlite:{}'.format(tmp_path / 'x.db'))
    store.save([mail()])
    assert store.database.rows('PRAGMA journal_mode') == [('wal',)]
    assert store.database.rows('PRAGMA synchronous') == [(2,)]      # FULL


def test_a_question_makes_no_file(tmp_path):
    store = open_store('sqlite:{}'.format(tmp_path / 'x.db'))
    line, status = said(NoTable, answer, store)
    assert line == 'sqlite:{} is not there yet: the first `bouncedmail drain` makes it'.format(tmp_path / 'x.db')
    assert status == EX_UNAVAILABLE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('made_of, line', [
    (lambda path: path.mkdir(), 'may not open it'),
    (lambda path: path.write_bytes(b'no database' * 100), 'it is no SQLite database'),
])
def test_a_file_that_is_no_database(tmp_path, made_of, line):
    path = tmp_path / 'x.db'
    made_of(path)
    store = open_store('sqlite:{}'.format(path))
    for act in (lambda: store.save([mail()]), lambda: answer(store)):
        told, status = said(Unavailable, act)
        assert str(path) in told and line in told
        assert status == EX_UNAVAILABLE


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / 'x.db'
    store = open_store('sqlite:{}'.format(path))
    store.save([mail(raw=os.urandom(3000)) for _ in range(200)])
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    told, _ = said(Unavailable, lambda: [store.save([mail()]), made.contents(store)])
    assert 'the file is damaged' in told


def test_a_folder_that_is_not_there(tmp_path):
    told, _ = said(Unavailable, open_store('sqlite:{}/none/x.db'.format(tmp_path)).save, [mail()])
    assert told == 'cannot open {}/none/x.db: No such file or directory'.format(tmp_path)


def test_another_writer_is_waited_for_only_so_long(tmp_path, monkeypatch):
    path = tmp_path / 'x.db'
    store = open_store('sqlite:{}'.format(path))
    store.save([mail()])
    store.close()
    monkeypatch.setattr('mailtools.bouncedmail.store.sqlite.BUSY_S', 0.1)
    other = sqlite3.connect(str(path), isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    assert 'another process has held the lock' in said(Unavailable, store.save, [mail()])[0]
    assert made.count(store, 'mail') == 1           # readers don't wait
    other.execute('ROLLBACK')
    assert store.save([mail()]).new == 1
    other.close()


def test_a_full_disk_loses_nothing_and_is_overcome(tmp_path):
    store = open_store('sqlite:{}'.format(tmp_path / 'x.db'))
    store.save([mail()])
    before = made.contents(store)
    (pages,), = store.database.rows('PRAGMA page_count')
    store.database.run('PRAGMA max_page_count={}'.format(pages + 2))    # SQLITE_FULL, as of a disk
    batch = [mail(raw=os.urandom(50000)) for _ in range(3)]
    assert 'No space left on device' in said(Unavailable, store.save, batch)[0]
    assert made.contents(store) == before           # by a new connection, without the limit
    assert store.save(batch).new == 3


@pytest.fixture
def open_folder():
    """A folder that every user may pass through."""
    folder = tempfile.mkdtemp(prefix='mt-', dir='/tmp')
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(act):
    """What `act` returns, or the text of what it raises, in a process of the user nobody."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.write(writing, str(act()).encode())
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading) as told:
        return told.read()


@pytest.mark.skipif(os.geteuid() != 0, reason='by design: only root can become another user')
def test_a_file_that_may_only_be_read(open_folder):
    store = open_store('sqlite:{}/x.db'.format(open_folder))
    store.save([mail()])
    store.close()
    os.chmod(store.database.path, 0o644)
    store.save([mail()])
    as_other = open_store(store.name)
    assert 'this user may not' in as_nobody(lambda: as_other.save([mail()]))
    assert as_nobody(lambda: answer(as_other)) == '{}'          # while a drainer has it open
    store.close()
    told = as_nobody(lambda: answer(as_other))
    assert told == '{}' or 'this user may not' in told


# -- PostgreSQL --

def test_a_server_that_is_stopped_and_started_again(postgres, postgres_url):
    store = open_store(postgres_url)
    store.save([mail()])
    postgres.stop()
    for _ in range(2):
        told, status = said(Unavailable, store.save, [mail()])
        assert status == EX_UNAVAILABLE
        assert store.name in told
    postgres.start()
    assert store.save([mail()]).new == 1
    assert made.count(store, 'mail') == 2
    store.close()


def test_a_session_that_the_server_ends(postgres, postgres_url):
    store, other = open_store(postgres_url), open_store(postgres_url)
    store.save([mail()])
    other.database.rows('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()'
                        ' AND datname = current_database()')
    assert re.search('terminating connection|closed the connection', said(Unavailable, store.save, [mail()])[0])
    assert store.save([mail()]).new == 1
    store.close()
    other.close()


def test_nobody_listens():
    pytest.importorskip('psycopg2')
    with socket.socket() as bound:
        bound.bind(('127.0.0.1', 0))
        store = open_store('postgresql://u:secret@127.0.0.1:{}/d'.format(bound.getsockname()[1]))
        told, status = said(Unavailable, store.save, [mail()])
    assert 'refused' in told and 'secret' not in told and status == EX_UNAVAILABLE


def test_a_password_that_is_wrong_or_missing(postgres, postgres_url):
    store = open_store(postgres_url)
    store.database.run("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    hba = os.path.join(postgres.data, 'pg_hba.conf')
    with open(hba) as file:
        before = file.read()
    try:
        with open(hba, 'w') as file:
            file.write('local all guarded password\n' + before)
        store.database.rows('SELECT pg_reload_conf()')
        wrong = postgres_url.replace('mailtools@', 'guarded:secret@')
        told, status = said(Unavailable, open_store(wrong).save, [mail()])
        assert 'authentication failed' in told and 'secret' not in told and status == EX_UNAVAILABLE
        assert 'password' in said(Unavailable, open_store(postgres_url.replace('mailtools@', 'guarded@')).save,
                                  [mail()])[0]
    finally:
        with open(hba, 'w') as file:
            file.write(before)
        store.database.rows('SELECT pg_reload_conf()')
        store.close()


def test_a_role_without_rights_gets_a_hint(postgres_url):
    store = open_store(postgres_url)
    store.database.run('CREATE ROLE poor LOGIN')
    store.database.run('REVOKE CREATE ON SCHEMA public FROM public')
    poor = open_store(postgres_url.replace('mailtools@', 'poor@'))
    assert 'bouncedmail initdb' in said(Unavailable, poor.save, [mail()])[0]
    store.save([mail()])
    assert 'role may not' in said(Unavailable, poor.save, [mail()])[0]
    assert 'role may not' in said(Unavailable, answer, poor)[0]
    store.close()
    poor.close()


def test_a_database_that_may_only_be_read(postgres_url):
    store = open_store(postgres_url)
    store.save([mail()])
    reader = open_store(postgres_url + '&options=-cdefault_transaction_read_only%3Don')
    assert 'it may only be read' in said(Unavailable, reader.save, [mail()])[0]
    assert answer(reader) == {}
    store.close()
    reader.close()


def test_an_encoding_that_cannot_hold_every_character(postgres):
    store = open_store(postgres.new_database('LATIN1'))
    assert 'has the encoding LATIN1, it must be UTF8' in said(SettingsFailure, store.initialise, NOW)[0]
    store.close()
