"""Mails that machines send, and the mails of people that look like them: facts of the header alone.

A row is (name, fields...) or (name, sender); the group says what it leads to.
"""
from scene import ANSWER, BEHIND, EITHER, ROLE, SILENCE, one


def rows(group, expect, *table, **kwargs):
    """A case of each (name, field, ...)."""
    return [one(group, row[0], expect, *row[1:], **kwargs) for row in table]


def senders(group, expect, *addresses, **kwargs):
    """A case of each envelope sender."""
    return [one(group, 'sender ' + address, expect, sender=address, **kwargs) for address in addresses]


NULL_SENDERS = [
    one('null senders', 'null Return-Path', SILENCE, sender=''),
    one('null senders', 'null Return-Path, From a person', SILENCE, 'From: bob@people.example', sender=''),
    one('null senders', 'null Return-Path with blanks', SILENCE,
        top='From MAILER-DAEMON  Sun Nov 22 21:19:37 2026\nReturn-Path: < >\nX-Original-To: {}\n'.format(ROLE)),
    one('null senders', 'null Return-Path without blank before it', SILENCE,
        top='Return-Path:<>\nX-Original-To: {}\n'.format(ROLE)),
    one('null senders', 'empty Return-Path', SILENCE, top='Return-Path:\nX-Original-To: {}\n'.format(ROLE)),
    one('null senders', 'null Return-Path, comment after it', SILENCE,
        top='Return-Path: <> (null)\nX-Original-To: {}\n'.format(ROLE)),
    one('null senders', 'null Return-Path in lower case', SILENCE,
        top='return-path: <>\nX-Original-To: {}\n'.format(ROLE)),
    one('null senders', 'null first, a person second', SILENCE, sender='',
        change=lambda raw: raw.replace(b'Received:', b'Return-Path: <alice@sender.example>\nReceived:', 1)),
    one('null senders', 'a person first, null second: the first is of Postfix', ANSWER,
        change=lambda raw: raw.replace(b'Received:', b'Return-Path: <>\nReceived:', 1)),
    one('null senders', 'no Return-Path at all', SILENCE, top='From alice@sender.example  Sun Nov 22 21:19:37 2026\n'
        'X-Original-To: {}\nDelivered-To: {}\n'.format(ROLE, BEHIND), answers_to=''),
    one('null senders', 'no Return-Path, no From_ line, no SENDER', SILENCE, env={'SENDER': None},
        top='Delivered-To: {}\n'.format(BEHIND), answers_to=''),
    one('null senders', 'no Return-Path, From and Reply-To of people', SILENCE, '+Reply-To: bob@people.example',
        top='X-Original-To: {}\n'.format(ROLE), answers_to=''),
    one('null senders', 'SENDER is empty', SILENCE, env={'SENDER': b''}),
    one('null senders', 'SENDER is MAILER-DAEMON, as of pipe(8)', SILENCE, env={'SENDER': b'MAILER-DAEMON'}),
    one('null senders', 'null Return-Path, SENDER a person', SILENCE, sender='',
        env={'SENDER': b'alice@sender.example'}),
    one('null senders', 'Return-Path in the body only', SILENCE, top='X-Original-To: {}\n'.format(ROLE),
        body='Return-Path: <alice@sender.example>\n\nHello\n', answers_to=''),
    one('null senders', 'Return-Path is nonsense', SILENCE, top='Return-Path: <not an address>\n', answers_to=''),
    one('null senders', 'Return-Path without domain', EITHER, sender='alice'),
    one('null senders', 'SENDER not set, Return-Path a person', ANSWER, env={'SENDER': None}),
    one('null senders', 'an ordinary mail', ANSWER, subject='Hello', in_reply_to='<20261122.1@sender.example>',
        references='<20261122.1@sender.example>'),
]

