"""The vocabulary of reasons, and what status and reply codes mean; tables, no code.

The words are Sisimai's (https://libsisimai.org/en/reason/), so that figures can
be compared with other tools.  phrases.py says in which words servers tell them,
classify.py in which order words and codes are asked.
"""
from typing import Dict, Tuple

# These say that the address will not work again; all others are no judgement on it.
HARD_REASONS = frozenset(('userunknown', 'hostunknown', 'hasmoved', 'notaccept'))

# These are told of mails that are no bounces.
NOT_BOUNCED = frozenset(('feedback', 'vacation', 'delivered'))

# reason -> (meaning, the status to make up where a mail states none: RFC 3463, without its class)
REASONS: Dict[str, Tuple[str, str]] = {
    'userunknown': ('the address does not exist at its host', '1.1'),
    'hostunknown': ('the domain does not exist', '1.2'),
    'hasmoved': ('the recipient has moved, mail is not forwarded', '1.6'),
    'notaccept': ('the host accepts no mail at all', '3.2'),
    'mailboxfull': ('the mailbox is full', '2.2'),
    'suspend': ('the account is disabled or suspended', '2.1'),
    'filtered': ('refused by the recipient or by a filter of theirs', '2.0'),
    'expired': ('not delivered in time', '4.7'),
    'networkerror': ('network, DNS or routing trouble, or a mail loop', '4.0'),
    'blocked': ('the sending host is refused', '7.1'),
    'badreputation': ('the sending host or domain has a bad reputation', '7.1'),
    'requireptr': ('the sending host has no proper reverse DNS', '7.25'),
    'toomanyconn': ('too many connections or recipients at once', '4.5'),
    'speeding': ('sent too fast', '7.28'),
    'authfailure': ('SPF, DKIM or DMARC failed', '7.26'),
    'policyviolation': ('against a policy of the receiving site', '7.0'),
    'rejected': ('the sender address is refused', '1.8'),
    'norelaying': ('the host does not relay', '7.1'),
    'securityerror': ('authentication or encryption is missing or failed', '7.0'),
    'notcompliantrfc': ('the message breaks RFC 5322', '6.0'),
    'spamdetected': ('taken for spam', '7.1'),
    'virusdetected': ('taken for a virus', '7.0'),
    'contenterror': ('header or MIME structure not accepted', '6.0'),
    'mesgtoobig': ('larger than the host takes', '3.4'),
    'exceedlimit': ('larger than this recipient may receive', '2.3'),
    'systemfull': ('the disk of the receiving system is full', '3.1'),
    'systemerror': ('trouble at the receiving system', '3.0'),
    'mailererror': ('a program that delivers mail failed', '3.0'),
    'syntaxerror': ('an SMTP command was not understood', '5.2'),
    'onhold': ('refused, but the words do not say why', '0.0'),
    'undefined': ('refused without a word', '0.0'),
    'feedback': ('a complaint, no bounce', ''),
    'vacation': ('an automatic reply, no bounce', ''),
    'delivered': ('delivered, no bounce', ''),
}

