"""Real sshd on loopback: right figures of the good hosts, one reason for each bad one, and nothing left behind."""
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest
import scenes

from rig import program, waiting
from rig.program import CHECKOUT
from rig.queuesite import QueueSite
from rig.sshhosts import REMOTE, SshHosts, fill, left_behind, needed

NUMBERS = {'maildrop': 1, 'incoming': 2, 'active': 34, 'deferred': 99, 'hold': 3, 'corrupt': 4}
TIMEOUT_S, LONG_S = 5, 60        # for hosts that hang, and for those that answer: many logins at once are work
# sudo warns at each call where the host's own name cannot be resolved.
NAMELESS = 'echo no.such.name.invalid > /proc/sys/kernel/hostname && exec '
AS_NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups '
GREETING = "printf '@@%s\\n' 'mailqueues 1' now=1 "
COUNTS = 'maildrop=1 incoming=2 active=34 deferred=99 hold=3 corrupt=4 '

GOOD = ('sent', 'forced', 'noisy', 'by-sudo', 'by-sudo-that-warns', 'by-find-that-warns', 'vanishing')
# host -> what the sentence about it must hold
BAD = {
    'refused': 'Connection refused',
    'unknown': 'Could not resolve hostname',
    'changed': 'its host key has changed',
    'stranger': 'its host key is not known',
    'denied': 'Permission denied (publickey)',
    'garbage': 'it did not answer as mailqueues asks, but said: ',
    'terminal': 'it did not answer as mailqueues asks, but said: \\x1b[31mred',
    'nothing': 'it answered nothing (ssh ended with status 3)',
    'nowhere': 'no queue directory /nonexistent/postfix',
    'not-postfix': 'no directory ',
    'no-rights': 'it has no right to read the queue: sudo wants a password',
    'cut-off': 'the answer was cut off',
    'forger': 'it said active twice',
    'other-answer': 'it said active = 34 or so',
}
HANGING = {
    'silent': 'no answer within {} s'.format(TIMEOUT_S),
    'hangs': 'no answer within {} s'.format(TIMEOUT_S),
    'hangs-later': 'no answer within {} s: it was logged in to, and hangs'.format(TIMEOUT_S),
}


@pytest.fixture(scope='module')
def hosts():
    """The sshd with all of them."""
    needed()
    made = SshHosts()
    add_good(made)
    add_bad(made)
    add_hanging(made)
    yield made
    made.remove()


def add_good(made):
    """Hosts with NUMBERS in their queues, asked in different ways."""
    queue, installed = fill(made.top / 'queue', **NUMBERS), made.top / 'mailqueues-remote'
    shutil.copy(str(REMOTE), str(installed))
    subprocess.check_call(['chown', '-R', 'postfix', str(queue)])
    made.add('sent')
    made.add('forced', behaves=str(installed))
    made.add('noisy', behaves="echo @@active=7; printf 'Last login: never'; "
                              'sh -c "$SSH_ORIGINAL_COMMAND"; echo @@active=8; exit 1')
    readme = (CHECKOUT / 'README.md').read_text(encoding='utf-8')
    line = re.search(r'^ +mailqueues (ALL=.*)$', readme, re.M).group(1)
    other = fill(made.top / 'closed', **NUMBERS)
    subprocess.check_call(['chown', '-R', 'postfix', str(other)])
    rule = line.replace('/usr/libexec/mailtools/mailqueues-remote', str(installed)).replace(
        '/var/spool/postfix', str(queue))
    made.sudoers.write_text('nobody {}\nnobody ALL=(root) NOPASSWD: {} {}/*\n'.format(
        rule, shutil.which('find'), other))
    made.add('by-sudo', behaves=AS_NOBODY + str(installed))
    made.add('by-sudo-that-warns', behaves="unshare -u sh -c '{}{}'".format(NAMELESS, AS_NOBODY + str(installed)))
    made.add('by-find-that-warns', behaves="unshare -u sh -c '{}{}sh -c \"$SSH_ORIGINAL_COMMAND\"'".format(
        NAMELESS, AS_NOBODY), directory=other)
    made.add('vanishing', directory=fill(made.top / 'vanishing', **NUMBERS))


def add_bad(made):
    """Hosts of BAD."""
    made.add('refused', ssh=made.command(port=1))
    made.add('unknown', ssh='ssh -F none root@no-such-host.invalid')
    with open(str(made.top / 'known_hosts'), 'a') as file:
        file.write('changed.example {}\n'.format(made.public('other')))
    made.add('changed', ssh=made.command(more='-o HostKeyAlias=changed.example'))
    made.add('stranger', ssh=made.command(more='-o HostKeyAlias=stranger.example'))
    made.add('denied', ssh=made.command('other'))
    made.add('garbage', behaves='head -c 3000000 /dev/urandom')
    made.add('terminal', behaves="printf '\\033[31mred'; echo")
    made.add('nothing', behaves='exit 3')
    made.add('nowhere', directory='/nonexistent/postfix')
    made.add('not-postfix', directory=made.top)
    made.add('no-rights', behaves=AS_NOBODY + 'sh -c "$SSH_ORIGINAL_COMMAND"')
    made.add('cut-off', behaves=GREETING + 'maildrop=1 incoming=2 active=34')
    made.add('forger', behaves=GREETING + COUNTS + 'active=35 counted end')
    made.add('other-answer', behaves=GREETING + "'active=34 or so' counted end")


