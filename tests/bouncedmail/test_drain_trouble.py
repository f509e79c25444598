"""The drainer where spool, disk or database are missing, full or not ours: no mail is lost or doubled."""
import os
import sqlite3

import pytest
from draining import LIMITS, Log, Refusing, ids, one_line, quiet, read_nothing, spooled

from mailtools.base.failure import EX_CONFIG, EX_IOERR, EX_UNAVAILABLE
from mailtools.bouncedmail import drain, reader
from mailtools.bouncedmail import spool as spools
from mailtools.bouncedmail.store import open_store
from rig import mounts
from rig.mailhost import MailHost


def test_a_missing_spool_is_one_line(host):
    assert one_line(host.run('drain', '--spool', '/nonexistent'), EX_CONFIG)
    assert one_line(host.run('drain', '--follow', '--spool', '/nonexistent'), EX_CONFIG)
    assert one_line(host.run('drain', '--detach', '--spool', '/nonexistent'), EX_CONFIG)


def test_a_database_that_is_away_leaves_the_mail(host):
    spooled(host, range(3))
    host.database = 'postgresql://mailtools@/x?host=/nonexistent'
    host.configure()
    pytest.importorskip('psycopg2')
    ran = host.run('drain')
    assert one_line(ran, EX_UNAVAILABLE)
    assert len(host.waiting()) == 3


def test_a_newer_schema_leaves_the_mail(host):
    spooled(host, [1])
    assert quiet(host.run('drain'))
    connection = sqlite3.connect(str(host.folder / 'bounces.db'))
    connection.execute('UPDATE schema_version SET version = version + 1')
    connection.commit()
    connection.close()
    spooled(host, [2])
    assert one_line(host.run('drain'), EX_CONFIG)
    assert len(host.waiting()) == 1


def test_a_read_only_spool_loses_and_doubles_nothing(host):
    spooled(host, range(3))
    (host.spool / '.drain.lock').write_text('')
    with mounts.read_only(host.spool):
        assert one_line(host.run('drain'), EX_IOERR)
        assert len(host.waiting()) == 3
        drainer = drain.Drainer(spools.Spool(host.spool), lambda: open_store(host.database), reader.read,
                                'mx1', LIMITS, Log())
        with pytest.raises(spools.SpoolTrouble):
            drainer.batch()
    assert quiet(host.run('drain'))
    assert host.stored() == ids(range(3))
    assert host.waiting() == []


@pytest.mark.slow
def test_a_full_disk_of_the_database_leaves_the_mail(tmp_path, host):
    (tmp_path / 'db').mkdir()
    spooled(host, range(60), size=40000)
    host.configure(database='sqlite:{}'.format(tmp_path / 'db' / 'bounces.db'), batch=5)
    with mounts.small_disk(tmp_path / 'db', 1 << 20):
        for row in range(20):       # what does not compress
            host.deliver(os.urandom(90000), '{}.random'.format(row))
        ran = host.run('drain')
        assert one_line(ran, EX_UNAVAILABLE)
        assert 'No space left' in ran.err
        kept = len(host.waiting())
        host.database = 'sqlite:{}'.format(tmp_path / 'db' / 'bounces.db')
        assert host.rows('SELECT count(*) FROM mail') == [(80 - kept,)]
        assert kept > 0


def test_a_full_spool_is_drained_all_the_same(host):
    with mounts.small_disk(host.spool, 1 << 20):
        spooled(host, range(10))
        mounts.fill(host.spool)
        spool = spools.Spool(host.spool)
        drained = drain.drain_once(spool, Refusing(b'user3@'), read_nothing, 'mx1', LIMITS, Log())
        assert drained == drain.Drained(seen=10, new=9, failed=1)
        assert [name for name in host.names('failed') if not name.endswith('.why')] != []
        assert host.waiting() == []
        spooled(host, [11])
        mounts.fill(host.spool)
        assert quiet(host.run('drain'))
        assert host.stored() == ids([11])


def test_what_root_does_once_does_not_stop_the_daemon_that_is_no_root(shared_folder):
    host = MailHost(shared_folder)
    for folder in host.folder, host.spool:
        os.chown(str(folder), 65534, 65534)
    spooled(host, range(3))
    assert quiet(host.run('drain'))
    spooled(host, [3])
    drain.drain_once(spools.Spool(host.spool), Refusing(b'user3@'), read_nothing, 'mx1', LIMITS, Log())
    made = [host.folder / 'bounces.db', host.spool / '.drain.lock', host.spool / 'failed']
    made += [host.spool / 'failed' / name for name in host.names('failed') if name.endswith('.why')]
    assert len(made) == 4 and {path.stat().st_uid for path in made} == {65534}
