"""Where rendered files go, with which rights, and how install.sh puts them in place."""
import grp
import os
import pwd
import stat
import subprocess

import pytest
from sites import files, written

from mailtools.base.failure import Failure
from mailtools.mailsystem import installing, writing
from mailtools.mailsystem.roles import folders_of
from mailtools.mailsystem.values import File
from rig import parts, program

ME = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def render(tmp_path, role, output, *more, **changes):
    """mailsystem render as a process."""
    return program.run('mailsystem', 'render', '-c', written(tmp_path, **changes), '--role', role, '--output',
                       str(output), *more)


def secret(tmp_path, text='s3cret\n', mode=0o600):
    """The path of a password file."""
    path = tmp_path / 'password'
    path.write_bytes(text.encode())
    path.chmod(mode)
    return str(path)


def test_every_file_is_there_with_its_mode_and_nobody_else_can_look(tmp_path):
    output = tmp_path / 'new'
    ran = render(tmp_path, 'client', output, '--host', 'app1', client_password_file=secret(tmp_path))
    assert (ran.status, ran.err) == (0, '')
    made = files(tmp_path, 'client', 's3cret')
    there = {'/' + os.path.relpath(os.path.join(folder, name), str(output))
             for folder, _, names in os.walk(str(output)) for name in names}
    assert there == set(made) | {'/install.sh'}
    for path, file in made.items():
        target = output / path.lstrip('/')
        assert target.read_text() == file.text and stat.S_IMODE(target.stat().st_mode) == file.mode
    assert stat.S_IMODE(output.stat().st_mode) == 0o700
    assert 's3cret' in (output / 'etc/postfix/sasl_passwd').read_text()
    assert 's3cret' not in ran.out


def test_the_configuration_in_force_is_never_written(tmp_path):
    (tmp_path / 'link').symlink_to('/etc')
    (tmp_path / 'holder').mkdir()
    (tmp_path / 'holder' / 'etc').symlink_to('/etc')
    before = os.listdir('/etc')
    for place in ('/', '/etc', '/etc/', '/etc/postfix', '/etc/../etc', '/usr/../etc/new', tmp_path / 'link',
                  tmp_path / 'link' / 'new', tmp_path / 'holder'):
        ran = render(tmp_path, 'mx', place)
        assert ran.status == 64 and 'in force' in ran.err and ran.err.count('\n') == 1, place
    assert os.listdir('/etc') == before


def test_a_folder_that_others_can_write_to_is_refused(tmp_path):
    shared = tmp_path / 'shared'
    shared.mkdir()
    shared.chmod(0o777)
    ran = render(tmp_path, 'mx', shared)
    assert ran.status == 73 and 'others can write' in ran.err and os.listdir(str(shared)) == []


def test_a_file_in_the_way_is_one_line(tmp_path):
    (tmp_path / 'file').write_text('')
    ran = render(tmp_path, 'mx', tmp_path / 'file' / 'new')
    assert ran.status == 73 and ran.err.count('\n') == 1 and 'cannot write below' in ran.err


@pytest.mark.parametrize('text, mode, said', [
    ('s3cret\n', 0o644, 'others can read'), ('s3cret\n', 0o640, 'others can read'), ('', 0o600, 'not one line'),
    ('a\nb\n', 0o600, 'not one line'), ('a\n\n', 0o600, 'not one line'), (' a\n', 0o600, 'not one line'),
    ('a\0\n', 0o600, 'not one line'), ('a\u2028b', 0o600, 'not one line')])
def test_a_password_file_that_shows_it_or_holds_none_is_refused(tmp_path, text, mode, said):
    with pytest.raises(Failure, match=said) as raised:
        writing.secret_of(secret(tmp_path, text, mode))
    assert 's3cret' not in str(raised.value)


def test_a_link_is_no_password_file(tmp_path):
    (tmp_path / 'link').symlink_to(secret(tmp_path))
    with pytest.raises(Failure, match='cannot read the password'):
        writing.secret_of(str(tmp_path / 'link'))
    assert writing.secret_of(secret(tmp_path, 'p w\xf6\n')) == 'p w\xf6'