AUTO_SUBMITTED = rows(
    'Auto-Submitted', SILENCE,
    ('auto-generated', 'Auto-Submitted: auto-generated'),
    ('auto-replied', 'Auto-Submitted: auto-replied'),
    ('auto-notified of RFC 5436', 'Auto-Submitted: auto-notified; owner-email="me@example.com"'),
    ('in capitals', 'AUTO-SUBMITTED: AUTO-REPLIED'),
    ('comment after', 'Auto-Submitted: auto-replied (vacation)'),
    ('comment before', 'Auto-Submitted: (vacation) auto-replied'),
    ('comment that says no', 'Auto-Submitted: (no) auto-replied (no)'),
    ('nested comments', 'Auto-Submitted: (a (no) b) auto-generated'),
    ('parameter', 'Auto-Submitted: auto-replied; no'),
    ('parameter without blanks', 'Auto-Submitted:auto-replied;x=no'),
    ('folded at once', 'Auto-Submitted:\n auto-generated'),
    ('folded with a tab', 'Auto-Submitted:\n\tauto-generated'),
    ('blank before the colon', 'Auto-Submitted : auto-replied'),
    ('an unknown keyword', 'Auto-Submitted: yes'),
    ('a keyword that begins with no', 'Auto-Submitted: notified'),
    ('a keyword that begins with no-', 'Auto-Submitted: no-reply'),
    ('two fields, no first', 'Auto-Submitted: no', '+Auto-Submitted: auto-replied'),
    ('two fields, no last', 'Auto-Submitted: auto-replied', '+Auto-Submitted: no'),
    ('escaped parenthesis in a comment', 'Auto-Submitted: (\\) no (x) auto-replied'),
    ('folded in a comment', 'Auto-Submitted: (on\n holiday)\n auto-replied'),
) + rows(
    'Auto-Submitted', ANSWER,
    ('no', 'Auto-Submitted: no'),
    ('No', 'Auto-Submitted: No'),
    ('NO in a field in lower case', 'auto-submitted: NO'),
    ('no with a comment', 'Auto-Submitted: no (a person)'),
    ('no after a comment', 'Auto-Submitted: (a person) no'),
    ('no after a comment that says auto-replied', 'Auto-Submitted: (auto-replied) no'),
    ('no without blanks', 'Auto-Submitted:no'),
    ('no with a parameter', 'Auto-Submitted: no; reason=human'),
    ('no, folded', 'Auto-Submitted:\n no'),
    ('no with nested comments', 'Auto-Submitted: no (a (b) c)'),
    ('no with blanks around', 'Auto-Submitted: \t no \t '),
    ('no twice', 'Auto-Submitted: no', '+Auto-Submitted: no (really)'),
    ('no with a comment against it', 'Auto-Submitted: no(x)'),
    ('another field that ends so', 'X-Was-Auto-Submitted: auto-replied'),
    ('another field that begins so', 'Auto-Submitted-By: auto-replied'),
    ('in the Subject', 'Subject: Auto-Submitted: auto-replied'),
    ('in a folded field', 'X-Note: see\n Auto-Submitted: auto-replied'),
) + [
    one('Auto-Submitted', 'in the body', ANSWER, body='Auto-Submitted: auto-replied\n\nI read that.\n'),
    one('Auto-Submitted', 'in an attached mail', ANSWER, 'Content-Type: message/rfc822',
        body='From: x@y.example\nAuto-Submitted: auto-replied\nReturn-Path: <>\n\nText\n'),
] + rows(
    'Auto-Submitted', EITHER,
    ('empty', 'Auto-Submitted:'),
    ('only a comment', 'Auto-Submitted: (no)'),
    ('comment that does not end', 'Auto-Submitted: no (unfinished'),
    ('in quotes', 'Auto-Submitted: "no"'))

