"""How a host differs from what would be rendered, and why that matters: files in, Findings out.  Pure.

Why a parameter matters is said once, in the comment above it in the template; it is quoted here.
"""
import shlex

from mailtools.mailsystem import reading
from mailtools.mailsystem.render import MAIN, MASTER
from mailtools.mailsystem.values import CRITICAL, UNKNOWN, WARNING, Finding

AGAIN = 'mailsystem render --role ROLE --output new && sh new/install.sh'
# What a mistake in makes an open relay, lets guessers guess, or shows a password.
GRAVE = frozenset((
    'mynetworks', 'relay_domains', 'smtpd_relay_restrictions', 'smtpd_recipient_restrictions',
    'smtpd_client_restrictions', 'smtpd_delay_reject', 'smtpd_tls_auth_only', 'mua_client_restrictions',
    'mua_relay_restrictions', 'smtp_tls_security_level', 'smtpd_sasl_auth_enable', 'smtpd_sasl_security_options',
    'smtpd_milters', 'non_smtpd_milters', 'milter_default_action', 'smtpd_tls_security_level'))
# Where a package or an administrator keeps things: no rendered file says anything of it.
PLACES = frozenset((
    'queue_directory', 'command_directory', 'daemon_directory', 'data_directory', 'mail_owner', 'setgid_group',
    'sendmail_path', 'newaliases_path', 'mailq_path', 'html_directory', 'manpage_directory', 'sample_directory',
    'readme_directory', 'meta_directory', 'shlib_directory', 'debugger_command', 'debug_peer_level', 'maillog_file',
    'compatibility_level', 'unknown_local_recipient_reject_code', 'biff', 'mail_spool_directory', 'config_directory'))


def differences(files, seen, defaults):
    """The Findings, in the order of the files; none where nothing differs.

    seen: {path: installed.Seen}.  defaults: {parameter: value} of the host's Postfix, {} where not known.
    """
    found = []
    for file in files:
        if file.path not in seen:
            found.append(Finding('file-missing', CRITICAL, '{} is missing: {}'.format(
                file.path, reading.heading(file.text)), AGAIN))
            continue
        there = seen[file.path]
        found.extend(of_rights(file, there))
        if there.text is None:
            found.append(Finding('file-unreadable', UNKNOWN, 'cannot read {}: {}'.format(file.path, there.trouble),
                                 'run it as root'))
        elif not file.kept:
            found.extend(of_content(file, there.text, defaults))
        found.extend(of_table(file, there))
    return found


def of_rights(file, there):
    """Mode and owner."""
    if there.owner and (there.owner, there.group) != (file.owner, file.group):
        grave = file.owner not in ('root', there.owner)
        why = ', and what it starts would run as another user' if grave else ''
        yield Finding('file-owner', CRITICAL if grave else WARNING, '{} belongs to {}:{}, not to {}:{}{}'.format(
            file.path, there.owner, there.group, file.owner, file.group, why),
            'chown {}:{} {}'.format(file.owner, file.group, file.path))
    if there.owner and there.mode != file.mode:
        more = there.mode & ~file.mode
        secret = more & 0o077 and not file.mode & 0o007
        why = ': others can read what is secret' if secret else ': others can change it' if more & 0o022 else ''
        yield Finding('file-mode', CRITICAL if why else WARNING, '{} has mode {:04o}, not {:04o}{}'.format(
            file.path, there.mode, file.mode, why), 'chmod {:04o} {}'.format(file.mode, file.path))


def of_table(file, there):
    """A compiled table that Postfix does not find, or that is older than its source."""
    if there.compiled:
        yield Finding('map-' + there.compiled, CRITICAL, {
            'missing': '{} is not compiled: Postfix defers all mail for which it is asked',
            'stale': '{} was changed after it was compiled: Postfix goes on with what it was',
        }[there.compiled].format(file.path), file.command)


def of_content(file, text, defaults):
    """What one file says otherwise."""
    if file.path == MAIN:
        return of_parameters(file.text, text, defaults)
    if file.path == MASTER:
        return of_services(file.text, text)
    return of_entries(file, text)


