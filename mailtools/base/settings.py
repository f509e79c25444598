"""What an administrator has set: an INI file and a table of settings -> values.

The table is the truth: a key that it does not know, or a value that its reader
refuses, stops the program with file, section, key and value named, for a mistyped
setting that is ignored is found a year later.  Values are read by the functions
below, each from text to value, ValueError for "cannot be".

The file is UTF-8 whatever the locale, without interpolation (a `%` in a password
is a `%`), keys are case-sensitive, `#` and `;` begin a comment only at the start of a
line, and a value goes on in lines that are indented.
"""
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from mailtools.base.failure import SettingsFailure, one_line, reason_of
from mailtools.base.text import as_system_has_it, visible

FOLDER = '/etc/mailtools'
UNITS_S = {'': 1, 's': 1, 'm': 60, 'h': 3600, 'd': 86400}
UNITS_BYTES = {'': 1, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30}
TRUTHS = {'yes': True, 'true': True, 'on': True, '1': True,
          'no': False, 'false': False, 'off': False, '0': False}
# postgresql://user:SECRET@host; in a libpq string (its manual, 34.1.1) or as a parameter
# of the address, password=SECRET or password='SEC RET'.
SECRETS = (r"(?P<user>://[^/:@\s]*:)\S+(?=@)"
           r"|(?P<key>\b(?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|[^\s&]+)")


class Setting(NamedTuple):
    """One row of a program's table."""

    name: str
    read: Callable[[str], Any]      # text -> value; ValueError says what is wrong with it
    default: str                    # as text, like in the file
    about: str                      # for the shipped file and the manual


class Part(NamedTuple):
    """A kind of section that there may be several of: [host mx1], [host mail1], ..."""

    kind: str                       # the first word of their titles; the attribute of Settings
    name: str                       # what the rest of a title is, for the shipped file: NAME
    about: str
    table: Tuple[Setting, ...]


class Row(NamedTuple):
    """One setting in force, for `PROGRAM config`."""

    name: str
    value: str                      # as written, secrets masked
    origin: str                     # the file, or `default`


class Settings:
    """The values in force: an attribute each; `path` is the file, None for defaults only."""

    def __init__(self, values: Dict[str, Any], rows: List[Row], path=None):
        self.__dict__.update(values)
        self.rows = rows
        self.path = path

    def __getattr__(self, name) -> Any:     # only asked when there is no such attribute
        raise AttributeError('no setting is called {}'.format(name))


def load(program, table: Tuple[Setting, ...], path=None, part: Optional[Part] = None) -> Settings:
    """The settings of `program`, from `path` or else its file in /etc/mailtools.

    Without `path` a missing file means defaults; a file that was asked for
    must be there.  With `part`, the attribute of its kind is {name: {setting: value}}, in the
    order of the file.  Raises SettingsFailure.
    """
    where = str(path) if path else '{}/{}.conf'.format(FOLDER, program)
    text = read_file(where, must_exist=path is not None)
    written = parse(text or '', where, program, part)
    values, rows = read_section(written.pop(program, {}), table, where, program)
    if part:
        values[part.kind] = several = {}
        for section, keys in written.items():
            name = section.split(None, 1)[1]
            several[name], more = read_section(keys, part.table, where, section)
            rows.extend(row._replace(name='[{}] {}'.format(section, row.name)) for row in more)
    return Settings(values, rows, where if text is not None else None)


def read_section(written, table, where, section) -> Tuple[Dict[str, Any], List[Row]]:
    """({setting: value}, their rows) of the {key: text} of one section; raises SettingsFailure."""
    refuse_unknown(written, table, where, section)
    values, rows = {}, []
    for setting in table:
        given = setting.name in written
        value = written.get(setting.name, setting.default)
        values[setting.name] = convert(setting, value, where, section)
        rows.append(Row(setting.name, masked(visible(value)), where if given else 'default'))
    return values, rows


