"""Why a mail was refused: words and codes in, a reason and the rule that gave it out.

Pure.  The tables are in phrases.py and reasons.py; here is only the order in
which they are asked, and what the stage of the SMTP dialogue changes.
"""
import functools
import re
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from mailtools.bouncedmail import phrases, reasons

TEXT_LIMIT = 3000       # characters of a diagnostic that are looked at
GAP = 80                # characters that ` .. ` may stand for


class Verdict(NamedTuple):
    """Why, and by which rule; `certain` when words or a precise code said so."""

    reason: str
    rule: str
    certain: bool


class Phrase(NamedTuple):
    """A phrase, cut at its gaps, with its place in the order of the table."""

    place: int
    pieces: Tuple[str, ...]
    at_word: bool
    row: phrases.Row


ADDRESS = re.compile(r'[^\s<>()\[\],;:"\'|]{1,200}@[^\s<>()\[\],;:"\'|]{1,200}')
CODES = re.compile(r'(?<![\w.])[245]\d\d(?:[- ]+#?(?:[245]\.\d{1,3}\.\d{1,3})?(?![\d.])|(?=[:.\s]|$))')
BLANKS = re.compile(r'\s+')


def plain(text: str) -> str:
    """A text as phrases are compared with it: see phrases.py."""
    text = text[:TEXT_LIMIT].lower()
    if '@' in text:
        text = ADDRESS.sub('', text)
    if '_' in text:         # BAD_RECIPIENT, MAILBOX_FULL: both as it stands and in words
        text += ' ' + text.replace('_', ' ')
    return BLANKS.sub(' ', CODES.sub(' ', text)).replace('\u2019', "'").strip()


def classify(text: str, status: Optional[str] = None, reply: Optional[str] = None,
             command: Optional[str] = None, first_hand: bool = True, domain: str = '') -> Verdict:
    """The reason of one refusal.

    text: what the server said; status: RFC 3463, three numbers; reply: RFC 5321
    4.2, three digits; command: what was refused (CONN EHLO MAIL RCPT DATA ...);
    first_hand: whether who reports it is the recipient's own host; domain: the
    recipient's, in lower case.  Its name is no reason: `mail for dmarc.example
    loops back` tells nothing of DMARC.
    """
    words = plain(text)
    if domain and domain in words:
        words = BLANKS.sub(' ', words.replace(domain, ' ')).strip()
    return _decide(words, status or '', reply or '', command or '', first_hand)


@functools.lru_cache(maxsize=4096)      # what servers say is the same a thousand times a day
def _decide(text: str, status: str, reply: str, command: str, first_hand: bool) -> Verdict:
    kind = status[2:]
    if status[:1] == '2':
        return Verdict('delivered', 'status {}'.format(status), True)
    code = PROVIDER_CODE.search(text)
    if code and code.group(1) in reasons.PROVIDER_CODES:
        return Verdict(reasons.PROVIDER_CODES[code.group(1)], 'provider code ' + code.group(1), True)
    row = said(CERTAIN, text, '' if command == 'RCPT' and kind in phrases.AT_RCPT_NO_MATTER else kind)
    if row and row.name == phrases.HEARSAY and not (first_hand or reply or command) and kind in ('', '0.0'):
        return Verdict('filtered', 'words: {}, but no code, and from another host'.format(row.name), False)
    if row:
        return _at_stage(Verdict(row.reason, 'words: ' + row.name, True), command, kind)
    if kind in phrases.AT_RCPT_NO_MATTER and any(word in text for word in ('user unknown', 'unknown user')):
        return Verdict('filtered', 'words: user unknown, against status x.{}'.format(kind), True)
    reason = reasons.PRECISE.get(kind) or _exchange_online(kind)
    if reason:
        return Verdict(reason, 'status x.{}'.format(kind), True)
    row = said(LIKELY, text, kind)
    vague = row and row.reason == 'userunknown' and '4' in (status[:1], reply[:1])      # `unavailable`, for now
    if row and not vague and not (row.reason == 'blocked' and command == 'MAIL'):
        return _at_stage(Verdict(row.reason, 'words: ' + row.name, False), command, kind)
    return _by_codes(text, kind, reply, command)


