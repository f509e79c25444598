"""The state is missing, damaged, full or another user's: the mail is delayed, or answered once more at most."""
import os
import pathlib
import pwd
import resource
import shutil
import subprocess
import tempfile
import time

import pytest
from broken import MAIL, OTHER, delivered, expect_answers_once_mended
from scene import ANSWER, step

from rig import waiting
from rig.full import in_full
from rig.postfix import reachable_python, user_mailtools
from rig.program import BIN, CHECKOUT
from rig.responder import Responder


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


@pytest.mark.parametrize(
    'damage', [garbage, folder, pipe] + in_full(empty, large_garbage, dangling_link, link_to_itself),
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


@pytest.mark.parametrize('offset_s', [10 ** 9] + in_full(-10 ** 9, 10 ** 12), ids=['in 30 years', 'long ago', 'never'])
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
