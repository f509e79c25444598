"""Are the tables of Postfix there, of a type it knows, and as new as their text?  And who owns the pipes?

A table that is named and missing makes smtpd answer 451 to everybody; an index older than its text serves what it was
made from.  local(8) runs `|command` of an alias as the owner of the table, as nobody when root owns it (local(8),
"DELIVERY RIGHTS"): then bouncedmail may not write into its spool.
"""
from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.postfix import FILE_TYPES, maps_in
from mailtools.mailsystem.checks.said import critical, good, of_each, warning

NAMES = ('map-missing', 'map-stale', 'map-type', 'alias-owner', 'alias-bounces', 'alias-donotreply')
USER = 'mailtools'
MAINTAINED = ('address_verify_map', '_cache_map', '_cache_database')     # tables that Postfix writes itself
# (setting with the local part, program that the alias must run, roles of hosts that have it)
ALIASES = (('bounces', 'bouncedmail', ('mx', 'sender')), ('donotreply', 'autoreply', ('mx',)))
CLOCK_GRAIN_S = 1               # of a file system; an index made at once is no older than its text


def find(host):
    """Findings on all tables, then on the aliases of our programs."""
    return of_each(host, ('map-stale', judge_tables), ('alias-bounces', judge_aliases))


def judge_tables(host):
    """What is wrong with tables; one line for all that are well."""
    known = {one.strip() for one in probes.output(host.postfix_command('postconf', '-m')).splitlines()}
    tables = [(table, parameter) for table, parameter in sorted(host.postfix.maps().items())
              if not any(one in parameter for one in MAINTAINED)]
    found = of_each(host, *[('map-stale', lambda one, table=table, parameter=parameter: judge_table(
        table, parameter, known, one.seen(table.path), one.seen(index_of(table)))) for table, parameter in tables])
    return [one for one in found if one.level != 'ok'] or [
        good('map-stale', '{} tables are there, and as new as their text'.format(len(tables)))]


def index_of(table):
    """The path of the file that is asked."""
    return table.path + FILE_TYPES.get(table.kind, '')


def judge_table(table, parameter, known, text, index):
    """Findings on one table.

    known: types that Postfix reads.  text, index: host.Seen or None; the same for a table without an index.
    """
    make = '{} {}'.format('postalias' if 'alias' in parameter and 'virtual' not in parameter else 'postmap', table)
    if known and table.kind not in known:
        return [critical('map-type', '{} names {}, but this Postfix has no tables of type {}'.format(
            parameter, table, table.kind), 'name it as {}:{}, or install the package postfix-{}'.format(
                'lmdb' if 'lmdb' in known else 'texthash', table.path, table.kind))]
    if index is None and text is None:
        return [critical('map-missing', '{} names {}, which is not there: mail that needs it is deferred'.format(
            parameter, table), 'write {} and run: {}'.format(table.path, make))]
    if index is None:
        return [critical('map-missing', '{} names {}, which was never made of its text: mail that needs it is '
                         'deferred'.format(parameter, table), make)]
    if text is not None and index.changed + CLOCK_GRAIN_S < text.changed:
        return [critical('map-stale', '{} is older than its text: Postfix serves what stood there {} before'.format(
            index_of(table), span(text.changed - index.changed)), make)]
    if index.mode & 0o022:
        return [critical('map-missing', '{} can be written by others than its owner (mode {:o})'.format(
            index_of(table), index.mode), 'chmod go-w {}'.format(index_of(table)))]
    return [good('map-stale', '{} is as new as its text'.format(table))]


def span(seconds):
    """A span of time in its greatest unit."""
    for unit_s, unit in ((86400, 'd'), (3600, 'h'), (60, 'min')):
        if seconds >= unit_s:
            return '{:.0f} {}'.format(seconds / unit_s, unit)
    return '{:.0f} s'.format(seconds)


# -- our aliases --

def judge_aliases(host):
    """Findings on the aliases that feed bouncedmail and autoreply."""
    found = []
    tables = [one for one in maps_in(host.postfix.value('alias_maps')) if host.seen(index_of(one)) is not None]
    for alias, program, roles in ALIASES:
        if host.role not in roles:
            continue
        local = getattr(host.site, alias)
        hits = [(table, host.queried('postalias', table, local)) for table in tables]
        hits = [(table, says) for table, says in hits if says]
        owner = host.seen(index_of(hits[0][0])).owner if hits else ''
        found += judge_alias(alias, local, program, hits[0] if hits else None, owner)
    return found


def judge_alias(alias, local, program, hit, owner):
    """Findings on one alias.

    alias: bounces or donotreply.  hit: (Map, what it says) or None.  owner: of the file that is asked.
    """
    name = 'alias-' + alias
    if hit is None:
        return [critical(name, 'no alias {}: mail for it bounces, and {} gets nothing'.format(local, program),
                         'install the aliases of mailtools that `mailsystem render` makes, and run: newaliases')]
    table, says = hit
    if program not in says:
        return [warning(name, 'the alias {} in {} does not go to {}: {}'.format(local, table, program, says[:80]),
                        'let {} run {} in {}'.format(local, program, table.path))]
    if '|' not in says:
        return [good(name, '{} goes to {}'.format(local, says[:80]))]
    if owner != USER:
        return [critical('alias-owner', '{} belongs to {}, so that {} runs as {}, which may not write its spool'.format(
            index_of(table), owner or 'nobody', program, 'nobody' if owner == 'root' else owner),
            'chown {} {} {}'.format(USER, table.path, index_of(table)))]
    return [good(name, '{} runs {} as {}'.format(local, program, owner))]
