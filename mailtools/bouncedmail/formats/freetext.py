"""Bounces that are written for people: who failed, found by where addresses stand in the prose.

qmail, Exim, Sendmail's transcripts, Gmail, Yahoo, Exchange before 2007, carriers,
list managers ... each has its own words, but all name the failed address in one of
few ways: at the start of a line, after a label, in the SMTP dialogue they quote,
or in the sentence that says what could not be delivered.  An address is taken
from the most telling place that occurs; the sender of the returned mail, mail
systems, and addresses to ask for help are never taken.

X-Failed-Recipients (Exim, Gmail) names them without any guessing.
"""
import re
from typing import Dict, FrozenSet, List, NamedTuple, Optional

from mailtools.bouncedmail.address import Found, all_addresses, find_addresses, is_system, key
from mailtools.bouncedmail.finding import Finding, command_in, remote_in, reply_in, status_in
from mailtools.bouncedmail.message import Message
from mailtools.bouncedmail.notice import Notice, passage, squeeze
from mailtools.bouncedmail.patterns import alternatives
from mailtools.bouncedmail.signs import CONDITIONAL, SENTENCE, Signs, is_delay, is_notice, null_path

NAME = 'freetext'
LINES = 500

# How telling the place of an address is; smaller is better.
LISTED, LABELLED, DIALOGUE, TOLD, ADDRESSED, LOOSE, EXPANDED = 1, 2, 3, 4, 5, 6, 7

# The line before and after an address that begins it: bullets and quotes, then an end or the failure itself.
BEFORE_LISTED = re.compile(
    r'[\s*\-•·>|#.\d)"\'<\[(:]*(?:(?:mailto|smtp|rfc822|local|e-?mail|to|an|à|recipient)[:;=]\s*)?["\'<\[(]*$')
AFTER_LISTED = alternatives(r'''
    $|[:;,(\[<"'*|=-]|\.\.\.|\.$|\.\s|\d{3}\b|[^\x00-\x7f]
    on |is |has |was |does |could |cannot |can |user|host|mail|unknown|no |invalid|not |deliver|fail|error|over
    said|reject|unable|permanent|refus|unrouteable|le |il |am |el |em |op |den |dne
''', r'["\'>\])]*\s*')

# A label right before an address
LABEL = alternatives(r'''
    (?:intended |failed )?recipients?(?: address(?:es)?)?|(?:failed |mail ?|target ?|destination )?address(?:es)?
    e-?mail(?: address)?|user(?: ?name| ?id)?|mailbox|final-recipient|original-recipient|rcpt(?: to)?|to|error-for
    deliver(?:ed|y)? (?:to|for)|(?:original(?:ly)? )?addressed to|destination|account|for|forward-path
    target mail address|rcpt=?
    empf[äa]nger(?:adresse)?|adresse?|an|destinataires?|[àa]                            # German, French
    destinatari[oi]s?|direcci[óo]n|para|correo|destinat[áa]rio|endere[çc]o|indirizzo    # Spanish, Portuguese, Italian
    geadresseerde|ontvanger|adresat|odbiorca|p[řr][íi]jemce                             # Dutch, Polish, Czech
    mottagare|modtager|mottaker|vastaanottaja|al[ıi]c[ıi]|c[íi]mzett                    # North, Turkish, Hungarian
    адресат|получатель|кому|адрес|收件人|收件者|宛先|宛て先|受信者|送信先|あて先|받는 ?사람|수신자
''', r'(?:^|[^\w])', r'["\')]*\s*(?:\([^)]{0,40}\)\s*)?(?:[:=：]|->|\bis\b|\bist\b|\best\b|\bes\b|\|)'
   r'\s*["\'<\[(]*(?:rfc822;|smtp:|mailto:)?\s*["\'<\[(]*$')
DIALOGUE_LINE = re.compile(r'^\s*(?:>>>|<<<|-->|<--|->|<-|[cs]:|[245]\d\d[ -])|rcpt to|said:|\brcpt\b')

