"""`dns` and `warmup`: the records of the zone, and the days of a new sender."""
import datetime
import os
import subprocess

import click

from mailtools.base import terminal
from mailtools.base.commandline import FILE
from mailtools.base.failure import EX_USAGE, Failure, reason_of
from mailtools.mailsystem import dns as zones
from mailtools.mailsystem import warming
from mailtools.mailsystem.hosts import host_of
from mailtools.mailsystem.settings import site_of
from mailtools.mailsystem.values import SENDER, Record

TIMEOUT_S = 20
NOTE = '''Records of {domain}, rendered by mailsystem(8). Names are whole: paste each into the zone that has it.
PTR records are for who has the reverse zone of the address.'''


@click.command('dns', short_help='Print the records that the zone takes.')
@click.option('--key', type=FILE, metavar='FILE',
              help='The DKIM key, private or public (PEM), or the .txt of opendkim-genkey; else that of the settings.')
@terminal.output_options
@click.pass_obj
def dns(session, key, form):
    """Print the records that the zones take, ready to paste: MX, the round robin, SPF, DKIM, DMARC, PTR.

    \b
    Examples:
      mailsystem dns > records
      mailsystem dns --key mail.txt       on a host that may not read the private key
      mailsystem dns --json
    """
    site = site_of(session.settings)
    found = zones.records(site, key_in(key or site.dkim_key))
    if form:
        terminal.show(Record._fields, found, form)
    else:
        click.echo(zones.zone(found, site.bulk_name, NOTE.format(domain=site.domain)), nl=False)


def key_in(path):
    """The public key in a file, for a DKIM record; raises Failure."""
    try:
        with open(path, encoding='ascii', errors='replace') as file:
            text = file.read(1 << 16)
    except OSError as error:
        raise Failure('cannot read the DKIM key {}: {}; make it with opendkim-genkey -b 2048 -s SELECTOR -d DOMAIN, or '
                      'name its .txt with --key'.format(path, reason_of(error)))
    if 'PRIVATE KEY-----' in text:
        text = derived(path)
    try:
        return zones.public_key(text)
    except Failure as failure:
        raise Failure('{}: {}'.format(path, failure), failure.status)


def derived(path):
    """The public key of a private one, as PEM, by openssl(1): the key stays where it is."""
    try:
        done = subprocess.run(['openssl', 'pkey', '-in', os.path.abspath(path), '-pubout'], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure('cannot run openssl: {}'.format(reason_of(error)))
    if done.returncode:
        raise Failure('{}: openssl cannot read the key'.format(path))
    return done.stdout.decode('ascii', 'replace')


class Date(click.ParamType):
    """YYYY-MM-DD."""

    name = 'date'

    def convert(self, value, param, ctx):
        """The datetime.date."""
        try:
            return datetime.datetime.strptime(value, '%Y-%m-%d').date()
        except ValueError:
            self.fail('not a date like 2026-11-29', param, ctx)


@click.command('warmup', short_help='What a new sender may send each day.')
@click.option('--since', required=True, type=Date(), metavar='DATE', help='Its first day, YYYY-MM-DD.')
@click.option('--host', default='', metavar='NAME', help='Which sender; otherwise the last of the settings.')
@click.option('--records', is_flag=True, help='Print the records of the round robin, day by day.')
@click.option('--chart', is_flag=True, help='Print the table with bars.')
@terminal.output_options
@click.pass_obj
def warmup(session, since, host, records, chart, form):
    """Print, day by day, what share of all mail a new sender takes, and how many mails that is.

    A round robin gives each address the same. So the address of the new sender is in it for a part of the time: in
    so many `hours` of the day, for so many `minutes` of each. Go some days back when receivers defer its mail.

    \b
    Examples:
      mailsystem warmup --since 2026-12-01 --host mail4
      mailsystem warmup --since 2026-12-01 --chart
      mailsystem warmup --since 2026-12-01 --records
    """
    site = site_of(session.settings)
    if not site.senders:
        raise Failure('there is no section [sender NAME] in the settings', EX_USAGE)
    name = host_of(site, SENDER, host.lower() or site.senders[-1].name)
    plan = warming.days(since, len(site.senders), site.daily_volume, site.warmup_first, site.warmup_growth)
    if records:
        addresses = next(sender.addresses for sender in site.senders if sender.name == name)
        click.echo(warming.records(plan, site.bulk_name, addresses), nl=False)
    else:
        terminal.show(warming.Day._fields, plan, form, bar='volume' if chart else None)
