"""Is there a DMARC record, does it say what was decided, and would our own mail pass it (RFC 7489)?"""
from mailtools.mailsystem.checks.lookup import FAILED, NONE
from mailtools.mailsystem.checks.opendkim import aligned, signer_of, signing_of
from mailtools.mailsystem.checks.said import critical, good, of_each, unknown, warning
from mailtools.mailsystem.checks.tags import tags_of

NAMES = ('dmarc', 'dmarc-policy', 'dmarc-alignment', 'dmarc-reports')
POLICIES = ('none', 'quarantine', 'reject')


def find(host):
    """Findings on the record of each domain."""
    return [one for domain in host.domains for one in of_domain(host, domain)]


def of_domain(host, domain):
    """Findings on the record of one domain; where the host signs, on the alignment of its signature."""
    name = '_dmarc.' + domain
    fix = 'publish what `mailsystem dns` prints for {} TXT'.format(name)
    found, tags = judge_record(name, host.ask(name, 'TXT'), host.site.dmarc_policy, fix)
    if tags is None:
        return found
    found += judge_reports(domain, tags, host.ask, fix)
    if host.role != 'client':
        found += of_each(host, ('dmarc-alignment', lambda one: of_alignment(one, domain, tags)))
    return found


def of_alignment(host, domain, tags):
    """Findings on the alignment of what this host signs."""
    used = signer_of(domain, signing_of(host))
    # Envelope senders, VERP ones among them, are at the domain of the site.
    return judge_alignment(domain, used.domain if used else '', host.site.domain, tags)


def judge_record(name, answer, policy, fix):
    """(Findings, tags of the record or None where there is none).  policy: what the settings want."""
    if answer.status == FAILED:
        return [unknown('dmarc', '{} could not be looked up: {}'.format(name, answer.why))], None
    records = [one for one in answer.values if one.replace(' ', '').lower().startswith('v=dmarc1')]
    if not records:
        return [critical('dmarc', '{} has no DMARC record: large providers refuse bulk mail without one'.format(name),
                         fix)], None
    if len(records) > 1:
        return [critical('dmarc', '{} has {} DMARC records, so that none counts (RFC 7489 section 6.6.3)'.format(
            name, len(records)), 'leave one of them; ' + fix)], None
    tags = tags_of(records[0])
    said = tags.get('p', '').lower()
    if said not in POLICIES:
        return [critical('dmarc-policy', '{} has p={}: it is ignored'.format(name, said or ' missing'), fix)], tags
    found = [good('dmarc', '{} has a record'.format(name))]
    if said == policy:
        return found + [good('dmarc-policy', 'p={}, as it was set'.format(said))], tags
    weaker = POLICIES.index(said) < POLICIES.index(policy)
    return found + [warning('dmarc-policy', '{} has p={}, the settings want p={}{}'.format(
        name, said, policy, ': forged mail is let in' if weaker else ''), fix)], tags


def judge_alignment(domain, signer, origin, tags):
    """Would mail whose From is at the domain pass: by its signature, or by its envelope sender?

    signer: d= of our signatures, '' for none.  origin: the domain of our envelope senders.
    """
    by_dkim = bool(signer) and (signer == domain if tags.get('adkim', 'r').lower() == 's' else aligned(domain, signer))
    by_spf = origin == domain if tags.get('aspf', 'r').lower() == 's' else aligned(domain, origin)
    if by_dkim:
        return [good('dmarc-alignment', 'signatures of {} are aligned with {}'.format(signer, domain))]
    how = 'strictly (adkim=s) ' if tags.get('adkim', 'r').lower() == 's' else ''
    fix = '*@{0} KEY   (in SigningTable), with a KEY of {0} in KeyTable; or adkim=r in _dmarc.{0}'.format(domain)
    text = 'mail from {} is signed as {}, which is not {}aligned'.format(domain, signer or 'nobody', how)
    if by_spf:
        return [critical('dmarc-alignment', text + ': it passes DMARC by SPF alone, and fails when it is forwarded',
                         fix)]
    return [critical('dmarc-alignment', text + ', and its sender {} is not either: it fails DMARC'.format(origin), fix)]


def judge_reports(domain, tags, ask, fix):
    """Do reports come, and may they go where they shall (RFC 7489 section 7.1)?"""
    targets = [one.strip() for one in tags.get('rua', '').split(',') if one.strip()]
    if not targets:
        return [warning('dmarc-reports', 'the DMARC record has no rua=: nobody tells you who sends in your name', fix)]
    found = []
    for target in targets:
        scheme, _, address = target.partition(':')
        there = address.partition('!')[0].rpartition('@')[2].lower()
        if scheme.lower() != 'mailto' or not there:
            found.append(warning('dmarc-reports', 'rua={}: only mailto:ADDRESS is understood'.format(target), fix))
        elif not aligned(domain, there):
            name = '{}._report._dmarc.{}'.format(domain, there)
            answer = ask(name, 'TXT')
            if answer.status == NONE or not any('v=DMARC1' in one for one in answer.values):
                found.append(warning('dmarc-reports', '{} does not agree to take reports for {}: they are not sent'
                                     .format(there, domain), '{} TXT "v=DMARC1"   (in the zone of {})'.format(
                                         name, there)))
    return found or [good('dmarc-reports', 'reports go to {}'.format(', '.join(targets)))]