# Words before an address of somebody who did not fail
NOT_FAILED = alternatives(r'''
    contact|help|support|questions?|inquir\w*|report(?:ed)? (?:to|this)|postmaster|administrator|webmaster|notify|abuse
    sent by|sender|originator|reply|return-path|mail from|envelope-from|generated from|expanded from|from|via|owner
    forwarded (?:by|from)|new (?:e-?mail )?address(?: is)?|please (?:write|send|mail|forward|visit|call)
    (?:un)?subscri\w*|if you|message-?id|identifier|by|id|cc|bcc|von|absender|de|expéditeur|remitente|mittente
    отправител\w*|发件人|差出人|送信者
''', r'(?:^|[^\w])', r'["\')]*[:;=]?\s*(?:is |an |to |at |the |your |address |mailto:)*["\'<\[(]*$')
# The addressees of the returned mail, where the prose quotes them beside its subject or date: `To:`, `Cc:`
ADDRESSEE = alternatives('''
    to|cc|an|kopie|à|a|para|per|naar|aan|til|till|do|komu|címzett|кому|копия|收件人|宛先|받는 사람
''', r'[\s>*•-]*', r'[ \t]*[:：]')
BESIDE = alternatives('''
    subject|sent|date|betreff|gesendet|datum|objet|envoyé|sujet|asunto|enviado|fecha|assunto|oggetto|inviato|data
    onderwerp|verzonden|emne|ämne|skickat|sendt|temat|wysłano|předmět|odesláno|тема|отправлено|дата|主题|件名|제목
''', r'[\s>*•-]*', r'[ \t]*[:：]')
X400 = re.compile(r'\bdda?[:.](?:smtp|rfc-?822)=$')        # a domain-defined attribute, RFC 2156 4.2

# ... but that of an alias (Exim): where the address that it stands for is kept secret, the mail was for this one
GENERATED = re.compile(r'\((?:generated|expanded) from:?[ \t<]{0,4}$')
IN_URL = re.compile(r'(?:https?://|www\.|\?|&|=)\S*$')
FAILING = alternatives(r'''
    deliver|reach|send|sent|fail|recipient|user|unknown|mailbox|account|address|message to|mail to|reject|return
    zugestellt|empf|remis|destinat|entreg|доставл|宛|收
''')


NOTED_FOR = re.compile(r'\sfor <([^<>\s]{1,512}@[^<>\s]{1,255})>;')


REPLY_ALONE = re.compile(r'([45][0-5]\d)[ -]')


class Candidate(NamedTuple):
    """An address, the line it stands in, and how telling that place is."""

    address: str
    line: int
    place: int
    refused: bool = False       # a failing reply stands behind it in its line


def read(message: Message, notice: Notice, signs: Signs, known: bool = True) -> Optional[List[Finding]]:
    """The recipients that the prose names, or None when this is no returned mail.

    known: a mail system wrote it, as far as the mail does not deny it.
    """
    known = known and signs.system
    named = all_addresses(message.fields.get('x-failed-recipients')) if signs.system else ()
    if not named and not is_notice(signs):
        return None
    lines = notice.text.split('\n')[:LINES]
    own = own_addresses(message, notice)
    candidates = candidates_in(lines, own, signs.returned or signs.code)
    if not known:
        candidates = confirmed(candidates, lines, notice)
    elif not signs.returned:        # then the line itself must say what happened, the less the place tells
        telling = told(candidates, lines)
        enough = DIALOGUE if signs.code else LISTED
        candidates = [one for one in candidates if one.place <= enough or one in telling]
    vague = all(TOLD <= one.place < EXPANDED for one in candidates) and not told(candidates, lines)
    guess = guessed(notice, own) if known and not named and vague else []
    chosen = list(named) or guess or chosen_of(candidates)
    if not chosen:
        return None
    kind = 'delay' if is_delay(message.fields.get('subject', ''), notice.text) else 'bounce'
    places = {key(address): _first_line(address, candidates, lines) for address in chosen}
    return [_finding(address, kind, places, lines) for address in chosen]


