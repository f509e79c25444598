"""export: what it writes, whole at any instant, and what happens where it cannot be written."""
import json
import os
import stat
import threading

import pytest
import scenes

from mailtools.base import disk, settings
from mailtools.mailqueues import snapshot, statusfile
from mailtools.mailqueues.settings import HOST, SETTINGS, expanded, hosts_of
from mailtools.mailqueues.values import COUNTED, Detail, Domain, Known, Reason, Snapshot
from rig import mounts, program
from rig.queuesite import QueueSite
from rig.sshhosts import fill

LOCAL = '[host {}]\nlocal = yes\ndetail = none\nqueue_directory = {}\n'
FILES = {'index.html', 'status.json', 'metrics.prom', 'dashboard.html'}
PREDECESSOR = b'''{ "mailqueues": {
    "mail1": {
      "activemailqueue": "34",
      "deferredmailqueue": "1548"
    },
    "mx1": {
      "activemailqueue": "0",
      "deferredmailqueue": "99"
    }
} }
'''


def host(name, active=0, deferred=0, **more):
    """A Known."""
    counts = dict(dict.fromkeys(COUNTED, 0), active=active, deferred=deferred)
    return Known(name, 1.0, counts, None, None, None)._replace(**more)


@pytest.fixture
def site(tmp_path):
    """Two hosts as in PREDECESSOR, one that does not answer between them."""
    mail1 = fill(tmp_path / 'mail1', active=34, deferred=1548)
    mx1 = fill(tmp_path / 'mx1', deferred=99)
    return QueueSite(tmp_path, LOCAL.format('mail1', mail1) + '[host mail2]\nssh = sh -c "exit 1"\n'
                     + LOCAL.format('mx1', mx1))


def test_all_files_are_written_and_index_html_is_the_predecessors_byte_for_byte(site):
    ran = site.run()
    assert ran.status == 0, ran.err
    assert (site.output / 'index.html').read_bytes() == PREDECESSOR
    assert {path.name for path in site.output.iterdir()} == FILES
    for name in FILES:
        assert stat.S_IMODE((site.output / name).stat().st_mode) == 0o644, name
    said = json.loads((site.output / 'status.json').read_text())
    assert [one['name'] for one in said['hosts']] == ['mail1', 'mail2', 'mx1']
    assert said['hosts'][0]['queues'] == dict(dict.fromkeys(COUNTED, 0), active=34, deferred=1548)
    assert (said['hosts'][1]['queues'], said['hosts'][1]['total']) == (None, None)
    ran = program.run('mailqueues', 'history', '--config', site.config, '--json')
    assert ran.status == 0 and 'mail1' in ran.out


def test_index_html_without_any_host_is_still_the_shape(tmp_path):
    assert snapshot.index(Snapshot(5.0, ())) == '{ "mailqueues": {\n\n} }\n'
    assert json.loads(snapshot.index(Snapshot(5.0, (host('a', error='x', since=4.0),)))) == {'mailqueues': {}}


@pytest.mark.slow
def test_a_reader_never_sees_a_file_that_is_half_or_unreadable(tmp_path):
    """1,000 replacements by the function that export writes with, and a reader that polls."""
    path, stop, seen, wrong = tmp_path / 'index.html', threading.Event(), set(), []
    texts = [snapshot.index(Snapshot(5.0, tuple(host('mail{}'.format(one), number, number * 7)
                                                for one in range(40)))).encode() for number in range(10)]
    disk.replace(str(path), texts[0])

    def poll():
        while not stop.wait(0.0005):
            try:
                with open(str(path), 'rb') as file:
                    mode, data = os.fstat(file.fileno()).st_mode, file.read()
                if data not in texts or stat.S_IMODE(mode) != 0o644:
                    wrong.append((oct(mode), data[:80]))
                seen.add(data)
            except OSError as error:
                wrong.append(error)
    reader = threading.Thread(target=poll, daemon=True)
    reader.start()
    for number in range(1000):
        disk.replace(str(path), texts[number % 10])
    stop.set()
    reader.join()
    assert wrong == [] and len(seen) > 3
    assert [one.name for one in tmp_path.iterdir()] == ['index.html']


@pytest.mark.slow
def test_a_reader_of_export_itself_sees_whole_files_only(site):
    stop, wrong, times = threading.Event(), [], [0]

    def poll():
        while not stop.wait(0.002):
            for name in 'index.html', 'status.json':
                try:
                    json.loads((site.output / name).read_text())
                    times[0] += 1
                except FileNotFoundError:
                    pass
                except ValueError as error:
                    wrong.append((name, error))
    reader = threading.Thread(target=poll, daemon=True)
    reader.start()
    for _ in range(4):
        assert site.run().status == 0
    stop.set()
    reader.join()
    assert wrong == [] and times[0] > 100


def test_a_dry_run_writes_nothing_and_names_what_is_wrong(site):
    ran = site.run('export', '--dry-run')
    assert (ran.status, ran.out.encode()) == (69, PREDECESSOR)
    assert ran.err == 'mailqueues: mail2: it answered nothing (ssh ended with status 1)\n'
    assert list(site.output.iterdir()) == [] and not (site.folder / 'history.db').exists()


