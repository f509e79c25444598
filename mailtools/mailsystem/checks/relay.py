"""Is the host an open relay, and whom does it trust?  By its settings, and by trying.

By the settings: each smtpd service must come to reject_unauth_destination (or a plain reject) in
smtpd_relay_restrictions or in smtpd_recipient_restrictions before it comes to a permit for strangers: the word, or an
OK in a table that is asked for what a stranger chooses, the sender, the recipient or the name in HELO.  (With no such
word in both lists smtpd does not even start.)  By trying: a
stranger, that is an own address that is in no network of mynetworks, asks for mail to be taken to foreign addresses
in the ways that relays were abused over the years, and must be refused each time.
"""
import re

from mailtools.mailsystem.checks import probes, smtp
from mailtools.mailsystem.checks.networks import is_private, network, trusted, within
from mailtools.mailsystem.checks.postfix import words
from mailtools.mailsystem.checks.said import critical, good, of_each, unknown, warning

NAMES = ('open-relay', 'mynetworks')
GUARDS = ('reject_unauth_destination', 'defer_unauth_destination', 'reject', 'defer', 'defer_if_permit')
FORGED = ('check_sender_access', 'check_recipient_access', 'check_helo_access')   # asked for what a stranger says
SAYS_OK = re.compile(r'(?:OK|permit|[0-9]+)\s*\Z', re.I)       # access(5)
LISTS = ('smtpd_relay_restrictions', 'smtpd_recipient_restrictions')
FOREIGN = 'relay-check@mailsystem-check.example'        # RFC 2606: nobody has it, and mail for it would go nowhere
LOOPBACK_STRANGER = '127.0.0.78'
WIDEST = {4: 24, 6: 48}                                 # of a public network that is trusted
FIX_RELAY = ("postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
             "reject_unauth_destination' && postfix reload")


def find(host):
    """Findings on relaying."""
    return of_each(host, ('open-relay', lambda one: judge_settings(one.postfix, one.read)),
                   ('mynetworks', judge_networks), ('open-relay', tried))


# -- by the settings --

def guarded(restrictions, configuration, service, read, depth=5):
    """Whether a list stops a stranger's mail to foreign destinations: True; False once it permits; None: neither.

    read: path -> the text of a table, None for none.
    """
    classes = words(configuration.value('smtpd_restriction_classes', service))
    previous = ''
    for word in words(restrictions):
        for_all = word.startswith('static:') and previous.endswith('_access')
        if (for_all or previous in FORGED) and permits(word, read):
            return False
        if word in GUARDS and previous != 'warn_if_reject':
            return True
        if word == 'permit':
            return False
        if word in classes and depth:
            inner = guarded(configuration.value(word, service), configuration, service, read, depth - 1)
            if inner is not None:
                return inner
        previous = word
    return None


def permits(table, read):
    """Whether a table says OK to anything: static:OK, or a line of its text."""
    kind, _, name = table.partition(':')
    if kind == 'static':
        return bool(SAYS_OK.match(name))
    actions = [line.split(None, 1)[1] for line in (read(name) or '').splitlines()
               if name.startswith('/') and line[:1].strip('#') and len(line.split(None, 1)) == 2]
    return any(SAYS_OK.match(one) for one in actions)


def judge_settings(configuration, read):
    """A Finding for each service that would relay for strangers."""
    wrong = []
    for service in configuration.doors():
        if not any(guarded(configuration.value(name, service), configuration, service, read) for name in LISTS):
            wrong.append(critical(
                'open-relay', '{}: relays for everybody: neither {} stops a stranger'.format(
                    service.label, ' nor '.join(LISTS)), FIX_RELAY))
    if wrong:
        return wrong
    return [good('open-relay', 'the settings of {} refuse to relay for strangers'.format(
        ', '.join(one.label for one in configuration.doors()) or 'no service'))]


def judge_networks(host):
    """Findings on mynetworks: what it trusts beyond what the site has."""
    networks, unread = host.mynetworks()
    expected = [network(str(one)) for one in host.site.internal_networks]
    expected += [network(one) for one in host.site.mx_addresses]
    expected += [network(one) for sender in host.site.senders for one in sender.addresses]
    return judge_trust(networks, unread, [one for one in expected if one])


