"""Do the names and addresses of the hosts agree: HELO, A, PTR, MX, round robin?

Receivers look up the address that comes, the name that it has, the address of that name, and the name in HELO, and
distrust who differs.
"""
import ipaddress

from mailtools.mailsystem.checks.lookup import FAILED, FOUND, NO_LIBRARY, addresses
from mailtools.mailsystem.checks.said import critical, good, unknown, warning

NAMES = ('dns-resolver', 'myhostname', 'helo-address', 'ptr', 'ptr-helo', 'mx', 'mx-cname', 'mx-address',
         'round-robin')


def find(host):
    """Findings on the names of this host and of the site."""
    site, ask = host.site, host.ask
    dead = judge_resolver(site.domain, ask)
    if dead[0].level != 'ok':
        return dead
    found = list(dead)
    if host.role != 'client':
        found += judge_helo(host.helo(), host.addresses(), ask, host.rightful_name())
    for address in host.addresses():
        found += judge_ptr(address, host.helo(), ask)
    if host.role == 'mx':
        for domain in host.domains:
            found += judge_mx(domain, site.mx, ask)
    if host.role != 'client':
        found += judge_round_robin(site, ask)
    return found


def judge_resolver(domain, ask):
    """Does DNS work at all?  Without it Postfix defers all mail."""
    answer = ask(domain, 'MX')
    if answer.why == NO_LIBRARY:
        return [unknown('dns-resolver', NO_LIBRARY + ': nothing of DNS can be checked', 'install python3-dns')]
    if answer.status == FAILED:
        again = ask('.', 'NS')          # of a domain that is broken, only that is broken
        if again.status == FAILED:
            return [critical('dns-resolver', 'DNS does not answer ({}): no mail goes out, and strangers are told 450'
                             .format(answer.why), 'mend /etc/resolv.conf, or start the resolver that it names')]
    return [good('dns-resolver', 'DNS answers')]


def judge_helo(helo, own, ask, wanted):
    """Is the HELO name a host name that leads to the address that mail comes from?  wanted: what it should be."""
    fix = "postconf -e 'myhostname = {}' && postfix reload".format(wanted)
    if '.' not in helo.strip('.') or helo.endswith(('.localdomain', '.local')):
        return [critical('myhostname', 'the HELO name {} is not fully qualified: receivers refuse it'.format(
            helo or "''"), fix)]
    found, failed = addresses(ask, helo)
    if failed and not found:
        return [unknown('helo-address', '{} could not be looked up'.format(helo))]
    if not found:
        return [critical('helo-address', 'the HELO name {} has no address: receivers refuse it'.format(helo),
                         '{}. A {}   (or {})'.format(helo, next(iter(own), 'ADDRESS'), fix))]
    missing = [one for one in own if same(one) not in set(map(same, found))]
    if missing:
        return [critical('helo-address', 'the HELO name {} leads to {}, not to {}, from which this host sends'.format(
            helo, ', '.join(found), ', '.join(missing)), '{}. {} {}'.format(
                helo, 'AAAA' if ':' in missing[0] else 'A', missing[0]))]
    return [good('helo-address', 'the HELO name {} leads to this host'.format(helo)),
            good('myhostname', '{} is fully qualified'.format(helo))]


def same(address):
    """An address in the one spelling that can be compared."""
    return str(ipaddress.ip_address(address))


def judge_ptr(address, helo, ask):
    """Has an address a name, does that lead back, and is it the HELO name?"""
    name = ipaddress.ip_address(address).reverse_pointer
    line = '{}. PTR {}.   (who gave you the address must enter it)'.format(name, helo)
    answer = ask(name, 'PTR')
    if answer.status == FAILED:
        return [unknown('ptr', 'the name of {} could not be looked up: {}'.format(address, answer.why))]
    if not answer.values:
        return [critical('ptr', '{} has no name (PTR): large providers refuse its mail'.format(address), line)]
    back = [one for one in answer.values if same(address) in map(same, addresses(ask, one)[0])]
    if not back:
        return [critical('ptr', '{} is called {}, which does not lead back to it'.format(
            address, ', '.join(answer.values)), line)]
    if helo.lower() not in [one.lower() for one in back]:
        return [warning('ptr-helo', '{} is called {}, but says HELO {}'.format(address, ', '.join(back), helo), line)]
    return [good('ptr', '{} is called {}, and back'.format(address, helo))]


def judge_mx(domain, mx, ask):
    """Does mail for the domain come to the MX host?"""
    answer = ask(domain, 'MX')
    line = '{}. MX 10 {}.'.format(domain, mx)
    if answer.status == FAILED:
        return [unknown('mx', 'the MX of {} could not be looked up: {}'.format(domain, answer.why))]
    targets = [one.split()[-1].lower() for one in answer.values]
    if not targets:
        return [critical('mx', '{} has no MX record'.format(domain), line)]
    found = [good('mx', 'mail for {} comes to {}'.format(domain, mx)) if mx.lower() in targets else critical(
        'mx', 'mail for {} goes to {}, not to {}'.format(domain, ', '.join(targets), mx), line)]
    for target in targets:
        if ask(target, 'CNAME').status == FOUND:
            found.append(critical('mx-cname', 'the MX {} is an alias (CNAME), which RFC 2181 section 10.3 forbids: '
                                  'some senders refuse it'.format(target),
                                  line + '   (or an A record of {} instead of the CNAME)'.format(target)))
        elif not any(addresses(ask, target)):
            found.append(critical('mx-address', 'the MX {} has no address'.format(target),
                                  '{}. A ADDRESS'.format(target)))
    return found


def judge_round_robin(site, ask):
    """Does the round-robin name hold addresses of senders, and of nobody else?"""
    if not site.senders:
        return []
    values, failed = addresses(ask, site.bulk_name)
    if failed and not values:
        return [unknown('round-robin', '{} could not be looked up'.format(site.bulk_name))]
    known = {same(one): sender.name for sender in site.senders for one in sender.addresses}
    strange = [one for one in values if same(one) not in known]
    missing = sorted({sender.name for sender in site.senders} - {known.get(same(one)) for one in values})
    if strange or not values:
        return [critical('round-robin', '{} leads to {}, which is no sender'.format(
            site.bulk_name, ', '.join(strange)) if strange else '{} has no address'.format(site.bulk_name),
            'publish what `mailsystem dns` prints for {}'.format(site.bulk_name))]
    if missing:
        return [warning('round-robin', '{} does not lead to {}; well while it is being warmed up or mended'.format(
            site.bulk_name, ', '.join(missing)), 'publish what `mailsystem dns` prints for {}'.format(site.bulk_name))]
    return [good('round-robin', '{} leads to all {} senders'.format(site.bulk_name, len(site.senders)))]
