"""Days as they might be: figures, reports and histories by hand, for what shows, mails, keeps and merges them."""
import datetime
import math

from mailtools.pflogsumm_report import compare, values
from mailtools.pflogsumm_report.report import Report

DATE = '2026-11-22'             # a Sunday
NOW = 1795404405.0              # 2026-11-23 03:26:45 UTC
HOST = 'mail1.example.org'

REASONS = {
    'deferred': (
        ('host HOST[IP] said: 421-4.7.0 [IP] Our system has detected that this message is suspicious due to the very '
         'low reputation of the sending IP address', 4120, 'gmail-smtp-in.l.google.com'),
        ('connect to HOST[IP]:25: Connection timed out', 1933, 'none'),
        ('host HOST[IP] said: 451 4.7.650 The mail server [IP] has been temporarily rate limited due to IP reputation '
         '(S775)', 871, 'outlook-com.olc.protection.outlook.com'),
        ('host HOST[IP] said: 450 4.2.0 <ADDRESS>: Recipient address rejected: Greylisted', 412, 'mx1.example.net'),
        ('host HOST[IP] said: 452 4.2.2 The email account that you tried to reach is over quota', 118,
         'gmail-smtp-in.l.google.com'),
        ('delivery temporarily suspended: lost connection with HOST[IP] while performing the HELO handshake', 40,
         'none')),
    'bounced': (
        ('host HOST[IP] said: 550 5.1.1 <ADDRESS>: Recipient address rejected: User unknown', 903, 'mx00.gmx.net'),
        ('host HOST[IP] said: 552 5.2.2 <ADDRESS>: mailbox full', 214, 'mx-ha.web.de'),
        ('Host or domain name not found. Name service error for name=HOST type=A: Host not found', 71, 'none')),
    'rejected': (
        ('RCPT: 554 5.7.1 Service unavailable; Client host [IP] blocked using zen.spamhaus.org', 8211, 'unknown'),
        ('RCPT: 550 5.1.1 <ADDRESS>: Recipient address rejected: User unknown in virtual mailbox table', 1404,
         'example.com'),
        ('RCPT: 450 4.7.25 Client host rejected: cannot find your hostname, [IP]', 611, 'unknown')),
    'reject_warnings': (), 'held': (), 'discarded': (),
}
PROVIDERS = ('google.com', 'outlook.com', 'gmx.net', 'web.de', 't-online.de', 'yahoodns.net', 'icloud.com', 'local',
             'orange.fr', 'mail.ru', 'xn--bcher-kva.example')
LONG = 'a-very-long-local-part-of-an-address-that-somebody-made-up-once@subdomain.of-a-long-domain.example.org'


def wave(hour):
    """The share of an hour in a day of people."""
    return max(0.004, math.exp(-((hour - 10) / 3.2) ** 2) + 0.8 * math.exp(-((hour - 16) / 3.5) ** 2))


def spread(total):
    """24 whole numbers with that sum."""
    weights = [wave(hour) for hour in range(24)]
    found = [int(total * weight / sum(weights)) for weight in weights]
    found[10] += total - sum(found)
    return found


def delays(total, scale):
    """One part of the delays of a provider."""
    counts = {'0.05': int(total * 0.3), '{:.2g}'.format(0.8 * scale): int(total * 0.6),
              '{:.2g}'.format(9.7 * scale): int(total * 0.08), '{:.2g}'.format(340 * scale): int(total * 0.02) + 1}
    p50, p95 = values.percentiles(counts)
    return {'p50': p50, 'p95': p95, 'counts': counts}


def day(date=DATE, host=HOST, scale=1.0, detail=True, **changes):
    """The figures of a day on which all was as usual, for `scale` x 300,000 mails; changes: of totals."""
    made = values.empty(compare.day_of(date), host)
    made.update({name: int(scale * count) for name, count in (
        ('received', 301204), ('delivered', 318422), ('forwarded', 120), ('deferred', 5120), ('deferrals', 7494),
        ('bounced', 1188), ('rejected', 10226), ('reject_warnings', 0), ('held', 2), ('discarded', 0),
        ('bytes_received', 9231774012), ('bytes_delivered', 9810034771), ('senders', 4120), ('sending_domains', 391),
        ('recipients', 190344), ('recipient_domains', 8123))})
    made.update(changes)
    made['per_hour'] = {name: spread(made[name]) for name in values.PER_HOUR}
    if detail:
        made.update(details(made, scale))
    return made


