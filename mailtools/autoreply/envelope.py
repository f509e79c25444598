"""Who wrote to whom: the header and the environment of local(8) -> Mail.  Pure.

The sender is the first Return-Path and nothing else.  local(8) writes it on top; its variable SENDER
has `_` for each character that a shell could mistake, so it names another mailbox for
o'brien@, a&b@ and every address in UTF-8, and is only asked whether it is the null sender.
ORIGINAL_RECIPIENT and RECIPIENT are censored alike; where X-Original-To or Delivered-To is the same
address before that, it is taken.
"""
from mailtools.autoreply.address import addresses_in, filtered, sender_of
from mailtools.autoreply.values import Mail


def mail_of(head, environ, settings):
    """The Mail for the rules.

    environ: {bytes: bytes} as posix.environ.
    """
    sender, why_none = sender_or_why(head, environ)
    original, final = recipient_of(head, environ)
    named = set(one.lower() for one in (original, final) if one)
    named.update(base_addresses(environ))
    named.update(settings.addresses)
    named.update(stamped(head, b'x-original-to')[:1])
    addressed = frozenset(named)
    for name in b'x-original-to', b'delivered-to':
        named.update(stamped(head, name))
    recipient = original or final or (settings.addresses[0] if settings.addresses else '')
    return Mail(head, sender, why_none, recipient, frozenset(named), addressed, settings)


def sender_or_why(head, environ):
    """(Address, None), or (None, (rule, detail)) when there is nobody to answer."""
    variable = environ.get(b'SENDER')
    if variable is not None and variable.upper() in (b'', b'<>', b'MAILER-DAEMON'):
        return None, ('null-sender', 'SENDER is {}'.format(text_of(variable) or 'empty'))
    value = head.first(b'return-path')
    if value is None:
        return None, ('no-sender', 'no Return-Path')
    if value.strip(b'<> \t').upper() in (b'', b'MAILER-DAEMON'):
        return None, ('null-sender', 'Return-Path: {}'.format(text_of(value)))
    try:
        sender = sender_of(value)
    except ValueError as error:
        why = 'not UTF-8' if isinstance(error, UnicodeError) else str(error)
        return None, ('unusable-sender', '{}: {}'.format(text_of(value[:200]), why))
    if sender is None:
        return None, ('null-sender', 'Return-Path: {}'.format(text_of(value)))
    return sender, None


def recipient_of(head, environ):
    """(the address that was written to, the address it became), '' for what is not known."""
    pairs = (b'ORIGINAL_RECIPIENT', b'x-original-to'), (b'RECIPIENT', b'delivered-to')
    found = []
    for variable, name in pairs:
        said = text_of(environ.get(variable, b''))
        header = head.first(name)
        exact = text_of(header).strip('<> \t') if header else ''
        if exact and (not said or filtered(exact) == said):
            said = exact
        local, at, domain = said.rpartition('@')
        good = local and at and domain and said.isprintable() and not set(' \t<>(),;:\\"') & set(said)
        found.append(said if good else '')
    return found


def base_addresses(environ):
    """The recipient without its extension, and as local(8) takes it apart."""
    domain = environ.get(b'DOMAIN')
    if domain:
        for name in b'USER', b'LOCAL':
            if environ.get(name):
                yield text_of(environ[name] + b'@' + domain).lower()


def stamped(head, name):
    """The addresses of all fields of one name, in lower case."""
    return [address for value in head.all(name) for address in addresses_in(value)]


def text_of(value):
    """Bytes of the outside as text; what is not UTF-8 shows as \\xff."""
    return value.decode('utf-8', 'backslashreplace')
