"""The commands of people: list, release, block, check, stats; explain is in a file of its own.

Options, the order of work, and how an answer looks; what is due is for due.py to say.
"""
import collections
import contextlib
import os
import time
from typing import Dict, List

import click

from mailtools.base import failure, terminal
from mailtools.base.settings import seconds
from mailtools.base.text import visible
from mailtools.block_sasl_fail import accessmap, due, networks, outage, state
from mailtools.block_sasl_fail.address import address_of
from mailtools.block_sasl_fail.policy import policy_of
from mailtools.block_sasl_fail.postfix import Postfix
from mailtools.block_sasl_fail.records import LASTING, MANUAL, Record
from mailtools.block_sasl_fail.scan import time_text

BLOCKED = ('client', 'why', 'since', 'until', 'failures', 'blocks')
SENTENCES = {
    'guessing': 'failed too often within find_time',
    'slow': 'failed too often over days',
    'neighbours': 'failed as many others of its network did',
    'network': 'many of its addresses failed',
    'daily': 'failed today (mode = daily)',
    'manual': 'blocked by a person',
    'shared': 'blocked by another host',
}
COLOURS = {'manual': 'yellow', 'shared': 'cyan'}


class Network(click.ParamType):
    """An address or a network, in the form that keys have."""

    name = 'address'

    def convert(self, value, param, ctx):
        """The networks.Network; what is IPv4 written as IPv6 is IPv4."""
        found = networks.parsed(value.strip().strip('[]').lower())
        if found is None:
            self.fail('"{}" is neither an address nor a network{}'.format(visible(value), meant(value)), param, ctx)
        return networks.parsed(address_of(networks.key_of(found).encode('ascii'))) if found.single else found


def meant(value):
    """`, did you mean 198.51.100.0/24?` for an address inside of a network with the network's prefix."""
    import ipaddress  # only a mistake pays for it

    try:
        return ', did you mean {}?'.format(ipaddress.ip_network(value.strip(), strict=False))
    except ValueError:
        return ''


class Duration(click.ParamType):
    """A time like 7d, in seconds."""

    name = 'time'

    def convert(self, value, param, ctx):
        """The seconds."""
        try:
            return seconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def moment(at):
    """A time for people, None for never."""
    return time_text(at) if at else None


def complain_of_no_state(session):
    """Say on stderr that nothing can be known; an empty answer would look like peace."""
    if not os.path.exists(session.settings.state):
        failure.complain(session.program, 'there is no state {}: scan has never run'.format(session.settings.state))


def plan_of(session, file, now):
    """What is in force."""
    return due.due(file.blocked(now), now, policy_of(session.settings))


# -- list --

@click.command('list', short_help='Who is blocked, why, and until when.')
@terminal.output_options
@click.option('--why', type=click.Choice(sorted(SENTENCES)), help='Only those that are blocked for this.')
@click.option('--text', 'form', flag_value='text', help='Print only the addresses and networks.')
@click.pass_obj
def list_blocks(session, form, why):
    """Print who is blocked, why, since when and until when.

    \b
    Examples:
      block-sasl-fail list
      block-sasl-fail list --why manual
      block-sasl-fail list --json
    """
    now = time.time()
    complain_of_no_state(session)
    with state.opened(session.settings.state, write=False) as file:
        blocks = [one for one in plan_of(session, file, now).blocks if why in (None, one.why)]
        known = file.load(one.key for one in blocks)
    blocks.sort(key=lambda one: networks.parsed(one.key))
    if form == 'text':
        for block in blocks:
            print(block.key)
        return
    terminal.show(BLOCKED, ((one.key, one.why, moment(one.since), moment(one.until), known[one.key].count,
                             known[one.key].blocks) for one in blocks), form, colours=COLOURS)


# -- release, block --

def counted_with(network):
    """The key of the network that an address is counted with; None for what is a network itself."""
    return networks.counted_with(networks.key_of(network)) if network.single else None


def exempt_by(session, network):
    """The network that keeps an address from being blocked, None."""
    own = tuple(session.settings.never_block)
    with contextlib.suppress(failure.Failure):          # without Postfix, what the settings say
        own += Postfix(session.settings.postfix_config).exempt()[0]
    return networks.Exempt(own).why(network) or None


def until_text(moment_text):
    """`until 2026-03-06T04:03:02Z`, or `for good`."""
    return 'for good' if moment_text == moment(LASTING) else 'until {}'.format(moment_text)


@click.command('release', short_help='Let an address in again.')
@click.argument('given', metavar='ADDRESS...', nargs=-1, required=True, type=Network())
@click.pass_obj
def release(session, given):
    """Let each ADDRESS in again, at once, and count its failures anew.

    The network that it is blocked with is released as well. The exit status is
    1 if one of them was not blocked.

    \b
    Examples:
      block-sasl-fail release 192.0.2.7
      block-sasl-fail release 198.51.100.0/24
    """
    now, missing = time.time(), 0
    with changing(session, now) as file:
        in_force = {one.key for one in plan_of(session, file, now).blocks}
        for network in given:
            wanted = [one for one in (networks.key_of(network), counted_with(network)) if one]
            wanted = wanted[:1] + [one for one in wanted[1:] if one in in_force]
            records = file.load(wanted)
            for record in records.values():
                record.forget(now)
            file.save(records)
            freed = [one for one in wanted if one in in_force]
            missing += not freed
            if not freed:
                failure.complain(session.program, '{} is not blocked'.format(wanted[0]))
            for key in freed:
                print('{} released'.format(key))
                session.log.info('released', client=key)
    return failure.EX_ATTENTION if missing else failure.EX_OK


