"""The man pages, section 8, one a program: made of what the programs say of themselves.

    mkman.py FOLDER

Of a program NAME in bin/, whose folder is mailtools/NAME/, come from
    __doc__ of the folder      NAME, DESCRIPTION, EXIT STATUS, FILES, SECURITY: titles at the margin, text indented;
                               what is indented further stands as it is
    cli.program, a click group SYNOPSIS, COMMANDS, OPTIONS, and EXAMPLES from its help
    program.HELP               the same, where there is no click
    the table of its settings  SETTINGS
so that a page says what --help and conf.d/ say.  The words are those of groff's man(7).
"""
import importlib
import importlib.util
import inspect
import os
import re
import sys

import click

import mailtools
from mailtools.base import commandline, settings

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIRST = ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'OPTIONS', 'SETTINGS')
SEE_ALSO = {                    # besides the other programs
    'autoreply': ('aliases(5)', 'local(8)', 'sendmail(1)'),
    'block-sasl-fail': ('access(5)', 'postmap(1)', 'postconf(5)', 'smtpd(8)'),
    'bouncedmail': ('aliases(5)', 'local(8)', 'bounce(5)'),
    'mailqueues': ('postqueue(1)', 'qshape(1)', 'ssh(1)'),
    'pflogsumm-report': ('pflogsumm(1)', 'journalctl(1)'),
}


# -- what a program says of itself --

def programs():
    """The names of all programs."""
    return sorted(os.listdir(os.path.join(CHECKOUT, 'bin')))


def module_of(name, part=''):
    """A module of a program's folder, or the folder itself; None when there is none."""
    path = 'mailtools.' + name.replace('-', '_') + ('.' + part if part else '')
    return importlib.import_module(path) if importlib.util.find_spec(path) else None


def group_of(name):
    """The click group of a program, None where it has none."""
    cli = module_of(name, 'cli')
    return cli.program if cli else None


def sections_of(text):
    """{title: text} of a docstring whose first line is `NAME - what it does`."""
    first, _, rest = inspect.cleandoc(text).partition('\n')
    found = re.split(r'^([A-Z][A-Z ]+)$\n', rest, flags=re.M)
    return dict([('NAME', first)] + [(title, dedented(body)) for title, body in zip(found[1::2], found[2::2])])


def dedented(text):
    """The text without the margin that all its lines have, nor empty lines around it."""
    return inspect.cleandoc('\n' + text).strip('\n')


# -- text to roff --

def escaped(text):
    """Text as roff has it: each character as itself."""
    text = text.replace('\\', '\\e').replace('-', '\\-').replace("'", '\\(aq').replace('`', '\\(ga')
    return re.sub(r'^\.', r'\\&.', text)


def marked(text):
    """Prose: `words` between backquotes, and *.conf paths, in bold."""
    parts = re.split(r'`([^`]+)`', text)
    return ''.join('\\fB{}\\fR'.format(escaped(part)) if place % 2 else escaped(part)
                   for place, part in enumerate(parts))


def paragraphs(text):
    """The roff lines of a text: paragraphs, what is indented as it stands, `path   what it is` as a list."""
    for block in re.split(r'\n\s*\n', text.strip('\n')):
        if not block.strip():
            continue
        lines = block.replace('\b\n', '').rstrip().split('\n')
        prose = next((at for at, line in enumerate(lines) if line.startswith('  ')), len(lines))
        if is_list(lines):
            yield from listed(lines)
            continue
        if prose:
            yield '.PP'
            yield marked(' '.join(line.strip() for line in lines[:prose]))
        if prose < len(lines):
            yield from as_it_stands(lines[prose:])


def as_it_stands(lines):
    """An example, without its margin."""
    yield from ('.PP', '.RS 4', '.nf')
    yield from (escaped(line) or '\\&' for line in dedented('\n'.join(lines)).split('\n'))
    yield from ('.fi', '.RE')


def is_list(lines):
    """True for rows of a path and, behind two blanks or more, what it is."""
    return bool(re.match(r'/\S+ {2,}\S', lines[0]))


def listed(lines):
    """The rows of a list; a line that begins far to the right goes on with the one before."""
    rows = []
    for line in lines:
        found = re.match(r'( {0,8}\S+) {2,}(\S.*)', line)
        if found:
            rows.append(list(found.groups()))
        elif line.startswith(' ' * 9):
            rows[-1][1] += ' ' + line.strip()
        else:
            rows.append([line, ''])
    for name, what in rows:
        yield from entry(name.strip(), what)


def entry(name, text):
    """One tagged paragraph."""
    yield from ('.TP', '\\fB{}\\fR'.format(escaped(name)), marked(' '.join(text.split())) or '\\&')


