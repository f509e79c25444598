"""Template, settings, alias, descriptors and the program's own modules are broken in turn: 0 or 75, always."""
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import termios

import pytest
from answers import faults
from broken import MAIL, delivered, expect_answers_once_mended
from scene import ANSWER, step

from rig import waiting
from rig.full import in_full
from rig.program import BIN, CHECKOUT
from rig.responder import D_S_N, TEMPLATE


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
    'sendmail = /usr/sbin/sendmail\n', '[autoreply]\nnonsense = 1\n', '[autoreply\n', '\udcff\udcfe'] + in_full(
    '[other]\nx = 1\n', '[autoreply]\nstate = relative\n', '[autoreply]\nmax_per_hour = -1\n', 'garbage',
    '[autoreply]\ninterval = soon\n', '[autoreply]\nrequire_auth = magic\n',
    '[autoreply]\ninterval = 7d\ninterval = 8d\n'), ids=ascii)
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


@pytest.mark.parametrize('how', ['missing'] + in_full('broken', 'raises'))
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


def unread(pipe):
    """How many bytes are in a pipe."""
    return struct.unpack('i', fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=str)
def test_a_signal_ends_it_in_a_way_that_postfix_tries_again(host, number):
    process = host.start(MAIL.env)
    process.stdin.write(MAIL.raw()[:50])
    process.stdin.flush()
    # Until it reads the mail, for at a SIGINT before it is up Python itself ends, with 1.
    waiting.until(lambda: unread(process.stdin) == 0, 10)
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
