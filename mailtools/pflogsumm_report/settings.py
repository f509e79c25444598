"""What an administrator can set for pflogsumm-report: the table, and its own readers.

conf.d/pflogsumm-report.conf shows each row with its default; a test holds the two together.
"""
import re

from mailtools.base.settings import Setting, one_of, optional_path, path, positive, seconds, text, words

PROGRAM = 'pflogsumm-report'


def patterns(value):
    """Absolute paths, which may have * ? [ ] of the shell, between blanks."""
    if not value:
        raise ValueError('must not be empty')
    return tuple(path(one) for one in words(value))


def addresses(value):
    """Mail addresses between blanks or commas."""
    for one in words(value):
        if not re.match(r'[^-@\s<>"():;,\\\[\]][^@\s<>"():;,\\\[\]]*(@[A-Za-z0-9.-]+)?\Z', one):
            raise ValueError('not a mail address: {}'.format(one))
    return words(value)


def optional_address(value):
    """One mail address, or nothing."""
    if len(addresses(value)) > 1:
        raise ValueError('more than one address')
    return value


SETTINGS = (
    Setting('logs', patterns, '/var/log/maillog* /var/log/mail.log*',
            'Where the mail log is, with all that rotation makes of it; the files of a day are found by the time '
            'stamps in them, so nothing is said here of names.'),
    Setting('journal', one_of('auto', 'yes', 'no'), 'auto',
            'auto: read the journal when there is no such file; yes: always; no: never.'),
    Setting('carry', seconds, '1d',
            'How long before the day the log is looked at for the size and sender of mail that was in the queue at '
            'midnight; 0 does without.'),
    Setting('host', text, '',
            'The name of this host in the report; empty: the name that the system has.'),
    Setting('filters', words, '',
            'The relays of a content filter, as after relay= in the log, such as 127.0.0.1[127.0.0.1]:10024. Mail '
            'handed to them is not yet delivered.'),
    Setting('reinjection', words, '',
            'The services by which a content filter gives mail back, as in the log before /smtpd: 10025. Such mail '
            'is not received a second time.'),
    Setting('pflogsumm', optional_path, '',
            'pflogsumm; empty: the one in PATH, /usr/sbin and /usr/bin.'),
    Setting('pflogsumm_detail', positive, '20',
            'The most lines of each list in its report.'),
    Setting('top', positive, '100',
            'The most rows of each list of our own figures, in --json and in the history.'),
    Setting('mail_to', addresses, 'postmaster',
            'Who gets the report.'),
    Setting('mail_from', optional_address, '',
            'Whom it is from; empty: root of this host.'),
    Setting('sendmail', path, '/usr/sbin/sendmail',
            'Postfix, who takes it.'),
    Setting('history', path, '/var/lib/mailtools/pflogsumm-report.db',
            'Where the figures of the days are kept.'),
    Setting('keep', seconds, '400d',
            'How long.'),
)