def judge_trust(networks, unread, expected):
    """Findings on networks that are trusted.  expected: networks that may be."""
    found = []
    for net in networks:
        if any(within(net, one) for one in expected) or net.is_loopback:
            continue
        wide = net.prefixlen < WIDEST[net.version]
        fix = "postconf -e 'mynetworks = {}' && postfix reload".format(
            ' '.join(sorted({written(one) for one in expected} | {'127.0.0.0/8', '[::1]/128'})))
        if not is_private(net) and wide:
            found.append(critical('mynetworks', 'mynetworks trusts {}, {} addresses of strangers: each of them may '
                                  'relay'.format(net, net.num_addresses), fix))
        else:
            found.append(warning('mynetworks', 'mynetworks trusts {}, which the settings of the site do not know'
                                 .format(net), fix + '   (or add it to internal_networks in mailsystem.conf)'))
    found += [unknown('mynetworks', 'mynetworks: {} could not be read'.format(one)) for one in unread]
    return found or [good('mynetworks', 'mynetworks trusts only own networks')]


def written(net):
    """A network as mynetworks wants it."""
    return str(net) if net.version == 4 else '[{}]/{}'.format(net.network_address, net.prefixlen)


# -- by trying --

def attempts(domain, inner):
    """Recipients that must be refused: foreign ones, also behind an address of ours."""
    user, _, foreign = FOREIGN.partition('@')
    return (FOREIGN, '{}%{}@{}'.format(user, foreign, domain), '"{}"@{}'.format(FOREIGN, domain),
            '@{}:{}'.format(domain, FOREIGN), '{}!{}@{}'.format(foreign, user, domain),
            '{}%{}@[{}]'.format(user, foreign, inner))


def points_of_view(host):
    """[(address to connect to, address to come from)] such that Postfix takes us for a stranger."""
    networks, _ = host.mynetworks()
    loopback = [('127.0.0.1', LOOPBACK_STRANGER)] if probes.is_ours(LOOPBACK_STRANGER) else []
    return strangers([(one, one) for one in host.own_addresses()], loopback, networks)


def strangers(own, loopback, networks):
    """At most two of the pairs that come from outside of the networks; those of loopback only where there are none."""
    for pairs in (own, loopback):
        found = [pair for pair in pairs if not trusted(pair[1], networks)]
        if found:
            return found[:2]
    return []


def tried(host):
    """Findings from dialogues with the host's port 25."""
    if not host.live or not host.postfix.entrances():
        return []
    views = points_of_view(host)
    if not views:
        return [good('open-relay', 'not tried: every address of this host is in mynetworks, so that it is no stranger '
                     'to itself; the settings were read instead')]
    calls = [(place or address, port, source, host, service)
             for address, source in views for service, place, port in host.postfix.entrances()]
    return [judge_dialogue('{}:{}'.format(*call[:2]), call[2], heard)
            for call, heard in zip(calls, probes.side_by_side(asked, calls))]


def asked(address, port, source, host, service):
    """The smtp.Heard of one dialogue, in which nobody must be relayed for; within TLS where that is a must."""
    wrapped = host.postfix.value('smtpd_tls_wrappermode', service) == 'yes'
    forced = host.postfix.value('smtpd_tls_security_level', service) == 'encrypt'
    return smtp.converse(address, port, source, attempts(host.site.domain, address), host.site.pause_s,
                         forced and not wrapped, wrapped)


def judge_dialogue(where, source, heard):
    """The Finding of one dialogue.

    where: address:port.  source: the stranger's address.  heard: smtp.Heard.
    """
    taken = [recipient for recipient, said in heard.replies if 200 <= said.code < 300]
    if taken:
        return critical('open-relay', 'tried from {}: {} takes mail from strangers to {}'.format(
            source, where, ', '.join(taken)), FIX_RELAY)
    if heard.replies:
        said = heard.replies[0][1]
        rest = ' ({})'.format(heard.error) if heard.error else ''
        return good('open-relay', 'tried from {}: {} refuses {} ways to relay: {} {}{}'.format(
            source, where, len(heard.replies), said.code, said.text[:80], rest))
    if heard.greeting.code not in (0, 220):
        return good('open-relay', 'tried from {}: {} does not talk to strangers at all: {} {}'.format(
            source, where, heard.greeting.code, heard.greeting.text[:80]))
    if 'refused' in heard.error:
        return good('open-relay', 'tried from {}: nobody listens at {}'.format(source, where))
    return unknown('open-relay', 'tried from {}: {} says nothing: {}'.format(source, where, heard.error))