def _at_stage(verdict: Verdict, command: str, kind: str) -> Verdict:
    """Before RCPT nobody is unknown but the sender; after DATA the host knew the user and a filter spoke.

    A status x.1.x tells of the address itself, whenever it comes.
    """
    if verdict.reason == 'userunknown' and command == 'MAIL':
        return Verdict('rejected', verdict.rule + ', in reply to MAIL', verdict.certain)
    if verdict.reason == 'userunknown' and command == 'DATA' and kind not in ('1.0', '1.1', '1.10'):
        return Verdict('filtered', verdict.rule + ', in reply to DATA', verdict.certain)
    return verdict


def _by_codes(text: str, kind: str, reply: str, command: str) -> Verdict:
    if reasons.REPLIES.get(reply) == 'syntaxerror':
        return Verdict('syntaxerror', 'reply {}'.format(reply), False)
    if command in ('CONN', 'EHLO'):
        return Verdict('blocked', 'refused in reply to {}'.format(command), False)
    if command == 'MAIL':
        return Verdict('rejected', 'refused in reply to MAIL', False)
    if kind in reasons.VAGUE:
        return Verdict(reasons.VAGUE[kind], 'vague status x.{}'.format(kind), False)
    if reply in reasons.REPLIES:
        return Verdict(reasons.REPLIES[reply], 'reply {}'.format(reply), False)
    if text:
        return Verdict('onhold', 'nothing known in the words', False)
    return Verdict('undefined', 'no words', False)


def _exchange_online(kind: str) -> Optional[str]:
    if len(kind) < 5:
        return None
    subject, _, detail = kind.partition('.')
    for number, first, last, reason in reasons.EXCHANGE_ONLINE:
        if subject == str(number) and detail.isdigit() and first <= int(detail) <= last:
            return reason
    return None


PROVIDER_CODE = re.compile(r'(?<![a-z])(?:ofr|lpn)\w{0,12}?(?: ?\[|_)(\d{3})(?!\d)')


class Table(NamedTuple):
    """A phrase table with an index: four characters of each phrase -> phrases that hold them.

    So a text is compared with the few phrases that it may contain, not with all
    of them; phrases of less than four characters are few and always compared.
    """

    by_gram: Dict[str, List[Phrase]]
    short: List[Phrase]


GRAM = 4


def table(rows: Sequence[phrases.Row]) -> Table:
    """Index a phrase table by the rarest four characters of each phrase."""
    entries: List[Tuple[Phrase, List[str]]] = []
    counts: Dict[str, int] = {}
    for row in rows:
        for phrase in row.phrases:
            pieces = tuple(phrase.lstrip('_').split(' .. '))
            grams = _grams(max(pieces, key=len))
            entries.append((Phrase(len(entries), pieces, phrase.startswith('_'), row), grams))
            for gram in grams:
                counts[gram] = counts.get(gram, 0) + 1
    by_gram: Dict[str, List[Phrase]] = {}
    short: List[Phrase] = []
    for entry, grams in entries:
        if grams:
            by_gram.setdefault(min(grams, key=counts.__getitem__), []).append(entry)
        else:
            short.append(entry)
    return Table(by_gram, short)


def _grams(piece: str) -> List[str]:
    return [piece[at:at + GRAM] for at in range(len(piece) - GRAM + 1)]


def said(known: Table, text: str, kind: str) -> Optional[phrases.Row]:
    """The first row of the table with a phrase that stands in the text, unless the status knows better."""
    grams = set(map(''.join, zip(text, text[1:], text[2:], text[3:])))
    likely = [entry for gram in known.by_gram.keys() & grams for entry in known.by_gram[gram]
              if entry.pieces[0] in text] + known.short
    likely.sort()
    for entry in likely:
        if _stands(entry, text) and not any(
                kind == other or (other[-1] == '.' and kind.startswith(other)) for other in entry.row.unless):
            return entry.row
    return None


def _stands(entry: Phrase, text: str) -> bool:
    first = entry.pieces[0]
    at = text.find(first)
    if len(entry.pieces) == 1 and not entry.at_word:
        return at >= 0
    while at >= 0:
        if not (entry.at_word and at and text[at - 1].isalpha()):
            end = at + len(first)
            for piece in entry.pieces[1:]:
                next_at = text.find(piece, end, end + GAP + len(piece))
                if next_at < 0 or ' said' in text[end:next_at]:      # what the host said is not about the host
                    break
                end = next_at + len(piece)
            else:
                return True
        at = text.find(first, at + 1)
    return False


CERTAIN = table(phrases.CERTAIN)
LIKELY = table(phrases.LIKELY)
