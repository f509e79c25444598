"""Mailing lists: moderation, membership, digests; their software writes to bounce addresses all day."""
from nonbounces.bouncetext import bounce_as_file, quoted, told
from nonbounces.scene import Part, Person, alternative, mailbox, multipart, text, whole


def manager(scene, suffix='bounces'):
    name = scene.pick(('announce', 'devel', 'users', 'chor'))
    host = 'lists.' + scene.domain()
    extra = [
        ('List-Id', '<{}.{}>'.format(name, host)),
        ('X-Mailman-Version', '2.1.39'),
        ('Precedence', 'bulk'),
        ('X-BeenThere', '{}@{}'.format(name, host)),
        ('Errors-To', '{}-bounces@{}'.format(name, host)),
    ]
    return Person('', '{}-{}@{}'.format(name, suffix, host)), extra


def notice(scene, subject, body, suffix='bounces', null_sender=False):
    sender, extra = manager(scene, suffix)
    return whole(scene, text(scene, body), subject, sender, extra, null_sender)


def awaits_moderator(scene):
    subject, body = scene.pick(
        (
            (
                'Your message to users awaits moderator approval',
                "Your mail to 'users' with the subject\n\n    offer\n\nIs being "
                'held until the list moderator can review it for approval.\n\nThe reason it is being held:\n\n    Post by '
                'non-member to a members-only list\n',
            ),
            (
                'Ihre Nachricht an users wartet auf Genehmigung',
                "Ihre E-Mail an die Liste 'users' wurde bis zur Prüfung "
                'zurückgehalten.\n\nGrund: Nachricht eines Nicht-Mitglieds\n',
            ),
            (
                'Message en attente de modération',
                'Votre message pour la liste users est retenu. Raison : non abonné.\n',
            ),
        )
    )
    return notice(scene, subject, body, null_sender=scene.maybe(0.5))


def subscription_to_confirm(scene):
    code = scene.token(40)
    return notice(
        scene,
        'confirm ' + code,
        'We have received a request from {} for subscription of your email address, '
        '"{}", to the users list. To confirm, simply reply to this message.\n'.format(
            scene.ip(), scene.reader.address
        ),
        'confirm+' + code,
    )


def unsubscribed(scene):
    subject, body = scene.pick(
        (
            (
                'You have been unsubscribed from the users mailing list',
                'The address {} has been removed from the list.\n',
            ),
            (
                'users unsubscribe notification',
                '{} has been successfully unsubscribed due to excessive bounces.\n',
            ),
            ('Abmeldung von der Liste', 'Die Adresse {} wurde ausgetragen, weil sie unzustellbar war.\n'),
        )
    )
    return notice(scene, subject, body.format(scene.reader.address))


def membership_disabled(scene):
    body = (
        'Your membership in the mailing list Users has been disabled due to excessive bounces. The last bounce '
        'received\nfrom you was dated {}. You will not get any more messages from this list until you re-enable\n'
        'your membership ({}).\n'
    ).format(scene.day(-3), scene.reader.address)
    return notice(scene, 'Your membership of Users is disabled', body)


def membership_disabled_with_the_bounce(scene):
    """To the list's owner: the bounce that did it is attached; it was the list's, not ours."""
    body = (
        'This is a Mailman mailing list bounce action notice:\n\n    List:       users\n    Member:     {}\n'
        '    Action:     Subscription disabled.\n    Reason:     Excessive or fatal bounces.\n'
    ).format(scene.third.address)
    sender, extra = manager(scene)
    attached = Part([('Content-Type', 'message/rfc822')], bounce_as_file(scene))
    return whole(
        scene,
        multipart(scene, 'mixed', [text(scene, body), attached]),
        'Bounce action notification',
        sender,
        extra,
    )


def password_reminder(scene):
    body = (
        'This is a reminder, sent out once a month, about your mailing list memberships.\n\nPasswords for {}:\n\n'
        'List                                     Password // URL\n----\nusers                 {}\n'
    ).format(scene.reader.address, scene.token(8))
    return notice(scene, 'mailing list memberships reminder', body, 'owner')


def digest_about_deliverability(scene):
    posts = []
    for number in range(scene.number(2, 5)):
        author = scene.person()
        body = 'Hi all,\n\nwhat would you do with this one?\n\n{}\n-- \n{}\n'.format(
            quoted(scene, told(scene)) if scene.maybe(0.5) else told(scene), author.name
        )
        header = 'From: {}\nSubject: {}\nDate: {}\nMessage-ID: {}\n\n'.format(
            mailbox(scene, author),
            scene.pick(('550 5.1.1 at example', 'Soft bounce or hard?', 'Mail delivery failed')),
            scene.date(-number * 60),
            scene.msgid(),
        )
        posts.append(Part([('Content-Type', 'message/rfc822')], (header + body).encode('utf-8')))
    sender, extra = manager(scene)
    head = text(
        scene, "Today's Topics:\n\n   1. 550 5.1.1 at example\n   2. Undelivered Mail Returned to Sender\n"
    )
    return whole(
        scene,
        multipart(scene, 'mixed', [head, multipart(scene, 'digest', posts)]),
        'mailop Digest, Vol {}, Issue {}'.format(scene.number(1, 99), scene.number(1, 30)),
        sender,
        extra,
    )


def plain_digest(scene):
    posts = '\n------------------------------\n\n'.join(
        'Message: {}\nDate: {}\nFrom: {}\nTo: users@{}\nSubject: {}\n\n{}\n'.format(
            number, scene.date(), scene.person().address, scene.domain(), 'bounce?', told(scene)
        )
        for number in range(1, 4)
    )
    sender, extra = manager(scene)
    return whole(
        scene,
        text(scene, 'Send users mailing list submissions to ...\n\n' + posts),
        'users Digest, Vol 1, Issue 2',
        sender,
        extra,
    )


def post_about_a_bounce(scene):
    sender, extra = manager(scene)
    body = 'Has anybody seen this today?\n\n{}\n-- \n{}\n'.format(told(scene), scene.sender.name)
    return whole(
        scene,
        alternative(scene, body),
        '[mailop] ' + scene.pick(('Microsoft bounces', '550 5.7.1', 'Re: DSNs')),
        extra=extra + [('Sender', sender.address), ('List-Post', '<mailto:x@{}>'.format(scene.domain()))],
    )


FAMILIES = (
    awaits_moderator,
    subscription_to_confirm,
    unsubscribed,
    membership_disabled,
    membership_disabled_with_the_bounce,
    password_reminder,
    digest_about_deliverability,
    plain_digest,
    post_about_a_bounce,
)
