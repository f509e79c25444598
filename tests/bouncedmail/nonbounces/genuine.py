"""Real bounces of the same making as the others: whoever blames nobody must still see these."""
from nonbounces import bouncetext
from nonbounces.quoting import BOUNCE_SUBJECTS
from nonbounces.scene import Part, Person, line_ends, multipart, text, whole

COPY = '\n------ This is a copy of the message, including all the headers. ------\n\n'


def bounce(scene):
    """(the failed address, the mail): a report, prose with the returned header, or prose and a part."""
    said = bouncetext.told(scene)
    subject = scene.pick(BOUNCE_SUBJECTS)
    daemon = Person(scene.pick(('Mail Delivery System', '')), 'MAILER-DAEMON@' + scene.domain())
    form = scene.pick(('report', 'prose', 'part'))
    if form == 'report':
        return scene.third.address, line_ends(scene, bouncetext.bounce_as_file(scene))
    if form == 'prose':
        part = text(scene, said + COPY + bouncetext.returned_header(scene).decode())
    else:
        returned = Part([('Content-Type', 'message/rfc822')], bouncetext.returned_header(scene) + b'\nhello\n')
        part = multipart(scene, 'mixed', [text(scene, said), returned])
    return scene.third.address, line_ends(scene, whole(scene, part, subject, daemon, null_sender=True))
