"""What our own server says of the sender: Authentication-Results, RFC 8601.  Pure.

Only the topmost field counts, and only when it bears the name of our server (authserv_id): all
others may have been written by the sender.  A field whose author is not known, since
authserv_id is not set, can still keep an answer back: forging that is of no use.
"""
from mailtools.autoreply.address import tokens

FAILED = (('dmarc', ('fail',)), ('spf', ('fail', 'hardfail')))
# Which property names the domain that was verified.
DOMAIN_OF = {'spf': ('smtp.mailfrom', 'smtp.mail', 'smtp.envelope-from'), 'dkim': ('header.d', 'header.i'),
             'dmarc': ('header.from',)}


def read(value):
    """(authserv-id, [(method, result, {property: text}), ...]) of one field, all in lower case.

    Blanks in quotes become _.
    """
    parts: list = []
    part: list = []
    for token in tokens(value.decode('latin-1').lower()):
        if token == ';':
            parts.append(part)
            part = []
        else:
            part.append(token.strip('"').replace(' ', '_') if token.startswith('"') else token)
    parts.append(part)
    server = ''.join(parts[0]).split()
    return ' '.join(''.join(parts[0]).split()[:1]) if server else '', [
        entry for entry in map(read_result, parts[1:]) if entry]


def read_result(part):
    """(method, result, properties) of the tokens between two semicolons; None for `none` or rubbish."""
    assignments = []
    for word in ''.join(part).replace(' =', '=').replace('= ', '=').split():
        name, equals, text = word.partition('=')
        if equals:
            assignments.append((name, text))
    if not assignments:
        return None
    method, result = assignments[0]
    return method.partition('/')[0], result, dict(reversed(assignments[1:]))


def ours(head, authserv_id):
    """The results of our server: those of the topmost field; None if there are none of ours."""
    value = head.first(b'authentication-results')
    if value is None:
        return None
    server, results = read(value)
    if authserv_id and server != authserv_id.lower():
        return None
    return results


def failed(results):
    """`dmarc=fail` or `spf=fail` when the results say so, else None."""
    for method, bad in FAILED:
        for name, result, _ in results or ():
            if name == method and result in bad:
                return '{}={}'.format(name, result)
    return None


def verified(results, methods, domain):
    """True when one of the methods passed for the sender's domain."""
    return any(method in methods and result == 'pass' and is_about(method, properties, domain)
               for method, result, properties in results or ())


def is_about(method, properties, domain):
    """True unless the result names another domain: anybody can sign with his own."""
    for name in DOMAIN_OF[method]:
        if name in properties:
            said = properties[name].rpartition('@')[2].strip('<>')
            return said == domain or (method != 'spf' and domain.endswith('.' + said))
    return True
