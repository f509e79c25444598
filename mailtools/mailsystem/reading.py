"""What files of a mail host say, by what it means: text in, entries out.  Pure.

Comments, blanks, and how lines are folded make no difference; each reader below gives (name, value) pairs.
"""
import re
from typing import Callable, Dict, List, NamedTuple, Tuple

# Parameters whose words may stand in any order.
UNORDERED = frozenset((
    'mynetworks', 'mydestination', 'relay_domains', 'inet_interfaces', 'parent_domain_matches_subdomains',
    'smtpd_tls_protocols', 'smtpd_tls_mandatory_protocols', 'smtp_tls_protocols', 'smtp_tls_mandatory_protocols',
    'smtpd_sasl_security_options', 'smtp_sasl_security_options', 'internal_mail_filter_classes'))
# Text for people, where a comma is one.
TEXTS = re.compile(r'(smtpd_banner|.*_reject_reason|.*_transport)\Z')
PORTS = {'smtp': '25', 'submission': '587', 'smtps': '465', 'submissions': '465'}
FIELDS = ('type', 'private', 'unpriv', 'chroot', 'wakeup', 'maxproc')
# Of `-` in master.cf; that of chroot differs by version.
DEFAULTS = {'private': 'y', 'unpriv': 'y', 'wakeup': '0', 'maxproc': '100'}
OPTION = re.compile(r'-o\s*(\{[^{}]*\}|[^\s{]\S*)')

Pairs = List[Tuple[str, str]]


class Service(NamedTuple):
    """An entry of master.cf."""

    fields: Dict[str, str]
    command: str                    # the program, and its arguments but for -o
    options: Dict[str, str]         # {parameter: value} of its -o


def logical_lines(text):
    """Lines as postconf(5) joins them: one that begins with a blank goes on with the line before it."""
    found: List[str] = []
    for line in text.split('\n'):
        if not line.strip() or line.lstrip().startswith('#'):
            continue
        if line[0] in ' \t' and found:
            found[-1] += ' ' + line.strip()
        else:
            found.append(line.strip())
    return found


def parameters(text) -> Dict[str, str]:
    """{name: value} of main.cf; the last of several counts, as for Postfix."""
    found = {}
    for line in logical_lines(text):
        name, equals, value = line.partition('=')
        if equals:
            found[name.strip()] = value.strip()
    return found


def meaning(name, value):
    """A value of main.cf in one form: ${x} is $x, a comma between words is a blank."""
    value = re.sub(r'\$(?:\{(\w+)\}|\((\w+)\))', lambda found: '$' + (found.group(1) or found.group(2)), value)
    if TEXTS.match(name):
        return ' '.join(value.split())
    words = value.replace(',', ' ').split()
    return ' '.join(sorted(words) if name in UNORDERED else words)


def services(text) -> Dict[str, Service]:
    """{`25/inet`: Service} of master.cf."""
    found = {}
    for line in logical_lines(text):
        words = line.split(None, 7)
        if len(words) == 8:
            kind = words[1]
            name = PORTS.get(words[0], words[0]) if kind == 'inet' else words[0]
            found['{}/{}'.format(name, kind)] = service(words)
    return found


def service(words):
    """One Service of the eight columns."""
    fields = dict(zip(FIELDS, words[1:7]))
    fields = {name: DEFAULTS.get(name, value) if value == '-' else value for name, value in fields.items()}
    options = {}
    for given in OPTION.findall(words[7]):
        name, _, value = given.strip('{}').partition('=')
        options[name.strip()] = ' '.join(value.split())
    return Service(fields, ' '.join(OPTION.sub(' ', words[7]).split()), options)


def table(text) -> Pairs:
    """The keys and values of a source of postmap(1); keys are found in lower case."""
    found = []
    for line in logical_lines(text):
        key, _, value = line.partition(' ') if ' ' in line.replace('\t', ' ') else (line, '', '')
        if '\t' in key:
            key, _, value = line.partition('\t')
        found.append((key.lower(), ' '.join(value.split())))
    return found


def aliases(text) -> Pairs:
    """The names and destinations of aliases(5)."""
    return [(name.strip().strip('"').lower(), ' '.join(value.split()))
            for name, _, value in (line.partition(':') for line in logical_lines(text))]


def lines(text) -> Pairs:
    """Lines that count in their order: regexp and cidr tables, and files of other programs."""
    return [(' '.join(line.split()), '') for line in text.split('\n')
            if line.strip() and not line.lstrip().startswith('#')]


def keyed(text) -> Pairs:
    """`Key value` or `key = value` a line, sections as part of the name."""
    found: Pairs = []
    section = ''
    for line, _ in lines(text):
        if line.startswith('[') or line.startswith(';'):
            section = line + ' ' if line.startswith('[') else section
            continue
        name, _, value = re.sub(r'\s*=\s*', ' ', line, count=1).partition(' ')
        found.append((section + name, value))
    return found


class Kind(NamedTuple):
    """How a file is read."""

    pattern: str
    read: Callable[[str], Pairs]
    ordered: bool = False           # the order of entries counts


# The first that fits the path.
KINDS = (
    Kind(r'.*/aliases(\.d/[^/]+)?', aliases),
    Kind(r'/etc/postfix/(header_checks|smtp_header_checks|command_filter|.*\.cidr)', lines, True),
    Kind(r'/etc/postfix/[^/]+', table),
    Kind(r'/etc/opendkim/[^/]+', lines),
    Kind(r'/etc/dovecot/[^/]+', lines, True),
    Kind(r'.*\.conf|/etc/(default|sysconfig)/[^/]+', keyed),
    Kind(r'.*', lines, True),
)


def kind_of(path):
    """How the file at a path is read."""
    return next(kind for kind in KINDS if re.match(kind.pattern + r'\Z', path))


def reasons(text) -> Dict[str, str]:
    """{name: the comment right above it} of a rendered main.cf: why a parameter is as it is."""
    found: Dict[str, str] = {}
    comment: List[str] = []
    for line in text.split('\n'):
        if line.startswith('#'):
            comment.append(line.strip('# '))
            continue
        named = re.match(r'([A-Za-z0-9_-]+)\s*=', line)
        if named and comment:
            found[named.group(1)] = ' '.join(comment)
        comment = []
    return found


def heading(text):
    """The first sentence of the comment that a rendered file begins with."""
    comment: List[str] = []
    for line in text.split('\n'):
        if not line.startswith('#') or (comment and not line.strip('# ')):
            break
        if not line.startswith('#!'):
            comment.append(line.strip('# '))
    return re.split(r'(?<=\.)\s', ' '.join(comment) + ' ')[0].rstrip(' .:;')
