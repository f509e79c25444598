"""Letters of people and robots that quote or attach the mail that they answer: ours."""
from nonbounces.bouncetext import quoted, report
from nonbounces.scene import Part, Person, fields, header_block, multipart, text, whole

SUBJECTS = (
    'Parcel not delivered',
    'Order returned',
    'Delivery problem',
    'Delivery failed!!',
    'Undelivered order 4711',
    'Returned mail question',
    'Rejected order',
    'Delivery status of order 4711',
    'Your order 4711 - delivery delayed',
)

LETTERS = (
    'The parcel was not delivered to me.\n',
    'My order has not been delivered. Please write to {third} instead.\n',
    'My mailbox is full, please send it to\n{reader}\nThank you\n',
    'I could not be reached, address unknown the courier said. My address: {reader}\n',
    'Delivery failed, the tracking page says error 550 user unknown for {reader}.\nWhat now?\n',
    'The message to {reader} could not be delivered, please ask her.\n',
    'We are sorry: delivery of parcel 550 0001 to {reader} failed.\n',
)


def our_header(scene, buyer):
    """The header of our mail to a buyer."""
    return header_block(
        [
            ('Message-ID', scene.msgid()),
            ('Date', scene.date(-86400)),
            ('From', scene.reader.address),
            ('To', buyer.address),
            ('Subject', 'Your order 4711'),
        ]
    )


def letter_about(scene, author, buyer):
    """A letter to the sender of the mail that it quotes, marked, unmarked or attached; often without envelope."""
    said = scene.pick(LETTERS).format(reader=buyer.address, third=scene.third.address)
    ours = our_header(scene, buyer)
    form = scene.pick(('inline', 'quoted', 'attached'))
    if form == 'attached':
        attached = Part([('Content-Type', 'message/rfc822')], ours + b'\nHello\n')
        part = multipart(scene, 'mixed', [text(scene, said), attached])
    elif form == 'inline':
        part = text(scene, said + '\n-----Original Message-----\n' + ours.decode() + '\nHello\n')
    else:
        part = text(scene, said + '\n' + quoted(scene, ours.decode()))
    return whole(scene, part, scene.pick(SUBJECTS), author)


def parcel_robot(scene):
    """A robot of a courier: it knows nothing of the mailboxes of others."""
    local = scene.pick(('no-reply', 'noreply', 'do-not-reply', 'notifications', 'service', 'robot', 'system'))
    return letter_about(scene, Person('Parcel Service', '{}@parcel.example'.format(local)), scene.person())


def buyer_complains(scene):
    return letter_about(scene, scene.sender, scene.sender)


def colleague_of_the_buyer(scene):
    return letter_about(scene, scene.sender, scene.person())


def report_attached_in_a_thread(scene):
    """A helpdesk shows what its server wrote: a report within a letter that answers."""
    said = text(scene, 'This is what our server wrote. Please check.\n')
    attached = fields(*report(scene), content_type='message/delivery-status')
    part = multipart(scene, 'mixed', [said, attached])
    return whole(scene, part, 'Your case 4711', extra=[('In-Reply-To', scene.msgid())])


def voice_mail_failed(scene):
    said = 'A message from +1 555 0100 failed to be transcribed (error 550). User: {}\n'.format(scene.third.address)
    author = Person(scene.pick(('Voice Mail System', 'Voicemail System')), 'voice@' + scene.domain())
    return whole(scene, text(scene, said), 'New voice message could not be transcribed', author, null_sender=True)


FAMILIES = (
    parcel_robot,
    buyer_complains,
    colleague_of_the_buyer,
    report_attached_in_a_thread,
    voice_mail_failed,
)