def add_hanging(made):
    """Hosts of HANGING."""
    silent = made.silent()
    made.know('127.0.0.1', made.public('host'), silent)
    made.add('silent', ssh=made.command(port=silent))
    made.add('hangs', behaves='sleep 40')
    made.add('hangs-later', behaves=GREETING + '; sleep 40')


class Churning(threading.Thread):
    """Makes and removes files of a queue, as a busy Postfix does, beside those that stay."""

    def __init__(self, queue):
        super().__init__(daemon=True)
        self.queue = queue
        self.stop = threading.Event()

    def run(self):
        number = 0
        while not self.stop.wait(0.0005):
            number += 1
            folder = self.queue / 'active' / 'churn{}'.format(number % 3)
            folder.mkdir(exist_ok=True)
            for one in range(20):
                (folder / 'F{}'.format(one)).touch()
            shutil.rmtree(str(folder))


def test_good_hosts_are_counted_and_each_bad_one_is_named_with_its_reason(tmp_path, hosts):
    site = QueueSite(tmp_path, hosts.sections_of(*GOOD, *BAD), timeout='{}s'.format(LONG_S))
    churning = Churning(hosts.top / 'vanishing')
    churning.start()
    ran = site.run()
    churning.stop.set()
    assert (ran.status, ran.out) == (0, ''), ran.err
    status = site.status
    assert {name: status[name]['error'] for name in GOOD} == dict.fromkeys(GOOD)
    for name in GOOD[:-1]:
        assert status[name]['queues'] == NUMBERS, name
    assert 34 <= status['vanishing']['queues'].pop('active') <= 34 + 20
    assert status['vanishing']['queues'] == {queue: NUMBERS[queue] for queue in NUMBERS if queue != 'active'}
    assert set(status) == set(GOOD) | set(BAD)
    expect_named(status, BAD)
    assert list(site.index) == list(GOOD)
    assert site.index['sent'] == {'activemailqueue': '34', 'deferredmailqueue': '99'}
    waiting.until(lambda: not left_behind('-i {}/key'.format(hosts.top)), what='the end of each ssh')


def test_hosts_that_hang_are_named_when_the_time_is_up_and_keep_none_from_being_counted(tmp_path, hosts):
    site = QueueSite(tmp_path, hosts.sections_of('sent', *HANGING, 'forced'), timeout='{}s'.format(TIMEOUT_S))
    began = time.time()
    ran = site.run()
    assert (ran.status, ran.out) == (0, ''), ran.err
    assert site.generated_at - began < TIMEOUT_S + 2
    expect_named(site.status, HANGING)
    assert list(site.index) == ['sent', 'forced']
    assert {name: site.status[name]['queues'] for name in site.index} == {'sent': NUMBERS, 'forced': NUMBERS}
    waiting.until(lambda: not left_behind('-i {}/key'.format(hosts.top)), what='the end of each ssh')


def expect_named(status, reasons):
    """Each host of {host: reason} has failed, and says why."""
    for name, reason in reasons.items():
        assert reason in status[name]['error'], (name, status[name]['error'])
        assert status[name]['error'].isprintable()
        assert (status[name]['state'], status[name]['queues'], status[name]['at']) == ('failed', None, None)


def test_a_host_that_fails_keeps_its_last_figures_with_their_age_and_is_left_out(tmp_path, hosts):
    good = '[host {}]\nlocal = yes\nqueue_directory = {}\ndetail = none\n'
    site = QueueSite(tmp_path, good.format('one', hosts.top / 'queue') + good.format('two', hosts.top / 'queue'))
    assert site.run().status == 0
    first = site.status['two']
    site.configure(good.format('one', hosts.top / 'queue') + good.format('two', tmp_path / 'gone'))
    for _ in range(2):
        assert site.run().status == 0
    now = site.status['two']
    assert list(site.index) == ['one']
    assert (now['state'], now['queues'], now['at']) == ('failed', NUMBERS, first['at'])
    assert now['age_s'] > 0 and first['at'] < now['since'] < site.status['one']['at']


def test_a_second_run_gives_way_with_75_and_the_first_goes_on(tmp_path, hosts):
    go_on = tmp_path / 'go-on'
    site = QueueSite(tmp_path, '[host a]\nssh = sh -c "until test -e {}; do sleep 0.05; done; :"\n'
                               '[host b]\nlocal = yes\nqueue_directory = {}\n'.format(go_on, hosts.top / 'queue'),
                     timeout='{}s'.format(LONG_S))
    first = []
    thread = threading.Thread(target=lambda: first.append(site.run()))
    thread.start()
    waiting.until(lambda: (tmp_path / 'history.db.lock').exists() and (tmp_path / 'history.db.lock').read_text())
    second = site.run()
    assert second.status == 75 and re.match(r'mailqueues: another run \(process \d+\) holds \S+\n\Z', second.err)
    assert not (site.output / 'index.html').exists()
    go_on.touch()
    thread.join()
    assert first[0].status == 0 and list(site.index) == ['b']


