"""The files of each role: which template, and whose the file is.

The templates mirror /etc: ROLE/etc/postfix/main.cf is that of one role, common/etc/... that of several.
"""
import os
from typing import NamedTuple, Tuple

from mailtools.mailsystem.values import CLIENT, MX, SENDER

BOTH = (MX, SENDER)
POSTMAP, POSTALIAS = 'postmap', 'postalias'
MAILTOOLS = 'mailtools'

# Whose folders are not root's: path, mode, owner, group; for which roles.
FOLDERS = (
    ('/etc/opendkim', 0o750, 'root', 'opendkim', BOTH),
    ('/etc/mailtools/aliases.d', 0o755, MAILTOOLS, MAILTOOLS, BOTH),        # postalias writes as the owner of the file
    ('/var/spool/mailtools', 0o750, MAILTOOLS, MAILTOOLS, BOTH),
    ('/var/spool/mailtools/autoreply', 0o700, MAILTOOLS, MAILTOOLS, (MX,)),
    ('/var/lib/mailtools', 0o750, MAILTOOLS, MAILTOOLS, BOTH),
)


class Row(NamedTuple):
    """One file."""

    template: str                       # below the folder of templates; the path is what follows the first folder
    roles: Tuple[str, ...]
    compile: str = ''                   # with which program
    kept: bool = False                  # goes on being written by the administrator, or a program
    mode: int = 0o644
    owner: str = 'root'
    group: str = 'root'
    system: str = ''                    # only there
    path: str = ''                      # where it differs from the template

    def where(self):
        """The path on the host."""
        return self.path or self.template[self.template.index('/'):]


ROWS = (
    Row('mx/etc/postfix/main.cf', (MX,)),
    Row('mx/etc/postfix/master.cf', (MX,)),
    Row('sender/etc/postfix/main.cf', (SENDER,)),
    Row('sender/etc/postfix/master.cf', (SENDER,)),
    Row('client/etc/postfix/main.cf', (CLIENT,)),
    Row('client/etc/postfix/master.cf', (CLIENT,)),
    # Where mail goes
    Row('mx/etc/postfix/relay', (MX,), POSTMAP),
    Row('mx/etc/postfix/transport', (MX,), POSTMAP),
    Row('mx/etc/postfix/virtual_domains', (MX,), POSTMAP),
    Row('mx/etc/postfix/virtual_aliases', (MX,), POSTMAP),
    Row('sender/etc/postfix/virtual_aliases', (SENDER,), POSTMAP),
    Row('common/etc/postfix/aliases', BOTH, POSTALIAS),
    Row('common/etc/mailtools/aliases.d/bounces', BOTH, POSTALIAS, owner=MAILTOOLS, group=MAILTOOLS),
    Row('mx/etc/mailtools/aliases.d/donotreply', (MX,), POSTALIAS, owner=MAILTOOLS, group=MAILTOOLS),
    # Whom we let in
    Row('mx/etc/postfix/access', (MX,), POSTMAP, kept=True),
    Row('mx/etc/postfix/access_dynamic', (MX,), POSTMAP, kept=True),
    Row('mx/etc/postfix/access_dynamic.cidr', (MX,), kept=True),
    Row('mx/etc/postfix/sender_access', (MX,), POSTMAP, kept=True),
    Row('mx/etc/postfix/exempt_recipients', (MX,), POSTMAP),
    Row('mx/etc/postfix/own_recipients', (MX,), POSTMAP),
    Row('mx/etc/postfix/helo_reject_domains', (MX,), POSTMAP),
    Row('mx/etc/dovecot/dovecot.conf', (MX,)),
    Row('mx/etc/dovecot/users', (MX,), kept=True, mode=0o640, group='dovecot'),
    Row('mx/etc/python-policyd-spf/policyd-spf.conf', (MX,), system='el'),
    Row('mx/etc/python-policyd-spf/policyd-spf.conf', (MX,), system='debian',
        path='/etc/postfix-policyd-spf-python/policyd-spf.conf'),
    Row('mx/etc/sysconfig/postgrey', (MX,), system='el'),
    Row('mx/etc/default/postgrey', (MX,), system='debian'),
    # What is done to mail
    Row('common/etc/postfix/header_checks', BOTH),
    Row('common/etc/postfix/smtp_header_checks', BOTH),
    Row('client/etc/postfix/smtp_header_checks', (CLIENT,)),
    Row('sender/etc/postfix/command_filter', (SENDER,)),
    Row('common/etc/opendkim.conf', BOTH),
    Row('common/etc/opendkim/KeyTable', BOTH),
    Row('common/etc/opendkim/SigningTable', BOTH),
    Row('common/etc/opendkim/TrustedHosts', BOTH),
    # How a client logs in
    Row('client/etc/postfix/sasl_passwd', (CLIENT,), POSTMAP, mode=0o600),
    # The programs
    Row('common/etc/mailtools/bouncedmail.conf', BOTH, mode=0o640, group=MAILTOOLS),
    Row('common/etc/mailtools/pflogsumm-report.conf', BOTH),
    Row('mx/etc/mailtools/autoreply.conf', (MX,)),
    Row('mx/etc/mailtools/donotreply.txt', (MX,), kept=True),
    Row('mx/etc/mailtools/block-sasl-fail.conf', (MX,)),
    Row('mx/etc/mailtools/mailqueues.conf', (MX,)),
)


def rows_of(role, system):
    """The files of a role."""
    return [row for row in ROWS if role in row.roles and row.system in ('', system)]


def folders_of(role, dkim_key):
    """The folders of a role, as (path, mode, owner, group); that of the key as well, if it is one of OpenDKIM's."""
    found = [folder[:4] for folder in FOLDERS if role in folder[4]]
    keys = os.path.dirname(dkim_key)
    if found and keys.startswith('/etc/opendkim/'):
        found.insert(1, (keys, 0o750, 'root', 'opendkim'))
    return found
