"""Does Postfix refuse a blocked client before it can guess?  Settings of Postfix in, findings out.

The trap: with `smtpd_delay_reject = yes`, the default, smtpd asks smtpd_client_restrictions only at RCPT TO
(smtpd_check_client in smtpd.c).  Who guesses passwords never sends RCPT TO, so that the map has no effect.  What
is needed on each service that offers AUTH is smtpd_delay_reject = no, and the map before any permit.

Pure, save that Postfix is asked through the given object; master.cf is read as postconf -M prints it (2.9 and later).
"""
import re
from typing import NamedTuple, Tuple

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')

OPTION = re.compile(r'-o\s*(\{[^}]*\}|\S+)')
NAME = re.compile(r'\$(?:\{(\w+)\}|\((\w+)\)|(\w+))')
PERMITS = ('permit', 'permit_sasl_authenticated')   # permit_mynetworks is fine: those are never blocked
TRIALS = ('warn_if_reject',)
DEPTH = 20                                          # of $name in $name


class Finding(NamedTuple):
    """One thing that was looked at."""

    status: int
    says: str
    fix: Tuple[str, ...] = ()       # commands or lines to enter


class Service(NamedTuple):
    """One line of master.cf that runs smtpd or postscreen."""

    name: str           # submission, 587, 192.0.2.1:smtps
    kind: str           # inet, pass, unix
    program: str
    options: dict       # {parameter: value} of its -o
    arguments: str      # all of them, as written

    @property
    def label(self):
        """As postconf -P calls it."""
        return '{}/{}'.format(self.name, self.kind)


class Table(NamedTuple):
    """A table of the program, as Postfix has to name it."""

    kind: str
    path: str

    def __str__(self):
        return '{}:{}'.format(self.kind, self.path)


def services_of(lines):
    """The services of `postconf -M` that run smtpd or postscreen."""
    found = []
    for line in lines:
        fields = line.split(None, 7)
        if len(fields) < 8:
            continue
        program, _, arguments = fields[7].partition(' ')
        if program not in ('smtpd', 'postscreen'):
            continue
        options = {}
        for given in OPTION.findall(arguments):
            name, _, value = given.strip('{}').partition('=')
            options[name.strip()] = value.strip()
        found.append(Service(fields[0], fields[1], program, options, arguments))
    return found


class Configuration:
    """The parameters of each service: its -o, else main.cf."""

    def __init__(self, postfix):
        self.postfix = postfix
        self.services = services_of(postfix.postconf('-M'))

    def value(self, service, name):
        """A parameter as the service sees it."""
        if name in service.options:
            return self.expanded(service, service.options[name], DEPTH)
        return self.postfix.value(name)

    def expanded(self, service, text, depth):
        """A text with its $names replaced."""
        def replace(found):
            return self.value(service, next(one for one in found.groups() if one))
        return NAME.sub(replace, text) if depth and '$' in text else text

    def guarded(self):
        """The services that offer AUTH."""
        return [one for one in self.services if one.program == 'smtpd'
                and self.value(one, 'smtpd_sasl_auth_enable') == 'yes']


def restrictions(text):
    """The words of a list of restrictions."""
    return text.replace(',', ' ').split()


def place(words, table, same_path):
    """The index of a table in a list of restrictions, None; a bare type:path means check_client_access."""
    for at, word in enumerate(words):
        kind, colon, path = word.partition(':')
        if kind == 'proxy':
            kind, colon, path = path.partition(':')
        if colon and kind == table.kind and same_path(path, table.path):
            return at
    return None


def other_type(words, table, same_path):
    """The word that names the file of a table with another type, None."""
    for word in words:
        kind, colon, path = word.partition(':')
        if colon and kind != table.kind and same_path(path, table.path):
            return word
    return None


