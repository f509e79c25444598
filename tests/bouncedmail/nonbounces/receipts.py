"""Reports in the form of a bounce that report no failure: receipts, successes, DMARC, TLS, not-spam.

An authentication failure report (RFC 6591) tells the owner of a domain that mail
in its name failed SPF, DKIM or DMARC.  Its recipient did nothing and complains of
nothing, so it is never a bounce; being a feedback report in form, it may be
shown as a complaint, provided that its type says what it is.
"""

import gzip
import io
import json
import zipfile

from nonbounces.bouncetext import bounce, report, returned_header
from nonbounces.scene import Part, Person, alternative, data, fields, multipart, text, whole


def receipt(scene, disposition, said, subject):
    """RFC 8098 section 3: text, message/disposition-notification, headers."""
    block = [
        ('Reporting-UA', 'client.{}; Mail 16.0'.format(scene.domain())),
        ('Final-Recipient', 'rfc822;' + scene.sender.address),
        ('Original-Recipient', 'rfc822;' + scene.sender.address),
        ('Original-Message-ID', scene.msgid()),
        ('Disposition', disposition),
    ]
    parts = [text(scene, said), fields(block, content_type='message/disposition-notification')]
    if scene.maybe(0.5):
        parts.append(Part([('Content-Type', 'text/rfc822-headers')], returned_header(scene)))
    return whole(
        scene,
        multipart(scene, 'report', parts, 'report-type=disposition-notification;'),
        subject,
        null_sender=scene.maybe(0.7),
        extra=[('Auto-Submitted', 'auto-replied')] if scene.maybe(0.3) else (),
    )


def read_receipt(scene):
    subject, said = scene.pick(
        (
            ('Read: offer', 'Your message was read on {}.\n'),
            ('Gelesen: Angebot', 'Ihre Nachricht wurde gelesen am {}.\n'),
            ('Lu : offre', 'Votre message a été lu le {}.\n'),
            ('Leído: oferta', 'El mensaje fue leído el {}.\n'),
            (
                'Return Receipt (displayed) - offer',
                'This is a receipt for the mail you sent. No guarantee it was read. {}\n',
            ),
        )
    )
    return receipt(scene, 'manual-action/MDN-sent-manually; displayed', said.format(scene.date()), subject)


def deleted_unread_receipt(scene):
    subject, said = scene.pick(
        (
            ('Not read: offer', 'Your message was deleted without being read on {}.\n'),
            ('Ungelesen: Angebot', 'Ihre Nachricht wurde am {} gelöscht, ohne gelesen worden zu sein.\n'),
            ('Non lu : offre', 'Votre message a été supprimé sans être lu le {}.\n'),
        )
    )
    return receipt(
        scene, 'automatic-action/MDN-sent-automatically; deleted', said.format(scene.date()), subject
    )


def denied_receipt(scene):
    return receipt(
        scene,
        'manual-action/MDN-sent-manually; denied',
        'The recipient does not want to send a receipt.\n',
        'Return Receipt (denied)',
    )


def receipt_of_a_strange_client(scene):
    """Old dispositions (RFC 2298), another case, no text part, base64, or a null recipient type."""
    body = 'Reporting-UA: x\nFinal-Recipient: {}{}\nDisposition: {}\n'.format(
        scene.pick(('rfc822;', 'RFC822; ', 'unknown;', '')),
        scene.sender.address,
        scene.pick(
            (
                'automatic-action/MDN-sent-automatically; dispatched',
                'manual-action/MDN-sent-manually; processed',
                'manual-action/MDN-sent-manually;displayed/error',
                'automatic-action/MDN-sent-automatically; failed',
            )
        ),
    )
    block = data(
        scene.pick(('message/disposition-notification', 'Message/Disposition-Notification')),
        body.encode(),
        None,
        scene.pick(('7bit', 'base64')),
    )
    parts = [block] if scene.maybe(0.4) else [text(scene, 'Receipt.\n'), block]
    return whole(
        scene,
        multipart(scene, 'report', parts, 'Report-Type="disposition-notification";'),
        scene.pick(('Receipt', 'Disposition notification', 'Message status - opened', 'Delivery receipt')),
        null_sender=True,
    )