def test_no_host_at_all_that_answers_is_69_and_the_last_figures_stay(site):
    assert site.run().status == 0
    site.configure('[host mail1]\nssh = sh -c "echo no >&2; exit 1"\n')
    ran = site.run()
    assert (ran.status, ran.out) == (69, '') and ran.err.endswith('mailqueues: no host could be asked; mail1: no\n')
    assert site.status['mail1']['queues']['deferred'] == 1548 and site.index == {}


@pytest.mark.parametrize('hosts, said', scenes.fast_first(1, [
    ('', 'no section [host NAME]: there is nothing to ask'),
    ('[hosts mail1]\n', 'unknown section, only [mailqueues] or [host NAME] is read'),
    ('[host mail1]\nshh = x\n', '[host mail1] shh = x: unknown setting, did you mean ssh?'),
    ('[host mail1]\nqueue_directory = /var/spool/$(reboot)\n', 'not an absolute path of letters'),
    ('[host mail1]\nssh = "x\n', 'No closing quotation'),
]))
def test_settings_that_cannot_be_meant_are_78_and_one_line(site, hosts, said):
    site.configure(hosts)
    ran = site.run()
    assert ran.status == 78 and said in ran.err and ran.err.count('\n') == 1
    assert list(site.output.iterdir()) == []


def test_an_output_directory_that_is_missing_is_73_and_one_line(site):
    site.configure(LOCAL.format('a', site.folder / 'mail1'), output=site.folder / 'none')
    ran = site.run()
    assert ran.status == 73 and ran.err.count('\n') == 1 and 'there is no directory' in ran.err


@pytest.mark.slow
def test_a_disk_that_is_full_leaves_the_old_files_and_is_said(site):
    with mounts.small_disk(site.output, 1 << 20):
        os.chmod(str(site.output), 0o755)
        assert site.run().status == 0
        before = {name: (site.output / name).read_bytes() for name in FILES}
        mounts.fill(site.output)
        fill(site.folder / 'mx1', deferred=120)
        ran = site.run()
        assert ran.status == 73 and ran.out == ''
        assert 'cannot write {}: No space left on device'.format(site.output / 'index.html') in ran.err
        assert {name: (site.output / name).read_bytes() for name in FILES} == before
        assert {path.name for path in site.output.iterdir()} == FILES | {'filler'}


def test_a_history_that_is_no_database_is_moved_aside_and_said_and_the_rest_goes_on(site):
    (site.folder / 'history.db').write_bytes(b'no database' * 1000)
    ran = site.run()
    assert ran.status == 73 and 'is damaged' in ran.err and site.index['mx1']['deferredmailqueue'] == '99'
    assert [path for path in site.folder.iterdir() if path.name.startswith('history.db.damaged-')]
    assert site.run().status == 0


@pytest.mark.parametrize('content', [b'', b'\xff'])
def test_a_status_json_that_is_broken_is_written_anew(site, content):
    (site.output / 'status.json').write_bytes(content)
    ran = site.run()
    assert ran.status == 73 and 'it is written anew' in ran.err
    assert site.status['mail1']['queues']['active'] == 34


def test_status_json_is_read_as_it_was_written():
    detail = Detail(7.5, 3, .25, {'active': 1.5}, Domain('TOTAL', 10, (1,) * 10), (Domain('a.example', 10, (1,) * 10),),
                    (Reason('x', 3, True),))
    made = Snapshot(9.0, (host('a', 1, 2, detail=detail, skew_s=-3.0, mail_down=True, detail_error='no'),
                          host('b', error='gone', since=8.0), Known('c', None, None, None, 'never', 2.0)))
    assert statusfile.read(snapshot.status(made)) == made


def test_detail_is_asked_for_again_after_its_interval_and_when_the_clock_went_back():
    known = host('a', detail=Detail(1000.0, 0, 1.0, {}, Domain('TOTAL', 0, (0,) * 10), (), ()))
    asked = {now: snapshot.wants_detail(known, now, 600) for now in (999, 1000, 1599, 1600)}
    assert asked == {999: True, 1000: False, 1599: False, 1600: True}
    assert snapshot.wants_detail(None, 5, 600) and snapshot.wants_detail(host('a'), 5, 600)


@pytest.mark.parametrize('words, domain, command', [
    ('ssh $host.$domain', 'example.org', 'ssh {} mail1.example.org'),
    ('ssh $host.$domain', '', 'ssh {} mail1'),
    ('sudo -u x /usr/bin/ssh -p 7 $host', '', 'sudo -u x /usr/bin/ssh {} -p 7 mail1'),
    ('/opt/login $host', '', '/opt/login mail1'),
])
def test_the_command_of_a_host(words, domain, command):
    options = '-oBatchMode=yes -oStrictHostKeyChecking=yes -oLogLevel=ERROR -oClearAllForwardings=yes ' \
              '-oServerAliveInterval=5'
    assert ' '.join(expanded(words.split(), 'mail1', domain)) == command.format(options)


def test_an_option_that_the_settings_give_is_not_overruled(tmp_path):
    path = tmp_path / 'mailqueues.conf'
    path.write_text('[host a]\nssh = ssh -o stricthostkeychecking=accept-new -o "LogLevel DEBUG" $host\n')
    words = hosts_of(settings.load('mailqueues', SETTINGS, path, HOST))[0].ssh
    assert not [word for word in words if word.startswith(('-oStrict', '-oLogLevel'))]
    assert '-oBatchMode=yes' in words
