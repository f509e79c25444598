"""The pipe: a mail is safe on disk and the status 0, or else it is 75, whatever happens."""
import os
import re
import resource
import signal
import stat
import subprocess
import sys

import pytest

from mailtools.bouncedmail import ingest
from mailtools.bouncedmail.ingest import EX_TEMPFAIL, with_envelope
from rig import mounts, program, waiting
from rig.mailhost import MailHost, bounce

LOCAL = {'SENDER': '', 'RECIPIENT': 'bounces@mx1.example.com', 'EXTENSION': '',
         'ORIGINAL_RECIPIENT': 'bounces+user7=example.org@mx1.example.com'}


def refused(ran):
    """True when Postfix would keep the mail, and its log says why on one line."""
    return ran.status == EX_TEMPFAIL and re.match(r'4\.3\.0 [^\n]+\n\Z', ran.err) and ran.out == ''


def the_mail(host):
    name, = host.names('new')
    return (host.spool / 'new' / name).read_bytes()


def nothing_is_left(host):
    return host.names('new') == host.names('tmp') == []


def test_a_mail_lies_in_new_as_it_came_and_only_we_may_read_it(host):
    assert host.ingest(bounce(7), LOCAL) == (0, '', '')
    assert the_mail(host) == bounce(7)
    assert host.names('tmp') == []
    name, = host.names('new')
    assert stat.S_IMODE((host.spool / 'new' / name).stat().st_mode) == 0o600
    assert {stat.S_IMODE((host.spool / folder).stat().st_mode) for folder in ('tmp', 'new', 'cur')} == {0o700}
    assert re.match(r'\d{10}\.M\d{6}P\d+R[0-9a-f]{16}\.[^/:]+\Z', name)


@pytest.mark.parametrize('raw', [
    b'', b'\n', b'x', bytes(range(256)) * 300, b'From ', b'From a@b\n', b'Subject: a\r\rb\r',
    bounce(7)[:900], b'\xff\xfe' + 'ü'.encode('utf-16')], ids=range(9))
def test_whatever_comes_is_kept_byte_for_byte(host, raw):
    assert host.ingest(raw).status == 0
    assert the_mail(host) == raw


def test_a_large_mail_takes_no_memory(host, tmp_path):
    large = tmp_path / 'large'
    with large.open('wb') as file:
        file.write(bounce(7))
        file.truncate(100 << 20)
    usual, most = [peak_of_ingest(host, path) for path in ('/dev/null', str(large))]
    assert most - usual < 1 << 20
    assert sorted((host.spool / 'new' / name).stat().st_size for name in host.names('new')) == [0, 100 << 20]


def peak_of_ingest(host, path):
    """Bytes of memory that one run takes at most."""
    with open(path, 'rb') as stdin:
        ran = subprocess.run(
            [sys.executable, '-c',
             'import resource, subprocess, sys; status = subprocess.call(sys.argv[1:]); '
             'print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)']
            + program.command('bouncedmail', 'ingest', '-c', host.config),
            stdin=stdin, stdout=subprocess.PIPE)
    status, kilobytes = ran.stdout.split()
    assert status == b'0'
    return int(kilobytes) * 1024


def test_what_root_tries_out_belongs_to_the_owner_of_the_spool(shared_folder):
    host = MailHost(shared_folder)
    os.chown(str(host.spool), 65534, 65533)
    assert host.ingest(bounce(7)) == (0, '', '')
    name, = host.names('new')
    for path in host.spool / 'tmp', host.spool / 'new', host.spool / 'new' / name:
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65533)


# -- the envelope --

ENVIRON = {b'SENDER': b'', b'RECIPIENT': b'bounces@mx1', b'ORIGINAL_RECIPIENT': b'bounces+7@mx1',
           b'EXTENSION': b'7'}
ADDED = b'Return-Path: <>\nX-Original-To: bounces+7@mx1\nDelivered-To: bounces@mx1\n'


@pytest.mark.parametrize('top, environ, expected', [
    (b'Subject: x\n\n', {}, b'Subject: x\n\n'),
    (b'Subject: x\n\n', ENVIRON, ADDED + b'Subject: x\n\n'),
    (b'From x  Thu\nSubject: x\n\n', ENVIRON, b'From x  Thu\n' + ADDED + b'Subject: x\n\n'),
    (b'Subject: x\r\n\r\n', {b'SENDER': b'a@b'}, b'Return-Path: <a@b>\r\nSubject: x\r\n\r\n'),
    (ADDED + b'\n', ENVIRON, ADDED + b'\n'),
    (b'return-path: <>\nSubject: x\n\n', {b'SENDER': b''}, b'return-path: <>\nSubject: x\n\n'),
    # those of another hop, or of the returned mail, are not ours
    (b'Received: x\nDelivered-To: other@x\n\n', {b'RECIPIENT': b'a@b'},
     b'Delivered-To: a@b\nReceived: x\nDelivered-To: other@x\n\n'),
    (b'Subject: x\n\nReturn-Path: <x@y>\n', {b'SENDER': b''},
     b'Return-Path: <>\nSubject: x\n\nReturn-Path: <x@y>\n'),
    (b'Subject: x\n\n', {b'EXTENSION': b'7'}, b'X-Extension: 7\nSubject: x\n\n'),
    (b'Subject: x\n\n', {b'SENDER': b'a@b>\r\nX-Forged: \x00yes\n\n'},
     b'Return-Path: <a@b>X-Forged: yes>\nSubject: x\n\n'),
    (b'', {b'SENDER': b''}, b'Return-Path: <>\n'),
])
def test_only_what_the_mail_does_not_say_is_added(top, environ, expected):
    assert with_envelope(top, environ) == expected