def read_file(where, must_exist):
    """The text of the file, None when it is missing and may be."""
    try:
        with open(where, encoding='utf-8-sig') as file:
            return file.read()
    except FileNotFoundError as error:
        if must_exist:
            raise SettingsFailure('cannot read {}: {}'.format(where, reason_of(error)))
        return None
    except OSError as error:
        raise SettingsFailure('cannot read {}: {}'.format(where, reason_of(error)))
    except UnicodeDecodeError as error:
        raise SettingsFailure('{}: not UTF-8: {}'.format(where, one_line(error)))


def parse(text, where, program, part=None):
    """{section: {key: text}}: [program] and, with `part`, [KIND NAME]; no others there may be."""
    found = plain(text, program)
    if found is not None:
        return found
    import configparser  # takes a third of the time that a program from cron needs to start

    parser = configparser.ConfigParser(
        interpolation=None, delimiters=('=',), comment_prefixes=('#', ';'),
        inline_comment_prefixes=None, strict=True, empty_lines_in_values=False,
        default_section='\0')       # so that [DEFAULT] is a section that nobody knows
    parser.optionxform = str        # type: ignore  # keys are told apart by case
    try:
        parser.read_string(text, where)
    except configparser.Error as error:
        raise SettingsFailure('{}{}'.format(where, what_is_broken(error, text.split('\n'))))
    for section in parser.sections():
        if section != program and not (part and is_part(section, part)):
            raise SettingsFailure('{}: [{}]: unknown section, only [{}]{} is read'.format(
                where, visible(section), program, ' or [{} {}]'.format(part.kind, part.name) if part else ''))
    return {section: {key: ' '.join(value.split('\n')).strip() if value else ''
                      for key, value in parser.items(section)} for section in parser.sections()}


def plain(text, program):
    """As parse(), for a file with [program] and one line a setting; None for any other, and for every mistake."""
    found: Dict[str, Dict[str, str]] = {}
    written = None
    for line in text.split('\n'):
        if not line.strip() or line.strip()[0] in '#;':
            continue
        if written is None:
            if line.rstrip() != '[{}]'.format(program):
                return None
            written = found[program] = {}
            continue
        key, equals, value = line.partition('=')
        key = key.rstrip()
        if not equals or not key or key[0] == '[' or key[0].isspace() or key in written:
            return None
        written[key] = value.strip()
    return found


def is_part(section, part):
    """True for `host mx1`: the kind, one blank, and a name that can stand in a file or a column."""
    kind, _, name = section.partition(' ')
    return kind == part.kind and re.match(r'[A-Za-z0-9][A-Za-z0-9._-]{0,252}\Z', name)


def what_is_broken(error, lines):
    """`, line 3: ...` of an error of configparser, whose own text takes several lines."""
    line, saying = getattr(error, 'lineno', None), one_line(error)
    import configparser

    if isinstance(error, configparser.MissingSectionHeaderError):
        saying = 'a setting before the first [section]'
    elif isinstance(error, configparser.DuplicateOptionError):
        saying = '[{}] {}: set twice'.format(visible(error.section), visible(error.option))
    elif isinstance(error, configparser.DuplicateSectionError):
        saying = '[{}]: begins twice'.format(visible(error.section))
    elif isinstance(error, configparser.ParsingError) and error.errors:
        line = error.errors[0][0]   # what stands beside it differs from version to version
        saying = 'neither `key = value` nor [section]: {}'.format(masked(visible(lines[line - 1].strip())))
    return '{}: {}'.format(', line {}'.format(line) if line else '', saying)


def refuse_unknown(written, table, where, program):
    """Raise SettingsFailure for the first key that the table lacks."""
    names = [setting.name for setting in table]
    for key in written:
        if key not in names:
            import difflib  # only a mistake pays for it

            close = difflib.get_close_matches(key.lower(), names, 1)
            raise SettingsFailure('{}: [{}] {} = {}: unknown setting{}'.format(
                where, program, visible(key), masked(visible(written[key])),
                ', did you mean {}?'.format(close[0]) if close else ''))