# Enhanced status codes (without class) that mean one thing, RFC 3463 3 and the IANA registry
# (RFC 4954, 5248, 7372, 7504, 7505, 8689); asked when no phrase of phrases.CERTAIN is there.
PRECISE: Dict[str, str] = {
    '1.1': 'userunknown', '1.2': 'hostunknown', '1.3': 'userunknown', '1.4': 'filtered', '1.6': 'hasmoved',
    '1.7': 'rejected', '1.8': 'rejected', '1.9': 'systemerror', '1.10': 'notaccept',
    '2.1': 'filtered', '2.2': 'mailboxfull', '2.3': 'exceedlimit', '2.4': 'filtered',
    '3.1': 'systemfull', '3.2': 'notaccept', '3.3': 'systemerror', '3.4': 'mesgtoobig', '3.5': 'systemerror',
    '4.1': 'expired', '4.2': 'networkerror', '4.3': 'systemerror', '4.4': 'hostunknown', '4.5': 'systemfull',
    '4.6': 'networkerror', '4.7': 'expired', '4.8': 'networkerror',
    '5.2': 'syntaxerror', '5.3': 'toomanyconn', '5.6': 'contenterror',
    '6.1': 'contenterror', '6.2': 'contenterror', '6.3': 'contenterror', '6.5': 'contenterror',
    '6.6': 'contenterror', '6.7': 'contenterror', '6.9': 'contenterror',
    '7.3': 'securityerror', '7.4': 'securityerror', '7.5': 'securityerror', '7.6': 'securityerror',
    '7.8': 'securityerror', '7.9': 'securityerror', '7.10': 'securityerror', '7.11': 'securityerror',
    '7.12': 'securityerror', '7.13': 'suspend', '7.14': 'securityerror', '7.15': 'speeding',
    '7.16': 'mesgtoobig', '7.17': 'filtered', '7.20': 'authfailure', '7.21': 'authfailure',
    '7.22': 'authfailure', '7.23': 'authfailure', '7.24': 'authfailure', '7.25': 'requireptr',
    '7.26': 'authfailure', '7.27': 'rejected', '7.28': 'speeding', '7.29': 'authfailure', '7.30': 'securityerror',
}

# Codes of three digits that Exchange Online adds: (subject, first, last detail) -> reason.
EXCHANGE_ONLINE = (
    (1, 350, 351, 'rejected'), (4, 300, 312, 'networkerror'), (4, 316, 317, 'expired'),
    (7, 124, 136, 'filtered'), (7, 500, 500, 'blocked'), (7, 501, 503, 'spamdetected'), (7, 504, 507, 'blocked'),
    (7, 508, 508, 'speeding'), (7, 509, 509, 'authfailure'), (7, 511, 513, 'blocked'),
    (7, 515, 515, 'authfailure'), (7, 606, 649, 'blocked'), (7, 700, 705, 'speeding'),
    (7, 708, 708, 'blocked'), (7, 750, 750, 'rejected'), (2, 121, 122, 'speeding'),
)

# What a status hints at when neither words nor a precise code decide.
VAGUE: Dict[str, str] = {
    '1.0': 'userunknown', '1.5': 'userunknown', '2.0': 'filtered', '3.0': 'systemerror', '4.0': 'networkerror',
    '5.0': 'mailererror', '5.1': 'systemerror', '5.4': 'systemerror', '5.5': 'systemerror', '6.0': 'contenterror',
    '7.0': 'securityerror', '7.1': 'filtered', '7.2': 'filtered', '7.7': 'securityerror',
}

# Codes of French providers behind their names (`OFR_506 [506]`, `LPN007_403`): Orange, La Poste, SFR.
PROVIDER_CODES: Dict[str, str] = {
    '103': 'blocked', '104': 'toomanyconn', '109': 'blocked', '201': 'userunknown', '305': 'securityerror',
    '401': 'blocked', '403': 'rejected', '405': 'systemerror', '413': 'rejected', '414': 'rejected',
    '416': 'userunknown', '417': 'mailboxfull', '420': 'suspend', '421': 'rejected', '501': 'spamdetected',
    '502': 'spamdetected', '505': 'systemerror', '506': 'spamdetected', '510': 'blocked', '513': 'mesgtoobig',
    '514': 'mesgtoobig', '630': 'policyviolation', '999': 'blocked',
}

# SMTP reply codes, RFC 5321 4.2.3, RFC 4954, RFC 7504: the last resort.
REPLIES: Dict[str, str] = {
    '421': 'blocked', '452': 'systemfull', '432': 'securityerror', '454': 'securityerror',
    '500': 'syntaxerror', '501': 'syntaxerror', '502': 'syntaxerror', '503': 'syntaxerror', '504': 'syntaxerror',
    '521': 'notaccept', '530': 'securityerror', '534': 'securityerror', '535': 'securityerror',
    '538': 'securityerror', '542': 'userunknown',      # 542 is Symantec's
    '551': 'hasmoved', '552': 'mailboxfull', '553': 'userunknown', '556': 'notaccept',
}
