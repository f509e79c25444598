"""Machine formats in people's hands: developers paste, attach and forward what their programs read."""
import json

from nonbounces.bouncetext import report, returned_header
from nonbounces.quoting import asking, forward_subject
from nonbounces.scene import Part, Person, data, fields, header_block, multipart, text, whole


def notification(scene, kind='Bounce'):
    """What Amazon SES tells by SNS."""
    about = {'bounceType': 'Permanent', 'bouncedRecipients': [
        {'emailAddress': scene.third.address, 'status': '5.1.1', 'diagnosticCode': 'smtp; 550 5.1.1 user unknown'}]}
    if kind == 'Delivery':
        about = {'recipients': [scene.third.address], 'smtpResponse': '250 2.6.0 Message received'}
    return json.dumps({
        'notificationType': kind, kind.lower(): about,
        'mail': {'source': scene.reader.address, 'messageId': scene.token(30), 'destination': [scene.third.address]}})


def feedback_report(scene):
    """The header and parts of a complaint, RFC 5965."""
    block = [('Feedback-Type', 'abuse'), ('User-Agent', 'Loop/1.0'), ('Version', '1'),
             ('Original-Rcpt-To', scene.third.address), ('Source-IP', scene.ip())]
    return multipart(scene, 'report', [
        text(scene, 'This is an email abuse report.\n'), fields(block, content_type='message/feedback-report'),
        Part([('Content-Type', 'message/rfc822')], returned_header(scene))], 'report-type=feedback-report;')


def notification_pasted(scene):
    body = scene.letter('{}\n\n{}'.format(scene.prose(2), notification(scene)))
    return whole(scene, text(scene, body), scene.pick(('SES webhook', 'Parser for bounces', 'Re: JSON')))


def notification_attached(scene):
    parts = [text(scene, scene.letter(scene.prose(2))), data('application/json', notification(scene).encode(), 'bounce.json')]
    return whole(scene, multipart(scene, 'mixed', parts), 'bounce.json')


def delivery_notification(scene):
    """SES says that a mail arrived."""
    sender = Person('AWS Notifications', 'no-reply@sns.amazonaws.example')
    return whole(scene, text(scene, notification(scene, 'Delivery') + '\n'), 'AWS Notification Message', sender)


def status_part_forwarded(scene):
    """mutt forwards the one part that was marked."""
    status = fields(*report(scene), content_type='message/delivery-status')
    return whole(scene, multipart(scene, 'mixed', [text(scene, asking(scene)), status]), forward_subject(scene))


def complaint_report_forwarded(scene):
    headers = [('From', 'fbl@' + scene.domain()), ('To', scene.sender.address), ('Subject', 'Abuse report')]
    part = feedback_report(scene)
    inner = Part([('Content-Type', 'message/rfc822')], header_block(headers + part.headers) + b'\n' + part.body)
    return whole(scene, multipart(scene, 'mixed', [text(scene, asking(scene)), inner]), 'Fwd: Abuse report')


def letter_of_complaint(scene):
    """A customer complains about a mail, and attaches it; that is for a person to read."""
    inner = Part([('Content-Type', 'message/rfc822')], returned_header(scene) + b'\nBuy now\n')
    body = scene.letter('I never asked for this mail. Who is {}?'.format(scene.third.address))
    subject = scene.pick(('Complaint', 'Complaint about message from your shop', 'Abuse of my address', 'Spam from you'))
    return whole(scene, multipart(scene, 'mixed', [text(scene, body), inner]), subject)


def patch_for_a_parser(scene):
    """A patch by mail: its samples are bounces, line by line behind a `+`."""
    blocks = '\n\n'.join('\n'.join('{}: {}'.format(*field) for field in block) for block in report(scene))
    lines = '\n'.join('+' + line for line in blocks.split('\n'))
    body = 'Add a sample.\n\n---\n tests/sample.eml | 12 ++++\n\ndiff --git a/x b/x\n--- /dev/null\n+++ b/x\n{}\n-- \n2.39.2\n'
    return whole(scene, text(scene, body.format(lines)), '[PATCH 1/2] bounce: read delivery failures',
                 extra=[('X-Mailer', 'git-send-email 2.39.2')])


FAMILIES = (
    notification_pasted, notification_attached, delivery_notification, status_part_forwarded,
    complaint_report_forwarded, letter_of_complaint, patch_for_a_parser,
)
