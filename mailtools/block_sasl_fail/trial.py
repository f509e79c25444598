"""Try it: is a client in the map refused at once, and another one greeted?  For root.

A Postfix of its own is started in a scratch folder for a moment, with main.cf and the services as they are,
save that it listens on a port of loopback, that loopback is no $mynetworks there, and that its map holds one
address of loopback.  Nothing of the real one is touched, and no mail can get in: the greeting says all.
"""
import contextlib
import os
import pwd
import re
import shutil
import socket
import tempfile
import time

from mailtools.base.failure import Failure, reason_of
from mailtools.block_sasl_fail.check import CRITICAL, OK, WARNING, Finding, place, restrictions
from mailtools.block_sasl_fail.postfix import Postfix

LISTED, STRANGER = '127.0.0.77', '127.0.0.78'
ANSWER_S = 20

MAIN = '''
# -- the trial --
queue_directory = {top}/spool
data_directory = {top}/data
maillog_file = {top}/log
maillog_file_prefixes = {top}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
smtpd_peername_lookup = no
multi_instance_enable = no
multi_instance_directories =
multi_instance_wrapper =
master_service_disable =
'''
SET_HERE = frozenset(line.partition(' = ')[0].strip(' =') for line in MAIN.splitlines() if '=' in line)
HELPERS = '''tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
verify unix - - n - 1 verify
'''
LOGGER = 'postlog unix-dgram n - n - 1 postlogd\n'      # Postfix 3.4 and later
# What has nothing to do with the question, and could keep the scratch one from answering.
OPTIONS = ' '.join('-o ' + one for one in (
    'smtpd_sasl_auth_enable=no', 'smtpd_tls_wrappermode=no', 'smtpd_tls_security_level=',
    'smtpd_upstream_proxy_protocol=', 'smtpd_milters=', 'syslog_name=postfix-trial'))


def tried(postfix, configuration, services, table, same_path):
    """A Finding for each service; raises nothing, for what can't be tried is a finding too."""
    if os.geteuid() != 0:
        return [Finding(WARNING, 'only root can try it')]
    try:
        with scratch(postfix, configuration, services, table, same_path) as ports:
            return [verdict(service, port) for service, port in ports]
    except Failure as failed:
        return [Finding(WARNING, 'could not be tried: {}'.format(failed))]
    except OSError as error:
        return [Finding(WARNING, 'could not be tried: {}'.format(reason_of(error)))]


def verdict(service, port):
    """What a listed client and a stranger hear from one service."""
    listed, stranger = greeting(LISTED, port), greeting(STRANGER, port)
    if listed.startswith('220'):
        return Finding(CRITICAL, '{}: tried: a client in the map is greeted and can go on to AUTH: {}'.format(
            service.label, listed))
    if stranger.startswith('220') and listed[:1] in ('4', '5'):
        return Finding(OK, '{}: tried: a client in the map is refused at once ({}), another one is greeted'.format(
            service.label, listed))
    return Finding(WARNING, '{}: tried in vain: a client in the map hears "{}", another one "{}"'.format(
        service.label, listed, stranger))


def greeting(client, port):
    """The first line that smtpd says to a client of that address; '' for none."""
    end = time.monotonic() + ANSWER_S
    while True:
        try:
            with socket.create_connection(('127.0.0.1', port), ANSWER_S, (client, 0)) as connection:
                with connection.makefile('rb') as lines:
                    return lines.readline(1000).decode('utf-8', 'replace').strip()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                return ''
            time.sleep(0.1)     # master is about to listen
        except OSError:
            return ''


@contextlib.contextmanager
def scratch(postfix, configuration, services, table, same_path):
    """A running copy of the services; [(service, port)]."""
    top = tempfile.mkdtemp(prefix='block-sasl-fail-')
    copy = Postfix(os.path.join(top, 'etc'))
    copy.set_up = True
    try:
        os.chmod(top, 0o755)
        ports = lay_out(top, postfix, configuration, services, table, same_path)
        copy.call('postfix', 'start')
        try:
            yield ports
        finally:
            copy.run('postfix', 'stop')
    finally:
        shutil.rmtree(top, ignore_errors=True)


def lay_out(top, postfix, configuration, services, table, same_path):
    """Write the copy's folders, main.cf, master.cf and map; [(service, port)]."""
    for name in ('etc', 'spool', 'data'):
        os.mkdir(os.path.join(top, name), 0o755)
    owner = pwd.getpwnam(postfix.value('mail_owner'))
    os.chown(os.path.join(top, 'data'), owner.pw_uid, owner.pw_gid)
    written = os.path.join(top, 'etc', 'map')
    with open(written, 'w') as file:
        file.write('{} REJECT in the map\n'.format(LISTED))
    if table.kind not in ('cidr', 'texthash'):
        postfix.build(table.kind, written)

    names = {word for service in services
             for word in restrictions(configuration.value(service, 'smtpd_client_restrictions'))
             if place([word], table, same_path) is not None}
    named = re.compile('|'.join(re.escape(one) for one in sorted(names)) or r'(?!)')

    def moved(text):
        return named.sub('{}:{}'.format(table.kind, written), text)
    with open(os.path.join(postfix.folder, 'main.cf'), encoding='utf-8', errors='surrogateescape') as file:
        main = without(moved(file.read()), SET_HERE) + MAIN.format(top=top)
    with open(os.path.join(top, 'etc', 'main.cf'), 'w', encoding='utf-8', errors='surrogateescape') as file:
        file.write(main)
    # Postfix waits some seconds for a main.cf to come to rest that was changed just now.
    os.utime(os.path.join(top, 'etc', 'main.cf'), (1, 1))
    ports = [(service, free_port()) for service in services]
    with open(os.path.join(top, 'etc', 'master.cf'), 'w', encoding='utf-8', errors='surrogateescape') as file:
        for service, port in ports:
            file.write('127.0.0.1:{} inet n - n - - smtpd {} {}\n'.format(port, moved(service.arguments), OPTIONS))
        file.write(HELPERS + (LOGGER if postfix.value('maillog_file_prefixes') else ''))
    return ports


def without(text, names):
    """main.cf less what it says of some parameters (logical lines: postconf(5)).

    Each program warns of every parameter that is set twice; a postlogd with more warnings of its own than its socket
    holds would wait for itself, and all others for it.
    """
    kept, drop = [], False
    for line in text.splitlines(True):
        if line.strip() and not line[0].isspace() and line[0] != '#':
            drop = line.partition('=')[0].strip() in names
        if not drop:
            kept.append(line)
    return ''.join(kept)


def free_port():
    """A port of loopback that nobody listens at just now."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]