def test_which_sender_must_be_said(tmp_path):
    ran = render(tmp_path, 'sender', tmp_path / 'new')
    assert ran.status == 64 and 'mail1.example.com or mail2.example.com' in ran.err
    ran = render(tmp_path, 'sender', tmp_path / 'new', '--host', 'mail3')
    assert ran.status == 64 and 'mail3.example.com is no sender' in ran.err
    ran = render(tmp_path, 'client', tmp_path / 'new', '--host', 'a$b')
    assert ran.status == 64 and not (tmp_path / 'new').exists()
    assert render(tmp_path, 'mx', tmp_path / 'new', '--postfix', '2.9').status == 64


def installed(tmp_path, made, root):
    """Write files and run install.sh for another root; what it printed."""
    output = tmp_path / 'new'
    writing.write(str(output), made, installing.script_of(made, [('/var/lib/x', 0o750) + ME], 'a host'))
    done = subprocess.run(['sh', str(output / 'install.sh'), str(root)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={'PATH': parts.PATH}, timeout=60)
    return done.returncode, done.stdout.decode()


def test_install_puts_files_in_place_and_keeps_what_was_there(tmp_path):
    root = tmp_path / 'root'
    made = [File('/etc/postfix/a', 'a 1\n', 0o600, *ME), File('/etc/postfix/list', 'begun\n', 0o644, *ME, kept=True)]
    assert installed(tmp_path, made, root) == (0, '')
    target, kept = root / 'etc/postfix/a', root / 'etc/postfix/list'
    assert target.read_text() == 'a 1\n' and stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE((root / 'var/lib/x').stat().st_mode) == 0o750
    kept.write_text('mine\n')
    made[0] = made[0]._replace(text='a 2\n')
    assert installed(tmp_path, made, root) == (0, '')
    assert kept.read_text() == 'mine\n' and target.read_text() == 'a 2\n'
    before = root / 'etc/postfix/a.before'
    assert before.read_text() == 'a 1\n' and stat.S_IMODE(before.stat().st_mode) == 0o600
    assert installed(tmp_path, made, root) == (0, '') and before.read_text() == 'a 1\n'
    assert sorted(os.listdir(str(root / 'etc/postfix'))) == ['a', 'a.before', 'list']


def test_install_stops_at_the_first_thing_that_fails(tmp_path):
    made = [File('/etc/a', '', 0o644, 'nobody-of-this-name', ME[1]), File('/etc/b', '', 0o644, *ME)]
    status, said = installed(tmp_path, made, tmp_path / 'root')
    assert status != 0 and 'nobody-of-this-name' in said and not (tmp_path / 'root/etc/b').exists()


@pytest.mark.parametrize('role', ['mx', 'sender', 'client'])
def test_the_script_is_one_and_names_each_file_and_table(tmp_path, role):
    made = list(files(tmp_path, role).values())
    script = installing.script_of(made, folders_of(role, '/etc/opendkim/keys/a.private'), 'a host')
    lines = script.split('\n')
    compiled = [at for at, line in enumerate(lines) if line.startswith('compile ')]
    for path in '/etc/postfix/main.cf', '/etc/postfix/master.cf':
        begun, put = (lines.index('{} {} 0644 root root'.format(verb, path)) for verb in ('begin', 'put'))
        assert begun < min(compiled) and max(compiled) < put
    for file in made:
        verb = 'begin' if file.kept else 'put'
        assert '\n{} {} {:04o} {} {}\n'.format(verb, file.path, file.mode, file.owner, file.group) in script
        assert not file.command or '\ncompile {}\n'.format(file.command.replace(':', ' ')) in script
    assert ('folder /etc/opendkim/keys 0750 root opendkim' in script) == (role != 'client')
    path = tmp_path / 'install.sh'
    path.write_text(script)
    assert subprocess.run(['sh', '-n', str(path)]).returncode == 0