RESPONSE_SUPPRESS = rows(
    'X-Auto-Response-Suppress', SILENCE,
    ('All', 'X-Auto-Response-Suppress: All'),
    ('OOF', 'X-Auto-Response-Suppress: OOF'),
    ('AutoReply', 'X-Auto-Response-Suppress: AutoReply'),
    ('all in lower case', 'x-auto-response-suppress: all'),
    ('DR, OOF', 'X-Auto-Response-Suppress: DR, OOF'),
    ('list without blanks', 'X-Auto-Response-Suppress: DR,RN,NRN,OOF,AutoReply'),
    ('AutoReply last, blanks', 'X-Auto-Response-Suppress: RN , NRN ,  autoreply '),
    ('folded list', 'X-Auto-Response-Suppress: DR, RN,\n NRN, OOF'),
    ('two fields', 'X-Auto-Response-Suppress: None', '+X-Auto-Response-Suppress: All'),
) + rows(
    'X-Auto-Response-Suppress', ANSWER,
    ('None', 'X-Auto-Response-Suppress: None'),
    ('DR', 'X-Auto-Response-Suppress: DR'),
    ('NDR', 'X-Auto-Response-Suppress: NDR'),
    ('RN, NRN', 'X-Auto-Response-Suppress: RN, NRN'),
    ('DR, NDR, RN, NRN', 'X-Auto-Response-Suppress: DR, NDR, RN, NRN'),
    ('a word that holds all', 'X-Auto-Response-Suppress: Small'),
    ('a word that holds OOF', 'X-Auto-Response-Suppress: PROOF'))

LIST_FIELDS = ('List-Id', 'List-Help', 'List-Subscribe', 'List-Unsubscribe', 'List-Post', 'List-Owner',
               'List-Archive', 'Mailing-List', 'X-Mailing-List', 'X-BeenThere')
LISTS = rows('list headers', SILENCE, *(
    (name, '{}: <http://lists.example.net/x>'.format(name)) for name in LIST_FIELDS
)) + rows('list headers', SILENCE, *(
    (name + ', empty', name + ':') for name in LIST_FIELDS[:7]
)) + rows(
    'list headers', SILENCE,
    ('in lower case', 'list-id: news <news.example.net>'),
    ('in capitals', 'LIST-UNSUBSCRIBE: <mailto:x@example.net>'),
    ('folded', 'List-Unsubscribe:\n <mailto:leave@lists.example.net>,\n <http://lists.example.net/>'),
    ('List-Post: NO', 'List-Post: NO (posting not allowed)'),
    ('blank before the colon', 'List-Id : news.example.net'),
) + rows(
    'list headers', ANSWER,
    ('List-Price is none', 'List-Price: 12 EUR'),
    ('Listing is none', 'Listing: 3'),
    ('X-List is none', 'X-My-List-Note: shopping'),
    ('the word in the Subject', 'Subject: List-Id: what is that?'),
    ('a list address in Cc', '+Cc: news@lists.example.net'),
) + [one('list headers', 'in the body', ANSWER, body='List-Id: <x.example.net>\nList-Unsubscribe: <y>\n')]

PRECEDENCE = rows(
    'precedence', SILENCE,
    ('bulk', 'Precedence: bulk'), ('junk', 'Precedence: junk'), ('list', 'Precedence: list'),
    ('auto_reply', 'Precedence: auto_reply'), ('in capitals', 'PRECEDENCE: BULK'),
    ('Junk', 'Precedence: Junk'), ('with a comment', 'Precedence: bulk (newsletter)'),
    ('blanks around', 'Precedence:   list  '), ('folded', 'Precedence:\n bulk'), ('without blank', 'Precedence:bulk'),
    ('two fields', 'Precedence: normal', '+Precedence: bulk'),
) + rows(
    'precedence', ANSWER,
    ('normal', 'Precedence: normal'), ('first-class', 'Precedence: first-class'),
    ('special-delivery', 'Precedence: special-delivery'), ('air-mail', 'Precedence: air-mail'),
    ('a word that begins with bulk', 'Precedence: bulky'), ('a word that holds list', 'Precedence: enlisted'),
    ('Priority is another field', 'Priority: bulk'), ('a number', 'Precedence: 100'))