OWN_FIELDS = ('to', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'from', 'reply-to', 'return-path')
SENDER_FIELDS = ('from', 'return-path', 'sender', 'reply-to', 'errors-to', 'x-envelope-from')


def told(candidates: List[Candidate], lines: List[str]) -> List[Candidate]:
    """Those whose lines say that something was not delivered."""
    telling = {number for number in {one.line for one in candidates} if tells(lines, number)}
    return [one for one in candidates if one.line in telling]


def confirmed(candidates: List[Candidate], lines: List[str], notice: Notice) -> List[Candidate]:
    """An author that is not known is believed only about others, to whom the returned mail went."""
    sent_to = {key(one) for name in ('to', 'cc', 'bcc') for one in all_addresses(notice.returned.get(name))}
    author = {key(one) for one in all_addresses(notice.message.fields.get('from'))}
    return [one for one in told(candidates, lines) if key(one.address) in sent_to - author]


def tells(lines: List[str], number: int) -> bool:
    """Whether a line, with those before and behind it, says that something was not delivered."""
    words = ' '.join(line[:400] for line in lines[max(0, number - 1):number + 2]).lower()
    return bool(SENTENCE.search(words)) and not CONDITIONAL.search(words)


def own_addresses(message: Message, notice: Notice) -> FrozenSet[str]:
    """The addresses that the bounce is for, or that sent the returned mail: they did not fail."""
    fields, returned = message.fields, notice.returned
    senders = {key(address) for name in SENDER_FIELDS for address in all_addresses(returned.get(name))}
    own = {key(address) for name in OWN_FIELDS for address in all_addresses(fields.get(name))} | senders
    failed = {key(address) for address in all_addresses(returned.get('to'))}
    return frozenset(own - (failed - senders))


def candidates_in(lines: List[str], own: FrozenSet[str], proven: bool) -> List[Candidate]:
    """All addresses in the prose that may be meant, with their places.

    proven: a mail was returned or a code is quoted.  A mail to oneself can fail:
        then, where nobody else is named, an own address at the most telling place is believed.
    """
    found: List[Candidate] = []
    for number, line in enumerate(lines):
        if '@' not in line:
            continue
        line = line[:2000]
        for one in find_addresses(line, 50):
            place = ADDRESSED if is_addressee(lines, number) else place_of(line, one)
            if supposed(lines, number, one.start, place):
                continue            # `if ann@example.org fails, try ...`
            reply = reply_in(line[one.end:]) or ''
            if reply[:1] == '2':
                continue            # a table of all recipients: this one was served
            if place and not (is_system(one.address) and place > LABELLED):
                found.append(Candidate(one.address, number, place, bool(reply)))
    others = [one for one in found if key(one.address) not in own]
    return others or [one for one in found if one.place == LISTED and proven]


def supposed(lines: List[str], number: int, start: int, place: int) -> bool:
    """Whether an address is only supposed to fail: `if` began the clause, in its line or at the end of the last."""
    last = lines[number - 1].split()[-1:] if number else []
    said = lines[number][:start] if place >= TOLD else ''
    return bool(CONDITIONAL.search(said.lower() or (last and last[0].lower()) or ''))


def is_addressee(lines: List[str], number: int) -> bool:
    """Whether a line is the `To:` of the returned mail: others of its fields stand beside it."""
    return bool(ADDRESSEE.match(lines[number][:80].lower())) and any(
        BESIDE.match(line[:80].lower()) for line in lines[max(0, number - 4):number + 5])