def convert(setting, value, where, program):
    """The value of one setting, or SettingsFailure with all that helps to find it."""
    try:
        return setting.read(value)
    except ValueError as error:
        raise SettingsFailure('{}: [{}] {} = {}: {}'.format(
            where, program, setting.name, masked(visible(value)), one_line(error)))


def masked(text):
    """The text with passwords of database addresses as `***`."""
    if '://' not in text and 'password' not in text.lower():
        return text             # nearly all are; the pattern takes as long to compile as a file to read
    return re.sub(SECRETS, lambda found: (found.group('user') or found.group('key')) + '***', text,
                  flags=re.IGNORECASE)


def example(program, table, part=None):
    """The text of the shipped file: each setting explained, with its default, commented out."""
    lines = ['# Settings of {}(8): each with its default.'.format(program),
             '# Times take s, m, h, d; sizes k, M, G.',
             '# `{} config` prints those in force.'.format(program), '', '[{}]'.format(program)]
    lines.extend(explained(table))
    if part:
        lines.extend([''] + wrapped(part.about) + ['#[{} {}]'.format(part.kind, part.name)])
        lines.extend(explained(part.table))
    return '\n'.join(lines) + '\n'


def explained(table):
    """The lines on the settings of one section."""
    for setting in table:
        yield ''
        yield from wrapped(setting.about)
        yield '#{} = {}'.format(setting.name, setting.default).rstrip()


def wrapped(about):
    """A sentence as lines of comment."""
    import textwrap  # only who shows the settings pays for it

    return textwrap.wrap(about, 94, initial_indent='# ', subsequent_indent='# ')


# Readers: text -> value, ValueError says what the value should be.

def text(value):
    """Any text; empty is allowed."""
    return value


def some_text(value):
    """Text that may not be empty."""
    if not value:
        raise ValueError('must not be empty')
    return value


def path(value):
    """An absolute path, as the system has it: daemons and pipes have no folder of their own."""
    if not value.startswith('/') or '\0' in value:
        raise ValueError('not an absolute path')
    return as_system_has_it(value)


def optional_path(value):
    """An absolute path, or nothing."""
    return path(value) if value else ''


def integer(value):
    """A whole number, 0 or more."""
    if not re.match(r'[0-9]{1,15}\Z', value):
        raise ValueError('not a whole number')
    return int(value)


def positive(value):
    """A whole number, 1 or more."""
    if integer(value) < 1:
        raise ValueError('must be at least 1')
    return int(value)


def boolean(value):
    """yes or no, in the spellings of configparser."""
    if value.lower() not in TRUTHS:
        raise ValueError('neither yes nor no')
    return TRUTHS[value.lower()]


def seconds(value):
    """A time like 90, 90s, 1.5m, 2h or 30d, in seconds (int where it is whole)."""
    found = re.match(r'([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([smhd]?)\Z', value)
    if not found:
        raise ValueError('not a time like 30s, 10m, 12h or 7d')
    time_s = float(found.group(1)) * UNITS_S[found.group(2)]
    return int(time_s) if time_s == int(time_s) else time_s


def size(value):
    """A number of bytes like 4096, 64k, 16M or 1G (k = 1024)."""
    found = re.match(r'([0-9]{1,12}) ?([kKmMgG]?)\Z', value)
    if not found:
        raise ValueError('not a size like 64k, 16M or 1G')
    return int(found.group(1)) * UNITS_BYTES[found.group(2).lower()]


def words(value):
    """Words between blanks or commas, as a tuple."""
    return tuple(value.replace(',', ' ').split())


def one_of(*choices):
    """A reader that takes one of these words."""
    def read(value):
        if value not in choices:
            raise ValueError('must be one of: {}'.format(', '.join(choices)))
        return value
    return read
