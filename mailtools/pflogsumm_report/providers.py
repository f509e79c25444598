"""Who receives the mail: the name of a relay or a domain -> its provider.  Text in, text out."""

# The end of the name of a mail exchanger, or of a domain of recipients -> who runs it.
PROVIDERS = {
    'google.com': 'google', 'googlemail.com': 'google', 'gmail.com': 'google',
    'outlook.com': 'microsoft', 'hotmail.com': 'microsoft', 'live.com': 'microsoft', 'msn.com': 'microsoft',
    'outlook.office365.us': 'microsoft', 'mx.microsoft': 'microsoft',
    'yahoodns.net': 'yahoo', 'yahoo.com': 'yahoo', 'aol.com': 'yahoo', 'ymail.com': 'yahoo',
    'icloud.com': 'apple', 'me.com': 'apple', 'mac.com': 'apple', 'mail.icloud.com': 'apple',
    'gmx.net': 'gmx', 'gmx.de': 'gmx', 'web.de': 'gmx', 'mail.com': 'gmx', 'kundenserver.de': 'ionos',
    't-online.de': 't-online', 'freenet.de': 'freenet', 'orange.fr': 'orange', 'wanadoo.fr': 'orange',
    'free.fr': 'free',
    'laposte.net': 'laposte', 'sfr.fr': 'sfr', 'libero.it': 'libero', 'virgilio.it': 'libero', 'aruba.it': 'aruba',
    'yandex.ru': 'yandex', 'yandex.net': 'yandex', 'mail.ru': 'mail.ru', 'rambler.ru': 'rambler',
    'qq.com': 'tencent', '163.com': 'netease', '126.com': 'netease', 'naver.com': 'naver',
    'pphosted.com': 'proofpoint', 'ppe-hosted.com': 'proofpoint', 'mimecast.com': 'mimecast',
    'messagelabs.com': 'broadcom', 'barracudanetworks.com': 'barracuda', 'iphmx.com': 'cisco',
    'hornetsecurity.com': 'hornetsecurity', 'antispamcloud.com': 'spamexperts',
    'amazonaws.com': 'amazon', 'zoho.com': 'zoho', 'zoho.eu': 'zoho', 'protonmail.ch': 'proton', 'proton.me': 'proton',
    'messagingengine.com': 'fastmail', 'fastmail.com': 'fastmail', 'emailsrvr.com': 'rackspace',
    'secureserver.net': 'godaddy', 'ovh.net': 'ovh', 'gandi.net': 'gandi', 'wp.pl': 'wp.pl', 'o2.pl': 'wp.pl',
    'onet.pl': 'onet', 'seznam.cz': 'seznam', 'comcast.net': 'comcast', 'charter.net': 'charter',
    'cox.net': 'cox', 'att.net': 'yahoo', 'verizon.net': 'yahoo', 'bt.com': 'bt',
}
# Under a country these are no organisation's name: example.co.uk.
SECOND_LEVEL = frozenset(('ac', 'co', 'com', 'edu', 'gob', 'gov', 'go', 'mil', 'ne', 'net', 'nom', 'or', 'org', 'gouv'))


def provider_of(name):
    """The provider of a host or a domain; its organisation's domain when it is nobody that we know.

    name: in lower case; an address is its own provider.
    """
    labels = name.rstrip('.').split('.')
    for start in range(len(labels) - 1):
        found = PROVIDERS.get('.'.join(labels[start:]))
        if found:
            return found
    if not labels[-1] or labels[-1].isdigit() or ':' in name:
        return name
    kept = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL else 2
    return '.'.join(labels[-kept:])