@click.command('block', short_help='Block an address.')
@click.argument('given', metavar='ADDRESS...', nargs=-1, required=True, type=Network())
@click.option('--for', 'how_long', type=Duration(), metavar='TIME',
              help='How long, such as 7d; without it until `release`.')
@click.pass_obj
def block(session, given, how_long):
    """Block each ADDRESS, at once.

    A network is written as 198.51.100.0/24, and no wider than /16, or /32 for IPv6.

    \b
    Examples:
      block-sasl-fail block 192.0.2.7
      block-sasl-fail block 198.51.100.0/24 --for 7d
    """
    now = time.time()
    for network in given:
        why_not = exempt_by(session, network)
        if why_not:
            raise failure.Failure('cannot block {}: {}'.format(networks.key_of(network), why_not),
                                  failure.EX_USAGE)
    with changing(session, now) as file:
        for network in given:
            key = networks.key_of(network)
            record = file.load([key]).get(key) or Record(key)
            record.since, record.why = now, MANUAL
            record.until = LASTING if how_long is None else now + how_long
            file.save({key: record})
            print('{} blocked {}'.format(key, until_text(moment(record.until))))
            session.log.info('blocked', client=key, why=MANUAL, until=moment(record.until))


@contextlib.contextmanager
def changing(session, now):
    """The state, to be changed; when the block ends well the map follows."""
    path = session.settings.state
    with state.lock(path, wait_s=state.WAIT_S), state.opened(path) as file:
        with file.transaction():
            yield file
        accessmap.publish(plan_of(session, file, now), session.settings)


# -- stats --

@click.command('stats', short_help='How many guess, and from where.')
@terminal.output_options
@click.option('--by', type=click.Choice(('why', 'network', 'client')), default='why', show_default=True,
              help='What is counted together.')
@click.option('--top', type=click.IntRange(1), default=20, show_default=True, help='How many rows.')
@click.pass_obj
def stats(session, form, by, top):
    """Print clients, blocks and failures, counted by why they are blocked, by network, or each.

    \b
    Examples:
      block-sasl-fail stats
      block-sasl-fail stats --by network --top 10
    """
    now = time.time()
    complain_of_no_state(session)
    counts: Dict[str, List[int]] = collections.defaultdict(lambda: [0, 0, 0])
    with state.opened(session.settings.state, write=False) as file:
        in_force = {one.key: one.why for one in plan_of(session, file, now).blocks}
        for record in file.all():
            if record.key == outage.KEY or (not record.count and record.key not in in_force):
                continue
            whole = '/' in record.key and record.key not in in_force
            if whole or ('/' in record.key and by == 'client'):
                continue
            count = counts[group_of(record.key, by, in_force)]
            count[0] += 1
            count[1] += record.key in in_force
            count[2] += record.count if '/' not in record.key else 0
    most = sorted(counts.items(), key=lambda item: (-item[1][2], item[0]))[:top]
    terminal.show((by, 'clients', 'blocked', 'failures'), [(key,) + tuple(count) for key, count in most], form,
                  bar='failures')


def group_of(key, by, in_force):
    """What a client is counted with."""
    if by == 'why':
        return in_force.get(key, 'not blocked')
    return networks.counted_with(key) or key if by == 'network' else key


# -- check --

@click.command('check', short_help='Does Postfix really refuse who is blocked?')
@click.option('--try', 'try_it', is_flag=True,
              help='Try it with a copy of the services, started for a moment on loopback; for root.')
@click.pass_obj
def check(session, try_it):
    """Say whether a blocked client is kept from guessing, for a monitor, and how to mend it if not.

    By default Postfix asks the map only at RCPT TO, which a guesser never
    sends: this finds each service that offers AUTH without asking the map
    first, a map of the wrong type or place, an index that is stale. The exit status
    is that of Nagios: 0, 1 warning, 2 critical, 3 unknown.

    \b
    Examples:
      block-sasl-fail check
      block-sasl-fail check --try
    """
    from mailtools.block_sasl_fail.check import UNKNOWN, line_of
    from mailtools.block_sasl_fail.examine import examined
    try:
        settings, now, plan = session.settings, time.time(), None
        if os.path.exists(settings.state):
            with state.opened(settings.state, write=False) as file:
                plan = plan_of(session, file, now)
        findings = examined(settings, Postfix(settings.postfix_config), plan, try_it)
    except failure.Failure as failed:
        print('BLOCK-SASL-FAIL UNKNOWN - {}'.format(visible(str(failed)).replace('|', '/')))
        return UNKNOWN
    status, text = line_of(findings, [('blocked', len(plan.blocks) if plan else 0)])
    print(text)
    return status
