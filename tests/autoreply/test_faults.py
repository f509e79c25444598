"""Whatever breaks: 0 or 75, nothing printed that undoes the 75, and no answer lost or counted twice.

sendmail, the state, the template, the settings, the descriptors and the program's own modules are
broken in turn; the mail is ordinary.  After each fault the part is mended, and the same mail, come
again from Postfix's queue, is answered exactly once.
"""
import os
import pathlib
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest
from answers import faults
from scene import ANSWER, step

from rig import waiting
from rig.postfix import reachable_python, user_mailtools
from rig.program import BIN, CHECKOUT
from rig.responder import D_S_N, SENDMAIL, TEMPLATE, Responder

MAIL = step(ANSWER, sender='bob@sender.example')
OTHER = step(ANSWER, sender='carol@elsewhere.example')


@pytest.fixture
def host(tmp_path):
    """A responder that works."""
    return Responder(tmp_path, sendmail_time='2s')


def delivered(host, one=MAIL, **kwargs):
    """Deliver; what holds whatever happens is checked here."""
    ran = host.deliver(one.raw(), one.env, timeout=30, **kwargs)
    assert ran.status in (0, 75), ran
    assert not (ran.status and D_S_N.match(ran.output)), ran
    assert b'Traceback' not in ran.output, ran.output
    return ran


def expect_answers_once_mended(host, already=0):
    """The mail comes again, twice: one more answer, and no further one."""
    assert delivered(host).status == 0
    assert host.count() == already + 1
    assert faults(host.sent()[-1], MAIL, TEMPLATE) == []
    assert delivered(host).status == 0
    assert host.count() == already + 1


# -- sendmail --

@pytest.mark.parametrize('script', [
    'exit 75', 'exit 1', 'exit 67', 'exit 78', 'exit 127', 'cat >/dev/null; exit 75', 'kill -9 $$', 'kill -11 $$',
    'cat >/dev/null; kill -15 $$', 'echo "5.1.1 no such user"; exit 67', 'echo "5.7.1 refused" >&2; exit 77',
    'cat >/dev/null; echo "2.0.0 fine"; exit 75', 'head -c 1000000 /dev/zero | tr "\\0" x; exit 75',
    'cat >/dev/null; head -c 300000 /dev/zero >&2; exit 1', 'exec <&-; exit 75'], ids=str)
def test_a_sendmail_that_fails_delays_the_mail_and_leaves_no_record(host, script):
    host.stand_in('#!/bin/sh\n{}\n'.format(script))
    for _ in range(2):
        ran = delivered(host)
        assert ran.status == 75 and host.count() == 0
        assert len(ran.output) < 4096
    host.mend_sendmail()
    expect_answers_once_mended(host)


def test_answers_that_sendmail_did_not_take_do_not_use_up_the_caps(host):
    host.configure(max_per_hour='2', max_per_domain_per_hour='1')
    host.stand_in('#!/bin/sh\nexit 75\n')
    for _ in range(4):
        assert delivered(host).status == 75
    host.mend_sendmail()
    assert delivered(host).status == 0 and delivered(host, OTHER).status == 0
    assert host.count() == 2


def test_a_chatty_sendmail_that_takes_the_mail_is_believed(host):
    host.stand_in(SENDMAIL.format(outbox=host.outbox) + 'echo "5.1.1 never mind"; echo x >&2\n')
    ran = delivered(host)
    assert ran.status == 0 and b'5.1.1 never mind' not in ran.output
    assert host.count() == 1


def missing(host):
    host.sendmail.unlink()


def not_executable(host):
    host.sendmail.chmod(0o644)


def without_interpreter(host):
    host.stand_in('#!/nonexistent/interpreter\n')


def a_folder(host):
    host.sendmail.unlink()
    host.sendmail.mkdir()


def not_a_program(host):
    host.stand_in('\x7fELF nonsense\n')


@pytest.mark.parametrize('breaks', [missing, not_executable, without_interpreter, a_folder, not_a_program])
def test_a_sendmail_that_cannot_be_started_delays_the_mail(host, breaks):
    breaks(host)
    assert delivered(host).status == 75
    if host.sendmail.is_dir():
        host.sendmail.rmdir()
    host.mend_sendmail()
    expect_answers_once_mended(host)


def alive(pid):
    """Whether a process still runs (a zombie does not)."""
    try:
        return '\nState:\tZ' not in pathlib.Path('/proc/{}/status'.format(pid)).read_text()
    except OSError:
        return False


