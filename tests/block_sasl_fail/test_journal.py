"""A real journal of systemd, in each form that journalctl prints, and read by scan and follow by its cursor."""
import contextlib
import json
import os
import signal

import pytest

from rig import parts, program, waiting
from rig.full import in_full
from rig.guessed import Guessed
from rig.journal import Journal

FAILED = 'warning: unknown[{}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6'
GUESSER, OTHER, VICTIM = '198.51.100.7', '2001:db8::9', '203.0.113.66'
AT = 1772679782
CONTROL = b'warning: a[192.0.2.5]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=\xff\x01b'
LONG = FAILED.format('192.0.2.6') + 'x' * 6000      # without --all journalctl shows no field above 4096 bytes


@pytest.fixture
def journal(tmp_path):
    """A journal with failures, one of them no UTF-8, and what others wrote to blame a victim."""
    made = Journal(tmp_path / 'journal')
    made.add([FAILED.format(GUESSER), FAILED.format(OTHER), CONTROL, LONG, FAILED.format(GUESSER)], at=AT)
    made.add([FAILED.format(VICTIM)], command=b'logger', at=AT)
    made.add([FAILED.format(VICTIM)], tag=b'postfix/cleanup', command=b'cleanup', at=AT)
    made.add(['message repeated 3 times: [ {}]'.format(FAILED.format(GUESSER))], at=AT + 1)
    return made


def failures(log, *options):
    """What `failures` prints of bytes on its standard input."""
    ran = program.run('block-sasl-fail', 'failures', '--json', *(options + ('-',)), stdin=log, env={'TZ': 'UTC'})
    assert (ran.status, ran.err) == (0, '')
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize('form', ['json', 'export'])
def test_all_that_smtpd_wrote_is_seen_and_nobody_else_is_believed(journal, form):
    found = failures(journal.printed(form, '--all'))
    assert [(one['client'], one['times'], one['username']) for one in found] == [
        (GUESSER, 1, None), (OTHER, 1, None), ('192.0.2.5', 1, '\ufffd\x01b'), ('192.0.2.6', 1, None),
        (GUESSER, 1, None), (GUESSER, 3, None)]
    assert [one['time'] for one in found] == ['2026-03-05T03:03:02Z'] + [
        '2026-03-05T03:03:02.00000{}Z'.format(number) for number in range(1, 5)] + ['2026-03-05T03:03:03Z']
    assert {one['client']: one['failures'] for one in failures(journal.printed(form, '--all'), '--count')} == {
        GUESSER: 5, OTHER: 1, '192.0.2.5': 1, '192.0.2.6': 1}


def test_lines_of_an_export_keep_their_numbers(journal):
    export = journal.printed('export', '--all')
    lines = export.split(b'\n')
    for one in failures(export):
        # A message with control characters stands below its name and its length.
        assert lines[one['line'] - 1].startswith(b'MESSAGE')


@pytest.mark.slow
def test_an_export_of_any_size_is_read_in_small_pieces(tmp_path):
    entry = ('__CURSOR=x\n__REALTIME_TIMESTAMP={}000000\n_COMM=smtpd\nSYSLOG_IDENTIFIER=postfix/smtpd\n'
             'JUNK=' + 'x' * 3000 + '\nMESSAGE=' + FAILED.format('192.0.2.1') + '\n\n').format(AT)
    large = '__CURSOR=y\nJUNK=' + 'x' * 5000000 + '\nBLOB\n'
    export = (entry * 2000).encode() + large.encode() + (10 ** 7).to_bytes(8, 'little') + b'\n' * 10 ** 7 + b'\n\n'
    found = failures(export + entry.encode())
    assert len(found) == 2001 and found[-1]['line'] == 2000 * 7 + 3 + 10 ** 7 + 2 + 6
    assert failures(export[:-30] + b'', '--count') == [{'client': '192.0.2.1', 'failures': 2000}]


@pytest.mark.parametrize('form', ['short', 'short-iso', 'short-unix'] + in_full(
    'short-precise', 'short-iso-precise', 'short-full'))
def test_forms_of_one_line_show_the_tag_alone(journal, form):
    """They don't tell logger(1) from smtpd, so that pair of entries is believed; what is no text is left out."""
    found = failures(journal.printed(form, '--all'))
    assert [one['client'] for one in found if one['client'] not in ('192.0.2.5', '192.0.2.6')] == [
        GUESSER, OTHER, GUESSER, VICTIM, GUESSER]
    assert {one['time'][:19] for one in found} == {'2026-03-05T03:03:02', '2026-03-05T03:03:03'}


