"""The commands that ask what came back: list, show, stats.

Options, the order of work, and how an answer looks; the questions are in store/.
"""
import contextlib
import json
import sys
import time

import click

from mailtools.base import failure, terminal
from mailtools.base.text import visible
from mailtools.bouncedmail import policy, when
from mailtools.bouncedmail.report import HARD, KINDS, SOFT, Event
from mailtools.bouncedmail.store import open_store
from mailtools.bouncedmail.store.questions import GROUPS, Filter
from mailtools.bouncedmail.store.rows import event_of

COLOURS = {HARD: 'red', 'complaint': 'red', SOFT: 'yellow', 'delay': 'yellow'}
COLUMNS = ('received_at', 'kind', 'recipient', 'status', 'severity', 'reason', 'mail')
FIELDS = ('mail', 'number', 'received_at') + Event._fields
ID_SHOWN = 12               # digits of an id in a table: enough for `show`


# -- what the commands share --

@contextlib.contextmanager
def opened(session):
    """The store of the settings, closed in the end."""
    store = open_store(session.settings.database, policy.from_settings(session.settings))
    try:
        yield store
    finally:
        store.close()


class When(click.ParamType):
    """A time that a person writes, as the database has it."""

    name = 'when'

    def __init__(self, read=when.time_of):
        self.read = read

    def convert(self, value, param, ctx):
        """Text -> what `read` makes of it."""
        try:
            return self.read(value, time.time()) if isinstance(value, str) else value
        except ValueError as error:
            return self.fail('{}: {}'.format(visible(value), error), param, ctx)


class Header(click.ParamType):
    """NAME=VALUE of a header that is kept."""

    name = 'header'

    def convert(self, value, param, ctx):
        """Text -> (name, value)."""
        if isinstance(value, tuple):
            return value
        name, equals, wanted = value.partition('=')
        if not equals or not name:
            self.fail('{}: not NAME=VALUE'.format(visible(value)), param, ctx)
        return name, wanted


