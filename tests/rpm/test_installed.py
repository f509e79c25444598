"""What is installed works, on the Python of each EL: Postfix, cron and people use what the packages brought."""
import json
import os
import re
import shlex
import signal

import pytest

from rig import packages, waiting
from rig.mailer import PERSON, Mailer
from rig.program import BIN, CHECKOUT

pytestmark = pytest.mark.slow

NEWS = '''From: News <news@mx1.example.com>
To: {0}
Subject: News
Message-ID: <{0}>

Here are the news.
'''
QUESTION = '''From: Ann <ann@mx1.example.com>
To: donotreply@mx1.example.com
Subject: Hello?
Message-ID: <hello@people.example>
Date: Sun, 22 Nov 2026 21:19:30 +0000

Who reads this?
'''
GUESS = '{} mx1 postfix/smtpd[{}]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6\n'
DELIVERY = ('{0} mx1 postfix/qmgr[1]: 4C1234: from=<a@example.org>, size=900, nrcpt=1 (queue active)\n'
            '{0} mx1 postfix/smtp[2]: 4C1234: to=<b@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, '
            'delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 OK)\n')
README = (CHECKOUT / 'README.md').read_text(encoding='utf-8')
INGEST = ('/usr/bin/bouncedmail', 'ingest')
ANSWER = ('/usr/bin/autoreply', '/etc/mailtools/donotreply.txt')
PROGRAMS = sorted(path.name for path in BIN.iterdir())


@pytest.fixture(scope='module', params=['el7', 'el9', 'el10'])
def dist(request):
    """One of each Python; EL8 has that of EL7, and lives its life in test_life.py."""
    return packages.DISTS[request.param]


@pytest.fixture(scope='module')
def machine(dist, new_machine, built, postgres_server):
    """One with all packages, and a Postfix that knows their alias files."""
    machine = new_machine(dist)
    machine.share(postgres_server.folder)
    machine.install(*packages.to_install(built(dist)))
    return machine


@pytest.fixture(scope='module')
def mailer(machine):
    """Postfix, told of the alias file of autoreply as its comment says; the README tells of the other one."""
    mailer = Mailer(machine)
    mailer.set_up(machine.path('/etc/mailtools/aliases.d/donotreply').read_text())
    mailer.start()
    return mailer


def piped(machine, *words, mail=QUESTION):
    """Pipe a mail in as local(8) does; Ran."""
    return machine.run(*words, user='mailtools', stdin=mail.encode(),
                       env={'SENDER': 'ann@people.example', 'RECIPIENT': 'bounces@mx1.example.com'})


def verified(machine):
    """What `rpm -V` says of all our packages."""
    names = [name for name in machine.rpm('-qa').out.split() if name.startswith('mailtools')]
    assert len(names) == len(PROGRAMS) + 2
    return machine.rpm('-V', *names)


def cron_jobs(machine, name):
    """(user, command, environment) of each job of a file in cron.d, also of those that wait to be switched on."""
    text = machine.path('/etc/cron.d/' + name).read_text()
    variables = dict(re.findall(r'^([A-Z_]+)=(.*)$', text, re.M))
    jobs = re.findall(r'^#?(?:[0-9*/,-]+[ \t]+){5}([a-z]+)[ \t]+(/.*)$', text, re.M)
    assert jobs, text
    return [(user, command, variables) for user, command in jobs]


def cron(machine, name, number=0):
    """Run a job as cron(8) does: its shell, its user, its few variables; Ran."""
    user, command, variables = cron_jobs(machine, name)[number]
    home = machine.call('getent', 'passwd', user).split(':')[5]
    return machine.run('/bin/sh', '-c', 'cd {} && {}'.format(home, command), user=user, env=dict(
        {'SHELL': '/bin/sh', 'PATH': '/usr/bin:/bin', 'HOME': home, 'LOGNAME': user}, **variables))


def test_the_user_has_no_shell_and_owns_only_what_it_must(machine):
    entry = machine.call('getent', 'passwd', 'mailtools').strip().split(':')
    assert entry[5:] == ['/var/lib/mailtools', '/sbin/nologin'] and int(entry[2]) < 1000
    owned = machine.call('find', '/etc', '/usr', '/var', '/run', '-xdev', '-user', 'mailtools').split()
    places = ('/etc/mailtools/aliases.d', '/var/lib/mailtools', '/var/spool/mailtools/', '/var/www/html/mailqueues')
    assert [path for path in owned if not path.startswith(places)] == []


