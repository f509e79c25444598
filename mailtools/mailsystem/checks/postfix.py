"""What Postfix is set to, from what postconf(1) prints: its lines in, values out.  Pure.

`postconf -x` prints each parameter of main.cf or its default, with the $names in it expanded (2.10 and later);
`postconf -M` prints one line a service of master.cf, with its -o options at the end.
"""
import re
from typing import Dict, List, NamedTuple

OPTION = re.compile(r'-o\s*(\{[^}]*\}|\S+)')
NAME = re.compile(r'\$(?:\{(\w+)\}|\((\w+)\)|(\w+))')
MAP = re.compile(r'(?:proxy:)?([a-z][a-z0-9_]*):(/[^\s,}]*)')
DEPTH = 20                      # of $name in $name
FILE_TYPES = {'hash': '.db', 'btree': '.db', 'lmdb': '.lmdb', 'cdb': '.cdb', 'dbm': '.pag', 'sdbm': '.pag'}
TEXT_TYPES = ('cidr', 'texthash', 'regexp', 'pcre')         # read as they are, no index


class Service(NamedTuple):
    """One line of master.cf."""

    name: str                   # smtp, submission, 587, 192.0.2.1:smtps, policyd-spf
    kind: str                   # inet, unix, pass, fifo
    command: str                # smtpd, spawn, ...
    options: Dict[str, str]     # {parameter: value} of its -o
    arguments: str              # all of them, as written

    @property
    def label(self):
        """As postconf -P calls it."""
        return '{}/{}'.format(self.name, self.kind)


class Map(NamedTuple):
    """A table that a parameter names, as type:path."""

    kind: str
    path: str

    def __str__(self):
        return '{}:{}'.format(self.kind, self.path)


def parameters_of(lines) -> Dict[str, str]:
    """{parameter: value} of `postconf -x`."""
    found = {}
    for line in lines:
        name, equals, value = line.partition('=')
        if equals:
            found[name.strip()] = value.strip()
    return found


def services_of(lines) -> List[Service]:
    """The services of `postconf -M`."""
    found = []
    for line in lines:
        fields = line.split(None, 7)
        if len(fields) < 8 or line.startswith('#'):
            continue
        command, _, arguments = fields[7].partition(' ')
        options = {}
        for given in OPTION.findall(arguments):
            name, _, value = given.strip('{}').partition('=')
            options[name.strip()] = value.strip()
        found.append(Service(fields[0], fields[1], command, options, arguments))
    return found


class Configuration:
    """All parameters and services of one Postfix."""

    def __init__(self, parameters, services):
        self.parameters = parameters
        self.services = services

    def value(self, name, service=None, depth=DEPTH):
        """A parameter, as a service sees it where one is given; '' for one that is not known."""
        if service is None or name not in service.options:
            return self.parameters.get(name, '')
        text = service.options[name]
        if not depth or '$' not in text:
            return text
        return NAME.sub(lambda found: self.value(next(filter(None, found.groups())), service, depth - 1), text)

    def named(self, *commands):
        """The services that run one of these programs of Postfix."""
        return [one for one in self.services if one.command in commands]

    def doors(self):
        """The smtpd services that hosts elsewhere can reach: inet, and what postscreen hands on."""
        return [one for one in self.named('smtpd') if one.kind in ('inet', 'pass')]

    def entrances(self):
        """[(service, host or '', port)] where connections come in: smtpd itself, or postscreen before it."""
        return [(one,) + listens_at(one) for one in self.named('smtpd', 'postscreen')
                if one.kind == 'inet' and listens_at(one)[1]]

    def maps(self):
        """{Map: the first parameter that names it} of all files of tables that are asked."""
        found: Dict[Map, str] = {}
        for name, value in self.parameters.items():
            for kind, path in MAP.findall(value):
                found.setdefault(Map(kind, path), name)
        for service in self.services:
            for name in service.options:
                for kind, path in MAP.findall(self.value(name, service)):
                    found.setdefault(Map(kind, path), '{}/{}'.format(service.label, name))
        return {table: name for table, name in found.items() if table.kind in FILE_TYPES or table.kind in TEXT_TYPES}


def words(text):
    """The words of a list: between commas and blanks, `{ a, b }` as one."""
    return [one for one in re.findall(r'\{[^}]*\}|[^\s,]+', text) if one]


def maps_in(text):
    """The tables of a value, in order."""
    return [Map(kind, path) for kind, path in MAP.findall(text)]


def listens_at(service):
    """(host or '', port) of an inet service: smtp, 587, [2001:db8::1]:25, 192.0.2.1:smtps."""
    host, colon, port = service.name.rpartition(':')
    number = {'smtp': 25, 'submission': 587, 'smtps': 465, 'submissions': 465}.get(port)
    if number is None:
        number = int(port) if port.isdigit() else 0
    return (host.strip('[]') if colon else ''), number
