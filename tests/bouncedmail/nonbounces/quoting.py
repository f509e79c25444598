"""Mails of people that quote or attach a bounce: it was not for us, or it is history."""
from nonbounces.bouncetext import bounce_as_file, quoted, report_text, told
from nonbounces.scene import Part, Person, alternative, data, html, mailbox, multipart, text, whole

ASKING = {
    'en': 'What does this mean? I only wanted to write to {}.',
    'de': 'Was bedeutet das? Ich wollte nur an {} schreiben.',
    'fr': 'Que veut dire ceci ? Je voulais écrire à {}.',
    'es': '¿Qué significa esto? Solo quería escribir a {}.',
    'it': 'Che cosa significa? Volevo solo scrivere a {}.',
    'pt': 'O que significa isto? Só queria escrever a {}.',
    'nl': 'Wat betekent dit? Ik wilde {} alleen schrijven.',
    'pl': 'Co to znaczy? Chciałem tylko napisać do {}.',
    'ru': 'Что это значит? Я только хотел написать {}.',
    'ja': 'これはどういう意味でしょうか。{} に送っただけです。',
    'zh': '这是什么意思？我只是想写信给 {}。',
    'sv': 'Vad betyder det här? Jag ville bara skriva till {}.',
}

FORWARDED = {
    'en': ('Fwd: ', '---------- Forwarded message ---------'),
    'de': ('WG: ', '-----Ursprüngliche Nachricht-----'),
    'fr': ('TR: ', "-----Message d'origine-----"),
    'es': ('RV: ', '-----Mensaje original-----'),
    'it': ('I: ', '-----Messaggio originale-----'),
    'pt': ('ENC: ', '-----Mensagem original-----'),
    'nl': ('FW: ', '-----Oorspronkelijk bericht-----'),
    'pl': ('PD: ', '-----Oryginalna wiadomość-----'),
    'ru': ('Fwd: ', '-------- Пересылаемое сообщение --------'),
    'ja': ('Fwd: ', '----- 元のメッセージ -----'),
    'zh': ('转发: ', '-----原始邮件-----'),
    'sv': ('VB: ', '-----Ursprungligt meddelande-----'),
}

BOUNCE_SUBJECTS = (
    'Undelivered Mail Returned to Sender',
    'Delivery Status Notification (Failure)',
    'failure notice',
    'Mail delivery failed: returning message to sender',
    'Undeliverable: offer',
    'Unzustellbar: Angebot',
    'Returned mail: see transcript for details',
    'Warning: message 1abCde delayed 24 hours',
)


def asking(scene):
    return scene.letter(ASKING[scene.lang].format(scene.third.address))


def forwarded(scene):
    """The lines that a mail program puts above the forwarded text."""
    return '{}\nFrom: Mail Delivery System <MAILER-DAEMON@{}>\nDate: {}\nSubject: {}\nTo: {}\n\n'.format(
        FORWARDED[scene.lang][1],
        scene.domain(),
        scene.date(-86400),
        scene.pick(BOUNCE_SUBJECTS),
        scene.sender.address,
    )


def forward_subject(scene):
    return FORWARDED[scene.lang][0] + scene.pick(BOUNCE_SUBJECTS)


def reply_that_quotes_a_bounce(scene):
    body = '{}\n{} wrote:\n{}\n'.format(asking(scene), scene.third.name, quoted(scene, told(scene)))
    return whole(
        scene,
        alternative(scene, body),
        'Re: ' + scene.pick(BOUNCE_SUBJECTS),
        extra=[('In-Reply-To', scene.msgid()), ('References', scene.msgid())],
    )


def reply_with_the_bounce_unmarked(scene):
    """Outlook quotes without `>`."""
    body = asking(scene) + '\n\n' + forwarded(scene) + told(scene)
    return whole(
        scene,
        alternative(scene, body),
        scene.pick(('RE: ', 'AW: ')) + scene.pick(BOUNCE_SUBJECTS),
        extra=[('In-Reply-To', scene.msgid()), ('Thread-Index', scene.token(30))],
    )


def forward_inline(scene):
    return whole(
        scene,
        alternative(scene, asking(scene) + '\n' + forwarded(scene) + told(scene)),
        forward_subject(scene),
    )


def forward_of_the_whole_report(scene):
    return whole(
        scene,
        text(scene, asking(scene) + '\n' + forwarded(scene) + report_text(scene)),
        forward_subject(scene),
    )


def forward_without_a_word(scene):
    return whole(scene, text(scene, forwarded(scene) + report_text(scene)), forward_subject(scene))


def forward_as_web_page(scene):
    return whole(
        scene, html(scene, asking(scene) + '\n' + forwarded(scene) + told(scene)), forward_subject(scene)
    )


def forward_as_message(scene):
    inner = Part(
        [
            ('Content-Type', 'message/rfc822'),
            (
                'Content-Disposition',
                scene.pick(('attachment', 'inline', 'attachment; filename="bounce.eml"')),
            ),
        ],
        bounce_as_file(scene),
    )
    return whole(
        scene, multipart(scene, 'mixed', [text(scene, asking(scene)), inner]), forward_subject(scene)
    )


