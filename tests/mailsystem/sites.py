"""A whole site for the tests of mailsystem: every setting with a value that can be meant, and files made of it."""
import os
import pathlib
import subprocess

import pytest

from mailtools.base import settings
from mailtools.mailsystem.render import render
from mailtools.mailsystem.settings import PROGRAM, SENDER, SETTINGS, site_of
from rig import parts

MAIN, MASTER = '/etc/postfix/main.cf', '/etc/postfix/master.cf'

EXAMPLES = {
    'domain': 'example.com',
    'alias_domains': 'example.net, example.org',
    'mx': 'mx1',
    'mx_addresses': '192.0.2.10',
    'bulk_name': 'bulk',
    'internal_networks': '10.20.0.0/22 fd12:3456::/48',
    'internal_domains': 'corp.example.com',
    'provider': '[mx.hosted.example]:25',
    'admin': 'operator@example.com',
    'bounces': 'bounces',
    'donotreply': 'donotreply',
    'postfix': '2.10',
    'map_type': 'hash',
    'system': 'debian',
    'certificate': '/etc/ssl/certs/mx1.pem',
    'certificate_key': '/etc/ssl/private/mx1.key',
    'ca_file': '/etc/ssl/certs/ca-certificates.crt',
    'dkim_selector': 's2026',
    'dkim_key': '/etc/opendkim/keys/s2026.private',
    'opendkim': '127.0.0.1:8891',
    'helo_exempt': 'news.example.com',
    'rbls': 'rbl.example=127.0.0.[2..11] other.example',
    'pause': '20s',
    'greylist_delay': '5m',
    'greylist_clients': '5',
    'postgrey': '127.0.0.1:10023',
    'policyd_spf': '/usr/bin/policyd-spf',
    'verify_recipients': 'yes',
    'sasl_path': 'private/auth',
    'sasl_users': '/etc/dovecot/users',
    'submission_port': '587',
    'client_user': 'app@example.com',
    'client_password_file': '/etc/mailtools/client.password',
    'database': 'postgresql://mailtools@db.example.com/mailtools?sslmode=verify-full',
    'login_user': 'mailqueues',
    'spf_includes': '_spf.hosted.example',
    'spf_all': 'fail',
    'dmarc_policy': 'quarantine',
    'dmarc_addresses': 'dmarc reports@collector.example',
    'resolver': '127.0.0.1:5353',
    'daily_volume': '300000',
    'warmup_first': '500',
    'warmup_growth': '1.3',
}
SENDERS = {'mail1': '192.0.2.21', 'mail2': '192.0.2.22 2001:db8::22'}
HOSTS = {'mx': '', 'sender': 'mail1', 'client': 'app1'}


def text(**changes):
    """The text of a settings file; changes: other values, None leaves a setting out."""
    values = dict(EXAMPLES, **changes)
    lines = ['[mailsystem]'] + ['{} = {}'.format(*one) for one in values.items() if one[1] is not None]
    for name, addresses in SENDERS.items():
        lines += ['[sender {}]'.format(name), 'addresses = ' + addresses]
    return '\n'.join(lines) + '\n'


def written(folder, **changes):
    """The path of a settings file."""
    path = pathlib.Path(str(folder)) / 'mailsystem.conf'
    path.write_text(text(**changes), encoding='utf-8')
    return str(path)


def site(folder, **changes):
    """The Site that a settings file describes."""
    return site_of(settings.load(PROGRAM, SETTINGS, written(folder, **changes), SENDER))


def files(folder, role, password='', **changes):
    """{path: File} of a host."""
    return {file.path: file for file in render(site(folder, **changes), role, HOSTS[role], password)}


def tool(name):
    """A program of Postfix, or a skip."""
    found = parts.find(name)
    if found is None:
        pytest.skip('Postfix ({}) is not installed'.format(name))
    return found


def run(args, stdin=''):
    """(status, out, err) of a program."""
    done = subprocess.run([str(one) for one in args], input=stdin.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def put(folder, made, *paths):
    """Write rendered files below a folder; the folder of main.cf there."""
    for path in paths or made:
        target = pathlib.Path(str(folder) + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made[path].text)
        if path == MAIN:
            os.utime(str(target), (1e9, 1e9))       # Postfix waits a second for one that was just written
    return pathlib.Path(str(folder) + '/etc/postfix')
