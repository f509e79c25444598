"""What is sent through the small world."""

LETTER = '''From: Ann <ann@good.example>
To: {to}
Subject: {subject}
Date: Sun, 29 Nov 2026 12:00:00 +0000
Message-ID: <{id}@good.example>
{more}
{text}
'''
BULK = 1000
# Who is refused at once, and who is taken and returned later; see rig.system.world.
REFUSED = {'ghost': 8, 'full': 6, 'angry': 6}
RETURNED = {'late': 4, 'moved': 3}
ODD = dict(REFUSED, **RETURNED)


def letter(to, id, subject='Lunch', text='At noon?', more=''):
    """A mail of Ann to somebody."""
    return LETTER.format(to=to, id=id, subject=subject, text=text, more=more)
