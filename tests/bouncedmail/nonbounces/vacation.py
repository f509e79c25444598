"""Vacation notices: always an autoreply, whatever they quote, with all, some or one of the signs."""

from nonbounces.bouncetext import quoted
from nonbounces.scene import alternative, text, whole

# Subjects that programs put before the original one, and the text, per language.
AWAY = {
    'en': (
        ('Automatic reply: ', 'Out of Office: ', 'Auto: ', 'Out of office Re: ', 'Autoreply: '),
        'I am out of the office until {} and cannot read mail. For urgent matters write to {}.',
    ),
    'de': (
        ('Automatische Antwort: ', 'Abwesenheitsnotiz: ', 'Abwesend: '),
        'Ich bin bis {} nicht im Büro. In dringenden Fällen wenden Sie sich an {}.',
    ),
    'fr': (
        ('Réponse automatique : ', 'Absence du bureau : ', 'Absent du bureau : '),
        "Je suis absent jusqu'au {}. En cas d'urgence, écrivez à {}.",
    ),
    'es': (
        ('Respuesta automática: ', 'Fuera de la oficina: '),
        'Estoy fuera de la oficina hasta el {}. Para asuntos urgentes escriba a {}.',
    ),
    'it': (
        ('Risposta automatica: ', 'Fuori sede: '),
        'Sono fuori ufficio fino al {}. Per urgenze scrivere a {}.',
    ),
    'pt': (
        ('Resposta automática: ', 'Ausência temporária: '),
        'Estou ausente até {}. Para assuntos urgentes contacte {}.',
    ),
    'nl': (
        ('Automatisch antwoord: ', 'Afwezig: ', 'Niet aanwezig: '),
        'Ik ben afwezig tot {}. Neem bij spoed contact op met {}.',
    ),
    'pl': (
        ('Odpowiedź automatyczna: ', 'Poza biurem: '),
        'Jestem nieobecny do {}. W pilnych sprawach proszę pisać do {}.',
    ),
    'ru': (
        ('Автоматический ответ: ', 'Автоответ: '),
        'Меня не будет до {}. По срочным вопросам пишите на {}.',
    ),
    'ja': (
        ('自動応答: ', '自動返信: ', '不在通知: '),
        '{} まで不在にしております。お急ぎの場合は {} までご連絡ください。',
    ),
    'zh': (('自动答复: ', '自动回复: '), '我在 {} 之前不在办公室。急事请联系 {}。'),
    'sv': (
        ('Automatiskt svar: ', 'Frånvaro: '),
        'Jag är inte på kontoret förrän {}. Vid brådskande ärenden, skriv till {}.',
    ),
}

SIGNS = (
    [('Auto-Submitted', 'auto-replied')],
    [('Auto-Submitted', 'auto-replied (vacation)'), ('Precedence', 'bulk')],
    [('auto-submitted', 'auto-generated; owner-email="x@example.org"')],
    [('X-Autoreply', 'yes'), ('Precedence', 'junk')],
    [('X-Auto-Response-Suppress', 'All'), ('Auto-Submitted', 'auto-generated')],
    [('X-Autorespond', ''), ('X-Loop', 'autoresponder'), ('Precedence', 'auto_reply')],
)


def notice(scene):
    until, other = scene.day(scene.number(1, 30)), scene.third.address
    body = scene.letter(AWAY[scene.lang][1].format(until, other))
    if scene.maybe(0.3):
        body += '\n\n' + quoted(scene, scene.prose(4)) + '\n'
    return body


def subject(scene):
    return scene.pick(AWAY[scene.lang][0]) + scene.pick(scene.words['subjects'])


def vacation_by_the_book(scene):
    """RFC 3834: Auto-Submitted, null sender, In-Reply-To; the subject is the user's or `Auto:`."""
    shown = subject(scene) if scene.maybe(0.6) else 'Re: ' + scene.pick(scene.words['subjects'])
    extra = [('Auto-Submitted', 'auto-replied'), ('In-Reply-To', scene.msgid())]
    return whole(scene, alternative(scene, notice(scene)), shown, extra=extra, null_sender=True)


def vacation_with_a_sign(scene):
    extra = scene.pick(SIGNS)
    return whole(
        scene, alternative(scene, notice(scene)), subject(scene), extra=extra, null_sender=scene.maybe(0.5)
    )


def vacation_with_a_subject_alone(scene):
    """No header says so; the customary first words of the subject do."""
    return whole(scene, text(scene, notice(scene)), subject(scene), null_sender=scene.maybe(0.6))


def out_of_office_by_exchange(scene):
    extra = [
        ('X-Auto-Response-Suppress', 'All'),
        ('Auto-Submitted', 'auto-generated'),
        ('X-MS-Exchange-Inbox-Rules-Loop', scene.sender.address),
        ('X-MS-Has-Attach', ''),
        ('Thread-Topic', 'x'),
        ('In-Reply-To', scene.msgid()),
    ]
    return whole(scene, alternative(scene, notice(scene)), subject(scene), extra=extra, null_sender=True)


def vacation_that_quotes_with_header(scene):
    """The whole mail that it answers below, header and all, as some programs do it."""
    header = 'From: {}\nTo: {}\nSubject: {}\nDate: {}\nMessage-ID: {}\n\n{}\n'.format(
        scene.reader.address,
        scene.sender.address,
        scene.pick(scene.words['subjects']),
        scene.date(-60),
        scene.msgid(),
        scene.prose(3),
    )
    body = (
        notice(scene)
        + '\n\n'
        + scene.pick(('----- Original Message -----', '-----Ursprüngliche Nachricht-----'))
        + '\n'
        + header
    )
    return whole(
        scene, text(scene, body), subject(scene), extra=[('Auto-Submitted', 'auto-replied')], null_sender=True
    )


def vacation_that_talks_of_failure(scene):
    """People tell in it that their address ends; it is still the answer of a living mailbox."""
    body = scene.letter(
        scene.pick(
            (
                'I have left the company. The address {0} is no longer in use, please write to {1}.',
                'Diese Adresse ({0}) wird nicht mehr verwendet. Bitte schreiben Sie an {1}.',
                'Your message was received but could not be processed, the mailbox {0} is not monitored. Use {1}.',
                "Cette adresse {0} n'existe plus. Écrivez à {1}.",
            )
        ).format(scene.sender.address, scene.third.address)
    )
    return whole(
        scene,
        alternative(scene, body),
        subject(scene),
        extra=[('Auto-Submitted', 'auto-replied')],
        null_sender=scene.maybe(0.7),
    )


FAMILIES = (
    vacation_by_the_book,
    vacation_with_a_sign,
    vacation_with_a_subject_alone,
    out_of_office_by_exchange,
    vacation_that_quotes_with_header,
    vacation_that_talks_of_failure,
)