def place_of(line: str, one: Found) -> int:
    """How telling the place of an address in its line is; 0 if the line speaks of somebody else."""
    before, after = line[:one.start].lower(), line[one.end:one.end + 60].lower()
    if X400.search(before[-80:]):
        return LABELLED
    if IN_URL.search(before[-200:]) and '<' not in before[-2:]:
        return 0
    dialogue = DIALOGUE_LINE.search(line.lower())
    quoted = dialogue and before.lstrip()[:1] in ('>', '<', 'c', 's', '-')
    if BEFORE_LISTED.match(before) and AFTER_LISTED.match(after) and not quoted:
        return LISTED
    if GENERATED.search(before[-80:]):
        return EXPANDED
    if NOT_FAILED.search(before[-80:]):
        return 0
    if dialogue:
        return DIALOGUE
    if LABEL.search(before[-80:]):
        return LABELLED
    return TOLD if FAILING.search(line.lower()) else LOOSE


def chosen_of(candidates: List[Candidate]) -> List[str]:
    """The addresses at the most telling places, each once, in their order."""
    if not candidates:
        return []
    best = min(one.place for one in candidates)
    found: Dict[str, str] = {}
    for one in candidates:
        if one.place == best or (one.place == LABELLED and one.refused):
            found.setdefault(key(one.address), one.address)
    return [] if best == ADDRESSED and len(found) > 1 else list(found.values())


def guessed(notice: Notice, own: FrozenSet[str]) -> List[str]:
    """The recipient of the returned mail, if it had only one: nothing else names who failed.

    The host that returned it may have noted him when it came in (RFC 5321 4.4, `for`).
    """
    returned = notice.returned
    if null_path(returned) and 'return-path' in returned:
        return []               # a notice came back in a notice: its recipient is a sender
    noted = NOTED_FOR.search(returned.get('received', ''))
    if noted and key(noted.group(1)) not in own:
        return list(all_addresses(noted.group(1)))
    for name in ('x-failed-recipients', 'delivered-to', 'x-original-to', 'envelope-to', 'original-recipient'):
        failed = all_addresses(returned.get(name))
        if len(failed) == 1 and key(failed[0]) not in own:
            return list(failed)
    recipients = [address for name in ('to', 'cc', 'bcc') for address in all_addresses(returned.get(name))]
    return recipients if len(recipients) == 1 and key(recipients[0]) not in own else []


def _first_line(address: str, candidates: List[Candidate], lines: List[str]) -> int:
    """Where the words about an address begin; -1 if the prose does not name it."""
    same = [one for one in candidates if key(one.address) == key(address)]
    if same:
        return min(same, key=lambda one: (one.place, one.line)).line
    local = key(address).partition('@')[0]
    for number, line in enumerate(lines):
        if key(address) in line.lower() or line.strip(' <>:"\'').lower() == local:
            return number
    return -1


def _finding(address: str, kind: str, places: Dict[str, int], lines: List[str]) -> Finding:
    """One recipient with the words about them."""
    own, around = passage(lines, key(address), places)
    own = of_first_host(own)
    return Finding(
        recipient=address, kind=kind, action='delayed' if kind == 'delay' else 'failed',
        status=status_in(own) or status_in(around), diagnostic=squeeze(said(own, around, address)),
        own=own, around=around, command=command_in(own) or command_in(around),
        remote_mta=remote_in(own) or remote_in(around))


def of_first_host(text: str) -> str:
    """The text up to a reply with another code in a line of its own: a transcript goes on with another host."""
    lines, first = text.split('\n'), None
    for number, line in enumerate(lines):
        reply = REPLY_ALONE.match(line)
        first = first or reply
        if reply and first and reply.group(1) != first.group(1):
            return '\n'.join(lines[:number])
    return text


def said(own: str, around: str, address: str) -> str:
    """The words of the refusing server: where a reply code stands, else what is said about the address."""
    for text in (own, around):
        lines = [line.strip() for line in text.split('\n') if line.strip()]
        for number, line in enumerate(lines):
            reply = reply_in(line)
            if reply and reply[0] != '2':
                return '\n'.join(lines[number:number + 8])
    return own.replace(address, '', 1).strip(' \n\t<>:"\'.,-*=#') or around
