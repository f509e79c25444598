"""Who may read and write the files that hold secrets or take mail?"""
import re
from typing import List

from mailtools.mailsystem.checks.maps import index_of
from mailtools.mailsystem.checks.postfix import maps_in
from mailtools.mailsystem.checks.said import critical, good, of_each
from mailtools.mailsystem.values import Finding

NAMES = ('sasl-password-mode', 'sasl-password-file', 'tls-key-mode', 'settings-mode', 'postfix-mode', 'spool-owner')
USER = 'mailtools'
SETTINGS = '/etc/mailtools/{}.conf'
PROGRAMS = ('bouncedmail', 'block-sasl-fail', 'autoreply', 'mailqueues', 'pflogsumm-report', 'mailsystem')
SPOOL = '/var/spool/mailtools/bounces'
SPOOL_SET = re.compile(r'^spool\s*=\s*(/\S+)', re.M)
SECRET = re.compile(r'://[^/:@\s]*:[^@\s]+@|\bpassword\s*=\s*\S', re.I)
OTHERS, GROUP_WRITES = 0o007, 0o020


def find(host):
    """Findings on secrets, on what only root may write, and on the spool."""
    return of_each(host, ('sasl-password-mode', passwords), ('tls-key-mode', keys), ('settings-mode', settings),
                   ('postfix-mode', postfix_files), ('spool-owner', spool))


def judge_secret(name, path, seen, what, owner='root'):
    """The Finding on a file that only its owner may read."""
    if seen.mode & OTHERS:
        return critical(name, 'everybody on this host can read {}, {} (mode {:o}): change the secret too'.format(
            path, what, seen.mode), 'chmod {} {}'.format(600 if owner == 'root' else 640, path))
    return good(name, '{} is closed to others'.format(path))


def passwords(host):
    """The passwords that this host logs in with, text and index."""
    found: List[Finding] = []
    for table in maps_in(host.postfix.value('smtp_sasl_password_maps')):
        files = [one for one in (table.path, index_of(table)) if host.seen(one) is not None]
        found += [judge_secret('sasl-password-mode', one, host.seen(one), 'which holds SASL passwords')
                  for one in sorted(set(files))]
    users = host.site.sasl_users
    if host.role == 'mx' and host.seen(users) is not None:
        found.append(judge_secret('sasl-password-mode', users, host.seen(users), "which holds users' passwords",
                                  'dovecot'))
    if host.role == 'client' and host.postfix.value('smtp_sasl_auth_enable') == 'yes' and not found:
        found.append(critical('sasl-password-file', 'smtp_sasl_password_maps names no file that is there: the MX '
                              'takes no mail from here', '[{}]:{} USER:PASSWORD   (in the table, of mode 600; then: '
                              'postmap)'.format(host.site.mx, host.site.submission_port)))
    return found


def keys(host):
    """The keys of TLS."""
    found: List[Finding] = []
    for name in ('smtpd_tls_key_file', 'smtp_tls_key_file', 'smtpd_tls_eckey_file'):
        path = host.postfix.value(name)
        seen = host.seen(path) if path else None
        if seen is not None and path not in [one.text.split()[0] for one in found]:
            found.append(judge_secret('tls-key-mode', path, seen, 'the private key of TLS'))
    return found


def settings(host):
    """Settings of our programs that hold a password."""
    found: List[Finding] = []
    for path in map(SETTINGS.format, PROGRAMS):
        seen = host.seen(path)
        if seen is None:
            continue
        if SECRET.search(host.read(path) or ''):
            found.append(judge_secret('settings-mode', path, seen, 'which holds a password', USER))
        if seen.mode & 0o002:
            found.append(critical('settings-mode', 'everybody on this host can write {}'.format(path),
                                  'chmod o-w {}'.format(path)))
    return found


def postfix_files(host):
    """What Postfix runs by must be root's."""
    folder = '/etc/postfix' if not host.live else host.postfix.value('config_directory') or '/etc/postfix'
    found = []
    for name in ('', '/main.cf', '/master.cf'):
        seen = host.seen(folder + name)
        if seen is not None and (seen.mode & 0o022 or seen.uid != 0):
            found.append(critical('postfix-mode', '{} belongs to {} and has the mode {:o}: others than root decide '
                                  'what Postfix does'.format(folder + name, seen.owner, seen.mode),
                                  'chown root {0} && chmod go-w {0}'.format(folder + name)))
    return found or [good('postfix-mode', 'only root writes {}'.format(folder))]


def spool(host):
    """Can the pipe of bouncedmail, which runs as USER, write into its spool?"""
    if host.role == 'client':
        return []
    said = SPOOL_SET.search(host.read(SETTINGS.format('bouncedmail')) or '')
    path = said.group(1) if said else SPOOL
    folders = [path] + [path + '/' + one for one in ('tmp', 'new', 'cur')]
    return judge_spool(path, [(one, host.seen(one)) for one in folders])


def judge_spool(path, folders):
    """folders: [(path, host.Seen or None)] of the spool and its three."""
    fix = 'install -d -o {0} -g {0} -m 700 {1} {1}/tmp {1}/new {1}/cur && chown -R {0}: {1}'.format(USER, path)
    for one, seen in folders:
        if seen is None:
            return [critical('spool-owner', '{} is not there: bounces wait in the queue of Postfix'.format(one), fix)]
        if seen.owner != USER:
            return [critical('spool-owner', '{} belongs to {}, not to {}: bounces wait in the queue of Postfix'.format(
                one, seen.owner, USER), fix)]
        if seen.mode & OTHERS:
            return [critical('spool-owner', 'everybody on this host can get at the mail in {} (mode {:o})'.format(
                one, seen.mode), 'chmod 700 {}'.format(one))]
    return [good('spool-owner', '{} belongs to {}'.format(path, USER))]