# Local parts of programs, and of people that only look like them; test_rules.py asks the rule alone about them.
PROGRAMS = (
    'mailer-daemon', 'MAILER-DAEMON', 'Mailer-Daemon', 'listserv', 'LISTSERV', 'majordomo', 'Majordomo', 'uucp', 'UUCP',
    'owner-news', 'OWNER-NEWS', 'news-owner', 'News-Owner', 'news-request', 'NEWS-REQUEST', 'news-bounces',
    'news-bounces+info=example.org', 'bounces-123', 'Bounces-abc-def', 'noreply', 'NoReply', 'no-reply', 'NO-REPLY',
    'no_reply', 'noreply+tag', '"noreply"', 'donotreply', 'DoNotReply', 'do-not-reply', 'root', 'ROOT',
    'prvs=1234abcdef=noreply', 'SRS0=a=b=example.net=noreply')
PEOPLE = (
    'ownership', 'noreplying.ann', 'ann.noreply', 'mr.noreply', 'snoreply', 'reply', 'x-requests', 'requests',
    'request', 'request-ann', 'requester-x', 'my-request-line', 'owner', 'homeowner-smith', 'downer-than-down',
    'postmaster', 'rooted', 'rooter', 'groot', 'uucpfan', 'majordomos', 'listservant', 'mailer', 'daemon.jones',
    'mailer-daemonic', 'bouncer', 'trebounces', 'info')

SYSTEM_SENDERS = senders(
    'system senders', SILENCE, *[name + '@sender.example' for name in PROGRAMS],
    'Mailer-Daemon@mx.sender.example', 'ROOT@host.sender.example')

LOOK_ALIKES = senders(
    'people who look like systems', ANSWER, *[name + '@sender.example' for name in PEOPLE],
    'alice@noreply.sender.example', 'alice@mailer-daemon.example', 'ann@bounces-1.example', 'alice@owner-x.example') + [
    one('people who look like systems', 'display name No-Reply', ANSWER,
        'From: "noreply MAILER-DAEMON" <alice@sender.example>'),
    one('people who look like systems', 'noreply in From only: the envelope counts', ANSWER,
        'From: noreply@sender.example'),
    one('people who look like systems', 'Reply-To noreply', ANSWER, '+Reply-To: noreply@sender.example'),
] + [one('people who look like systems', 'written to ' + address, ANSWER, to=address, behind=address)
     for address in ('donotreply@example.org', 'noreply@example.org', 'no-reply@example.org', 'root@example.org',
                     'mailer-daemon@example.org', 'news-bounces@example.org')]

OWN_ADDRESSES = [
    one('own addresses', 'sender is ORIGINAL_RECIPIENT', SILENCE, sender=ROLE),
    one('own addresses', 'sender is ORIGINAL_RECIPIENT in capitals', SILENCE, sender=ROLE.upper()),
    one('own addresses', 'sender is RECIPIENT', SILENCE, sender=BEHIND),
    one('own addresses', 'sender is RECIPIENT in another case', SILENCE, sender='Info@MX1.Internal.Example'),
    one('own addresses', 'sender is X-Original-To, the environment has none', SILENCE, sender=ROLE,
        env={'ORIGINAL_RECIPIENT': None}),
    one('own addresses', 'sender is Delivered-To, the environment has none', SILENCE, sender=BEHIND,
        env={'RECIPIENT': None}),
    one('own addresses', 'sender is in the setting', SILENCE, sender='help@example.org',
        settings={'addresses': 'sales@example.org help@example.org'}),
    one('own addresses', 'sender is in the setting in another case', SILENCE, sender='HELP@Example.ORG',
        settings={'addresses': 'help@example.org, sales@example.org'}),
    one('own addresses', 'sender is quoted, own is not', SILENCE, sender='"info"@example.org'),
    one('own addresses', 'sender is own under BATV', SILENCE, sender='prvs=1234567890=info@example.org'),
    one('own addresses', 'same local part elsewhere', ANSWER, sender='info@sender.example'),
    one('own addresses', 'other local part here', ANSWER, sender='alice@example.org'),
    one('own addresses', 'sender in a subdomain', ANSWER, sender='info@sub.example.org'),
    one('own addresses', 'own address as a suffix', ANSWER, sender='xinfo@example.org'),
    one('own addresses', 'own address in From only', ANSWER, 'From: {}'.format(ROLE)),
    one('own addresses', 'not in the setting', ANSWER, sender='alice@example.org',
        settings={'addresses': 'help@example.org'}),
]