# -- the sections that are made --

def examples_of(text):
    """The lines below `Examples:` of a help text."""
    found = re.search(r'^Examples:\n((?:[ ]+.*\n?)+)', text, re.M)
    return dedented(found.group(1)) if found else ''


def of_click(name, group):
    """{title: roff lines} of a click group."""
    context = group.make_context(name, [], resilient_parsing=True)
    commands = [(one, group.get_command(context, one)) for one in group.list_commands(context)]
    shared = {option for one in commandline.shared_options() for option in one.opts} | {'--help'}
    return {
        'SYNOPSIS': ['.B ' + escaped(name), '\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]'],
        'COMMANDS': [line for one, command in commands for line in command_lines(context, one, command, shared)],
        'OPTIONS': ['.PP', 'Every command takes these, before or behind its name.'] + [
            line for one in commandline.shared_options() + [commandline.version_option(name)]
            for line in entry(*one.get_help_record(context))] + list(entry('--help', 'Show the help of the command.')),
        'EXAMPLES': list(as_it_stands(examples_of(inspect.cleandoc(group.help)).split('\n'))),
    }


def command_lines(parent, name, command, shared):
    """What there is to say of one command: its line, its help, its own options."""
    context = click.Context(command, info_name=name, parent=parent)
    yield '.SS "{}"'.format(escaped(' '.join([name] + command.collect_usage_pieces(context))))
    yield from paragraphs(inspect.cleandoc(command.help or ''))
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record and not set(param.opts) <= shared:
            yield from entry(*record)


def of_help(text):
    """{title: roff lines} of a --help that was written by hand: usage, text, options, examples."""
    usage, _, rest = text.partition('\n\n')
    options = re.findall(r'^  (-\S.*?)(?: {2,}|$)(.*)$', rest, re.M)
    return {
        'SYNOPSIS': list(as_it_stands([line[len('Usage: '):] for line in usage.split('\n')])),
        'OPTIONS': [line for row in options for line in entry(*row)],
        'EXAMPLES': list(as_it_stands(examples_of(rest).split('\n'))),
    }


def of_settings(name, table, part):
    """The roff lines that explain each setting."""
    more = ', and sections [{} {}]'.format(part.kind, part.name) if part else ''
    yield from paragraphs(
        '`{folder}/{name}.conf` has a section [{name}] with lines like `key = value`{more}. Times take s, m, h, d; '
        'sizes k, M, G. `{name} config` prints the settings in force and where each comes from. Here is each with '
        'its default.'.format(folder=settings.FOLDER, name=name, more=more))
    yield from rows_of(table)
    if part:
        yield '.SS "{}"'.format(escaped('[{} {}]'.format(part.kind, part.name)))
        yield from paragraphs(part.about)
        yield from rows_of(part.table)


def rows_of(table):
    """The rows of one table."""
    for setting in table:
        yield from entry('{} = {}'.format(setting.name, setting.default).rstrip(), setting.about)


def of_others(name):
    """The programs and manuals to go on with."""
    names = ['{}(8)'.format(one) for one in programs() if one != name] + list(SEE_ALSO.get(name, ()))
    return ['.PP', ', '.join('\\fB{}\\fR({}'.format(*escaped(one).split('(')) for one in sorted(names))]


# -- the page --

def page(name):
    """The text of one page."""
    written = sections_of(module_of(name).__doc__)
    called, _, does = written.pop('NAME').partition(' - ')
    group = group_of(name)
    made = of_click(name, group) if group else of_help(module_of(name, 'program').HELP)
    table = group.table if group else module_of(name, 'settings').table()
    made['SETTINGS'] = list(of_settings(name, table, group.part if group else None))
    made['NAME'] = ['{} \\- {}'.format(escaped(called), escaped(does.rstrip('.')))]
    made['SEE ALSO'] = of_others(name)
    for title, text in written.items():
        made[title] = list(paragraphs(text))
    last = [title for title in list(written) + ['EXAMPLES', 'SEE ALSO'] if title not in FIRST]
    lines = ['.\\" Made by rpm/mkman.py from what the program says of itself.',
             '.TH "{}" 8 "" "mailtools {}" "Mail servers"'.format(escaped(name.upper()), mailtools.__version__),
             '.nh', '.ad l']
    for title in FIRST + tuple(last):
        if made.get(title):
            lines.extend(['.SH "{}"'.format(title)] + made[title])
    return '\n'.join(lines) + '\n'


def main(folder):
    """Write all pages."""
    os.makedirs(folder, exist_ok=True)
    for name in programs():
        with open(os.path.join(folder, name + '.8'), 'w', encoding='utf-8') as file:
            file.write(page(name))


if __name__ == '__main__':
    main(sys.argv[1])
