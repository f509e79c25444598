"""What people, shops and programs for people write; most mail of the world."""
from nonbounces.scene import Part, Person, alternative, data, fields, html, multipart, text, whole


def personal_letter(scene):
    return whole(scene, alternative(scene, scene.letter(scene.prose())), scene.pick(scene.words['subjects']))


def business_letter_with_attachment(scene):
    paper = data(
        'application/pdf', b'%PDF-1.4\n' + bytes(scene.number(0, 255) for _ in range(900)), 'offer.pdf'
    )
    parts = [alternative(scene, scene.letter(scene.prose(7))), paper]
    return whole(scene, multipart(scene, 'mixed', parts), scene.pick(scene.words['subjects']))


def web_page_only(scene):
    return whole(scene, html(scene, scene.letter(scene.prose())), scene.pick(scene.words['subjects']))


def reply_in_a_thread(scene):
    quoted = '\n'.join('> ' + line for line in scene.prose(6).split('\n'))
    extra = [('In-Reply-To', scene.msgid()), ('References', scene.msgid())]
    body = scene.letter('{}\n\n{}'.format(scene.prose(2), quoted))
    return whole(scene, text(scene, body), 'Re: ' + scene.pick(scene.words['subjects']), extra=extra)


def talk_about_mail_servers(scene):
    scene.speak('en')
    body = (
        'If the remote server says "550 5.1.1 <{0}>: Recipient address rejected: User unknown in local recipient '
        'table" then\nPostfix sends "I\'m sorry to have to inform you that your message could not be delivered to '
        'one or more recipients".\n\nMAILER-DAEMON is only a name. We could set soft_bounce = yes on {1}.\n'
        'Final-Recipient: rfc822; {0} is what a machine reads.\n'
    ).format(scene.third.address, scene.domain())
    return whole(
        scene,
        text(scene, scene.letter(body)),
        scene.pick(('bounces', 'Question about Undelivered Mail Returned to Sender', 'DSN handling', 'NDR')),
    )


def empty_mail(scene):
    return whole(scene, Part([], b''), '')


def empty_mail_from_nobody(scene):
    return whole(scene, Part([], scene.pick((b'', b'\n', b' \n\n'))), '', null_sender=True)


def ordinary_words_with_null_sender(scene):
    return whole(
        scene, text(scene, scene.letter(scene.prose())), scene.pick(scene.words['subjects']), null_sender=True
    )


def weird_charset(scene):
    label = scene.pick(
        (
            'x-unknown',
            'utf-7',
            'x-mac-roman',
            'unicode-1-1-utf-7',
            'ansi_x3.110-1983',
            'binary',
            '??',
            'utf8mb4',
            'iso-2022-jp',
            'hz-gb-2312',
            'rot13',
            'idna',
            'undefined',
            'unicode_escape',
        )
    )
    body = (
        scene.letter(scene.prose()).encode('utf-8') + bytes(scene.number(128, 255) for _ in range(20)) + b'\n'
    )
    part = Part(
        [('Content-Type', 'text/plain; charset=' + label), ('Content-Transfer-Encoding', '8bit')], body
    )
    return whole(scene, part, scene.pick(scene.words['subjects']))


def signed_letter(scene):
    signature = data(
        'application/pkcs7-signature', bytes(scene.number(0, 255) for _ in range(400)), 'smime.p7s'
    )
    return whole(
        scene,
        multipart(
            scene,
            'signed',
            [text(scene, scene.letter(scene.prose())), signature],
            'protocol="application/pkcs7-signature"; micalg=sha-256;',
        ),
        scene.pick(scene.words['subjects']),
    )


def encrypted_letter(scene):
    sealed = '-----BEGIN PGP MESSAGE-----\n\n{}\n-----END PGP MESSAGE-----\n'.format(
        '\n'.join(scene.token(64) for _ in range(8))
    )
    parts = [
        data('application/pgp-encrypted', b'Version: 1\n', None, '7bit'),
        data('application/octet-stream', sealed.encode(), 'encrypted.asc', '7bit'),
    ]
    return whole(scene, multipart(scene, 'encrypted', parts, 'protocol="application/pgp-encrypted";'), '...')


