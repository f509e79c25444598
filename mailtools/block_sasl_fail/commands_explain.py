"""The command `explain`: all that is known of an address, in words or as one JSON object."""
import copy
import json
import time

import click

from mailtools.base import failure
from mailtools.base.text import visible
from mailtools.block_sasl_fail import networks, outage, state
from mailtools.block_sasl_fail.commands_block import (
    SENTENCES,
    Network,
    complain_of_no_state,
    counted_with,
    exempt_by,
    moment,
    plan_of,
    until_text,
)
from mailtools.block_sasl_fail.policy import policy_of
from mailtools.block_sasl_fail.weights import scores

USERS_SHOWN = 10


@click.command('explain', short_help='Why an address is blocked, or is not.')
@click.argument('network', metavar='ADDRESS', type=Network())
@click.option('--json', 'as_json', is_flag=True, help='Print one JSON object.')
@click.pass_obj
def explain(session, network, as_json):
    """Say why ADDRESS is blocked, or is not: its score, and the lines of the log that count.

    The exit status is 1 if nothing is known of it.

    \b
    Examples:
      block-sasl-fail explain 192.0.2.7
      block-sasl-fail explain 2001:db8::/64
    """
    complain_of_no_state(session)
    with state.opened(session.settings.state, write=False) as file:
        facts = facts_of(session, file, network, time.time())
    if as_json:
        print(json.dumps(facts, default=str))
    else:
        for sentence in sentences(facts, session.settings):
            print(sentence)
    return failure.EX_OK if facts['known'] else failure.EX_ATTENTION


def facts_of(session, file, network, now):
    """What is known of an address or network, as a dict; times in ISO 8601."""
    key, policy = networks.key_of(network), policy_of(session.settings)
    around = counted_with(network)
    found = file.load([one for one in (key, around, outage.KEY) if one])
    record, outages = found.get(key), found.get(outage.KEY) or outage.Outages()
    in_force = {one.key: one for one in plan_of(session, file, now).blocks}
    blocks = [in_force[one] for one in (key, around) if one in in_force]
    quick, slow = scores_of(record, outages, now, policy) if record else (0, 0)
    return {
        'client': key, 'known': record is not None or bool(blocks), 'never_blocked': exempt_by(session, network),
        'blocked': [{'client': one.key, 'why': one.why, 'since': moment(one.since), 'until': moment(one.until)}
                    for one in blocks],
        'failures': record.count if record else 0, 'last_failure': moment(record and record.last),
        'score': round(quick, 2), 'slow_score': round(slow, 2), 'blocks': record.blocks if record else 0,
        'last_login': moment(record and record.login), 'users': record.users if record else [],
        'released': moment(record and record.released),
        'network': around, 'network_clients': len(found[around].members) if around in found else 0,
        'outage': bool(outages.since),
        'lines': [{'file': one.path, 'offset': one.offset, 'line': one.line} for one in file.evidence(key)],
    }


def scores_of(record, outages, now, policy):
    """The scores of now, or of a client that is blocked for them those that it is blocked for."""
    if record.until <= now or not record.crossed:
        return scores(record, outages, now, policy)
    before = copy.copy(record)
    before.crossed = 0
    return scores(before, outages, record.crossed, policy)


def sentences(facts, settings):
    """The facts in words."""
    if not facts['known']:
        yield 'nothing is known of {}'.format(facts['client'])
    for block in facts['blocked']:
        yield '{} is blocked since {} {}: {} ({})'.format(
            block['client'], block['since'], until_text(block['until']), SENTENCES[block['why']], block['why'])
    if facts['known'] and not facts['blocked']:
        yield '{} is not blocked'.format(facts['client'])
    if facts['never_blocked']:
        yield 'it can not be blocked: {}'.format(facts['never_blocked'])
    if facts['known'] and not facts['failures']:
        yield 'no failure of it is known'
    elif facts['known']:
        yield 'score {}{:g}, blocked above {:g} within {}; over days {:g}, blocked above {:g}'.format(
            'when it was blocked ' if facts['blocked'] else '', facts['score'], settings.max_failures,
            span(settings.find_time), facts['slow_score'], settings.slow_failures)
        yield '{} failures, the last {}; blocked {}; last login {}{}'.format(
            facts['failures'], facts['last_failure'] or 'never',
            '{} times in a row'.format(facts['blocks']) if facts['blocks'] > 1 else
            'once' if facts['blocks'] else 'never before',
            facts['last_login'] or 'never', named(facts['users']))
    if facts['network_clients'] > 1:
        yield '{} clients of {} have failed'.format(facts['network_clients'], facts['network'])
    if facts['outage']:
        yield 'known clients fail to log in all at once: nobody is blocked for it'
    for line in facts['lines']:
        yield '{}:{}: {}'.format(visible(line['file']), line['offset'], visible(line['line']))
    if facts['blocked']:
        yield 'to let it in again: block-sasl-fail release {}'.format(facts['client'])


def named(users):
    """` by anna, berta and 250 more`."""
    shown = ', '.join(map(visible, users[-USERS_SHOWN:]))
    return '{}{}{}'.format(' by ' if users else '', shown, ' and {} more'.format(
        len(users) - USERS_SHOWN) if len(users) > USERS_SHOWN else '')


def span(given):
    """Seconds as in the settings: 1h."""
    for size, unit in ((86400, 'd'), (3600, 'h'), (60, 'm')):
        if given >= size and given % size == 0:
            return '{:g}{}'.format(given / size, unit)
    return '{:g}s'.format(given)