@pytest.mark.parametrize('form, option', [
    ('short-monotonic', '--count'), ('verbose', '--json'), ('json-seq', '--json')] + in_full(
        ('short-monotonic', '--json'), ('verbose', '--count'), ('json-pretty', '--json'), ('json-pretty', '--count'),
        ('json-sse', '--json'), ('json-sse', '--count'), ('json-seq', '--count')))
def test_forms_without_a_message_or_a_time_are_refused(journal, form, option, tmp_path):
    path = tmp_path / 'log'
    path.write_bytes(journal.printed(form))
    ran = program.run('block-sasl-fail', 'failures', option, path)
    assert (ran.status, ran.out) == (1, '')
    assert ran.err == ('block-sasl-fail: cannot read {}: it is `journalctl -o {}`; use -o json, export or short-iso\n'
                       .format(path, form))


# -- scan and follow --

@pytest.fixture
def host(tmp_path):
    """A host whose log is an empty journal."""
    if parts.find('postconf') is None:
        pytest.skip('postfix is not installed')
    made = Guessed(tmp_path / 'mx1')
    made.journal = Journal(tmp_path / 'journal')
    made.configure(log='journal', journalctl=made.journal.program)
    return made


def guess(host, *clients):
    """Failures in the journal, counted as written, between lines of others."""
    for client in clients:
        host.failures[client] = host.failures.get(client, 0) + 1
    host.journal.add([FAILED.format(client) for client in clients])
    host.journal.add([FAILED.format(VICTIM)] * 9, command=b'logger')
    host.journal.add([FAILED.format(VICTIM)] * 9, facility=1)


def test_each_entry_counts_once_however_often_it_is_scanned(host):
    for count in 4, 3, 2:
        guess(host, *[GUESSER] * count)
        host.scan()
        host.scan()
    host.expect()
    assert host.blocked() == {GUESSER}
    ran = host.run('explain', GUESSER)
    assert ran.status == 0 and 'SASL LOGIN authentication failed' in ran.out


def test_failures_reads_the_journal_where_that_is_the_log(host):
    guess(host, GUESSER, OTHER, GUESSER)
    host.journal.add([CONTROL])
    ran = host.run('failures', '--count')
    assert (ran.status, ran.err) == (0, '')
    assert {one['client']: one['failures'] for one in map(json.loads, ran.out.splitlines())} == {
        GUESSER: 2, OTHER: 1, '192.0.2.5': 1}
    assert [json.loads(line)['client'] for line in host.run('failures', '--json').out.splitlines()] == [
        GUESSER, OTHER, GUESSER, '192.0.2.5']
    host.configure(journalctl='/nowhere')
    ran = host.run('failures', '--json')
    assert (ran.status, ran.out) == (69, '') and ran.err.startswith('block-sasl-fail: cannot start /nowhere: ')


def test_what_is_no_text_counts_too(host):
    host.journal.add([CONTROL] * 20 + [b'connect from \xff[192.0.2.1]'])
    host.scan()
    host.failures['192.0.2.5'] = 20
    host.expect()
    assert host.blocked() == {'192.0.2.5'}


@contextlib.contextmanager
def following(host):
    """`follow` while the block runs; it must end well."""
    with open(str(host.folder / 'said'), 'wb') as said:
        process = host.start('follow', '-v', stderr=said)
    try:
        waiting.until(lambda: os.path.exists(host.state + '.follow'), what='the daemon to begin')
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, (host.folder / 'said').read_text()


def test_it_is_followed_and_after_a_pause_goes_on_where_it_was(host):
    guess(host, OTHER)
    with following(host):
        guess(host, *[GUESSER] * 10)
        waiting.until(lambda: host.blocked() == {GUESSER})
        guess(host, *[OTHER] * 3)
    guess(host, *[OTHER] * 3)
    with following(host):
        waiting.until(lambda: host.blocked() == {GUESSER, OTHER})
    host.scan()
    host.expect()


def test_a_replay_of_the_journal_blocks_nobody(host):
    guess(host, *[GUESSER] * 10)
    ran = host.run('scan', '--since', '1h', '--csv')
    assert (ran.status, ran.err) == (0, '') and GUESSER in ran.out
    assert host.blocked() == set()
