"""What programs write to people about accounts, quarantine and identity; some of it under a postmaster's name."""
from nonbounces.bouncetext import told
from nonbounces.scene import Person, alternative, data, html, multipart, text, whole


def daemon(scene):
    """A sender whose name sounds like a bounce."""
    local, name = scene.pick(
        (
            ('MAILER-DAEMON', 'Mail Delivery System'),
            ('postmaster', 'Postmaster'),
            ('postmaster', 'Mail System'),
            ('mailer-daemon', ''),
            ('root', 'root'),
        )
    )
    return Person(name, '{}@{}'.format(local, scene.domain()))


def quota_warning(scene):
    subject, body = scene.pick(
        (
            (
                'Your mailbox is almost full',
                'The mailbox {0} uses 95 % of its quota. When the mailbox is full, mail to {0} '
                'will be returned to the sender.\n',
            ),
            ('Quota exceeded warning', 'Mailbox {0} is over quota. Please delete messages.\n'),
            (
                'Ihr Postfach ist fast voll',
                'Das Postfach {0} ist zu 95 % belegt. Ist es voll, werden Nachrichten abgewiesen.\n',
            ),
            ('Votre boîte est presque pleine', 'La boîte {0} a atteint 95 % de son quota.\n'),
            ('Su buzón está casi lleno', 'El buzón {0} ha alcanzado el 95 % de la cuota.\n'),
            ('メールボックスの容量が残りわずかです', '{0} の使用量が 95 % に達しました。\n'),
            ('Почтовый ящик почти заполнен', 'Ящик {0} заполнен на 95 %.\n'),
        )
    )
    return whole(
        scene,
        alternative(scene, body.format(scene.reader.address)),
        subject,
        daemon(scene),
        null_sender=scene.maybe(0.6),
        extra=[('Auto-Submitted', 'auto-generated')] if scene.maybe(0.5) else (),
    )


def quarantine_digest(scene):
    rows = '\n'.join(
        '{}  {}  {}  spam, rejected'.format(
            scene.date(-n * 3600),
            scene.person().address,
            scene.pick(('You won', 'Undelivered Mail Returned to Sender', 'failure notice', 'Re: invoice')),
        )
        for n in range(8)
    )
    body = 'Messages held for {}:\n\n{}\n\nThey were not delivered. Release: https://{}/q\n'.format(
        scene.reader.address, rows, scene.domain()
    )
    return whole(
        scene,
        alternative(scene, body),
        scene.pick(
            ('Quarantine summary', 'Spam report: 8 messages blocked', 'Wöchentlicher Quarantänebericht')
        ),
        daemon(scene),
        null_sender=scene.maybe(0.5),
        extra=[('Auto-Submitted', 'auto-generated')],
    )


def virus_warning_to_the_recipient(scene):
    body = (
        'A mail to you was stopped because it held a virus (Eicar-Test-Signature).\n\nSender: {}\nRecipient: {}\n'
        'Subject: invoice\n\nThe message was not delivered; you need do nothing.\n'
    ).format(scene.third.address, scene.reader.address)
    return whole(
        scene,
        text(scene, body),
        scene.pick(('VIRUS in mail TO YOU', 'Virus found in a message to you')),
        Person('Content-filter', 'postmaster@' + scene.domain()),
        null_sender=scene.maybe(0.5),
    )


def confirm_you_are_human(scene):
    body = scene.pick(
        (
            'Your message to {0} is being held. Please confirm that you are human to have it delivered.\n',
            'I use a challenge/response filter. Reply to this mail once and your message will reach {0}.\n',
            'Ihre Nachricht an {0} wurde noch nicht zugestellt. Bitte bestätigen Sie, dass Sie ein Mensch sind.\n',
        )
    )
    return whole(
        scene,
        alternative(scene, body.format(scene.sender.address), 'https://{}/c'.format(scene.domain())),
        scene.pick(
            (
                'Please confirm your message',
                'Re: offer [confirm #{}]'.format(scene.token()),
                'Sender verification required',
            )
        ),
        extra=[('Auto-Submitted', 'auto-replied'), ('Precedence', 'bulk')],
        null_sender=scene.maybe(0.5),
    )


def spam_that_plays_a_bounce(scene):
    """No report, nothing returned, a link: there is nobody in it to blame."""
    body = scene.pick(
        (
            'Dear {0},\n\n12 incoming messages could not be delivered to your mailbox because of a sync error.\n'
            'Click to release your messages now.\n',
            'Mail delivery failed: returned messages for {0}\n\nYour mailbox storage is full. Review undelivered messages.\n',
            'Your messages are pending because {0} must be validated. Failure to do so will close the mailbox.\n',
        )
    )
    link = 'https://{}/{}'.format(scene.domain(), scene.token())
    return whole(
        scene,
        html(scene, body.format(scene.reader.address), link),
        scene.pick(
            (
                'Mail delivery failed: (12) messages returned',
                'Undelivered messages for you',
                'Delivery Failure - action required',
                'Your mailbox: 7 messages failed to deliver',
            )
        ),
        Person(
            scene.pick(('Mail Delivery System', 'IT Helpdesk', 'Mail Administrator')), scene.person().address
        ),
        extra=[('X-Priority', '1')],
    )


def daemon_with_news(scene):
    """The postmaster announces something to all users."""
    body = scene.letter(
        scene.pick(
            (
                'The mail system will be down on Sunday. Mail to {} and others will be delayed, none will be returned.',
                'We moved to a new mail server. If delivery fails, tell us. Test address: {}',
                'Alle Postfächer ziehen um. Bei Zustellproblemen melden Sie sich unter {}.',
            )
        )
    ).format(scene.third.address)
    return whole(
        scene,
        alternative(scene, body),
        scene.pick(('Mail system maintenance', 'Delivery delayed on Sunday', 'Wartung des Mailservers')),
        daemon(scene),
    )


def read_later_list(scene):
    """A web service mails a saved page which happens to be about bounces."""
    page = 'Saved page: "Common SMTP errors"\n\n' + told(scene)
    return whole(scene, html(scene, page), 'Saved for you', Person('Reader', 'save@' + scene.domain()))


def voice_mail(scene):
    parts = [
        text(scene, 'You have a new voice message from +1 550 511 0{}.\n'.format(scene.number(100, 999))),
        data('audio/wav', bytes(scene.number(0, 255) for _ in range(500)), 'message.wav'),
    ]
    return whole(
        scene,
        multipart(scene, 'mixed', parts),
        'Message delivery: voice mail',
        Person('Unity', 'unity@' + scene.domain()),
    )


FAMILIES = (
    quota_warning,
    quarantine_digest,
    virus_warning_to_the_recipient,
    confirm_you_are_human,
    spam_that_plays_a_bounce,
    daemon_with_news,
    read_later_list,
    voice_mail,
)
