"""Mails with two or three outward signs of a bounce and yet none."""

from nonbounces.bouncetext import bounce_as_file, quoted, report_text, told
from nonbounces.quoting import BOUNCE_SUBJECTS, asking, forward_subject, forwarded
from nonbounces.scene import Part, Person, alternative, data, multipart, text, whole


def carrier_named_like_a_daemon(scene):
    """A courier whose name is on the list of words that mail systems have in theirs."""
    name = scene.pick(
        ('Royal Mail Delivery', 'Mail Delivery Service', 'Postmaster General', 'Delivery Status Team')
    )
    subject, body = scene.pick(
        (
            (
                'Your parcel could not be delivered',
                'Your parcel {0} could not be delivered: nobody at home.\n',
            ),
            ('Delivery failed', 'We were unable to deliver item {0}. It was returned to the sender.\n'),
            ('Delivery delayed', 'Parcel {0} has been delayed. We will try again tomorrow.\n'),
        )
    )
    body = body.format(scene.number(10**8, 10**9)) + '\nQuestions? Write to {}\n'.format(scene.third.address)
    return whole(scene, alternative(scene, body), subject, Person(name, 'tracking@' + scene.domain()))


def fax_not_sent(scene):
    body = 'Fax to +1 555 0{} failed after 3 attempts.\nReason: no answer\nStatus: 5.1.1\nUser: {}\nPages: 0 of 2\n'.format(
        scene.number(100, 999), scene.third.address
    )
    return whole(
        scene, text(scene, body), 'Fax transmission failed', Person('Fax server', 'fax@' + scene.domain())
    )


def journal_report(scene):
    """Exchange keeps a copy of every mail, and so of a bounce: an envelope with the mail attached."""
    body = 'Sender: {}\nSubject: Undeliverable: offer\nMessage-Id: {}\nTo: {}\n'.format(
        scene.person().address, scene.msgid(), scene.third.address
    )
    inner = Part([('Content-Type', 'message/rfc822')], bounce_as_file(scene))
    return whole(
        scene,
        multipart(scene, 'mixed', [text(scene, body), inner]),
        'Undeliverable: offer',
        Person('Journal', 'journal@' + scene.domain()),
        extra=[('X-MS-Journal-Report', '')],
    )


def delivered_in_words(scene):
    """A success without a machine's part."""
    said, subject = scene.pick(
        (
            ('Your message was successfully delivered to {}.\n', 'Successful Mail Delivery Report'),
            (
                'Your message\n\n  Subject: offer\n\nhas been delivered to the following recipients:\n\n  {}\n',
                'Delivered: offer',
            ),
            ('Ihre Nachricht wurde erfolgreich zugestellt an: {}\n', 'Zugestellt: Angebot'),
            ('Votre message a bien été remis à : {}\n', 'Remis : offre'),
        )
    )
    return whole(
        scene,
        text(scene, said.format(scene.third.address)),
        subject,
        Person('Mail Delivery System', 'MAILER-DAEMON@' + scene.domain()),
        null_sender=True,
        extra=[('Auto-Submitted', 'auto-replied')],
    )


def queue_listing(scene):
    lines = ''.join(
        '{}  {} {}  MAILER-DAEMON\n(host mx.{}[{}] said: 450 4.2.0 mailbox full (in reply to RCPT TO command))\n'
        '                    {}\n\n'.format(
            scene.token(10).upper(),
            scene.number(500, 9999),
            scene.date()[:16],
            scene.domain(),
            scene.ip(),
            scene.person().address,
        )
        for _ in range(5)
    )
    return whole(
        scene,
        text(scene, '-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n' + lines),
        'Mail queue of ' + scene.domain(),
        Person('root', 'root@' + scene.domain()),
    )


def issue_about_a_bounce(scene):
    body = '{} opened an issue:\n\n```\n{}\n```\n\n-- \nReply to this email directly.\n'.format(
        scene.third.name, report_text(scene)
    )
    return whole(
        scene,
        alternative(scene, body),
        '[org/parser] Undelivered Mail Returned to Sender is not recognised (Issue #{})'.format(
            scene.number(1, 999)
        ),
        Person(scene.third.name, 'notifications@' + scene.domain()),
        extra=[
            ('List-Id', 'org/parser <parser.org.example>'),
            ('X-GitHub-Sender', 'x'),
            ('Precedence', 'list'),
        ],
    )


def abuse_desk_confirms(scene):
    body = 'We received your report about {} and take it seriously. This mail was generated automatically.\n'.format(
        scene.third.address
    )
    return whole(
        scene,
        text(scene, body),
        'Your abuse report was received',
        Person('Abuse', 'abuse@' + scene.domain()),
        null_sender=scene.maybe(0.5),
        extra=[('Auto-Submitted', 'auto-replied')],
    )


def unsubscribe_request(scene):
    body = scene.pick(
        (
            '',
            'unsubscribe\n',
            'Remove {} from the list, mail to it fails anyway.\n'.format(scene.reader.address),
        )
    )
    return whole(scene, text(scene, body), scene.pick(('unsubscribe', 'Unsubscribe', 'remove')))


def answer_that_quotes_below(scene):
    """An autoreply of a help desk in the middle of which the customer's bounce stands."""
    body = 'Thank you for writing. Your request [#{}] will be answered soon.\n\n----\n{}\n'.format(
        scene.number(1, 99999), told(scene)
    )
    return whole(
        scene,
        text(scene, body),
        '[#{}] Request received'.format(scene.number(1, 99999)),
        Person('Service', 'service@' + scene.domain()),
        null_sender=True,
        extra=[
            ('Auto-Submitted', 'auto-replied'),
            ('X-Auto-Response-Suppress', 'All'),
            ('In-Reply-To', scene.msgid()),
        ],
    )