@pytest.mark.parametrize('script', [
    'echo $$ > {pid}; exec sleep 100', 'cat > /dev/null; echo $$ > {pid}; exec sleep 100',
    'trap "" TERM INT HUP; echo $$ > {pid}; while :; do sleep 0.1; done',
    'sleep 100 & echo $! > {pid}; wait'], ids=['at once', 'after the mail', 'deaf to SIGTERM', 'in a grandchild'])
@pytest.mark.parametrize('size', [20, 30000], ids=['short', 'long'])
def test_a_sendmail_that_hangs_is_killed_and_the_mail_delayed(host, script, size):
    host.write_template('x' * size + '\n')
    pid = host.folder / 'pid'
    host.stand_in('#!/bin/sh\n{}\n'.format(script.format(pid=pid)))
    ran = delivered(host)
    assert ran.status == 75 and ran.took_s < 12
    waiting.until(lambda: not alive(int(pid.read_text())), 5, what='the end of sendmail')
    host.mend_sendmail()
    host.write_template(TEMPLATE)
    expect_answers_once_mended(host)


def test_a_sendmail_that_leaves_a_child_behind_is_not_waited_for(host):
    host.stand_in(SENDMAIL.format(outbox=host.outbox) + '(exec sleep 5) &\n')
    ran = delivered(host)
    assert ran.status == 0 and ran.took_s < 4 and host.count() == 1


def test_sendmail_gets_no_descriptor_of_ours_and_a_plain_signal_mask(host):
    told = host.folder / 'told'
    host.stand_in('#!/bin/sh\n{{ ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status; '
                  'grep SigBlk /proc/self/status; }} > {}\ncat >/dev/null\n'.format(told))
    assert delivered(host).status == 0
    count, ignored, blocked = told.read_text().splitlines()
    assert int(count) <= 5, 'descriptors'       # 0, 1, 2, that of ls itself, and what sh keeps
    assert int(blocked.split()[1], 16) == 0 and not int(ignored.split()[1], 16) & 1 << (signal.SIGPIPE - 1)


# -- the state --

def test_a_state_folder_that_is_missing_delays_the_mail_and_is_not_made(host):
    shutil.rmtree(str(host.state))
    assert delivered(host).status == 75 and host.count() == 0
    assert not host.state.exists()
    host.state.mkdir()
    expect_answers_once_mended(host)


def test_a_state_folder_whose_parent_is_missing_delays_the_mail(host):
    host.configure(state=host.folder / 'a' / 'b' / 'state', sendmail_time='2s')
    assert delivered(host).status == 75 and host.count() == 0


def test_a_file_where_the_state_folder_should_be_delays_the_mail(host):
    host.state.rmdir()
    host.state.write_text('x')
    assert delivered(host).status == 75 and host.count() == 0
    host.state.unlink()
    host.state.mkdir()
    expect_answers_once_mended(host)


def all_paths(host):
    """What the state is made of, the deepest first."""
    return sorted(host.state.rglob('*'), key=lambda path: len(path.parts), reverse=True)


def garbage(path):
    path.write_bytes(b'\xff\x00garbage\n' * 100)


def empty(path):
    path.write_bytes(b'')


def large_garbage(path):
    path.write_bytes(os.urandom(3 << 20))


def folder(path):
    path.unlink()
    path.mkdir()
    (path / 'in the way').write_text('x')


def dangling_link(path):
    path.unlink()
    path.symlink_to('/nonexistent/file')


def link_to_itself(path):
    path.unlink()
    path.symlink_to(path.name)


def pipe(path):
    path.unlink()
    os.mkfifo(str(path))


@pytest.mark.parametrize('damage', [garbage, empty, large_garbage, folder, dangling_link, link_to_itself, pipe],
                         ids=lambda one: one.__name__)
def test_a_damaged_state_costs_one_more_answer_at_most_and_never_stops_the_mail(host, damage):
    for one in MAIL, OTHER:
        assert delivered(host, one).status == 0
    assert host.count() == 2
    damaged = [path for path in all_paths(host) if path.is_file() and not path.is_symlink()]
    assert damaged
    for path in damaged:
        damage(path)
    third = step(ANSWER, sender='dora@third.example')
    for one in (MAIL, OTHER, third) * 2:
        ran = delivered(host, one)
    assert ran.status == 0, ran
    goes = [sent.recipients()[0] for sent in host.sent()]
    assert goes.count(third.sender) == 1 and goes.count(MAIL.sender) <= 2 and goes.count(OTHER.sender) <= 2
    before = host.count()
    for one in MAIL, OTHER, third:
        assert delivered(host, one).status == 0
    assert host.count() == before