def of_parameters(wanted_text, text, defaults):
    """Parameters of main.cf."""
    wanted, there, why = reading.parameters(wanted_text), reading.parameters(text), reading.reasons(wanted_text)
    for name, value in wanted.items():
        now = there.get(name, defaults.get(name))
        if now is not None and reading.meaning(name, now) == reading.meaning(name, value):
            continue
        said = 'is not set, and should be' if now is None else 'is {}{}, not'.format(
            shown(now), '' if name in there else ' by default')
        yield Finding('main-cf', CRITICAL if name in GRAVE else WARNING, '{} {} {}. {}'.format(
            name, said, shown(value), why.get(name, '')).rstrip(), 'postconf -e {}'.format(
                shlex.quote('{} = {}'.format(name, ' '.join(value.split())))))
    for name, value in there.items():
        same = name in defaults and reading.meaning(name, defaults[name]) == reading.meaning(name, value)
        if name not in wanted and name not in PLACES and not same:
            yield Finding('main-cf', CRITICAL if name in GRAVE else WARNING,
                          '{} is {}, and would not be set'.format(name, shown(value)), 'postconf -X {}'.format(name))


def shown(value):
    """A value in a sentence."""
    return ' '.join(value.split()) or 'empty'


def of_services(wanted_text, text):
    """Services of master.cf: those that are missing or otherwise, and doors that should not be there."""
    wanted, there = reading.services(wanted_text), reading.services(text)
    for name, service in wanted.items():
        line = line_of(name, service)
        if name not in there:
            yield Finding('master-cf', CRITICAL, 'the service {} is missing'.format(name),
                          'in {}: {}'.format(MASTER, line))
            continue
        wrong = list(unlike(service, there[name]))
        if wrong:
            grave = name.endswith('/inet') or name.startswith('policy')
            yield Finding('master-cf', CRITICAL if grave else WARNING, 'the service {}: {}'.format(
                name, '; '.join(wrong)), 'in {}: {}'.format(MASTER, line))
    for name in there:
        if name not in wanted and name.endswith('/inet'):
            yield Finding('master-cf', WARNING, 'the service {} would not be there: a door more to guard'.format(name),
                          'remove it from {}'.format(MASTER))


def unlike(wanted, there):
    """How a service differs, as phrases."""
    for name, value in wanted.fields.items():
        if there.fields[name] != value:
            yield '{} is {}, not {}'.format(name, there.fields[name], value)
    if there.command != wanted.command:
        yield 'it runs {}, not {}'.format(there.command, wanted.command)
    for name, value in wanted.options.items():
        if name not in there.options:
            yield '-o {}={} is missing'.format(name, value)
        elif reading.meaning(name, there.options[name]) != reading.meaning(name, value):
            yield '-o {} is {}, not {}'.format(name, there.options[name], value)
    for name in there.options:
        if name not in wanted.options:
            yield '-o {}={} would not be there'.format(name, there.options[name])


def line_of(name, service):
    """A service as a line of master.cf."""
    fields = [service.fields[field] for field in reading.FIELDS]
    options = ['-o {}={}'.format(*option) for option in service.options.items()]
    return ' '.join([name.rpartition('/')[0]] + fields + [service.command] + options)


def of_entries(file, text):
    """Entries of a table, lines of any other file."""
    kind = reading.kind_of(file.path)
    wanted, there = kind.read(file.text), kind.read(text)
    asked, found = dict(wanted), dict(there)
    after = '; then {}'.format(file.command) if file.command else ''
    for key, value in asked.items():
        entry = ' '.join(one for one in (key, value) if one)
        if key not in found:
            yield Finding('entry', WARNING, '{} lacks {} ({})'.format(file.path, entry, reading.heading(file.text)),
                          'in {}: {}{}'.format(file.path, entry, after))
        elif found[key] != value:
            yield Finding('entry', WARNING, '{}: {} is {}, not {} ({})'.format(
                file.path, key, shown(found[key]), shown(value), reading.heading(file.text)),
                'in {}: {}{}'.format(file.path, entry, after))
    for key, value in found.items():
        if key not in asked:
            yield Finding('entry', WARNING, '{} has {}, which would not be there'.format(
                file.path, ' '.join(one for one in (key, value) if one)),
                'remove it from {}{}'.format(file.path, after))
    if kind.ordered and set(asked) == set(found) and wanted != there:
        yield Finding('entry', WARNING, '{}: the lines are in another order, and the first that fits counts'.format(
            file.path), AGAIN)
