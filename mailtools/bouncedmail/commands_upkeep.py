"""The commands that keep addresses and tables in order: suppressions, forgive, purge, initdb.

Options, the order of work, and how an answer looks; who is suppressed is for policy.py to say.
"""
import sys
import time

import click

from mailtools.base import failure, terminal
from mailtools.base.text import visible
from mailtools.bouncedmail import accessmap, policy, when
from mailtools.bouncedmail.commands_database import COLOURS, When, opened

SUPPRESSED = ('address', 'since', 'why', 'reason', 'hard', 'soft', 'complaint', 'last_at')


# -- suppressions --

@click.command('suppressions', short_help='The addresses not to mail again, and why.')
@terminal.output_options
@click.option('--map', 'form', flag_value='map', help='Print an access(5) map for check_recipient_access.')
@click.option('--text', 'form', flag_value='text', help='Print only the addresses.')
@click.option('--action', help='What the map says beside each address; else the setting map_action.')
@click.pass_obj
def suppressions(session, form, action):
    """Print the addresses that are not to be mailed again.

    Which these are is for the settings to say: hard_count, complaint_count,
    soft_days within soft_within. An address that has been put right is
    mailed again after `bouncedmail forgive`.

    \b
    Examples:
      bouncedmail suppressions
      bouncedmail suppressions --csv > suppressed.csv
      bouncedmail suppressions --map > suppressed && postmap suppressed
    """
    action = action_of(session, action)
    with opened(session) as store:
        if form == 'map':
            print_map(store.suppressed(), action)
        elif form == 'text':
            for facts in store.suppressed():
                print(visible(facts.address))
        else:
            terminal.show(SUPPRESSED, map(suppressed_row, store.suppressed()), form, colours=COLOURS)


def suppressed_row(facts):
    """The cells of one address."""
    reason = {'hard': facts.hard_reason, 'complaint': facts.complaint_type}.get(facts.suppressed_why)
    return (facts.address, facts.suppressed_since, facts.suppressed_why, reason,
            facts.hard, facts.soft, facts.complaint, facts.last_at)


def action_of(session, given):
    """The action of the map; raises UsageError for what access(5) can't hold."""
    action = session.settings.map_action if given is None else given
    if not action.strip() or not action.isprintable():
        raise click.UsageError('--action must be one line, such as REJECT or "REJECT text".')
    return action


def print_map(suppressed, action):
    """The map; addresses that no key can hold are told on standard error."""
    left_out = 0
    for facts in suppressed:
        line = accessmap.line_of(facts.address, action)
        if line is None:
            left_out += 1
        else:
            print(line)
    if left_out:
        failure.complain(
            'bouncedmail', '{} addresses left out that no access(5) map can safely hold'.format(left_out))


# -- forgive --

@click.command('forgive', short_help='Start the count of an address anew.')
@click.argument('addresses', metavar='ADDRESS...', nargs=-1, required=True)
@click.pass_obj
def forgive(session, addresses):
    """Start the count of each ADDRESS anew, so that it may be mailed again.

    What came until now doesn't count any more; the events stay. The exit
    status is 1 if nothing is known of one of them.
    """
    unknown = 0
    with opened(session) as store:
        for address in addresses:
            facts = store.forgive(address, when.stamp(time.time()))
            if facts is None:
                unknown += 1
                failure.complain('bouncedmail', 'nothing is known of {}'.format(visible(address)))
                continue
            print('{} forgiven, {}'.format(visible(facts.address), told(policy.judge(facts, store.policy))))
            session.log.info('forgiven', address=facts.address, was=facts.suppressed_why or 'not-suppressed')
    return failure.EX_ATTENTION if unknown else failure.EX_OK


def told(verdict):
    """What an address was, in words."""
    return 'was suppressed since {}: {}'.format(*verdict) if verdict.since else 'was not suppressed'


# -- purge --

@click.command('purge', short_help='Forget old mail.')
@click.option('--older-than', 'before', type=When(), required=True, metavar='AGE',
              help='An age like 90d, or a date.')
@click.option('--keep-events', is_flag=True, help='Forget only the mails themselves, not what they said.')
@click.option('--dry-run', is_flag=True, help='Only say how much there is to forget.')
@click.pass_obj
def purge(session, before, keep_events, dry_run):
    """Forget mail that came before a time, with its events.

    A suppressed address stays suppressed, and its counts stay. With partitions
    a month is dropped when all of it is old. SQLite fills the room with new
    mail; `sqlite3 FILE VACUUM` gives it back to the disk.

    \b
    Examples:
      bouncedmail purge --older-than 90d
      bouncedmail purge --older-than 30d --keep-events
    """
    now = time.time()
    window = when.stamp(now - policy.from_settings(session.settings).window_days * when.DAY_S)
    with opened(session) as store:
        work = store.purge(before, min(before, window), keep_events)
        mails, addresses = work.counted()
        if not dry_run:
            with terminal.progress(mails, 'forgetting') as bar:
                for count in work.run():
                    bar.update(count)
            session.log.info('purged', before=before, mails=mails, addresses=addresses,
                             keep_events=keep_events)
    if dry_run or sys.stdout.isatty():
        print('{}{} mails of before {}, {} addresses'.format(
            'would forget ' if dry_run else 'forgot ', mails, before, addresses))


# -- initdb --

@click.command('initdb', short_help='Create or migrate the tables.')
@click.option('--partition', type=click.Choice(('none', 'month')),
              help='PostgreSQL: a partition each month, so that `purge` drops whole tables.')
@click.pass_obj
def initdb(session, partition):
    """Create the tables of the database, or bring them up to date; safe to repeat.

    Also marks every address anew as suppressed or not, by the settings in
    force, for those who ask the table `address` themselves.
    """
    with opened(session) as store:
        print(store.initialise(when.stamp(time.time()), partition))