@pytest.mark.parametrize('name', PROGRAMS)
def test_each_program_starts_without_any_environment(machine, name):
    ran = machine.run('env', '-i', '/usr/bin/' + name, '--version')
    assert ran == (0, name + ' 1.0.0\n', '')
    assert machine.run('env', '-i', '/usr/bin/' + name, '--help').out.startswith('Usage: ' + name)
    shipped = machine.path('/etc/mailtools/{}.conf'.format(name)).read_text()
    assert machine.run('env', '-i', '/usr/bin/' + name, 'config', '--example').out == shipped
    assert machine.run('env', '-i', '/usr/bin/' + name, 'config').status == 0


def test_the_bundled_libraries_are_used_and_no_others_see_them(machine, dist):
    show = 'import sys; sys.path.insert(0, "/usr/lib/mailtools")\n' \
           'import click, tenacity, daemon, lockfile, psycopg2\n' \
           'print(click.__file__, tenacity.__file__, daemon.__file__, lockfile.__file__); print(psycopg2.__version__)'
    places, version = machine.call('env', '-i', dist.interpreter, '-I', '-c', show).splitlines()
    assert all(place.startswith('/usr/lib/mailtools/') for place in places.split())
    assert version.startswith(dist.driver + ' ')
    assert machine.run('env', '-i', dist.interpreter, '-I', '-c', 'import click').status == 1


def test_the_readmes_five_minutes_end_with_a_row(machine, mailer):
    """Its commands, as they stand there; the service is the drainer in the foreground."""
    section = re.search(r'^## Five minutes.*?(?=^## )', README, re.M | re.S).group()
    commands = re.search(r'((?:^    \S.*\n)+)', section, re.M).group(1)
    assert 'postalias' in commands and 'sendmail' in commands
    machine.call('sh', '-ec', commands.replace('hash:', mailer.type + ':'))
    spool = machine.path('/var/spool/mailtools/bounces/new')
    mailer.until(lambda: list(spool.iterdir()), 'the bounce in the spool')
    assert cron(machine, 'bouncedmail') == (0, '', '')
    shown = machine.call('/usr/bin/bouncedmail', 'list').splitlines()
    promised = section.split('```')[1].splitlines()[2:]
    assert shown[0] == promised[0]
    varies = re.compile(r'^\S+|\S+$')      # when, and which mail
    assert varies.sub('', shown[1]) == varies.sub('', promised[1])


def test_a_returned_mail_becomes_a_row(machine, mailer):
    mailer.send('bounces+ghost=mx1.example.com@mx1.example.com', 'ghost@mx1.example.com',
                NEWS.format('ghost@mx1.example.com'))
    spool = machine.path('/var/spool/mailtools/bounces/new')
    mailer.until(lambda: list(spool.iterdir()), 'the bounce in the spool')
    kept = next(spool.iterdir())
    assert (kept.stat().st_mode & 0o777, kept.stat().st_uid) == (
        0o600, int(machine.call('id', '-u', 'mailtools')))
    assert cron(machine, 'bouncedmail') == (0, '', '')
    assert list(spool.iterdir()) == []
    rows = [json.loads(line) for line in machine.call('/usr/bin/bouncedmail', 'list', '--json').splitlines()]
    assert ('ghost@mx1.example.com', 'hard') in [(row['recipient'], row['severity']) for row in rows]
    assert 'ghost@mx1.example.com' in machine.call('/usr/bin/bouncedmail', 'suppressions')
    assert [line for line in machine.syslog.lines if 'bouncedmail[' in line and 'to=ghost@mx1.example.com' in line]