def newsletter(scene):
    body = '{}\n\n{}\n\nUnsubscribe: https://{}/u/{}\n'.format(
        scene.prose(5), scene.prose(5), scene.domain(), scene.token()
    )
    extra = [
        ('List-Unsubscribe', '<https://{}/u>'.format(scene.domain())),
        ('Precedence', 'bulk'),
        ('List-Id', 'News <news.{}>'.format(scene.domain())),
        ('Feedback-ID', '1:2:3:esp'),
    ]
    return whole(
        scene,
        alternative(scene, body, 'https://{}/'.format(scene.domain())),
        scene.pick(
            ('10 % off everything', 'Why your mail bounces: hard bounces, soft bounces, 550 5.1.1', 'News')
            + scene.words['subjects']
        ),
        extra=extra,
    )


def order_receipt(scene):
    body = 'Order {}\n\n2 x Widget   19.90 EUR\nReference 550-{}-511\nFailed items: none\nDelivery to: {} <{}>\n'.format(
        scene.token(), scene.number(100, 999), scene.reader.name, scene.reader.address
    )
    return whole(
        scene,
        alternative(scene, body),
        'Your receipt no. {}'.format(scene.number(400, 599)),
        Person('Shop', 'noreply@' + scene.domain()),
    )


def payment_failed(scene):
    subject, body = scene.pick(
        (
            (
                'Payment failed',
                'Your payment was returned. Reason: account unknown (code 5.1.1). Customer: {0}\n',
            ),
            (
                'Zahlung fehlgeschlagen',
                'Ihre Lastschrift wurde zurückgegeben. Grund: Konto unbekannt. Kunde: {0}\n',
            ),
            ('Échec du paiement', 'Votre paiement a échoué. Compte inconnu. Client : {0}\n'),
            ('Pago rechazado', 'Su pago ha sido rechazado. Cuenta desconocida. Cliente: {0}\n'),
            (
                'Action required: we could not deliver your invoice',
                'Invoice for {0} could not be delivered by post.\n',
            ),
        )
    )
    return whole(
        scene,
        alternative(scene, body.format(scene.third.address)),
        subject,
        Person('Billing', scene.pick(('billing@', 'no-reply@', 'mailer@')) + scene.domain()),
        extra=[('Auto-Submitted', 'auto-generated')],
    )


def parcel_not_delivered(scene):
    subject, body = scene.pick(
        (
            (
                'Delivery failed: recipient not at home',
                'Delivery failed. Recipient unknown at this address.\nContact: {0}\n',
            ),
            (
                'Delivery Status Notification (Delay): parcel {1}',
                'Your delivery is delayed. We will try again tomorrow.\n{0}\n',
            ),
            (
                'Zustellung fehlgeschlagen',
                'Ihr Paket konnte nicht zugestellt werden. Empfänger nicht gefunden: {0}\n',
            ),
            (
                'Livraison impossible',
                "Votre colis n'a pas pu être remis au destinataire {0}. Adresse inconnue.\n",
            ),
            ('Entrega fallida', 'No se ha podido entregar su paquete. Destinatario desconocido: {0}\n'),
            ('Mancata consegna', 'Il pacco non può essere consegnato. Destinatario sconosciuto: {0}\n'),
            ('不在配達のお知らせ', 'お荷物を配達できませんでした。宛先: {0}\n'),
            (
                'Undeliverable: shipment {1}',
                'The shipment was returned to sender.\nRecipient: {0}\nReason: refused\n',
            ),
        )
    )
    return whole(
        scene,
        alternative(scene, body.format(scene.third.address, scene.number(10**8, 10**9))),
        subject.format('', scene.number(10**8, 10**9)),
        Person('Parcel service', 'tracking@' + scene.domain()),
    )


def password_reset(scene):
    body = 'Somebody asked for a new password for {}.\nIf it was not you, ignore this mail.\n'.format(
        scene.reader.address
    )
    return whole(
        scene,
        alternative(scene, body, 'https://{}/r/{}'.format(scene.domain(), scene.token())),
        'Reset your password',
        Person('Accounts', 'no-reply@' + scene.domain()),
        null_sender=scene.maybe(0.3),
    )