def test_the_envelope_of_a_pipe_of_another_server_is_kept(host):
    raw = b'Subject: x\n\nbody\n' + b'long\n' * 50000
    assert host.ingest(raw, {'SENDER': 'a@b', 'RECIPIENT': 'c@d'}).status == 0
    assert the_mail(host) == b'Return-Path: <a@b>\nDelivered-To: c@d\n' + raw


# -- where to --

def settings(tmp_path, text):
    path = tmp_path / 'conf'
    path.write_bytes(text.encode('utf-8'))
    return str(path)


@pytest.mark.parametrize('text, spool', [
    ('', ingest.SPOOL),
    ('[bouncedmail]\nspool = /a/b c\n', '/a/b c'),
    ('\ufeff[bouncedmail]\r\nspool=/a\r\n', '/a'),
    ('[bouncedmail]\n# spool = /b\n;spool = /c\nspool_x = /d\ndatabase = x\n', ingest.SPOOL),
    ('[other]\nspool = /a\n', ingest.SPOOL),
])
def test_the_spool_of_the_settings(tmp_path, text, spool):
    assert ingest.configured_spool(settings(tmp_path, text)) == spool


@pytest.mark.parametrize('text', [
    '[bouncedmail]\nspool = /a\nspool = /b\n', '[bouncedmail]\nspool =\n', '[bouncedmail]\nspool = a\n'])
def test_settings_that_may_mean_another_spool_delay_the_mail(tmp_path, text):
    path = settings(tmp_path, text)
    assert refused(program.run('bouncedmail', 'ingest', '--config', path, stdin=bounce(7)))


def test_settings_that_the_other_commands_take_mean_the_same_to_ingest(tmp_path):
    from mailtools.base.settings import load
    from mailtools.bouncedmail.settings import PROGRAM, SETTINGS
    for text in '[bouncedmail]\nhost = a\n  spool\nspool = /var/spool/b # c\nbatch = 5\n', '':
        path = settings(tmp_path, text)
        assert ingest.configured_spool(path) == load(PROGRAM, SETTINGS, path).spool


def test_a_spool_whose_name_is_not_ascii(tmp_path):
    host = MailHost(tmp_path / 'brief-käse')
    assert host.ingest(bounce(7)).status == 0
    assert program.run('bouncedmail', 'ingest', '--spool', host.spool, stdin=bounce(8)).status == 0
    assert len(host.names('new')) == 2


# -- trouble --

@pytest.mark.parametrize('args', [
    ['--spool', '/nonexistent/spool'], ['--spool', '/dev/null'], ['--spool', '/proc'], ['--spool'],
    ['--spool='], ['--config', '/nonexistent'], ['--config', '/'], ['--frobnicate'], ['-x'], ['file'],
    ['--help']])
def test_a_mistake_in_the_alias_delays_the_mail(args):
    assert refused(program.run('bouncedmail', 'ingest', *args, stdin=bounce(7)))


def test_a_missing_spool_is_not_made(tmp_path):
    spool = tmp_path / 'disk' / 'spool'
    assert refused(program.run('bouncedmail', 'ingest', '--spool', spool, stdin=bounce(7)))
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.parametrize('redirection', ['<&-', '<&- >&- 2>&-', '0> /dev/null'])
def test_a_mail_that_cannot_be_read_is_delayed(host, redirection):
    ran = subprocess.run(['sh', '-c', 'exec "$@" ' + redirection, 'sh']
                         + program.command('bouncedmail', 'ingest', '--config', host.config))
    assert ran.returncode == EX_TEMPFAIL
    assert nothing_is_left(host)


@pytest.mark.parametrize('redirection', ['2>&-', '>&-', '>&- 2>&-', '2> /dev/full', '> /dev/full 2>&1'])
def test_nobody_has_to_listen(host, redirection):
    pipe = ['sh', '-c', 'exec "$@" ' + redirection, 'sh'] + program.command('bouncedmail', 'ingest')
    taken = subprocess.run(pipe + ['--config', str(host.config)], input=bounce(7))
    assert taken.returncode == 0
    assert the_mail(host) == bounce(7)
    assert subprocess.run(pipe + ['--spool', '/nonexistent'], input=bounce(7)).returncode == EX_TEMPFAIL


