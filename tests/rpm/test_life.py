"""The life of a package: alone, upgraded, erased, and back again; what an administrator wrote is never lost."""
import pytest

from rig import packages
from rig.program import BIN, CHECKOUT

pytestmark = pytest.mark.slow

PROGRAMS = sorted(path.name for path in BIN.iterdir())
MAIL = b'Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nTo: bounces@example.com\nSubject: Undelivered\n\n' \
       b'<gone@example.net>: user unknown\n'
# What lies under these after all was erased is what people and programs made.
OURS = ('/etc/mailtools', '/etc/cron.d', '/usr/bin', '/usr/lib/mailtools', '/usr/lib/systemd/system',
        '/usr/lib/sysusers.d', '/usr/lib/tmpfiles.d', '/usr/libexec/mailtools', '/usr/share/bash-completion',
        '/usr/share/doc', '/usr/share/fish', '/usr/share/licenses', '/usr/share/man/man8', '/usr/share/zsh',
        '/var/lib/mailtools', '/var/spool/mailtools', '/var/www')


@pytest.fixture(scope='module', params=['el7', 'el8'])
def dist(request):
    """Without weak dependencies and with them; what rpm does with a package is the same from there on."""
    return packages.DISTS[request.param]


@pytest.fixture(scope='module')
def bare(dist, new_machine):
    """A machine with nothing of ours."""
    return new_machine(dist)


def listing(machine):
    """All paths under OURS."""
    return set(machine.run('find', *[one for one in OURS if machine.path(one).exists()]).out.splitlines())


@pytest.mark.parametrize('name', PROGRAMS)
def test_each_program_is_installed_alone_with_only_what_all_share(dist, bare, built, name):
    found, before = built(dist), listing(bare)
    alone = bare.rpm('-i', '--test', found['mailtools-' + name])
    assert alone.status != 0 and 'mailtools-common = 1.0.0-1.{} is needed'.format(dist.name) in alone.err, alone
    bare.install(found['mailtools-common'], found['mailtools-' + name])
    assert bare.rpm('-V', 'mailtools-common', 'mailtools-' + name) == (0, '', '')
    assert bare.run('/usr/bin/' + name, '--version').out == name + ' 1.0.0\n'
    assert bare.run('/usr/bin/' + name, 'config').status == 0
    others = [other for other in PROGRAMS if bare.path('/usr/bin/' + other).exists()]
    assert others == [name]
    assert bare.rpm('-e', 'mailtools-common', 'mailtools-' + name) == (0, '', '')
    assert listing(bare) == before


def test_all_needs_all(dist, bare, built):
    ran = bare.rpm('-i', '--test', built(dist)['mailtools'], built(dist)['mailtools-common'])
    assert ran.status != 0 and all('mailtools-{} = '.format(name) in ran.err for name in PROGRAMS), ran


def test_where_selinux_is_the_label_of_the_spool_must_come_too(bare, dist, built, tmp_path):
    policy = packages.stand_in('policy', ['selinux-policy-targeted'], tmp_path)
    found = built(dist)
    ran = bare.rpm('-i', '--test', policy, found['mailtools-common'])
    if dist.rhel == 7:          # its rpm knows no such condition; the README says what to install
        assert ran == (0, '', '')
    else:
        assert ran.status != 0 and 'mailtools-selinux' in ran.err, ran
    both = found['mailtools-common'], found['mailtools-selinux']
    assert bare.rpm('-i', '--test', policy, *both) == (0, '', '')


@pytest.fixture(scope='module')
def untouched(bare):
    """What was there before ours."""
    return listing(bare)


@pytest.fixture(scope='module')
def lived_in(dist, bare, untouched, built):
    """All packages, settings that were edited, mail in the spool, rows in the database, somebody who was answered."""
    bare.install(*packages.to_install(built(dist)))
    for name in 'bouncedmail', 'autoreply', 'block-sasl-fail':
        path = bare.path('/etc/mailtools/{}.conf'.format(name))
        path.write_text(path.read_text() + '# edited by hand\n')
    alias = bare.path('/etc/mailtools/aliases.d/bounces')
    alias.write_text(alias.read_text().replace('\nbounces:', '\nreturned:'))
    ingest(bare)
    assert bare.run('/usr/bin/bouncedmail', 'drain', user='mailtools') == (0, '', '')
    ingest(bare, b'Subject: another\n')
    bare.call('install', '-d', '-o', 'mailtools', '-m', '700', '/var/spool/mailtools/autoreply/answered')
    return bare


def ingest(machine, top=b''):
    """Pipe a mail in, as mailtools."""
    assert machine.run('/usr/bin/bouncedmail', 'ingest', user='mailtools', stdin=top + MAIL) == (0, '', '')


def waiting(machine):
    """How many mails wait in the spool."""
    return len(list(machine.path('/var/spool/mailtools/bounces/new').iterdir()))


def stored(machine):
    """How many mails the database has."""
    return len(machine.call('/usr/bin/bouncedmail', 'list', '--csv').splitlines()) - 1


