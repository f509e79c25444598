"""A mail that the rules let through: asked of the state, answered, recorded.

Loaded for such mails alone; the text and sendmail only when there is an answer to send.
"""
import posix

from mailtools.autoreply.address import key_of, written
from mailtools.autoreply.folder import read_all
from mailtools.autoreply.state import State
from mailtools.autoreply.values import Decision, Trouble


def answer(mail, decision, template, now, only_look, report):
    """(Decision, the answer as bytes) of a Mail; sends and records it unless only_look.

    template: the path of its file.  now: seconds since the epoch.
    report: called with (event, what) for what an operator must see.
    """
    work_as_owner(mail.settings.state)
    state = State(mail.settings, template, report)
    key, domain = key_of(mail.sender), mail.sender.domain
    if only_look:
        found = state.look(key, domain, now)
        return found or decision, b'' if found else answer_to(mail, template, now)
    sent = []

    def send():
        """Only now, for most mails stop at the state."""
        from mailtools.autoreply import sending

        sent.append(answer_to(mail, template, now))
        sending.send(mail.settings.sendmail, written(mail.sender), sent[0], state.folder.path,
                     mail.settings.sendmail_time)

    found = state.answer_once(key, domain, now, send)
    return found or Decision(True, decision.rule, decision.source, ''), b''.join(sent)


def answer_to(mail, path, now):
    """The answer as bytes; raises Trouble where the template cannot be used."""
    from mailtools.autoreply.reply import answer_of
    from mailtools.autoreply.template import LARGEST, template_of

    try:
        descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NONBLOCK)
        try:
            data = read_all(descriptor, LARGEST + 1)
        finally:
            posix.close(descriptor)
        template = template_of(data)
    except OSError as error:
        raise Trouble('cannot read the template {}: {}'.format(path, error.strerror))
    except Trouble as trouble:
        raise Trouble('template {}: {}'.format(path, trouble))
    return answer_of(mail, template, now, '{}.{}.{}'.format(int(now), posix.getpid(), posix.urandom(6).hex()))


def work_as_owner(folder):
    """Started by root, a person who tries it out, work as the owner of the state."""
    if posix.geteuid() == 0:
        from mailtools.base.owner import become_owner
        try:
            become_owner(folder)
        except OSError as error:
            raise Trouble('cannot use {}: {}'.format(folder, error.strerror))
