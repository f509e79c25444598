"""What was rendered is well: Postfix has no complaint of it, `check` proves it, `diff` finds nothing."""
import json

import pytest

from rig.system import company

RENDERED = '/var/lib/new'
HOSTS = ('mx', 'mail1', 'mail2', 'app')


@pytest.fixture(scope='module')
def checked(world, cron):
    """{host: what `mailsystem check` finds}."""
    return {name: [json.loads(line) for line in getattr(world, name).check('--json').out.splitlines()]
            for name in HOSTS}


@pytest.mark.parametrize('name', HOSTS)
def test_check_is_green(checked, name):
    assert [one for one in checked[name] if one['level'] != 'ok'] == []
    assert len(checked[name]) > 20


@pytest.mark.parametrize('name', HOSTS)
def test_a_monitor_is_told_so(world, checked, name):
    ran = getattr(world, name).check('--problems')
    assert (ran.status, ran.err) == (0, '')
    assert ran.out.startswith('MAILSYSTEM OK - ')


@pytest.mark.parametrize('name', HOSTS)
def test_diff_finds_nothing(world, name):
    host = getattr(world, name)
    ran = host.run('mailsystem', 'diff', '--role', host.role)
    assert (ran.status, ran.out, ran.err) == (0, '', '')


@pytest.mark.parametrize('name', HOSTS)
def test_postfix_has_nothing_to_complain_of(world, name):
    host = getattr(world, name)
    for command in ('postfix', 'check'), ('postconf', '-n'), ('postconf', '-Mf'):
        ran = host.run(*command)
        said = [line for line in ran.err.splitlines() if 'backwards-compatible' not in line
                and 'COMPATIBILITY_README' not in line and 'To disable backwards compatibility' not in line]
        assert (ran.status, said) == (0, [])


@pytest.mark.parametrize('name', HOSTS)
def test_its_log_has_no_trouble(world, inbound, name):
    trouble = [line for line in getattr(world, name).log().splitlines()
               if any(word in line for word in (': fatal:', ': panic:', ': error:', 'throttling', 'bad command'))]
    assert trouble == []


@pytest.mark.parametrize('name', HOSTS)
def test_no_secret_can_be_read_by_others(world, name):
    host = getattr(world, name)
    secrets = '\n'.join((company.PASSWORD, company.DATABASE_PASSWORD, 'BEGIN PRIVATE KEY', 'BEGIN RSA PRIVATE KEY',
                         'BEGIN OPENSSH PRIVATE KEY', '$6$')) + '\n'
    asked = ('/etc/postfix', '/etc/mailtools', '/etc/opendkim', '/etc/dovecot', '/etc/default', '/etc/ssl', RENDERED)
    ran = host.run('grep', '-rlaF', '-f', '-', *(path for path in asked if host.path(path).exists()),
                   stdin=secrets.encode())
    holders = ran.out.splitlines()
    assert holders
    assert [path for path in holders if host.run('test', '-r', path, user='nobody').status == 0] == []