def test_a_full_disk_delays_the_mail_and_leaves_nothing(host):
    with mounts.small_disk(host.spool, 1 << 20):
        assert host.ingest(bounce(1)).status == 0
        assert refused(host.ingest(bounce(2, 3 << 20)))
        filler = mounts.fill(host.spool)
        assert refused(host.ingest(bounce(3)))
        assert 'No space left' in host.ingest(bounce(3)).err
        os.unlink(filler)
        assert host.ingest(bounce(3)).status == 0
        assert len(host.names('new')) == 2
        assert host.names('tmp') == []


def test_a_disk_without_room_for_the_folders_delays_the_mail(host):
    with mounts.small_disk(host.spool, 4096):
        mounts.fill(host.spool)
        assert refused(host.ingest(bounce(1)))


def test_a_read_only_spool_delays_the_mail(host):
    assert host.ingest(bounce(1)).status == 0
    with mounts.read_only(host.spool):
        ran = host.ingest(bounce(2))
    assert refused(ran)
    assert 'Read-only' in ran.err
    assert len(host.names('new')) == 1


def test_a_limit_of_the_file_size_delays_the_mail(host):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
    ran = subprocess.run(program.command('bouncedmail', 'ingest', '--config', host.config),
                         input=bounce(7, 100000), preexec_fn=limit, stderr=subprocess.PIPE)
    assert ran.returncode == EX_TEMPFAIL
    assert nothing_is_left(host)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM])
def test_a_signal_delays_the_mail_and_leaves_nothing(host, number):
    process = begun(host)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == EX_TEMPFAIL
    assert said.startswith(b'4.3.0 ') and said.count(b'\n') == 1
    assert nothing_is_left(host)


def test_a_mail_that_was_cut_off_by_kill_is_not_in_new(host):
    process = begun(host)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert host.names('new') == []


def begun(host):
    """A pipe that has half of its mail in tmp/ and waits for the rest."""
    process = host.start_ingest()
    process.stdin.write(bounce(7, 200000)[:150000])
    process.stdin.flush()
    waiting.until(lambda: host.names('tmp') and os.path.getsize(
        str(host.spool / 'tmp' / host.names('tmp')[0])), what='the first half in tmp/')
    return process


WATCHED = """
import os, posix, sys
sys.path.insert(0, sys.argv[1])
def watch(name, fails):
    real = getattr(posix, name)
    def call(*args):
        what = os.readlink('/proc/self/fd/%d' % args[0]) if name == 'fsync' else args[1]
        print(name, os.path.basename(os.path.dirname(what)), os.path.basename(what)[:3], file=sys.stderr)
        if fails in what:
            raise OSError(5, 'Input/output error')
        real(*args)
    setattr(posix, name, call)
watch('fsync', sys.argv[3])
watch('rename', 'none of them')
from mailtools.bouncedmail import ingest
sys.exit(ingest.main(['--spool', sys.argv[2]]))
"""


@pytest.mark.parametrize('fails, status, steps', [
    ('none of them', 0, ['fsync tmp', 'rename new', 'fsync spool']),
    ('/tmp/1', EX_TEMPFAIL, ['fsync tmp']),
    ('/new', EX_TEMPFAIL, ['fsync tmp', 'rename new', 'fsync spool']),
])
def test_0_is_said_when_mail_and_name_are_on_the_disk(host, fails, status, steps):
    for folder in 'tmp', 'new', 'cur':
        (host.spool / folder).mkdir()
    ran = subprocess.run([sys.executable, '-c', WATCHED, str(program.CHECKOUT), str(host.spool), fails],
                         input=bounce(7), stderr=subprocess.PIPE)
    assert ran.returncode == status
    said = [line for line in ran.stderr.decode().splitlines() if not line.startswith('4.3.0')]
    assert [line.rpartition(' ')[0] for line in said] == steps
    assert host.names('tmp') == []


# -- what it costs --

def test_nothing_is_imported_that_is_not_compiled_into_python():
    script = ('import sys; before = set(sys.modules); sys.path.insert(0, sys.argv[1]); '
              'import mailtools.bouncedmail.ingest; '
              'print(" ".join(set(sys.modules) - before - set(sys.builtin_module_names)))')
    ran = subprocess.run([sys.executable, '-IS', '-c', script, str(program.CHECKOUT)], stdout=subprocess.PIPE)
    assert {name for name in ran.stdout.decode().split() if name != 'time'} == {
        'mailtools', 'mailtools.bouncedmail', 'mailtools.bouncedmail.ingest'}