def details(made, scale):
    """The keys of values.DETAIL."""
    return {
        'reasons': {kind: [{'reason': text, 'count': int(scale * count) + 1,
                            'by': [[who, int(scale * count * 0.6) + 1], ['mx.other.example', int(scale * count * 0.4)]]}
                           for text, count, who in rows] for kind, rows in REASONS.items()},
        'providers': [provider(name, int(made['delivered'] / (at + 1.7) ** 1.6), at)
                      for at, name in enumerate(PROVIDERS)],
        'tls': {'in': {'connections': int(41000 * scale), 'encrypted': int(38900 * scale), 'share': 0.9488,
                       'versions': {'TLSv1.3': int(30100 * scale), 'TLSv1.2': int(8700 * scale),
                                    'TLSv1': int(100 * scale)},
                       'ciphers': {'TLS_AES_256_GCM_SHA384': int(30100 * scale)}},
                'out': {'sessions': int(90000 * scale), 'deliveries': int(318000 * scale),
                        'encrypted': int(316000 * scale), 'share': 0.9937,
                        'versions': {'TLSv1.3': int(81000 * scale), 'TLSv1.2': int(9000 * scale)},
                        'ciphers': {'TLS_AES_256_GCM_SHA384': int(81000 * scale)}}},
        'top_senders': [{'name': name, 'messages': int(scale * count), 'bytes': int(scale * count * 30111)}
                        for name, count in (('news@example.org', 201330), ('', 8120), (LONG, 4100),
                                            ('bounces+4711@example.org', 900), ('root@mail1.example.org', 33))],
        'top_sending_domains': [{'name': 'example.org', 'messages': int(scale * 290000),
                                 'bytes': int(scale * 9e9)}],
        'top_clients': [{'name': name, 'messages': int(scale * count)} for name, count in (
            ('app1.example.org[192.0.2.11]', 180220), ('app2.example.org[192.0.2.12]', 110030),
            ('unknown[2001:db8:4711:815:42:42:42:42]', 212))],
        'top_recipients': [{'name': name, 'messages': int(scale * count), 'bytes': int(scale * count * 4111),
                            'deferrals': 3} for name, count in (
                                ('sales@example.com', 1411), ('b\u00fcro@xn--bcher-kva.example', 318))],
        'top_recipient_domains': [{'name': 'gmail.com', 'messages': int(scale * 90000), 'bytes': int(scale * 3e9),
                                   'deferrals': 4000}],
        'services': [{'service': 'postfix/smtpd', 'received': int(scale * 300000), 'delivered': 0, 'deferrals': 0,
                      'bounced': 0, 'rejected': int(scale * 10226)}],
        'warnings': {'count': 143, 'list': [
            {'service': 'postfix/smtpd', 'text': 'hostname HOST does not resolve to address IP', 'count': 120},
            {'service': 'postfix/smtpd', 'text': 'dnsblog_query: lookup error', 'count': 23}]},
        'fatals': {'count': 0, 'list': []}, 'panics': {'count': 0, 'list': []},
        'carried': {'known': 511, 'unknown': 3, 'open': 433}, 'lines': int(scale * 4200000),
    }


def provider(name, delivered, at):
    """One provider; the later in the list, the slower."""
    deferrals = int(delivered * 0.004 * at * at)
    return {'provider': name, 'delivered': delivered, 'deferrals': deferrals, 'bounced': delivered // 300,
            'deferred_share': values.share(deferrals, delivered + deferrals + delivered // 300),
            'delays': {key: delays(delivered, (0.2 + at) * factor) for key, factor in zip(
                values.DELAYS, (1, 0.02, 0.6 if at == 9 else 0.01, 0.3, 0.4))}}


def weeks(count=8, host=HOST, before=DATE, noise=0.04, **changes):
    """The same weekday of so many weeks before, the newest first: figures without detail."""
    for back in range(1, count + 1):
        date = (compare.day_of(before) - datetime.timedelta(7 * back)).isoformat()
        yield day(date, host, 1 + noise * math.sin(back * 2.4), detail=False, **changes)


def past(count=8, **kwargs):
    """The compare.Past of those."""
    return compare.Past(tuple((one['date'], one) for one in weeks(count, **kwargs)))


PFLOGSUMM = '''
Grand Totals
------------
messages

 301204   received
 318422   delivered
    120   forwarded
   5120   deferred  (7494 deferrals)
   1188   bounced
  10226   rejected (3%)
      0   reject warnings
      2   held
      0   discarded (0%)

   8804m  bytes received
   9355m  bytes delivered
   4120   senders
    391   sending hosts/domains
 190344   recipients
   8123   recipient hosts/domains


Per-Hour Traffic Summary
------------------------
    time          received  delivered   deferred    bounced     rejected
    --------------------------------------------------------------------
    0000-0100         401        424          6          1         13
'''


def report(figures=None, **kwargs):
    """A Report of a usual day."""
    given = dict({'past': past(), 'text': PFLOGSUMM, 'made_at': NOW}, **kwargs)
    return Report(figures or day(), **given)


def unusual():
    """A day on which much is not as usual."""
    return report(day(deferred=61204, deferrals=181022, bounced=9120, delivered=198422, held=811))


def merged(names=('mail1', 'mail2', 'mail3', 'mail4', 'mx1')):
    """Several hosts as one."""
    return values.add([day(host=name, scale=1 - 0.17 * at) for at, name in enumerate(names)])