def test_a_returned_mail_becomes_a_row_in_postgresql(machine, mailer, postgres, dist):
    machine.write('/tmp/pg.conf', '[bouncedmail]\ndatabase = {}\n'.format(postgres.new_database()), 0o644)
    mailer.send('bounces@mx1.example.com', 'phantom@mx1.example.com', NEWS.format('phantom@mx1.example.com'))
    spool = machine.path('/var/spool/mailtools/bounces/new')
    mailer.until(lambda: list(spool.iterdir()), 'the bounce in the spool')
    ran = machine.run('/usr/bin/bouncedmail', 'drain', '-c', '/tmp/pg.conf', user='mailtools')
    assert ran == (0, '', '')
    rows = machine.call('/usr/bin/bouncedmail', 'list', '--csv', '-c', '/tmp/pg.conf', user='mailtools')
    assert 'phantom@mx1.example.com' in rows


def test_a_person_gets_one_answer(machine, mailer):
    mailer.send(PERSON + '@mx1.example.com', 'donotreply@mx1.example.com', QUESTION)
    mailer.until(lambda: 'This address is not read' in mailer.letters(), 'the answer')
    mailer.send(PERSON + '@mx1.example.com', 'donotreply@mx1.example.com', QUESTION)
    mailer.until(lambda: [line for line in machine.syslog.lines if 'autoreply[' in line and 'silent' in line],
                 'the second mail')
    assert mailer.letters().count('Subject: This address is not read') == 1


def recipients(machine):
    """How many events the database has."""
    return len(machine.call('/usr/bin/bouncedmail', 'list', '--csv').splitlines())


def test_the_service_drains_while_it_runs_and_ends_well(machine, mailer):
    text = machine.path('/usr/lib/systemd/system/mailtools-bouncedmail.service').read_text()
    said = dict(re.findall(r'^(ExecStart|User|Environment)=(.*)$', text, re.M))
    process, pid = machine.start(*shlex.split(said['ExecStart']), user=said['User'],
                                 env=dict([said['Environment'].split('=', 1)]))
    before = recipients(machine)
    assert piped(machine, *INGEST) == (0, '', '')
    waiting.until(lambda: recipients(machine) == before + 1, what='the row')
    os.kill(pid, signal.SIGTERM)
    assert (process.communicate(timeout=20)[0], process.returncode) == (b'', 0)


def test_a_daemon_without_systemd_is_the_bundled_librarys(machine, mailer):
    before, pid_file = recipients(machine), machine.path('/var/lib/mailtools/bouncedmail.pid')
    assert machine.run('/usr/bin/bouncedmail', 'drain', '--detach', user='mailtools') == (0, '', '')
    assert piped(machine, *INGEST, mail='Subject: another\n\n') == (0, '', '')
    waiting.until(lambda: recipients(machine) == before + 1, what='the row')
    machine.call('kill', pid_file.read_text().strip())
    waiting.until(lambda: not pid_file.exists(), what='the end of the daemon')


def test_systemd_understands_the_units(machine):
    if not machine.path('/usr/bin/systemd-analyze').exists():
        pytest.skip('systemd-analyze is not installed')
    for name in 'bouncedmail', 'block-sasl-fail':
        ran = machine.run('systemd-analyze', 'verify', '/usr/lib/systemd/system/mailtools-{}.service'.format(name))
        assert [line for line in (ran.out + ran.err).splitlines() if 'mailtools' in line] == [] and ran.status == 0, ran


def test_cron_keeps_a_guesser_out(machine, mailer):
    now = machine.call('date', '+%b %e %H:%M:%S').strip()
    log = machine.path('/var/log/maillog')
    log.write_text(log.read_text() + ''.join(GUESS.format(now, number) for number in range(9)))
    assert cron(machine, 'block-sasl-fail') == (0, '', '')
    table = '{}:/etc/postfix/access_dynamic'.format(mailer.type)
    assert machine.call('postmap', '-q', '203.0.113.9', table) == 'REJECT authentication abuse\n'


def test_cron_asks_for_the_queues(machine, mailer):
    machine.write('/etc/mailtools/mailqueues.conf', '[mailqueues]\n[host mx1]\nlocal = yes\n')
    rule = re.search(r'^ +mailqueues (ALL=.*)$', README, re.M).group(1)     # with mailtools instead, as it says
    machine.write('/etc/sudoers.d/mailqueues', 'mailtools {}\n'.format(rule), 0o440)
    assert cron(machine, 'mailqueues') == (0, '', '')
    page = json.loads(machine.path('/var/www/html/mailqueues/index.html').read_text())
    assert set(page['mailqueues']['mx1']) == {'activemailqueue', 'deferredmailqueue'}
    assert machine.run('/usr/bin/mailqueues', 'check', user=PERSON).status == 0         # as a monitor does
    assert 'mx1' in machine.call('/usr/bin/mailqueues', 'history', user=PERSON)
    assert machine.run('cat', '/var/lib/mailtools/bounces.db', user=PERSON).status == 1