def signed_receipt(scene):
    """RFC 2634 section 2: a CMS object, nothing to read."""
    body = data(
        'application/pkcs7-mime; smime-type=signed-receipt',
        bytes(scene.number(0, 255) for _ in range(600)),
        'smime.p7m',
    )
    return whole(scene, body, 'Receipt: offer')


def success(scene, action, said, status='2.0.0'):
    headers, part = bounce(scene, action, explanation=said, status=status)
    return whole(
        scene,
        part,
        scene.pick(
            (
                'Successful Mail Delivery Report',
                'Delivery Status Notification (Success)',
                'Delivered: offer',
                'Relayed: offer',
            )
        ),
        Person('Mail Delivery System', 'MAILER-DAEMON@' + scene.domain()),
        null_sender=True,
        extra=[('Auto-Submitted', 'auto-replied')],
    )


def delivered_report(scene):
    return success(
        scene,
        'delivered',
        'Your message was successfully delivered to the destination(s) listed below.\n\n'
        '<{}>: delivery via local: delivered to mailbox\n'.format(scene.third.address),
        '2.1.5',
    )


def relayed_report(scene):
    return success(
        scene,
        'relayed',
        'Your message has been successfully relayed to {}, but the destination does not '
        'send further notices.\n'.format(scene.third.address),
        '2.0.0',
    )


def expanded_report(scene):
    return success(
        scene,
        'expanded',
        'Your message to {} was forwarded to a list.\n'.format(scene.third.address),
        '2.0.0',
    )


def zipped(page):
    """gzip without the time of day, so that a seed makes the same mail again."""
    store = io.BytesIO()
    with gzip.GzipFile(fileobj=store, mode='wb', mtime=0) as file:
        file.write(page.encode())
    return store.getvalue()


def dmarc_aggregate(scene):
    """RFC 7489 section 7.2.1.1, gzip or zip; the larger receivers send nothing else."""
    page = (
        '<?xml version="1.0"?>\n<feedback><report_metadata><org_name>{0}</org_name><email>noreply@{0}</email>'
        '</report_metadata><record><row><source_ip>{1}</source_ip><count>2</count><policy_evaluated><disposition>'
        'reject</disposition><dkim>fail</dkim></policy_evaluated></row></record></feedback>\n'
    ).format(scene.domain(), scene.ip())
    name = '{}!{}!1700000000!1700086400.xml'.format(scene.domain(), 'example.com')
    if scene.maybe(0.5):
        packed = data('application/gzip', zipped(page), name + '.gz')
    else:
        store = io.BytesIO()
        with zipfile.ZipFile(store, 'w') as archive:
            archive.writestr(zipfile.ZipInfo(name), page)
        packed = data('application/zip', store.getvalue(), name[:-3] + 'zip')
    said = text(scene, 'This is a DMARC aggregate report for example.com: 2 messages rejected, 1 failed.\n')
    part = packed if scene.maybe(0.3) else multipart(scene, 'mixed', [said, packed])
    return whole(
        scene,
        part,
        'Report Domain: example.com Submitter: {} Report-ID: <{}>'.format(scene.domain(), scene.token()),
        Person('', 'noreply-dmarc-support@' + scene.domain()),
        null_sender=scene.maybe(0.3),
    )


def tls_report(scene):
    """RFC 8460 section 3 and 5.3: multipart/report, report-type tlsrpt."""
    result = {
        'organization-name': 'Example',
        'contact-info': scene.sender.address,
        'policies': [
            {
                'summary': {'total-successful-session-count': 5, 'total-failure-session-count': 3},
                'failure-details': [
                    {
                        'result-type': 'certificate-expired',
                        'receiving-mx-hostname': 'mx1.example.com',
                        'failed-session-count': 3,
                    }
                ],
            }
        ],
    }
    parts = [
        text(scene, 'This is an aggregate TLS report from {}\n'.format(scene.domain())),
        data('application/tlsrpt+gzip', zipped(json.dumps(result)), 'report.json.gz'),
    ]
    return whole(
        scene,
        multipart(scene, 'report', parts, 'report-type="tlsrpt";'),
        'Report Domain: example.com Submitter: {} Report-ID: <x>'.format(scene.domain()),
        Person('', 'noreply-smtp-tls-reporting@' + scene.domain()),
        extra=[('TLS-Report-Domain', 'example.com'), ('TLS-Report-Submitter', scene.domain())],
    )