def address_to_be_verified(scene):
    body = 'The address {} is not verified yet. We could not reach you before. Please confirm.\n'.format(
        scene.reader.address
    )
    return whole(
        scene,
        alternative(scene, body, 'https://{}/v/{}'.format(scene.domain(), scene.token())),
        'Verify your e-mail address',
        Person('Accounts', 'no-reply@' + scene.domain()),
    )


def social_network_notice(scene):
    body = '{} (@{}) has mentioned you: "mail to {} failed again, 550 user unknown, lol"\n'.format(
        scene.third.name, scene.token(6), scene.third.address
    )
    return whole(
        scene,
        alternative(scene, body, 'https://{}/n/1'.format(scene.domain())),
        '{} has mentioned you'.format(scene.third.name),
        Person('Network', 'notify@' + scene.domain()),
        extra=[('X-Auto-Response-Suppress', 'All')],
    )


def invitation(scene):
    return calendar(scene, 'REQUEST', scene.pick(scene.words['subjects']), scene.letter(scene.prose(2)))


def invitation_answered(scene):
    answer, subject = scene.pick(
        (
            ('DECLINED', 'Declined: '),
            ('ACCEPTED', 'Accepted: '),
            ('DECLINED', 'Abgelehnt: '),
            ('TENTATIVE', 'Tentative: '),
            ('DECLINED', 'Refusé : '),
            ('DECLINED', 'Rechazada: '),
        )
    )
    body = scene.pick(('{} has declined this invitation.\n', '{} cannot be reached then.\n')).format(
        scene.sender.name
    )
    extra = [('X-MS-Exchange-Calendar-Originator-Id', scene.token()), ('Auto-Submitted', 'auto-generated')]
    return calendar(
        scene,
        'REPLY',
        subject + scene.pick(scene.words['subjects']),
        body,
        answer,
        extra if scene.maybe(0.5) else (),
    )


def invitation_cancelled(scene):
    return calendar(
        scene, 'CANCEL', 'Canceled: ' + scene.pick(scene.words['subjects']), 'This event is cancelled.\n'
    )


def calendar(scene, method, subject, body, answer='NEEDS-ACTION', extra=()):
    entry = '\r\n'.join(
        (
            'BEGIN:VCALENDAR',
            'METHOD:' + method,
            'VERSION:2.0',
            'BEGIN:VEVENT',
            'UID:' + scene.token(30),
            'ORGANIZER:mailto:' + scene.reader.address,
            'SUMMARY:' + subject,
            'STATUS:' + 'CONFIRMED',
            'ATTENDEE;PARTSTAT={}:mailto:{}'.format(answer, scene.sender.address),
            'REQUEST-STATUS:2.0;Success',
            'REQUEST-STATUS:3.7;Invalid calendar user;ATTENDEE:mailto:' + scene.third.address,
            'END:VEVENT',
            'END:VCALENDAR',
            '',
        )
    )
    parts = [text(scene, body), text(scene, entry, 'calendar', 'utf-8', parameters='; method=' + method)]
    return whole(scene, multipart(scene, 'alternative', parts), subject, extra=extra)


def form_filled_in(scene):
    """A contact form: fields that look like those of RFC 3464, in a mail of a web server."""
    block = fields(
        [
            ('Name', scene.third.name),
            ('Recipient', scene.third.address),
            ('Status', 'failed'),
            ('Action', 'failed'),
            ('Diagnostic', 'Please call me back'),
        ],
        content_type='text/plain; charset=utf-8',
    )
    return whole(scene, block, 'Contact form', Person('www', 'www-data@' + scene.domain()))


FAMILIES = (
    personal_letter,
    business_letter_with_attachment,
    web_page_only,
    reply_in_a_thread,
    talk_about_mail_servers,
    empty_mail,
    empty_mail_from_nobody,
    ordinary_words_with_null_sender,
    weird_charset,
    signed_letter,
    encrypted_letter,
    newsletter,
    order_receipt,
    payment_failed,
    parcel_not_delivered,
    password_reset,
    address_to_be_verified,
    social_network_notice,
    invitation,
    invitation_answered,
    invitation_cancelled,
    form_filled_in,
)