@pytest.mark.parametrize('number', scenes.fast_first(1, [(signal.SIGTERM,), (signal.SIGINT,)]))
def test_an_export_that_is_ended_leaves_no_ssh_behind(tmp_path, number):
    mark = tmp_path / 'mark'
    child = "trap : TERM INT HUP; sh -c 'sleep 1000; :' $0; sleep 1001"
    site = QueueSite(tmp_path, '[host a]\nssh = sh -c "{}" {}\n'.format(child, mark), timeout='60s')
    process = program.start('mailqueues', 'export', '--config', site.config, stderr=subprocess.DEVNULL)
    waiting.until(lambda: len(left_behind(mark)) == 2, what='the start of both')
    process.send_signal(number)
    assert process.wait(10) == 128 + number
    waiting.until(lambda: not left_behind(mark), limit_s=5, what='the end')


STAND_IN = '''#!/bin/sh
# ssh HOST: hang* hangs, all others answer.
case $1 in
    *hang*) echo x >> {folder}/hung; sh -c 'sleep 1000; : {folder}' ;;
esac
printf '@@%s\\n' 'mailqueues 1' now=1 {counts} counted end
'''


@pytest.mark.slow
def test_of_200_hosts_10_hang_and_all_is_done_in_time(tmp_path):
    ssh = tmp_path / 'login'
    ssh.write_text(STAND_IN.format(folder=tmp_path, counts=COUNTS))
    ssh.chmod(0o755)
    names = ['hang{}'.format(number) if number % 20 == 3 else 'mail{}'.format(number) for number in range(200)]
    site = QueueSite(tmp_path, ''.join('[host {}]\nssh = {} $host\n'.format(name, ssh) for name in names),
                     timeout='8s')
    began, before = time.time(), os.times()
    ran = site.run()
    assert ran.status == 0, ran.err
    # What is done after the asking is work, and waits for nobody: so its time is that of the processor.
    assert site.generated_at - began < 8 + 2
    assert os.times().children_user - before.children_user < 3
    assert list(site.index) == [name for name in names if name.startswith('mail')]
    assert {site.status[name]['error'] for name in names if name.startswith('hang')} == {'no answer within 8 s'}
    assert len((tmp_path / 'hung').read_text()) == 20
    waiting.until(lambda: not left_behind(tmp_path), what='the end of those that hang')


@pytest.mark.slow
def test_sshd_turns_none_away_for_too_many_logins_at_once(tmp_path):
    needed()
    made = SshHosts(max_startups='10:100:10')
    try:
        fill(made.top / 'queue', **NUMBERS)
        for number in range(24):
            made.add('mail{}'.format(number))
        site = QueueSite(tmp_path, made.config, timeout='20s')
        ran = site.run()
        assert ran.status == 0 and len(site.index) == 24, [host['error'] for host in site.status.values()]
        assert 'MaxStartups' not in (made.top / 'log').read_text()
    finally:
        made.remove()


@pytest.mark.slow
def test_an_ssh_that_leaves_a_child_with_the_pipe_is_not_waited_for(tmp_path):
    """As ControlPersist does: the master lives on with our pipes open."""
    ssh = tmp_path / 'login'
    ssh.write_text('#!/bin/sh\nprintf "@@%s\\n" "mailqueues 1" now=1 {} counted\nsetsid sleep 8 &\n'.format(COUNTS))
    ssh.chmod(0o755)
    site = QueueSite(tmp_path, '[host a]\nssh = {}\n'.format(ssh), timeout='30s')
    ran, took_s = site.timed()
    assert ran.status == 0 and list(site.index) == ['a'] and took_s < 6


def test_a_command_that_is_not_there_is_an_error_of_that_host_alone(tmp_path):
    queue = fill(tmp_path / 'queue')
    site = QueueSite(tmp_path, '[host a]\nssh = /nonexistent/ssh\n[host b]\nlocal = yes\nqueue_directory = {}\n'.format(
        queue))
    assert site.run().status == 0
    assert site.status['a']['error'] == 'cannot start /nonexistent/ssh: No such file or directory'
    assert site.index == {'b': {'activemailqueue': '0', 'deferredmailqueue': '0'}}


def test_the_clock_of_a_host_is_told_and_the_time_of_its_figures_is_ours(tmp_path):
    ssh = tmp_path / 'login'
    ssh.write_text('#!/bin/sh\nprintf "@@%s\\n" "mailqueues 1" now={} {} counted end\n'.format(
        int(time.time()) + 7200, COUNTS))
    ssh.chmod(0o755)
    site = QueueSite(tmp_path, '[host a]\nssh = {}\n'.format(ssh))
    assert site.run().status == 0
    assert abs(site.status['a']['skew_s'] - 7200) < 60 and abs(site.status['a']['at'] - time.time()) < 60