def archive_of_bounces(scene):
    """A colleague sends the mbox of last week."""
    mbox = b''.join(
        b'From MAILER-DAEMON Sun Nov 22 21:19:37 2026\n' + bounce_as_file(scene) + b'\n' for _ in range(3)
    )
    kind = scene.pick(('application/mbox', 'text/plain', 'application/octet-stream'))
    parts = [
        text(scene, scene.letter(scene.prose(2))),
        data(kind, mbox, 'bounces.mbox', scene.pick(('base64', '7bit'))),
    ]
    return whole(scene, multipart(scene, 'mixed', parts), scene.pick(scene.words['subjects']))


def spam_from_nobody(scene):
    body = 'Congratulations! Your address {} has won. Mail could not reach you. Claim now.\n'.format(
        scene.reader.address
    )
    return whole(
        scene,
        alternative(scene, body, 'https://{}/win'.format(scene.domain())),
        scene.pick(('You have won', 'Final notice', 'Message not delivered?')),
        null_sender=True,
    )


def signature_with_codes(scene):
    """Numbers that look like replies and statuses, addresses beside them, no failure at all."""
    body = scene.letter(
        'Room 550, building 5.1.1, extension 421-4.2.2.\nThe host of the evening is {}; the user group meets at 5.2.1.\n'
        'To: be confirmed\nStatus: 5.0.0 released\nAction: failed tests are to be repeated by <{}>'.format(
            scene.third.name, scene.third.address
        )
    )
    return whole(scene, alternative(scene, body), scene.pick(scene.words['subjects']))


def postmaster_in_person(scene):
    return Person(
        scene.pick(('Postmaster', 'Mail Administrator', scene.sender.name)), 'postmaster@' + scene.domain()
    )


def postmaster_answers(scene):
    """A person behind the postmaster's address explains a bounce to its victim."""
    body = scene.letter(scene.prose(2) + '\n\n' + quoted(scene, told(scene)))
    return whole(
        scene,
        alternative(scene, body),
        'Re: ' + scene.pick(BOUNCE_SUBJECTS),
        postmaster_in_person(scene),
        extra=[('In-Reply-To', scene.msgid()), ('References', scene.msgid())],
    )


def postmaster_forwards(scene):
    body = scene.letter(scene.prose(2)) + '\n' + forwarded(scene) + report_text(scene)
    inner = Part([('Content-Type', 'message/rfc822')], bounce_as_file(scene))
    part = scene.pick((text(scene, body), multipart(scene, 'mixed', [text(scene, asking(scene)), inner])))
    return whole(scene, part, forward_subject(scene), postmaster_in_person(scene))


def postmaster_invites(scene):
    """The subject of a bounce, a daemon's name, and a text about a meeting on deliverability."""
    body = scene.letter(
        'On Monday we look at mail delivery: why messages could not be delivered last month, and whom to ask.\n'
        'Questions before the meeting: <{}>'.format(scene.third.address)
    )
    return whole(
        scene,
        alternative(scene, body),
        scene.pick(('Meeting: delivery failures', 'Delivery problems in October', 'Bounces')),
        postmaster_in_person(scene),
    )


def dmarc_by_a_daemon(scene):
    """Receivers that send the aggregate report with an empty envelope sender, as their postmaster."""
    packed = data(
        'application/gzip', b'\x1f\x8b' + bytes(scene.number(0, 255) for _ in range(300)), 'report.xml.gz'
    )
    said = text(
        scene,
        'DMARC report for example.com. Messages that failed: 12, rejected: 3, delivered: 400.\nContact: {}\n'.format(
            scene.third.address
        ),
    )
    return whole(
        scene,
        multipart(scene, 'mixed', [said, packed]),
        'Report domain: example.com Submitter: {} Report-ID: {}'.format(scene.domain(), scene.token()),
        postmaster_in_person(scene),
        null_sender=True,
        extra=[('Auto-Submitted', 'auto-generated')],
    )


def newsletter_of_a_deliverability_shop(scene):
    body = (
        'Mail Delivery Insights no. {}\n\nWhy 550 5.1.1 user unknown hurts: a message that could not be delivered to {} '
        'costs reputation.\n\n{}\n\nUnsubscribe: https://{}/u\n'
    ).format(scene.number(1, 99), scene.third.address, told(scene), scene.domain())
    return whole(
        scene,
        alternative(scene, body, 'https://{}/'.format(scene.domain())),
        scene.pick(
            ('Undelivered mail: what to do', 'Bounce rates of 2026', 'Mail delivery failed? Read this')
        ),
        Person(scene.pick(('Mail Delivery Insights', 'Deliverability Daily')), 'news@' + scene.domain()),
        extra=[('List-Unsubscribe', '<https://{}/u>'.format(scene.domain())), ('Precedence', 'bulk')],
    )


FAMILIES = (
    postmaster_answers,
    postmaster_forwards,
    postmaster_invites,
    dmarc_by_a_daemon,
    newsletter_of_a_deliverability_shop,
    carrier_named_like_a_daemon,
    fax_not_sent,
    journal_report,
    delivered_in_words,
    queue_listing,
    issue_about_a_bounce,
    abuse_desk_confirms,
    unsubscribe_request,
    answer_that_quotes_below,
    archive_of_bounces,
    spam_from_nobody,
    signature_with_codes,
)