REPORTS = rows(
    'reports', SILENCE,
    ('delivery status', 'Content-Type: multipart/report; report-type=delivery-status; boundary=b'),
    ('read receipt', 'Content-Type: multipart/report; report-type=disposition-notification; boundary=b'),
    ('abuse report', 'Content-Type: multipart/report; report-type=feedback-report; boundary=b'),
    ('in quotes', 'Content-Type: multipart/report; boundary="b"; report-type="delivery-status"'),
    ('in capitals', 'CONTENT-TYPE: MULTIPART/REPORT; REPORT-TYPE=DELIVERY-STATUS; BOUNDARY=b'),
    ('folded', 'Content-Type: multipart/report;\n\treport-type=delivery-status;\n boundary="b"'),
    ('folded before the type', 'Content-Type:\n multipart/report; report-type=delivery-status; boundary=b'),
    ('with comments', 'Content-Type: (a) multipart/report (b); (c) report-type=delivery-status; boundary=b'),
    ('without blanks', 'Content-Type:multipart/report;report-type=delivery-status;boundary=b'),
    ('message/delivery-status', 'Content-Type: message/delivery-status'),
    ('message/disposition-notification', 'Content-Type: message/disposition-notification'),
    ('Message/Delivery-Status', 'Content-Type: Message/Delivery-Status; charset=us-ascii'),
    ('X-Failed-Recipients of Exim', '+X-Failed-Recipients: bob@example.net'),
    ('x-failed-recipients', '+x-failed-recipients: bob@example.net,\n carol@example.net'),
) + rows(
    'reports', ANSWER,
    ('multipart/mixed', 'Content-Type: multipart/mixed; boundary=report'),
    ('multipart/reporting is another', 'Content-Type: multipart/reporting; boundary=b'),
    ('the type in a parameter', 'Content-Type: text/plain; name="multipart/report"'),
    ('the type in a comment', 'Content-Type: text/plain (multipart/report; report-type=delivery-status)'),
    ('message/rfc822', 'Content-Type: message/rfc822'),
    ('Subject of a bounce, a person forwards it', 'Subject: Fwd: Undelivered Mail Returned to Sender'),
    ('no Content-Type', '-Content-Type'),
    ('broken Content-Type', 'Content-Type: ;;;='),
    ('receipt asked for', '+Disposition-Notification-To: alice@sender.example',
     '+Return-Receipt-To: alice@sender.example'),
) + [one('reports', 'attached bounce', ANSWER, 'Content-Type: multipart/mixed; boundary=b',
         body='--b\n\nSee this bounce\n--b\nContent-Type: multipart/report; report-type=delivery-status; boundary=c\n\n'
              '--c\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n--c--\n--b--\n'),
     one('reports', 'pasted bounce', ANSWER,
         body='X-Failed-Recipients: x\nContent-Type: multipart/report; report-type=delivery-status\n')]

