"""How nearly all failures are written, as one pattern that both re and the -P of grep(1) take.

logline.read() decides what a line says.  The pattern accepts less than logline.py does and never
more, so that it may be trusted with many lines at once; every other line goes to logline.py.  Tests hold
the two together.

What takes the line ends with $, of which re must be told by MULTILINE.  Imports next to nothing, since the quick
count of `failures --count` starts with it.
"""
from mailtools.block_sasl_fail.patterns import FAILED, NO_MECHANISM, NO_MECHANISMS, OUTAGES, USERNAME


def literal(text):
    """A pattern for a text of printable ASCII."""
    return ''.join(one if one.isalnum() else '\\' + one for one in text).encode('ascii')


# Only days that each year has: 29 February is left to stamps.py.  The order is that of the calendar's frequency.
MONTH_DAY = (
    rb'(?:(?:Jan|Mar|May|Jul|Aug|Oct|Dec) (?:[ 0][1-9]|[12][0-9]|3[01])'
    rb'|(?:Apr|Jun|Sep|Nov) (?:[ 0][1-9]|[12][0-9]|30)'
    rb'|Feb (?:[ 0][1-9]|1[0-9]|2[0-8])) ')
YEAR_DAY = (
    rb'2[0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])'
    rb'|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)'
    rb'|02-(?:0[1-9]|1[0-9]|2[0-8]))T')
TIME = rb'(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
FRACTION = rb'(?:\.[0-9]{1,9})?'
ZONE = rb'(?:Z|[+-][0-9][0-9]:?[0-9][0-9])'
# Classes without \s and \d: these are compiled into tables, and the pattern is twice as fast.
PLACE = rb' [0-9A-Za-z._-]+ postfix[0-9A-Za-z._-]*/(?:[0-9A-Za-z._-]+/)?smtpd\[[0-9]+\]: warning: '
HEAD = rb'(?:' + MONTH_DAY + TIME + rb'|' + YEAR_DAY + TIME + FRACTION + ZONE + rb')' + PLACE

# NAME[ADDR]:PORT in the parts of patterns.NAMADDR.
NAME, ADDR, PORT = rb'[^ \n\[\]]+\[', rb'(?<=\[)[0-9A-Fa-f:.]{2,45}', rb'\](?::(?:[0-9]{1,5}|unknown))?'
SASL = rb': SASL [0-9A-Za-z_-]+' + FAILED
NOT_COUNTED = (rb' (?:(?:' + b'|'.join(map(literal, OUTAGES + NO_MECHANISMS)) + rb')(?:' + literal(USERNAME)
               + rb'|\r?$)|' + literal(NO_MECHANISM + ": '") + rb')')
COUNTED = rb'(?!' + NOT_COUNTED + rb'|[^ \r\n]|\r[^\n])'
# What is taken of a line: the ADDR of a failure; of one that surely is none something that is no address.
TAKEN = (ADDR + rb'(?=' + PORT + SASL + COUNTED + rb')'
         # `warning: SASL authentication failure: ..` of Cyrus comes before a failure.
         rb'|SASL(?= authentication )'
         rb'|[^ \n](?=[^ \n]*' + SASL + NOT_COUNTED + rb')')

# For re: takes each line of a text by one match; the group is what is TAKEN, and empty if it is another line.
EACH_LINE = HEAD + rb'(?:' + NAME + rb')?(' + TAKEN + rb').*\n|.*\n'
# For grep -oP: prints what is TAKEN, or all of another line.
PRINTED = rb'^(?:' + HEAD + rb'(?:' + NAME + rb')?\K(?:' + TAKEN + rb')|.*)'