def test_folders_of_the_state_that_became_files_never_stop_the_mail(host):
    assert delivered(host).status == 0
    for path in [path for path in host.state.iterdir() if path.is_dir()]:
        shutil.rmtree(str(path))
        path.write_text('x')
    for _ in range(3):
        ran = delivered(host)
    assert ran.status == 0 and host.count() <= 2


@pytest.mark.parametrize('offset_s', [-10 ** 9, 10 ** 9, 10 ** 12], ids=['long ago', 'in 30 years', 'never'])
def test_times_that_cannot_be_in_the_state_cost_one_answer_at_most(host, offset_s):
    assert delivered(host).status == 0
    when = max(0, time.time() + offset_s)
    for path in all_paths(host):
        try:
            os.utime(str(path), (when, when))
        except OSError:
            pytest.skip('by design: this file system has no such times')
    for _ in range(2):
        assert delivered(host).status == 0
    assert host.count() <= 2


def test_the_interval_ends(tmp_path):
    host = Responder(tmp_path, interval='1s')
    assert delivered(host).status == 0 and host.count() == 1

    def answered_again():
        assert delivered(host).status == 0
        return host.count() >= 2
    waiting.until(answered_again, 10, 0.1, what='the second answer')


@pytest.fixture(scope='module')
def python_of_mailtools():
    """A Python that the user mailtools can start."""
    if os.getuid() != 0:
        pytest.skip('giving files to another user needs root')
    user_mailtools()
    with tempfile.TemporaryDirectory(prefix='mt-') as place:
        os.chmod(place, 0o755)
        yield reachable_python(pathlib.Path(place))


@pytest.fixture
def as_mailtools(shared_folder, python_of_mailtools):
    """(a responder, what makes Popen run as user mailtools), for permissions mean nothing to root."""
    user, python = user_mailtools(), python_of_mailtools
    library = shared_folder / 'lib'
    shutil.copytree(str(CHECKOUT / 'mailtools'), str(library / 'mailtools'))
    (library / 'bin').mkdir()
    shutil.copy(str(BIN / 'autoreply'), str(library / 'bin' / 'autoreply'))
    host = Responder(shared_folder / 'host', sendmail_time='2s')
    host.command = lambda *options: [str(python), '-IS', str(library / 'bin' / 'autoreply'), '--config',
                                     str(host.config)] + list(options) + [str(host.template)]
    host.state.chmod(0o700)
    for path in host.state, host.outbox:
        os.chown(str(path), user.pw_uid, user.pw_gid)

    def become():
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    return host, {'preexec_fn': become}


def test_a_state_folder_that_may_not_be_written_delays_the_mail(as_mailtools):
    host, how = as_mailtools
    assert delivered(host, OTHER, **how).status == 0 and host.count() == 1
    host.state.chmod(0o555)
    paths = [path for path in all_paths(host) if path.is_dir()]
    for path in paths:
        os.chown(str(path), 0, 0)
        path.chmod(0o555)
    os.chown(str(host.state), 0, 0)
    assert delivered(host, **how).status == 75 and host.count() == 1
    user = pwd.getpwnam('mailtools')
    for path in paths + [host.state]:
        os.chown(str(path), user.pw_uid, user.pw_gid)
        path.chmod(0o755)
    assert delivered(host, **how).status == 0 and host.count() == 2
    assert delivered(host, **how).status == 0 and host.count() == 2


def test_state_settings_and_template_that_may_not_be_read_delay_the_mail(as_mailtools):
    host, how = as_mailtools
    for path, mode in ((host.state, 0o700), (host.config, 0o600), (host.template, 0o600)):
        os.chown(str(path), 0, 0)
        path.chmod(mode)
        assert delivered(host, **how).status == 75 and host.count() == 0, path
        path.chmod(0o777)
    assert delivered(host, **how).status == 0 and host.count() == 1