MARKS = rows(
    'marks of responders', SILENCE,
    ('X-Autoreply', 'X-Autoreply: yes'), ('X-Autorespond', 'X-Autorespond: away'),
    ('X-Auto-Reply-From', 'X-Auto-Reply-From: bob@example.net'), ('X-Autogenerated', 'X-Autogenerated: Reply'),
    ('x-autoreply', 'x-autoreply: YES'), ('X-Loop is us', 'X-Loop: {}'.format(ROLE)),
    ('X-Loop is us in capitals', 'X-Loop: {}'.format(ROLE.upper())),
    ('X-Loop is RECIPIENT', 'X-LOOP: {}'.format(BEHIND)),
    ('two X-Loop', 'X-Loop: bob@example.net', '+X-Loop: {}'.format(ROLE)),
    ('X-Loop, folded', 'X-Loop:\n {}'.format(ROLE)),
) + rows(
    'marks of responders', ANSWER,
    ('X-Loop of another', 'X-Loop: bob@example.net'), ('X-Loop is longer than us', 'X-Loop: x{}'.format(ROLE)),
    ('X-Loop, no address', 'X-Loop: yes'), ('X-Autoreplies is another', 'X-Autoreplies: 3'),
    ('X-Mailer vacation', 'X-Mailer: vacation 1.2.7.0'), ('Subject Auto:', 'Subject: Automatic reply: hello'),
    ('X-Priority', 'X-Priority: 1')) + [
    one('marks of responders', 'the mark in the body', ANSWER, body='X-Loop: {}\nX-Autoreply: yes\n'.format(ROLE)),
    one('marks of responders', 'X-Loop is an address of the setting', SILENCE, 'X-Loop: help@example.org',
        settings={'addresses': 'help@example.org'})]

SPAM = rows(
    'spam marks', SILENCE,
    ('X-Spam-Flag: YES', 'X-Spam-Flag: YES'), ('x-spam-flag: yes', 'x-spam-flag: yes'),
    ('X-Spam-Status: Yes', 'X-Spam-Status: Yes, score=12.1 required=5.0 tests=BAYES_99\n\tautolearn=spam'),
    ('X-Spam-Status: Yes alone', 'X-Spam-Status: Yes'), ('X-Spam-Status, folded', 'X-Spam-Status:\n YES, hits=9'),
    ('X-Spam: yes', 'X-Spam: yes'), ('X-Spam: Yes', 'X-Spam: Yes'), ('X-DSPAM-Result', 'X-DSPAM-Result: Spam'),
    ('X-Virus-Status: infected', 'X-Virus-Status: infected'),
    ('X-Virus-Status: Infected with a name', 'X-Virus-Status: Infected (Eicar-Test-Signature)'),
    ('No first, Yes second', 'X-Spam-Status: No, score=0', '+X-Spam-Status: Yes, score=11'),
) + rows(
    'spam marks', ANSWER,
    ('X-Spam-Flag: NO', 'X-Spam-Flag: NO'), ('X-Spam-Status: No', 'X-Spam-Status: No, score=-1.9 required=5.0'),
    ('No with tests=YES_X', 'X-Spam-Status: No, score=1 tests=YES_X,YES autolearn=yes'),
    ('a word that begins with yes', 'X-Spam-Flag: yesterday'), ('X-Spam: no', 'X-Spam: no'),
    ('X-Spam-Level', 'X-Spam-Level: ***********'), ('X-Spam-Score', 'X-Spam-Score: 15.3'),
    ('X-DSPAM-Result: Innocent', 'X-DSPAM-Result: Innocent'), ('X-Virus-Status: Clean', 'X-Virus-Status: Clean'),
    ('not infected', 'X-Virus-Status: Not infected'), ('X-Spam-Report', 'X-Spam-Report: YES it is'),
    ('[SPAM] in the Subject', 'Subject: [SPAM] yes'))

CASES = (NULL_SENDERS + AUTO_SUBMITTED + RESPONSE_SUPPRESS + LISTS + PRECEDENCE + SYSTEM_SENDERS + LOOK_ALIKES
         + OWN_ADDRESSES + REPORTS + MARKS + SPAM)