def filter_options(command):
    """Options that say which events are wanted; the command is called with `wanted`, a Filter."""
    options = [
        click.option('--recipient', metavar='ADDRESS', help='Of this recipient, however it is capitalised.'),
        click.option('--domain', help='Of recipients in this domain.'),
        click.option('--since', type=When(), metavar='TIME',
                     help='Not earlier: 2026-11-22, 2026-11-22T21:19 (UTC), today, or an age like 7d.'),
        click.option('--until', type=When(), metavar='TIME', help='Earlier than this.'),
        click.option('--day', type=When(when.day_of), metavar='DAY', help='Of this day (UTC).'),
        click.option('--reason', help='With this reason, such as userunknown.'),
        click.option('--severity', type=click.Choice((HARD, SOFT))),
        click.option('--kind', type=click.Choice(KINDS)),
        click.option('--message-id', metavar='ID', help='Of the bounce, or of the mail that came back.'),
        click.option('--header', type=Header(), metavar='NAME=VALUE',
                     help='Of the mail that came back; headers are kept that the settings name.'),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def filter_of(session, day=None, header=None, message_id=None, **given):
    """The Filter that the options state."""
    if day:
        if given['since'] or given['until']:
            raise click.UsageError('--day and --since or --until exclude each other.')
        given['since'], given['until'] = day
    if header:
        header = (kept_name(session, header[0]), header[1])
    return Filter(header=header, message_id=message_id and message_id.strip().strip('<>'), **given)


def kept_name(session, name):
    """The header's name as the settings spell it, else as given: it may have been kept in former times."""
    spelled = {kept.lower(): kept for kept in session.settings.headers}
    return spelled.get(name.lower(), name)


def object_of(row):
    """What --json prints of an event: the fields of `parse`, but the mail's id and number for its source."""
    mail, number, received_at, event = event_of(row)
    fields = {'mail': mail, 'number': number, 'received_at': received_at}
    fields.update(event._asdict())
    return fields


# -- list --

@click.command('list', short_help='What came back, newest first.')
@filter_options
@click.option('--limit', type=click.IntRange(0), metavar='N',
              help='At most so many rows; 100 for a table, without it all for --json and --csv.')
@terminal.output_options
@click.pass_obj
def list_(session, limit, form, **given):
    """Print the events that meet every option, newest first.

    \b
    Examples:
      bouncedmail list --domain example.org --since 7d
      bouncedmail list --day yesterday --severity hard --csv
      bouncedmail list --message-id 20261122211937.4F@mail1.example.com
      bouncedmail list --header X-Campaign=spring --json
    """
    if limit is None and form in (None, terminal.TABLE):
        limit = 100
    with opened(session) as store:
        objects = map(object_of, store.search(filter_of(session, limit=limit, **given)))
        if form == terminal.JSON:
            print_objects(objects)
        elif form == terminal.CSV:
            terminal.show(FIELDS, (tuple(one[name] for name in FIELDS) for one in objects), form)
        else:
            terminal.show(COLUMNS, map(table_row, objects), colours=COLOURS)


def print_objects(objects):
    """JSON Lines: ASCII, so that every reader of every locale takes it."""
    encode, write = json.JSONEncoder(check_circular=False).encode, sys.stdout.write
    for one in objects:
        write(encode(one) + '\n')


def table_row(one):
    """The cells of one event; the id short."""
    return tuple(one[name] for name in COLUMNS[:-1]) + (one['mail'][:ID_SHOWN],)


# -- show --

@click.command('show', short_help='All that is known of one mail.')
@click.argument('name', metavar='ID')
@click.option('--raw', is_flag=True, help='Print the mail as it came.')
@click.option('--json', 'as_json', is_flag=True, help='Print one object, without the mail itself.')
@click.pass_obj
def show(session, name, raw, as_json):
    """Print all that is known of one mail.

    ID is the one that `list` prints, its beginning, or a Message-ID, of the
    bounce or of the mail that came back.

    \b
    Examples:
      bouncedmail show 7f3ac0de
      bouncedmail show --raw 7f3ac0de > bounce.eml
    """
    with opened(session) as store:
        mail, events = store.mail(only(store.find(name), name))
    if raw:
        print_raw(mail)
    elif as_json:
        del mail['raw']
        print_objects([dict(mail, events=[object_of(row) for row in events])])
    else:
        print_mail(mail, events)


def only(found, name):
    """The one id found; raises Failure for none or several."""
    if not found:
        raise failure.Failure('no mail is called {}'.format(visible(name)))
    if len(found) > 1:
        raise failure.Failure('{} is the name of several mails: {}'.format(
            visible(name), ' '.join(id[:ID_SHOWN] for id in found)))
    return found[0]


def print_raw(mail):
    """The mail's octets on standard output."""
    if mail['raw'] is None:
        raise failure.Failure('the mail itself was purged, its events are kept')
    sys.stdout.flush()
    sys.stdout.buffer.write(mail['raw'])
    sys.stdout.buffer.flush()


def print_mail(mail, events):
    """Everything but the mail itself, a field a line; what is not known is left out."""
    for name, value in mail.items():
        if name not in ('body', 'raw'):
            print_field(name, value)
    for row in events:
        one = object_of(row)
        print('\nevent {}'.format(one['number']))
        for name, value in one.items():
            if name not in ('mail', 'number', 'received_at', 'message_id'):
                print_field(name, value)
    if mail['body']:
        print()
        for line in mail['body'].splitlines():
            print('  ' + visible(line.expandtabs()))


def print_field(name, value):
    """`name: value` in columns."""
    if value not in (None, '', {}):
        print('{:20} {}'.format(name.replace('_', ' '), terminal.cell_text(value)))


# -- stats --

@click.command('stats', short_help='How much came back: by reason, domain, day, format or header.')
@click.option('--by', default='reason', metavar='|'.join(GROUPS) + '|header:NAME', show_default=True,
              help='What to count by.')
@click.option('--top', type=click.IntRange(1), metavar='N', help='Only the N most frequent.')
@filter_options
@terminal.output_options
@click.pass_obj
def stats(session, by, top, form, **given):
    """Count events: all, the hard and the soft ones.

    \b
    Examples:
      bouncedmail stats --since 30d
      bouncedmail stats --by domain --top 20 --severity hard
      bouncedmail stats --by header:X-Campaign
    """
    if by.startswith('header:'):
        group, title = ('header', kept_name(session, by[len('header:'):])), by[len('header:'):]
    elif by in GROUPS:
        group = title = by
    else:
        raise click.BadParameter('must be one of {}, header:NAME'.format(', '.join(GROUPS)),
                                 param_hint='--by')
    with opened(session) as store:
        rows = store.tally(group, filter_of(session, **given))
    if top and by != 'day':
        rows = rows[:top]
    columns = (title, 'events', HARD, SOFT)
    if form in (None, terminal.TABLE):
        rows = [(value or '-',) + tuple(counts) for value, *counts in rows]
    terminal.show(columns, rows, form, bar='events')
