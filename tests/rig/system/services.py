"""The daemons of a host, each started in the foreground as its unit file would, and waited for."""
import shlex

from rig import parts

HOST_KEY = '/etc/ssh/host_key'
DATA = '/var/lib/pg'
RSYSLOG = '''module(load="imuxsock" SysSock.RateLimit.Interval="0")
$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat
mail.* /var/log/maillog
*.*;mail.none /var/log/messages
'''


def syslog(host):
    """rsyslogd, which writes /var/log/maillog as on EL."""
    host.folder('/var/log')
    host.write('/etc/rsyslog.conf', RSYSLOG)
    host.write('/var/log/maillog', '', mode=0o600)
    host.start('rsyslogd', '/usr/sbin/rsyslogd', '-n', '-f', '/etc/rsyslog.conf', '-i', '/run/rsyslogd.pid',
               ready=host.path('/dev/log').exists)


def opendkim(host, port=8891):
    """opendkim, with the settings in /etc/opendkim.conf."""
    host.folder('/run/opendkim', owner='opendkim')
    host.start('opendkim', '/usr/sbin/opendkim', '-f', '-x', '/etc/opendkim.conf',
               ready=lambda: host.listens(port))


def postgrey(host, port=10023):
    """postgrey, with the options of its environment file."""
    host.folder('/var/lib/postgrey', 0o700, 'postgrey')
    options = environment(host, '/etc/default/postgrey').get('POSTGREY_OPTS', '')
    host.start('postgrey', '/usr/sbin/postgrey', *shlex.split(options),
               ready=lambda: host.listens(port))


def dovecot(host):
    """dovecot, with the settings in /etc/dovecot/dovecot.conf."""
    host.start('dovecot', parts.find('dovecot'), '-F', '-c', '/etc/dovecot/dovecot.conf',
               ready=host.path('/var/spool/postfix/private/auth').exists)


def sshd(host):
    """sshd, as distributions have it, but without passwords."""
    host.folder('/run/sshd')
    host.call('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', HOST_KEY)
    host.write('/etc/ssh/sshd_config', 'HostKey {}\nPasswordAuthentication no\nUsePAM yes\n'
               'KbdInteractiveAuthentication no\nPidFile /run/sshd.pid\n'.format(HOST_KEY))
    host.start('sshd', '/usr/sbin/sshd', '-D', '-e', ready=lambda: host.listens(22))


def postgres_user():
    """Who runs PostgreSQL: it refuses root."""
    return parts.other_user('postgres', 'nobody')


def postgresql(host):
    """PostgreSQL, at the host's internal address."""
    host.start('postgresql', parts.postgresql_folder() + '/postgres', '-D', DATA, '-c', 'fsync=off',
               '-c', 'listen_addresses=' + host.addresses[1], '-c', 'unix_socket_directories=' + DATA,
               user=postgres_user(), ready=lambda: host.listens(5432))


def postfix(host):
    """Postfix; it takes connections when this returns."""
    host.folder('/var/lib/postfix', 0o755, 'postfix')
    host.call('postfix', 'check')
    host.start('postfix', '/usr/sbin/postfix', 'start-fg', ready=lambda: host.listens(25))


def environment(host, path):
    """NAME=value of a file of systemd or of a shell, as a dictionary."""
    pairs = (word.partition('=') for word in shlex.split(host.read(path), comments=True))
    return {name: value for name, _, value in pairs}