def judge(service, configuration, table, cidr, same_path):
    """What is wrong with one service that offers AUTH: Findings, none when the map works there.

    table: where single addresses are.  cidr: where networks are, None: in the same.
    """
    value = configuration.value(service, 'smtpd_client_restrictions')
    words, wrong = restrictions(value), []
    at = place(words, table, same_path)
    if service.kind == 'pass' and screened(service, configuration, table, same_path):
        return []
    if at is None:
        named = other_type(words, table, same_path)
        wrong.append('asks {}, but the program writes {}'.format(named, table) if named else
                     'smtpd_client_restrictions does not ask {}'.format(table))
    else:
        before = [word for word in words[:at] if word in PERMITS]
        if before:
            wrong.append('{} stands before the map'.format(before[0]))
        if set(words[max(0, at - 2):at]) & set(TRIALS):
            wrong.append('warn_if_reject makes the map a trial')
    if configuration.value(service, 'smtpd_delay_reject') != 'no':
        wrong.append('smtpd_delay_reject = yes: the map is asked only at RCPT TO, after AUTH')
    if not wrong:
        return []
    return [Finding(CRITICAL, '{}: a blocked client can go on guessing: {}'.format(
        service.label, '; '.join(wrong)), fix_of(service, words, table, cidr, same_path))]


def fix_of(service, words, table, cidr, same_path):
    """The commands that mend a service: our maps first, then what there was."""
    tables, rest = [table] + ([cidr] if cidr else []), []

    def ours(word):
        return any(same_path(word.partition(':')[2], one.path) for one in tables)
    for at, word in enumerate(words):
        named = words[at + 1] if word == 'check_client_access' and at + 1 < len(words) else word
        if not ours(named) and word not in TRIALS:
            rest.append(word)
    wanted = ','.join(['check_client_access,{}'.format(one) for one in tables] + rest)
    return ("postconf -P '{}/smtpd_delay_reject=no'".format(service.label),
            "postconf -P '{}/smtpd_client_restrictions={}'".format(service.label, wanted),
            'postfix reload',
            '(Postfix 2.10 has no -P: in master.cf, under {}: -o smtpd_delay_reject=no'
            ' -o smtpd_client_restrictions={})'.format(service.name, wanted))


def screened(service, configuration, table, same_path):
    """Whether postscreen drops who is in the table, before it hands anyone to this service."""
    screens = [one for one in configuration.services if one.program == 'postscreen']
    if table.kind != 'cidr' or not screens:
        return False
    for screen in screens:
        words = restrictions(configuration.value(screen, 'postscreen_access_list'))
        actions = [configuration.value(screen, name) for name in
                   ('postscreen_denylist_action', 'postscreen_blacklist_action')]     # 3.6, before
        action = next((one for one in actions if one and '$' not in one), 'ignore')
        if place(words, table, same_path) is None or action not in ('enforce', 'drop'):
            return False
    return True


def networks_asked(service, configuration, cidr, same_path):
    """A Finding where a service does not ask the map of networks, which holds some."""
    words = restrictions(configuration.value(service, 'smtpd_client_restrictions'))
    if place(words, cidr, same_path) is not None:
        return []
    wanted = ','.join(['check_client_access', str(cidr)] + words)
    return [Finding(WARNING, '{}: blocked networks are let in: {} is not asked'.format(service.label, cidr), (
        "postconf -P '{}/smtpd_client_restrictions={}'".format(service.label, wanted), 'postfix reload'))]


def line_of(findings, performance):
    """(status, text) for a monitor: one line, and below it every finding with its fix.

    performance: [(label, number)].
    """
    status = max([one.status for one in findings] or [OK])
    worst = [one.says for one in findings if one.status == status]
    head = 'BLOCK-SASL-FAIL {} - {}|{}'.format(
        WORDS[status], '; '.join(worst).replace('|', '/'),
        ' '.join('{}={};;;0'.format(*one) for one in performance))
    lines = [head]
    for finding in findings:
        lines.append('{}: {}'.format(WORDS[finding.status].lower(), finding.says))
        lines.extend('  fix: {}'.format(one) for one in finding.fix)
    return status, '\n'.join(lines)
