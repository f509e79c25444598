"""What mailqueues needs beside its settings: keys, users that can do one thing, and the right to count the queue.

As README.md says, in `See all queues at one look`.
"""
from rig.program import CHECKOUT
from rig.system import services
from rig.system.company import LOGIN, OWNER, UTF8

REMOTE = '/usr/libexec/mailtools/mailqueues-remote'
SUDOERS = {
    LOGIN: LOGIN + ' ALL=(postfix) NOPASSWD: ' + REMOTE + ' count /var/spool/postfix\n',
    OWNER: OWNER + ' ALL=(root) NOPASSWD: /usr/bin/find /var/spool/postfix/* -type f\n',
}
HOME = '/var/lib/mailtools/.ssh/'


def may_count(host, user):
    """Let a user see how many files are in the queue."""
    host.write('/etc/sudoers', SUDOERS[user], 0o440)


def ask_by_ssh(mx, keys, hosts):
    """Let mailtools of the MX log in to the others."""
    known = ''
    for host in hosts:
        host.folder('/usr/libexec/mailtools')
        host.write(REMOTE, (CHECKOUT / 'mailtools' / 'mailqueues' / 'remote.sh').read_text(), 0o755)
        host.folder('/var/lib/mailqueues/.ssh', 0o700, LOGIN)
        host.write('/var/lib/mailqueues/.ssh/authorized_keys', 'restrict,command="{}" {}'.format(
            REMOTE, keys.ssh_public), 0o600, LOGIN)
        may_count(host, LOGIN)
        services.sshd(host)
        known += '{} {}'.format(host.name, host.read(services.HOST_KEY + '.pub'))
    may_count(mx, OWNER)
    mx.folder(HOME, 0o700, OWNER)
    mx.write(HOME + 'id_ed25519', keys.ssh, 0o600, OWNER)
    mx.write(HOME + 'known_hosts', known, 0o600, OWNER)
    mx.folder('/var/www/html/mailqueues', 0o755, OWNER)


def export(mx):
    """mailqueues export, as cron starts it; Ran."""
    return mx.run('/usr/bin/mailqueues', 'export', user=OWNER, env=UTF8)