def test_the_state_is_for_its_owner_alone(as_mailtools):
    host, how = as_mailtools
    assert delivered(host, **how).status == 0
    assert all(path.stat().st_mode & 0o022 == 0 for path in all_paths(host))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 kB."""
    place = tmp_path / 'small'
    place.mkdir()
    if os.getuid() != 0 or subprocess.call(['mount', '-t', 'tmpfs', '-o', 'size=64k,nr_inodes=40', 'none', str(place)],
                                           stderr=subprocess.DEVNULL) != 0:
        pytest.skip('by design: mounting a file system needs root, and a container that lets it')
    yield place
    subprocess.check_call(['umount', '-l', str(place)])


@pytest.mark.parametrize('fill', ['bytes', 'files'])
def test_a_full_disk_delays_the_mail_or_records_it(tmp_path, small_disk, fill):
    host = Responder(tmp_path / 'host', state=small_disk / 'state', sendmail_time='2s')
    host.state = small_disk / 'state'
    host.state.mkdir()
    if fill == 'bytes':
        with open(str(small_disk / 'ballast'), 'wb', 0) as file:
            with pytest.raises(OSError):
                while True:
                    file.write(b'x' * 4096)
    else:
        with pytest.raises(OSError):
            for number in range(100):
                (small_disk / str(number)).write_bytes(b'')
    answered = 0
    for _ in range(3):
        ran = delivered(host)
        # Answered without a record it would be answered for ever.
        assert host.count() <= answered + (ran.status == 0)
        answered = host.count()
    assert answered <= 1
    for path in small_disk.iterdir():
        if path.is_file():
            path.unlink()
    assert delivered(host).status == 0 and host.count() == 1
    assert delivered(host).status == 0 and host.count() == 1


def test_a_limit_on_the_size_of_files_never_bounces(host):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    ran = delivered(host, preexec_fn=limit)
    assert ran.status == 75 or host.count() == 1
    assert delivered(host).status == 0


def test_a_limit_on_memory_never_bounces(host):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (60 << 20, 60 << 20))
    delivered(host, preexec_fn=limit)


def test_a_limit_on_processes_or_descriptors_never_bounces(host):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))
    delivered(host, preexec_fn=limit)


# -- template, settings, arguments --

@pytest.mark.parametrize('bad', [b'\xff\xfe not UTF-8 \xc3\x28', b'', b'\n\n\n', b'Subject: x\n\n',
                                 b'Subject: a\n\x00b\n\nHello\n'], ids=repr)
def test_a_template_that_is_no_text_delays_the_mail_or_is_taken_as_it_is(host, bad):
    host.write_template(bad)
    delivered(host)


def test_a_template_that_is_not_utf_8_delays_the_mail(host):
    host.write_template('Grüße\n'.encode('iso-8859-1'))
    assert delivered(host).status == 75 and host.count() == 0
    host.write_template(TEMPLATE)
    expect_answers_once_mended(host)


@pytest.mark.parametrize('what', ['missing', 'folder'])
def test_a_template_that_cannot_be_read_delays_the_mail(host, what):
    host.template.unlink()
    if what == 'folder':
        host.template.mkdir()
    assert delivered(host).status == 75 and host.count() == 0
    if what == 'folder':
        host.template.rmdir()
    host.write_template(TEMPLATE)
    expect_answers_once_mended(host)


@pytest.mark.parametrize('text', [
    'sendmail = /usr/sbin/sendmail\n', '[autoreply]\nnonsense = 1\n', '[autoreply]\ninterval = soon\n', '[autoreply\n',
    '[other]\nx = 1\n', '[autoreply]\nstate = relative\n', '[autoreply]\nmax_per_hour = -1\n', 'garbage',
    '[autoreply]\nrequire_auth = magic\n', '[autoreply]\ninterval = 7d\ninterval = 8d\n', '\udcff\udcfe'], ids=ascii)
def test_settings_that_are_broken_delay_the_mail(host, text):
    kept = host.config.read_bytes()
    host.config.write_bytes(text.encode('utf-8', 'surrogateescape'))
    ran = delivered(host)
    assert ran.status == 75 and host.count() == 0
    host.config.write_bytes(kept)
    expect_answers_once_mended(host)


def test_settings_that_are_missing_delay_the_mail(host):
    host.config.unlink()
    assert delivered(host).status == 75 and host.count() == 0


def test_template_missing_even_for_a_mail_that_gets_no_answer_never_bounces(host):
    host.template.unlink()
    delivered(host, step('silence', sender=''))


@pytest.mark.parametrize('arguments', [
    [], ['--nonsense', 'x'], ['one', 'two', 'three'], ['--config'], ['--config', '/nonexistent', '/nonexistent'], [''],
    ['-'], ['--', ''], ['/etc'], ['--dry-run'], ['x\udcff'], ['--config=/nonexistent', 'x'], ['config.txt'], ['-x']],
    ids=ascii)
def test_a_mistyped_alias_delays_the_mail(host, arguments):
    host.command = lambda *options: [sys.executable, '-IS', str(BIN / 'autoreply')] + arguments
    ran = delivered(host)
    assert ran.status == 75 and host.count() == 0 and ran.took_s < 10


# -- the program itself --

@pytest.fixture
def copied(host, tmp_path):
    """The responder, run from a copy of the program that may be damaged."""
    shutil.copytree(str(CHECKOUT / 'mailtools'), str(tmp_path / 'copy' / 'mailtools'),
                    ignore=shutil.ignore_patterns('__pycache__'))
    (tmp_path / 'copy' / 'bin').mkdir()
    program = tmp_path / 'copy' / 'bin' / 'autoreply'
    shutil.copy(str(BIN / 'autoreply'), str(program))
    host.command = lambda *options: [sys.executable, '-IS', str(program), '--config', str(host.config)] + list(
        options) + [str(host.template)]
    host.package = tmp_path / 'copy' / 'mailtools'
    return host


OWN_MODULES = sorted(path.name for path in (CHECKOUT / 'mailtools' / 'autoreply').glob('*.py'))


@pytest.mark.parametrize('how', ['missing', 'broken', 'raises'])
def test_every_module_that_is_missing_or_half_written_delays_the_mail(copied, how):
    for before, name in enumerate(OWN_MODULES):
        module = copied.package / 'autoreply' / name
        kept = module.read_bytes()
        if how == 'missing':
            module.unlink()
        else:
            half = kept[:len(kept) // 2] + b'\n(((\n'
            module.write_bytes(half if how == 'broken' else b'raise KeyError("5.1.1 no")\n')
        one = step(ANSWER, sender='{}@m{}.example'.format(name.split('.')[0], how))
        delivered(copied, one)          # checks the status: 0 or 75
        module.write_bytes(kept)
        ran = delivered(copied, one)
        assert ran.status == 0 and copied.count() == before + 1, name


def test_a_package_that_is_not_there_delays_the_mail(copied):
    shutil.rmtree(str(copied.package))
    assert delivered(copied).status == 75


@pytest.mark.parametrize('closed', [(0,), (1,), (2,), (1, 2), (0, 1, 2)], ids=str)
def test_closed_descriptors_never_bounce(host, closed):
    def close():
        for descriptor in closed:
            os.close(descriptor)
    process = subprocess.Popen(host.command(), env=MAIL.env, cwd='/', preexec_fn=close,  # noqa: PLW1509
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.communicate(MAIL.raw(), timeout=30)
    except BrokenPipeError:
        process.wait(30)
    assert process.returncode in (0, 75)
    if process.returncode == 0 and 0 not in closed:
        assert faults(host.sent()[0], MAIL, TEMPLATE) == []
    assert host.count() == (0 if 0 in closed else 1)


def test_output_into_a_full_pipe_that_nobody_reads_does_not_hang(host):
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b'x' * 4096)
    except BlockingIOError:
        pass
    process = subprocess.Popen(host.command(), env=MAIL.env, cwd='/', stdin=subprocess.PIPE, stdout=write, stderr=write)
    os.close(write)
    process.communicate(MAIL.raw(), timeout=20)
    os.close(read)
    assert process.returncode == 0 and host.count() == 1


def test_a_mail_that_breaks_off_is_no_reason_to_bounce(host):
    for count in (1, 30, 60, 200, 400):
        one = step(ANSWER, change=lambda raw, count=count: raw[:count])
        ran = host.deliver(one.raw(), one.env)
        assert ran.status in (0, 75)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=str)
def test_a_signal_ends_it_in_a_way_that_postfix_tries_again(host, number):
    process = host.start(MAIL.env)
    process.stdin.write(MAIL.raw()[:50])
    process.stdin.flush()
    waiting.until(lambda: b'autoreply' in pathlib.Path('/proc/{}/cmdline'.format(process.pid)).read_bytes(), 10)
    process.send_signal(number)
    output = process.communicate(timeout=20)[0]
    assert process.returncode in (75, -number) and not D_S_N.match(output), (process.returncode, output)
    expect_answers_once_mended(host)


def test_a_folder_that_is_gone_under_it_does_not_matter(host):
    lost = host.folder / 'lost'
    lost.mkdir()
    process = subprocess.Popen(['sh', '-c', 'rmdir "$PWD"; exec "$@"', 'sh'] + host.command(), env=MAIL.env,
                               cwd=str(lost),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = process.communicate(MAIL.raw(), timeout=20)
    assert process.returncode == 0 and host.count() == 1, output