def forward_as_file(scene):
    inner = data(
        scene.pick(
            ('application/octet-stream', 'text/plain', 'message/rfc822', 'application/vnd.ms-outlook')
        ),
        bounce_as_file(scene),
        'Undelivered Mail.eml',
    )
    return whole(
        scene, multipart(scene, 'mixed', [text(scene, asking(scene)), inner]), forward_subject(scene)
    )


def forward_as_only_message(scene):
    """mutt's `forward as attachment` without a word: the part is all there is."""
    inner = Part(
        [('Content-Type', 'message/rfc822'), ('Content-Disposition', 'inline')], bounce_as_file(scene)
    )
    return whole(scene, multipart(scene, 'mixed', [text(scene, '\n'), inner]), forward_subject(scene))


def several_bounces_for_the_helpdesk(scene):
    inner = [
        Part([('Content-Type', 'message/rfc822')], bounce_as_file(scene)) for _ in range(scene.number(2, 5))
    ]
    parts = [text(scene, asking(scene)), multipart(scene, 'digest', inner)]
    return whole(
        scene, multipart(scene, 'mixed', parts), scene.pick(('Bounces of last week', forward_subject(scene)))
    )


def person_answers_the_daemon(scene):
    body = asking(scene) + '\n' + quoted(scene, report_text(scene))
    return whole(
        scene,
        text(scene, body),
        'Re: ' + scene.pick(BOUNCE_SUBJECTS),
        to=Person('Mail Delivery System', 'MAILER-DAEMON@mail1.example.com'),
        extra=[('In-Reply-To', scene.msgid('mail1.example.com'))],
    )


def ticket_that_quotes_a_bounce(scene):
    number = scene.number(10000, 99999)
    body = 'Ticket {} was updated by {}\n\n{}\n{}'.format(
        number, mailbox_text(scene), asking(scene), told(scene)
    )
    return whole(
        scene,
        alternative(scene, body),
        '[Ticket#{}] {}'.format(number, scene.pick(BOUNCE_SUBJECTS)),
        Person('Helpdesk', scene.pick(('support@', 'helpdesk@', 'otrs@')) + scene.domain()),
        extra=[('Auto-Submitted', 'auto-generated'), ('X-Mailer', 'OTRS Mail Service')],
        null_sender=scene.maybe(0.3),
    )


def mailbox_text(scene):
    return '{} <{}>'.format(scene.third.name, scene.third.address)


def ticket_opened_by_a_bounce(scene):
    """The desk confirms: it quotes the subject and text of what came in."""
    subject = scene.pick(BOUNCE_SUBJECTS)
    body = (
        'We have received your request "{}" and will answer within two days.\n\nYour message:\n{}\n'
    ).format(subject, quoted(scene, told(scene)))
    return whole(
        scene,
        text(scene, body),
        'We received your request: ' + subject,
        Person('Support', 'support@' + scene.domain()),
        extra=[('Auto-Submitted', 'auto-replied'), ('X-Auto-Response-Suppress', 'All')],
    )


def article_about_bounces(scene):
    scene.speak('en')
    examples = '\n\n'.join(told(scene) for _ in range(4))
    body = 'Deliverability digest\n\n1. How to read a bounce\n\n{}\n\nSee you next week.\n'.format(examples)
    return whole(
        scene,
        alternative(scene, body),
        'How to read a bounce message',
        extra=[('List-Id', '<digest.{}>'.format(scene.domain())), ('Precedence', 'list')],
    )


def screenshot_text(scene):
    """A person types what the screen showed."""
    body = scene.letter(
        '{}\n"{}"'.format(ASKING[scene.lang].format(scene.third.address), ' '.join(told(scene).split()))
    )
    return whole(
        scene,
        alternative(scene, body),
        scene.pick(scene.words['subjects']) + '!',
        extra=[('X-Sender', mailbox(scene, scene.sender))],
    )


def log_extract_attached(scene):
    lines = ''.join(
        'Nov 22 21:19:{:02} mx postfix/smtp[{}]: {}: to=<{}>, relay={}[{}]:25, dsn=5.1.1, status=bounced (host said: '
        '550 5.1.1 <{}>: Recipient address rejected)\n'.format(
            second,
            scene.number(1000, 9999),
            scene.token(10),
            scene.third.address,
            scene.domain(),
            scene.ip(),
            scene.third.address,
        )
        for second in range(10)
    )
    parts = [
        text(scene, asking(scene)),
        text(scene, lines, charset='utf-8', parameters='; name="maillog.txt"'),
    ]
    return whole(scene, multipart(scene, 'mixed', parts), 'mail.log')


FAMILIES = (
    reply_that_quotes_a_bounce,
    reply_with_the_bounce_unmarked,
    forward_inline,
    forward_of_the_whole_report,
    forward_without_a_word,
    forward_as_web_page,
    forward_as_message,
    forward_as_file,
    forward_as_only_message,
    several_bounces_for_the_helpdesk,
    person_answers_the_daemon,
    ticket_that_quotes_a_bounce,
    ticket_opened_by_a_bounce,
    article_about_bounces,
    screenshot_text,
    log_extract_attached,
)
