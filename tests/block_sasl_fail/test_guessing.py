"""Real guesses at a real Postfix: who guesses is kept out, who does not gets in, and check knows whether it works."""
import subprocess

import pytest

from mailtools.block_sasl_fail.postfix import Postfix
from rig.saslhost import CLIENTS, CLIENTS6, CROWD6, GATE

pytestmark = pytest.mark.slow

FAILED = 'authentication failed'
GUESSERS = CLIENTS[:3] + CLIENTS6[:1]


@pytest.fixture
def host(sasl_host, request):
    """The host with an empty map of the type asked for, unguarded."""
    kind = getattr(request, 'param', 'hash')
    if kind not in Postfix().map_types():
        pytest.skip('this Postfix has no {} tables'.format(kind))
    sasl_host.configure(map_type=kind)
    ran = sasl_host.run('scan')             # makes the maps that are asked
    # The log was emptied; whether master(8) has written to it since is chance.
    assert ran.status == 0 or 'has no line of smtpd' in ran.err, ran
    sasl_host.set(smtpd_delay_reject='yes', smtpd_client_restrictions='')
    return sasl_host


def guess(host, clients, times=7):
    """Each client guesses so often; the log has it when this returns."""
    before = host.log().count(FAILED)
    for client in clients:
        told = host.client(client, times, user='victim{}')
        assert told['auth'] == [535] * times, told
    host.logged(FAILED, before + len(clients) * times)


def scanned(host):
    """Scan, which must say nothing."""
    ran = host.run('scan')
    assert ran == (0, '', ''), ran
    return sorted(host.run('list', '--text').out.split())


@pytest.mark.parametrize('host', ['hash', 'lmdb'], indirect=True)
def test_guessers_and_only_they_are_refused_at_once_without_reload(host):
    host.guard()
    user = CLIENTS[9]
    assert host.honest(user)['mail'] == 250
    guess(host, GUESSERS)
    host.client(user, 2)                        # mistyped twice
    host.logged(FAILED)
    assert host.honest(user)['mail'] == 250
    assert scanned(host) == sorted(GUESSERS)
    for client in GUESSERS:
        assert host.client(client, 1)['greeting'] == 554, client
    for client in (user, CLIENTS[10], CLIENTS6[1], GATE):
        assert host.honest(client)['mail'] == 250, client
    ran = host.run('release', GUESSERS[0], GUESSERS[3])
    assert ran.status == 0, ran.err
    assert host.honest(GUESSERS[0])['mail'] == host.honest(GUESSERS[3])['mail'] == 250
    assert host.client(GUESSERS[1])['greeting'] == 554
    assert scanned(host) == sorted(GUESSERS[1:3])           # the old lines do not block them again


@pytest.mark.parametrize('host', ['cidr', 'texthash'], indirect=True)
def test_lists_that_smtpd_reads_when_it_starts_do_the_same_after_a_reload(host):
    host.guard()
    guess(host, GUESSERS)
    assert scanned(host) == sorted(GUESSERS)
    host.postfix('reload')
    assert [host.client(client)['greeting'] for client in GUESSERS] == [554] * 4
    assert host.honest(CLIENTS[10])['mail'] == 250


def test_a_slash_64_that_guesses_once_per_address_is_kept_out_as_a_whole(host):
    host.guard()
    guess(host, CROWD6[:5], times=1)
    assert scanned(host) == ['2001:db8:2:2::/64']
    host.postfix('reload')                      # the map of networks is a list
    assert host.client(CROWD6[7])['greeting'] == 554
    assert host.honest(GATE)['mail'] == 250


def test_a_person_blocks_and_explains(host):
    host.guard()
    assert host.run('block', CLIENTS[5], '--for', '7d').status == 0
    assert host.client(CLIENTS[5])['greeting'] == 554
    assert 'blocked by a person' in host.run('explain', CLIENTS[5]).out
    guess(host, [CLIENTS[6]])
    scanned(host)
    ran = host.run('explain', CLIENTS[6])
    assert ran.status == 0 and 'SASL PLAIN authentication failed' in ran.out and 'failed too often' in ran.out
    for own in ('127.0.0.1', '192.0.2.1', '2001:db8:1::1', '192.0.2.0/24', '10.0.0.0/8'):
        assert host.run('block', own).status == 64, own


# -- check --