def test_cron_mails_the_report(machine, mailer):
    noon = machine.call('date', '-d', 'yesterday 12:00', '+%Y-%m-%dT%H:%M:%S%:z').strip()
    machine.write('/var/log/maillog-of-yesterday', DELIVERY.format(noon))
    ran = cron(machine, 'pflogsumm-report')
    assert (ran.out, ran.err, ran.status) == ('', '', 0)
    mailer.until(lambda: re.search(r'^Subject: .*mx1.*delivered', mailer.letters(), re.M), 'the report')


def test_nothing_that_was_installed_has_changed_by_use(machine, mailer):
    """Run behind the others of this file: byte code, folders, files and their owners are as they came."""
    ran = verified(machine)
    assert [line for line in ran.out.splitlines() if not line.endswith(' c /etc/mailtools/mailqueues.conf')] == []
    library = machine.call('find', '/usr/lib/mailtools', '-type', 'f').split()
    known = machine.rpm('-ql', 'mailtools-common', *['mailtools-' + name for name in PROGRAMS]).out.splitlines()
    assert sorted(set(library) - set(known)) == []


@pytest.mark.parametrize('broken, pipes', [
    ('/usr/lib/mailtools/click', ()),                           # they have no use for it
    ('/usr/lib/mailtools/mailtools/base', (ANSWER,)),
    ('/usr/lib/mailtools', (INGEST, ANSWER)),
])
def test_half_an_installation_says_so_in_one_line_and_75_in_a_pipe(machine, broken, pipes):
    """What an upgrade that was killed leaves behind: the mail waits, and nothing bounces."""
    machine.call('mv', broken, '/var/tmp/away')
    try:
        for name in sorted(set(PROGRAMS) - {'autoreply'}):
            ran = machine.run('/usr/bin/' + name, 'config')
            assert ran.status == 70 and ran.out == '', ran
            assert re.match(r'{}: cannot start: [^\n]*\n\Z'.format(name), ran.err), ran
        for pipe in INGEST, ANSWER:
            ran = piped(machine, *pipe)
            if pipe in pipes:
                assert ran.status == 75 and re.match(r'4\.3\.0 [^\n]*No module named [^\n]*\n\Z', ran.err), ran
            else:
                assert ran == (0, '', ''), ran
    finally:
        machine.call('mv', '/var/tmp/away', broken)


def test_the_two_pipes_need_neither_the_bundled_libraries_nor_those_of_the_site(machine, dist):
    machine.call('mkdir', '/var/tmp/apart')
    site = machine.call(dist.interpreter, '-c', 'import site; print(site.getsitepackages()[0])').strip()
    away = ['click', 'tenacity', 'daemon', 'lockfile']
    machine.call('sh', '-ec', 'cd /usr/lib/mailtools; mv {} /var/tmp/apart'.format(' '.join(away)))
    machine.call('mv', site, '/var/tmp/site')
    try:
        assert piped(machine, *INGEST) == piped(machine, *ANSWER) == (0, '', '')
    finally:
        machine.call('mv', '/var/tmp/site', site)
        machine.call('sh', '-ec', 'cd /var/tmp/apart; mv * /usr/lib/mailtools; rmdir /var/tmp/apart')


def test_completion_of_the_package_completes(machine):
    script = 'source /usr/share/bash-completion/completions/bouncedmail; COMP_WORDS=(bouncedmail sup); COMP_CWORD=1; ' \
             '_bouncedmail_completion bouncedmail; printf "%s\\n" "${COMPREPLY[@]}"'
    ran = machine.run('bash', '-c', script, env={'LC_ALL': 'C.UTF-8'})
    assert ran == (0, 'suppressions\n', '')


def test_the_python_is_that_of_the_distribution(machine, dist):
    show = 'import sys; print("{}.{}".format(*sys.version_info))'
    assert machine.call(dist.interpreter, '-c', show) == dist.python + '\n'
