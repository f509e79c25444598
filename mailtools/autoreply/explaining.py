"""What --explain and --dry-run print.  Pure: values in, bytes out."""
from mailtools.autoreply.address import written
from mailtools.autoreply.sending import arguments
from mailtools.base.text import visible


def explanation(mail, decision, message, explain, dry_run):
    """The decision, its rule and source; with dry_run what would be sent.

    message: the answer as bytes, b'' for none.
    """
    sender = written(mail.sender) if mail.sender else '<>'
    lines = []
    if explain:
        rows = (('decision', 'answer' if decision.answer else 'silent'), ('rule', decision.rule),
                ('source', decision.source), ('why', decision.detail), ('sender', sender),
                ('recipient', mail.recipient))
        lines += ['{:<10} {}'.format(name + ':', visible(value)) for name, value in rows if value]
    elif not message:
        lines.append('silent: {} ({}): {}'.format(decision.rule, decision.source, visible(decision.detail)))
    said = ''.join(line + '\n' for line in lines)
    if dry_run and message:
        command = ' '.join(arguments(mail.settings.sendmail, written(mail.sender)))
        said += '{}would run: {}\n\n'.format('\n' if said else '', visible(command))
        return said.encode('utf-8', 'backslashreplace') + message
    return said.encode('utf-8', 'backslashreplace')
