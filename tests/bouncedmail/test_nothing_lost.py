"""Nothing lost, nothing doubled: tests/soak/delivery.py in its short form."""
import subprocess

import pytest
from soak import delivery

from rig import waiting
from rig.mailhost import MailHost, bounce

pytestmark = pytest.mark.slow


@pytest.fixture
def postgres_host(tmp_path, postgres):
    made = MailHost(tmp_path / 'mx1', postgres.new_database())
    yield made
    made.end()


def test_pipes_that_are_killed(host):
    delivery.kill_ingest(host, 20)


def test_pipes_at_once(host):
    delivery.parallel_ingests(host, 200)


def test_drainers_that_are_killed(host):
    delivery.kill_drain(host, 12)


def test_drainers_that_are_killed_on_postgresql(postgres_host):
    delivery.kill_drain(postgres_host, 8)


def test_drainers_at_once(host):
    delivery.drain_together(host, 300)


def test_drainers_at_once_on_postgresql(postgres_host):
    delivery.drain_together(postgres_host, 300, 3)


def test_a_postgresql_that_crashes_in_the_middle_of_a_batch(postgres_host, postgres):
    delivery.restart_database(postgres_host, postgres, 3)


def test_mail_waits_while_postgresql_is_away(postgres_host, postgres):
    host = postgres_host
    host.configure(retry_first='0.1s', retry_most='0.1s')
    with delivery.drainer(host, stderr=subprocess.PIPE) as process:
        assert host.ingest(bounce(0)).status == 0
        delivery.until_left(host, 0)
        postgres.stop()
        for number in range(1, 6):
            assert host.ingest(bounce(number)).status == 0
        waiting.until(lambda: b'database-away' in process.stderr.readline(), what='the drainer to notice')
        assert len(host.waiting()) == 5
        postgres.start()
        waiting.until(lambda: b'database-back' in process.stderr.readline(), what='the drainer to go on')
        delivery.until_left(host, 0)
    delivery.expect_each_once(host, range(6))


def test_the_count_is_wrong_when_a_mail_is_lost_or_doubled(host):
    """The assertion that all of these rest on can fail."""
    for number in 1, 2:
        assert host.ingest(bounce(number)).status == 0
    delivery.drained(host)
    delivery.expect_each_once(host, [1, 2])
    with pytest.raises(AssertionError, match='lost'):
        delivery.expect_each_once(host, [1, 2, 3])
    with pytest.raises(AssertionError, match='foreign'):
        delivery.expect_each_once(host, [1])
    assert host.ingest(bounce(2)[:-10]).status == 0
    delivery.drained(host)
    with pytest.raises(AssertionError, match='doubled'):
        delivery.expect_each_once(host, [1, 2])