def changed(machine):
    """What `rpm -V` says has changed: {path: how}, but for times, which two builds may have in common."""
    return {line.split()[-1]: line[:line.index('/')].strip().replace('T', '.')
            for line in machine.rpm('-Va').out.splitlines()}


EDITED = {path: 'S.5......  c' for path in (
    '/etc/mailtools/aliases.d/bounces', '/etc/mailtools/autoreply.conf', '/etc/mailtools/block-sasl-fail.conf',
    '/etc/mailtools/bouncedmail.conf')}


def test_verify_names_what_was_edited_and_nothing_else(lived_in):
    assert changed(lived_in) == EDITED


def test_an_upgrade_keeps_settings_and_state_and_puts_the_new_file_beside(lived_in, dist, newer):
    before = {name: lived_in.path('/etc/mailtools/' + name).read_text() for name in (
        'bouncedmail.conf', 'autoreply.conf', 'aliases.d/bounces')}
    ran = lived_in.rpm('-U', *packages.to_install(newer(dist)))
    assert ran.status == 0, ran
    assert lived_in.run('/usr/bin/bouncedmail', '--version').out == 'bouncedmail 1.0.1\n'
    for name, text in before.items():
        assert lived_in.path('/etc/mailtools/' + name).read_text() == text
    new = lived_in.path('/etc/mailtools/bouncedmail.conf.rpmnew')
    assert 'at most.' in new.read_text() and new.stat().st_mode & 0o777 == 0o640
    assert [path for path in listing(lived_in) if path.endswith(('.rpmnew', '.rpmsave', '.rpmorig'))] == [
        '/etc/mailtools/bouncedmail.conf.rpmnew']
    assert (waiting(lived_in), stored(lived_in)) == (1, 1)
    assert lived_in.path('/etc/mailtools/bouncedmail.conf').stat().st_gid == int(lived_in.call('id', '-g', 'mailtools'))
    assert changed(lived_in) == EDITED


def test_what_is_erased_leaves_settings_that_were_edited_mail_and_state(lived_in, untouched):
    names = [name for name in lived_in.rpm('-qa').out.split() if name.startswith('mailtools')]
    ran = lived_in.rpm('-e', *names)
    assert ran.status == 0, ran
    made = {path for path in listing(lived_in) - untouched if not lived_in.path(path).is_dir()}
    assert len([path for path in made if path.startswith('/var/spool/mailtools/bounces/new/')]) == 1
    assert {path for path in made if not path.startswith('/var/spool/')} == {
        '/etc/mailtools/bouncedmail.conf.rpmsave', '/etc/mailtools/autoreply.conf.rpmsave',
        '/etc/mailtools/block-sasl-fail.conf.rpmsave', '/etc/mailtools/aliases.d/bounces.rpmsave',
        '/etc/mailtools/bouncedmail.conf.rpmnew', '/var/lib/mailtools/bounces.db'} | {
            path for path in made if path.startswith('/var/lib/mailtools/bounces.db-')}
    assert lived_in.path('/var/spool/mailtools/autoreply/answered').is_dir()
    assert lived_in.run('getent', 'passwd', 'mailtools').status == 0
    assert not lived_in.path('/usr/lib/mailtools').exists() and not lived_in.path('/usr/bin/bouncedmail').exists()


def test_what_comes_back_finds_mail_and_state_again(lived_in, dist, built):
    lived_in.install(*packages.to_install(built(dist)))
    assert (waiting(lived_in), stored(lived_in)) == (1, 1)
    assert lived_in.run('/usr/bin/bouncedmail', 'drain', user='mailtools') == (0, '', '')
    assert (waiting(lived_in), stored(lived_in)) == (0, 2)
    assert lived_in.rpm('-Va') == (0, '', '')


def test_an_older_version_is_not_mixed_with_a_newer(lived_in, dist, newer):
    ran = lived_in.rpm('-U', '--test', newer(dist)['mailtools-bouncedmail'])
    assert ran.status != 0 and 'mailtools-common = 1.0.1' in ran.err


def test_tmpfiles_make_the_folders_that_the_packages_made(lived_in):
    """For systems whose /var begins empty; systemd's own program reads the files."""
    if not lived_in.path('/usr/bin/systemd-tmpfiles').exists():
        pytest.skip('systemd-tmpfiles is not installed')
    folders = ('/var/spool/mailtools', '/var/lib/mailtools', '/var/www/html/mailqueues')
    show = ('find',) + folders + ('-type', 'd', '!', '-name', 'answered', '-printf', '%p %m %u %g\\n')
    before = sorted(lived_in.call(*show).splitlines())
    lived_in.call('rm', '-r', *folders)
    names = sorted(path.name for path in (CHECKOUT / 'systemd' / 'tmpfiles.d').iterdir())
    ran = lived_in.run('systemd-tmpfiles', '--create', *names)
    assert ran.status == 0 and ran.err == '', ran
    assert sorted(lived_in.call(*show).splitlines()) == before
