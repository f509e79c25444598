"""An address and what Postfix shall do with it, as a line of an access(5) map: values in, text out.

Pure.  Addresses come from strangers' mail, and the map decides what Postfix
does: so an address that postmap(1) would read as something else (a comment,
the end of the key, the start of a quoted one, a continued line) has no line.
"""
import re

# One local part, one @, one domain; of what RFC 5321 4.1.2 has in either, what needs no quotes.
# Beyond ASCII: RFC 6531 3.3, save for blanks, controls and what turns the direction of writing.
PLAIN = re.compile(r"[A-Za-z0-9!$%&'*+\-/=?^_`{|}~.#\u00a1-\U0010ffff]+@[A-Za-z0-9.\-\u00a1-\U0010ffff]+\Z")


def line_of(address, action):
    """`address action`, None for an address that no key can safely hold."""
    if not PLAIN.match(address) or address[0] == '#' or not address.isprintable():
        return None
    return '{} {}'.format(address, action)