def test_check_finds_the_default_ineffective_and_so_it_is(host):
    guess(host, CLIENTS[:1])
    assert scanned(host) == CLIENTS[:1]
    host.set(smtpd_client_restrictions='hash:{0}, cidr:{0}.cidr'.format(host.map))
    ran = host.run('check')
    assert ran.status == 2 and ran.out.startswith('BLOCK-SASL-FAIL CRITICAL'), ran
    assert 'smtpd_delay_reject = yes' in ran.out
    assert "fix: postconf -P '587/inet/smtpd_delay_reject=no'" in ran.out
    assert host.client(CLIENTS[0], 2)['auth'] == [535, 535]       # it is true: a blocked client goes on guessing
    tried = host.run('check', '--try')
    assert tried.status == 2 and 'tried: a client in the map is greeted' in tried.out, tried


def test_the_fix_that_check_prints_makes_it_effective_and_trying_it_proves_so(host):
    guess(host, CLIENTS[:1])
    assert scanned(host) == CLIENTS[:1]
    before = host.config.joinpath('master.cf').read_text()
    try:
        for line in host.run('check').out.splitlines():
            if line.startswith('  fix: postconf '):
                subprocess.check_call(line[len('  fix: '):].replace('postconf ', 'postconf -c {} '.format(host.config)),
                                      shell=True)
        host.reload()
        assert host.client(CLIENTS[0], 2)['greeting'] == 554
        ran = host.run('check', '--try')
        assert ran.status == 0, ran
        assert 'tried: a client in the map is refused at once (554' in ran.out
        assert host.honest(CLIENTS[10])['mail'] == 250
    finally:
        host.config.joinpath('master.cf').write_text(before)


@pytest.mark.parametrize('restrictions, said', [
    ('', 'does not ask hash:'),
    ('permit_sasl_authenticated, check_client_access hash:{0}', 'permit_sasl_authenticated stands before'),
    ('permit, check_client_access hash:{0}', 'permit stands before'),
    ('warn_if_reject check_client_access hash:{0}', 'warn_if_reject'),
    ('check_client_access btree:{0}', 'asks btree:'),
    ('check_client_access hash:{0}_other', 'does not ask hash:'),
])
def test_check_finds_what_makes_the_map_useless(host, restrictions, said):
    host.set(smtpd_delay_reject='no', smtpd_client_restrictions=restrictions.format(host.map))
    ran = host.run('check')
    assert ran.status == 2 and said in ran.out and '  fix: ' in ran.out, ran


@pytest.mark.parametrize('restrictions', [
    'permit_mynetworks, check_client_access hash:{0}, check_client_access cidr:{0}.cidr, permit_sasl_authenticated',
    'reject_unknown_reverse_client_hostname hash:{0} cidr:{0}.cidr',
    '$ours'])
def test_check_is_content_with_what_works(host, restrictions):
    host.set(ours='check_client_access, hash:{0}, check_client_access, cidr:{0}.cidr'.format(host.map))
    host.set(smtpd_delay_reject='no', smtpd_client_restrictions=restrictions.format(host.map))
    ran = host.run('check')
    assert (ran.status, ran.out.splitlines()[0]) == (
        0, 'BLOCK-SASL-FAIL OK - 587/inet: a blocked client is refused when it connects|blocked=0;;;0'), ran


@pytest.mark.parametrize('harm, status, said', [
    ('touch', 2, 'older than its text'), ('missing', 2, 'is missing'), ('text', 1, 'the map lacks'),
    ('state', 1, 'scan has never run')])
def test_check_finds_what_is_wrong_with_the_files(host, harm, status, said):
    host.guard()
    guess(host, CLIENTS[:1])
    scanned(host)
    index = host.map.with_name('access_dynamic.db')
    if harm == 'touch':
        subprocess.check_call(['touch', '-d', '2001-01-01', str(index)])
    elif harm == 'missing':
        host.map.unlink()
    elif harm == 'text':
        host.map.write_text('')
        subprocess.check_call(['ip', 'netns', 'exec', host.server, 'postmap', '-c', str(host.config),
                               'hash:{}'.format(host.map)])
    else:
        (host.top / 'state.db').unlink()
    ran = host.run('check')
    assert ran.status == status and said in ran.out and 'fix: block-sasl-fail scan' in ran.out, ran
    assert host.run('scan').status == 0
    if harm != 'state':
        assert host.run('check').status == 0


def test_check_without_a_postfix_is_critical_and_with_wrong_settings_unknown(host):
    host.configure(postfix_config='/nowhere')
    ran = host.run('check')
    assert ran.status == 2 and 'Postfix is not set up: /nowhere/main.cf is missing' in ran.out, ran
    host.configure(max_failures='many')
    ran = host.run('check')
    assert (ran.status, ran.out.startswith('BLOCK-SASL-FAIL UNKNOWN')) == (3, True)