def feedback(scene, block, said, subject, sender):
    """RFC 5965 section 2: text, message/feedback-report, the mail or its header."""
    parts = [
        text(scene, said),
        fields(block, content_type='message/feedback-report'),
        Part(
            [('Content-Type', scene.pick(('message/rfc822', 'text/rfc822-headers')))], returned_header(scene)
        ),
    ]
    return whole(
        scene,
        multipart(scene, 'report', parts, 'report-type=feedback-report;'),
        subject,
        sender,
        null_sender=scene.maybe(0.3),
    )


def not_spam(scene):
    """RFC 6430: the user takes the mail out of the junk folder."""
    block = [
        ('Feedback-Type', 'not-spam'),
        ('User-Agent', 'Feedback/1.0'),
        ('Version', '1'),
        ('Original-Mail-From', '<bounces@mail1.example.com>'),
        ('Original-Rcpt-To', '<{}>'.format(scene.third.address)),
        ('Source-IP', scene.ip()),
    ]
    return feedback(
        scene,
        block,
        'The user says that this message is not spam.\n',
        'FW: offer',
        Person('Feedback loop', 'fbl@' + scene.domain()),
    )


def auth_failure(scene):
    block = [
        ('Feedback-Type', 'auth-failure'),
        ('User-Agent', 'Lua/1.0'),
        ('Version', '1'),
        ('Original-Mail-From', '<bounces@mail1.example.com>'),
        ('Original-Rcpt-To', '<{}>'.format(scene.third.address)),
        ('Source-IP', scene.ip()),
        ('Reported-Domain', 'example.com'),
        ('Delivery-Result', 'reject'),
        ('Auth-Failure', 'dmarc'),
        ('Identity-Alignment', 'none'),
        ('Authentication-Results', scene.domain() + '; dmarc=fail'),
    ]
    return feedback(
        scene,
        block,
        'This is an authentication failure report for a message received from {}\n'.format(scene.ip()),
        'FW: offer',
        Person('', 'dmarc-noreply@' + scene.domain()),
    )


def success_with_several(scene):
    """One report, several recipients, all of them reached."""
    blocks = report(scene, 'delivered', '2.1.5')
    more = [
        [
            ('Final-Recipient', 'rfc822; ' + scene.person().address),
            ('Action', 'delivered'),
            ('Status', '2.0.0'),
            ('Diagnostic-Code', 'smtp; 250 2.0.0 OK queued'),
        ]
        for _ in range(4)
    ]
    parts = [
        text(scene, 'Your message was successfully delivered.\n'),
        fields(*(tuple(blocks) + tuple(more)), content_type='message/delivery-status'),
        Part([('Content-Type', 'text/rfc822-headers')], returned_header(scene)),
    ]
    return whole(
        scene,
        multipart(scene, 'report', parts, 'report-type=delivery-status;'),
        'Successful Mail Delivery Report',
        Person('Mail Delivery System', 'MAILER-DAEMON@' + scene.domain()),
        null_sender=True,
    )


def recalled(scene):
    """Exchange's message recall, and its answer."""
    body = '{} would like to recall the message, "offer".\n'.format(scene.sender.name)
    return whole(
        scene,
        alternative(scene, body),
        scene.pick(
            (
                'Recall: offer',
                'Message Recall Failure: offer',
                'Message Recall Success: offer',
                'Rückruf: Angebot',
            )
        ),
        extra=[('X-MS-Exchange-Organization-RecallReportGenerated', 'true')],
    )


FAMILIES = (
    receipt_of_a_strange_client,
    read_receipt,
    deleted_unread_receipt,
    denied_receipt,
    signed_receipt,
    delivered_report,
    relayed_report,
    expanded_report,
    success_with_several,
    dmarc_aggregate,
    tls_report,
    not_spam,
    recalled,
)

AUTH_FAILURES = (auth_failure,)
