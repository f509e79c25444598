"""Bounces as other mails quote them: the text, the fields, and the whole mail."""
from nonbounces.scene import Part, fields, header_block, multipart, text


def told(scene):
    """What a mail system writes to the sender, in one of its manners."""
    address, host = scene.third.address, scene.domain()
    remote = 'mx1.' + scene.third.address.partition('@')[2]
    said = scene.pick(
        (
            '550 5.1.1 <{0}>: Recipient address rejected: User unknown',
            '552 5.2.2 <{0}>: Mailbox full',
            '554 5.7.1 Message rejected as spam',
            '450 4.2.0 <{0}>: Greylisted',
            '550-5.1.1 The email account that you tried to reach does not exist',
        )
    ).format(address)
    return scene.pick(
        (
            "This is the mail system at host {1}.\n\nI'm sorry to have to inform you that your message could not\n"
            "be delivered to one or more recipients. It's attached below.\n\n"
            '<{0}>: host {2}[{4}]\n    said: {3} (in reply to\n    RCPT TO command)\n',
            'This message was created automatically by mail delivery software.\n\nA message that you sent could not be '
            'delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n'
            '  {0}\n    host {2} [{4}]\n    SMTP error from remote mail server after RCPT TO:<{0}>:\n    {3}\n',
            "Hi. This is the qmail-send program at {1}.\nI'm afraid I wasn't able to deliver your message to the "
            "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            '<{0}>:\n{4} does not like recipient.\nRemote host said: {3}\nGiving up on {4}.\n\n'
            '--- Below this line is a copy of the message.\n\nReturn-Path: <info@{1}>\n',
            "Your message to {0} couldn't be delivered.\n\nGenerating server: {1}\n\n{0}\n"
            "Remote Server returned '{3}'\n\nOriginal message headers:\n\n",
            'Delivery to the following recipient failed permanently:\n\n     {0}\n\nTechnical details of permanent '
            'failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient\n'
            'domain by {2} [{4}].\n\nThe error that the other server returned was:\n{3}\n',
            '   ----- The following addresses had permanent fatal errors -----\n<{0}>\n    (reason: {3})\n\n'
            '   ----- Transcript of session follows -----\n... while talking to {2}.:\n>>> RCPT To:<{0}>\n<<< {3}\n'
            '550 5.1.1 <{0}>... User unknown\n',
            'Ihre Nachricht konnte nicht zugestellt werden.\nDiese Empfänger wurden nicht erreicht:\n\n{0}\n'
            'Remote-Server meldete: {3}\n',
            'THIS IS A WARNING MESSAGE ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to {0} has been '
            'delayed.\n{3}\nWarning: message still undelivered after 4 hours\n',
        )
    ).format(address, host, remote, said, scene.ip())


def report(scene, kind='failed', status=None):
    """The fields of message/delivery-status, RFC 3464 section 2."""
    status = status or scene.pick(('5.1.1', '5.2.2', '4.4.1', '5.7.1'))
    return (
        [
            ('Reporting-MTA', 'dns; ' + scene.domain()),
            ('X-Postfix-Queue-ID', scene.token(10)),
            ('X-Postfix-Sender', 'rfc822; ' + scene.reader.address),
            ('Arrival-Date', scene.date(-600)),
        ],
        [
            ('Final-Recipient', 'rfc822; ' + scene.third.address),
            ('Original-Recipient', 'rfc822;' + scene.third.address),
            ('Action', kind),
            ('Status', status),
            ('Remote-MTA', 'dns; ' + scene.domain()),
            (
                'Diagnostic-Code',
                'smtp; {} {} <{}>: {}'.format(
                    '550' if status[0] == '5' else '450', status, scene.third.address, 'User unknown'
                ),
            ),
        ],
    )


def returned_header(scene):
    return header_block(
        [
            ('Return-Path', '<{}>'.format(scene.reader.address)),
            ('From', scene.reader.address),
            ('To', scene.third.address),
            ('Subject', 'offer'),
            ('Date', scene.date(-900)),
            ('Message-ID', scene.msgid()),
        ]
    )


def report_text(scene):
    """The three parts of a bounce as a mail program shows them one after the other."""
    blocks = ('\n'.join('{}: {}'.format(name, value) for name, value in block) for block in report(scene))
    return '{}\n\n{}\n\n{}'.format(told(scene), '\n\n'.join(blocks), returned_header(scene).decode())


def bounce(scene, kind='failed', subtype='report', explanation=None, status=None):
    """A whole multipart/report, (header fields, Part) without the envelope."""
    parts = [
        text(scene, explanation or told(scene), charset='utf-8'),
        fields(*report(scene, kind, status), content_type='message/delivery-status'),
        Part([('Content-Type', 'text/rfc822-headers')], returned_header(scene)),
    ]
    headers = [
        ('Return-Path', '<>'),
        ('Received', 'by {} (Postfix) id {}; {}'.format(scene.domain(), scene.token(), scene.date())),
        ('From', 'MAILER-DAEMON@{} (Mail Delivery System)'.format(scene.domain())),
        ('To', scene.reader.address),
        ('Subject', 'Undelivered Mail Returned to Sender'),
        ('Date', scene.date()),
        ('Auto-Submitted', 'auto-replied'),
        ('MIME-Version', '1.0'),
        ('Message-ID', scene.msgid()),
    ]
    return headers, multipart(scene, subtype, parts, 'report-type=delivery-status;')


def bounce_as_file(scene):
    """The bytes of such a bounce, as `message/rfc822` or `.eml` holds them."""
    headers, part = bounce(scene)
    return header_block(headers + part.headers) + b'\n' + part.body


def quoted(scene, lines):
    mark = scene.pick(('> ', '>', '| ', ': ', '>> '))
    return '\n'.join(mark + line for line in lines.split('\n'))
