"""Whether a mail is the work of a mail system that could not deliver: its outward signs.

A text that talks of failed mail proves nothing: people forward bounces, lists
discuss them, spam imitates them.  So words count only together with a sender
that is a mail system (null return path, RFC 5321 4.5.5; MAILER-DAEMON by habit),
and with what only a real notice has: the mail that came back, or a code.
"""
import re
from typing import Dict, NamedTuple, Set

from mailtools.bouncedmail.address import all_addresses, key, site
from mailtools.bouncedmail.finding import reply_in, status_in
from mailtools.bouncedmail.patterns import alternatives
from mailtools.bouncedmail.words import decode_words

# The prose names the mail that failed
QUOTED_ID = re.compile(
    r'^[ \t>|*]{0,12}(?:Original[- ])?Message-Id[ \t]{0,4}[:=]\s{0,8}<[^<>\s]{1,998}@[^<>\s]{1,998}>', re.I | re.M)
ROBOTS = re.compile(r'(?:no|do)[-_.]?(?:not)?[-_.]?reply|robot|notif|system|service@')
RCPT = re.compile(r'^[ \t]{0,8}rcpt to:', re.I | re.M)

NULL_PATHS = ('<>', '', '<mailer-daemon>', 'mailer-daemon')

# In the author's name or address
DAEMONS = alternatives(r'''
    mailer[-_ ]?daemon|mail[-_]?daemon|post[-_ ]?master|mdaemon|listserv|sysmgr@
    (?<!voice)(?<!voice[ -])mail(?: ?delivery|[ -]?system\b|[ -]?administrator\b|[ -]?gateway\b|[ -]?router|[ -]?transfer|[ -]?transport)
    mail (?:service|link)\b|\bmailer\b|internet mail
    delivery (?:sub)?system|delivery (?:agent|service|status)
    system ?administrat|microsoft ?exchange|smtp server|\bndr@
''')

IN_ADDRESS = re.compile('[._]')      # what stands for a blank there

# ... in his address: no list and no newsletter writes under these
SERVERS = re.compile(r'(?:^|[\s<"])(?:mailer[-_]?daemon|mail[-_]?daemon|postmaster|mdaemon)@')

IN_PERSON = re.compile(r'(?:^|[\s<"])mailer[-_]?daemon@')      # nobody writes as such, whoever sent it on


def daemon(fields: Dict[str, str]) -> bool:
    """Whether the author of the mail is a mail system, by its address or its name."""
    author = (fields.get('from', '') + ' ' + fields.get('sender', '')).lower()
    return 'x-mlserver' in fields or bool(DAEMONS.search(author) or DAEMONS.search(IN_ADDRESS.sub(' ', author)))


def null_path(fields: Dict[str, str]) -> bool:
    """Whether the envelope sender is empty, as that of each notification is (RFC 5321 4.5.5)."""
    return fields.get('return-path', fields.get('from', 'unknown')).strip().lower() in NULL_PATHS


def from_system(fields: Dict[str, str]) -> bool:
    """Whether a mail system sent the mail: by its author, or by a null return path."""
    return null_path(fields) or bool(DAEMONS.search(fields.get('return-path', '').lower())) or daemon(fields)


def by_a_person(fields: Dict[str, str], subject: str) -> bool:
    """Whether somebody answers or forwards: the mark of a reply, and no envelope of a mail system.

    People write as postmaster@ too; a mail system sends its notices with a null
    return path or as MAILER-DAEMON, so what has a prefix and neither is a letter.
    So is a mail in a thread, with whatever attached, unless it is a report by its form.
    """
    threaded = 'in-reply-to' in fields and not daemon(fields) and 'report' not in fields.get('content-type', '').lower()
    return (is_reply(subject) or threaded) and not _unanswerable(fields)


class Signs(NamedTuple):
    """What speaks for a returned mail."""

    daemon: bool        # the author is a mail system
    system: bool        # ... or the return path is null
    subject: bool       # the subject announces a failure
    sentence: bool      # the text says that a mail was not delivered
    returned: bool      # the mail came back, or its header
    code: bool          # an SMTP reply or status code is quoted
    named: bool         # the Message-ID of the mail is named
    personal: bool      # a reply or a forward
    unanswerable: bool  # the envelope is one that only mail systems use
    to_sender: bool     # it is addressed to the sender of the mail that came back
    other: bool         # a letter, a post to a list; what systems write about people's own mail


def read_signs(fields: Dict[str, str], subject: str, text: str, returned: Dict[str, str]) -> Signs:
    """The signs of a mail; `text` is its prose, `returned` the fields of the mail that it quotes."""
    start, topic = text[:5000], subject.lower()
    return Signs(
        daemon=daemon(fields), system=from_system(fields) or not fields,
        subject=bool(SUBJECT.search(topic)), sentence=bool(SENTENCE.search(start.lower())),
        returned=bool(returned), code=_has_code(start), named=bool(QUOTED_ID.search(start)),
        to_sender=_to_sender(fields, returned), personal=is_reply(subject), unanswerable=_unanswerable(fields),
        other=by_a_person(fields, subject) or _is_bulk(fields) or (bool(NOT_SUBJECT.search(topic)) and not returned))


def _has_code(text: str) -> bool:
    """Whether a failing reply or status is quoted, or the dialogue that it came in."""
    return bool(status_in(text)) or (reply_in(text) or '2')[0] != '2' or bool(RCPT.search(text))


def _to_sender(fields: Dict[str, str], returned: Dict[str, str]) -> bool:
    """Whether a robot writes to the sender of the mail that it returns, as notices do (RFC 5321 6.1).

    A forwarded notice goes to a third; who answers a mail was its recipient, or
    says what he answers; and a mail with a return path is judged by that.  Such
    a robot speaks for its own domain alone, as carriers' do: that of a parcel
    service knows nothing of other people's mailboxes.
    """
    if 'return-path' in fields or 'in-reply-to' in fields or 'references' in fields:
        return False
    author = _keys(fields, 'from')
    if not any(ROBOTS.match(one) for one in author):
        return False
    senders = _keys(returned, 'from', 'return-path', 'sender')
    correspondents = _keys(returned, 'to', 'cc', 'bcc')
    at_home = {site(one) for one in author} & {site(one) for one in correspondents}
    to = _keys(fields, 'to', 'delivered-to', 'x-original-to')
    return bool(at_home and senders & to) and not author & (senders | correspondents)


def _keys(fields: Dict[str, str], *names: str) -> Set[str]:
    return {key(one) for name in names for one in all_addresses(fields.get(name))}


def _unanswerable(fields: Dict[str, str]) -> bool:
    """Whether only a mail system uses such an envelope; where it is not known, such an author."""
    path = fields.get('return-path', fields.get('from', '')).lower()
    return null_path(fields) or 'mailer-daemon' in path or bool(IN_PERSON.search(fields.get('from', '').lower()))


def _is_bulk(fields: Dict[str, str]) -> bool:
    """Whether a list or a newsletter sent it; a notice of a mail system that came by way of a list stays one."""
    listed = 'list-id' in fields or 'x-beenthere' in fields or 'list-unsubscribe' in fields
    return listed and not _unanswerable(fields) and not SERVERS.search(fields.get('from', '').lower())


def _beyond_words(signs: Signs) -> bool:
    """Whether the signs are enough for an author that is not known, or for a language that is not."""
    unknown_author = signs.to_sender and signs.returned and signs.subject and signs.sentence
    unknown_words = signs.daemon and signs.unanswerable and signs.returned and signs.code
    return unknown_author or unknown_words


def came_back(signs: Signs, subject: str, returned: Dict[str, str]) -> bool:
    """Whether a mail came back, and subject and text say so: more than a program does that answers for a person.

    Such programs quote the subject of the mail that they answer, and may return it.
    """
    answered = decode_words(returned.get('subject', '')).strip()
    own = subject.replace(answered, '') if answered else subject
    return (signs.system and signs.returned and signs.sentence and not signs.other
            and bool(SUBJECT.search(own.lower())) and not NOT_SUBJECT.search(own.lower()))


def is_notice(signs: Signs) -> bool:
    """Whether these signs make a mail a notice of non-delivery.

    A mail system's own name and two more signs are enough, if one of them is a
    proof (the returned mail, a code) or the envelope is a mail system's; with
    nothing but a null return path (vacation programs and monitors have one too)
    the mail must have come back.
    """
    words = signs.subject + signs.sentence
    proof = signs.returned + (signs.code or signs.named)
    if signs.other:
        return False
    if not signs.personal and _beyond_words(signs):
        return True
    if not signs.system or not words:
        return False
    if signs.daemon:
        return words + proof >= 2 and bool(proof or (signs.unanswerable and not signs.personal))
    return signs.returned and not signs.personal


# `Re:`, `Fwd:` and what mail programs write for them in other languages
REPLY_PREFIX = alternatives(r'''
    re|fwd?|fyi|aw|wg|antw|doorst|tr|rv|res|enc|ris|i|r|sv|vs|vb|vl|odp|pd|ynt|ilt
    пересл|ответ|回复|转发|答复|返信|転送
''', r'\s{0,8}', r'\s{0,4}(?:\[\d{1,4}\])?\s{0,4}[:：]')


def is_reply(subject: str) -> bool:
    """Whether a person answers or forwards, by the subject."""
    return bool(REPLY_PREFIX.match(subject.lower()))


# In a subject, in lower case: something was not delivered.
SUBJECT = alternatives(r'''
    undeliver|un-deliver|non-?deliver|not (?:be )?deliver|nondeliv|could ?n.t be deliver|can ?not (?:be )?deliver
    deliver(?:y|ing)? (?:fail|status|error|problem|report|incomplete|delay|notif|has failed|unsuccessful|warning|attempt)
    deliver(?:y|ed)?[ :(]{1,3}(?:failure|delayed|error)|fail(?:ed|ure|ing)?[ :-]{1,3}(?:deliver|notice|mail|report)
    fail(?:ed|ure|ing)?[ :-]{1,3}(?:to deliver|message|sending|notification)|could not (?:be )?(?:deliver|send|sent)
    mail (?:delivery|fail|system|error|returned|could not|status|rejected|undeliv|not deliver)|mailer.?daemon
    return(?:ed|ing)?:? (?:e?-?mail|message|to sender|recipient)|^returned|[: ]returned$|cannot send|error sending
    unable to deliver|unsuccessful|message (?:delivery|status|delayed|undeliv|not|bounced|rejected|could|blocked)
    delayed\b|bounce|rejected|user unknown|unknown (?:user|recipient|address)|loop alert|undelivered|no such user
    warning: (?:message|could)|auto-?reject|mailbox (?:full|unavail)|\bdsn\b|\bndr\b|\bndn\b|problem
    unzustellbar|zustell|nicht zugestellt|rückläufer|fehlgeschlagen                             # German
    non remis|non[- ]distribu|non d[ée]livr|[ée]chec|impossible d|retard                        # French
    no entregad|no se (?:ha )?(?:pudo|podido|puede)|devuelto|fallo|error (?:de|en)              # Spanish
    devolvid|n[ãa]o (?:foi |é )?(?:entreg|poss)|falha                                           # Portuguese
    mancat[ao]|non (?:[èe] stat[oa] )?(?:recapita|consegna)|impossibile|notifica                # Italian
    onbestelbaar|niet (?:afgeleverd|bezorgd)|kan niet|mislukt                                   # Dutch
    niedostarcz|nie mo[żz]|zwrot|nedoru[čc]|nelze                                               # Polish, Czech, Slovak
    obest[äa]llbar|olevererbar|kunde inte|ka?n(?:ne)? ikke|ikke (?:levere|levert)|mislyk        # Swedish, Danish, Norwegian
    ei voitu|toimitus|teslim|iletilemedi|k[ée]zbes[ií]t|visszak                                 # Finnish, Turkish, Hungarian
    недостав|не (?:может быть )?доставлен|не уда[её]тся|ошибка|возвра|доставк                   # Russian
    не вдалося|недоручен|nelivrabil|nu (?:a putut|poate)|παράδοση|παραδοθ                       # Ukrainian, Romanian, Greek
    không (?:thể )?(?:gửi|phân phối)|tidak (?:dapat )?terkirim                                  # Vietnamese, Indonesian
    退信|投递|無法|无法|未送达|未送達|送信|配信|エラー|未達|不達|届け|전송|배달|반송|실패                       # Chinese, Japanese, Korean
''')

# A subject of what systems write to people about their own mail, accounts and machines
NOT_SUBJECT = alternatives(r'''
    quarantine|digest|summary|summaries|weekly|daily|newsletter|invoice|receipt|payment|verify|confirm|moderat|approval
    log ?watch|pflogsumm|cron|backup|quota warning|almost full|webhook|unit .{1,60} failed
    smtp (?:server|client): errors? from        # Postfix to its postmaster, notify_classes: nobody's mail came back
''')

# In the text, in lower case: the sender of a mail is told that it was not, or not yet, delivered.
SENTENCE = alternatives(r'''
    (?:could|can|was|were|has|have|is|are|be|been)(?: ?not|n.t)(?: yet)?(?: been| be)?(?: able to)?(?: be)? (?:deliver|sent|send)
    (?:could|can|was|were|has|have|is|are)(?: ?not|n.t)(?: yet)?(?: been| be)? (?:reach|relay|forward|transmit|distribut)
    not (?:be )?(?:deliver|distributed)|undeliver|non-?deliver|did not (?:reach|like|accept)|not reach
    deliver(?:y|ed|ing)?[^.\n]{0,80}?(?:fail|error|delay|problem|unsuccessful|imposs|reject|refus|aborted|expired|not possible)
    (?:fail|error|unable|problem|trouble|attempt)[^.\n]{0,60}?(?:deliver|(?:send|process)ing (?:your|the) m)
    (?:had|were) (?:permanent )?(?:fatal|delivery) errors?|transcript of session|failed (?:address|recipient)
    returned (?:mail|message|to sender|e?-?mail|because)|(?:unknown|invalid) (?:user|recipient|local|address|host|mailbox)
    (?:user|recipient|host|address|mailbox)(?:\(s\))?(?: is| does)? (?:unknown|not (?:found|exist|known)|full)
    no (?:such|valid) (?:user|mailbox|address|recipient)|(?:is|was) not (?:known|found)|not known
    (?:mail|message)(?:[^.\n]|\.\w){0,80}(?:is|was|has been|were) (?:automatically )?(?:rejected|returned|refused|bounced|blocked|discarded)
    still (?:trying|being) |permanent error|given up|remote (?:host|server) said|technical report|failure reasons?
    has failed|account is (?:disabled|inactive)|mailbox is full|over quota|quota exceeded|not a member of
    duplicated message-id|unable to (?:contact|connect|locate)
    unable-to-transfer|unrecogni[sz]ed-or-name                                          # X.411
    nicht (?:zugestellt|zustellbar|ausgeliefert|erreicht|gesendet|übermittelt|weitergeleitet)|unzustellbar
    konnte[^.\n]{0,80}nicht|fehlgeschlagen|wurde (?:abgelehnt|zurückgewiesen)                           # German
    pas (?:pu )?(?:être|été|pu)[^.\n]{0,60}(?:remis|distribu|délivr|achemin|envoy|transmis|livr)|n.a pas (?:pu|été)
    non (?:remis|distribu|délivr)|impossible d|[ée]chec|n.est pas parvenu|a été (?:refusé|rejeté)         # French
    no (?:se )?(?:ha )?(?:pudo|podido|puede|fue|entreg)|no (?:ha )?(?:sido )?(?:posible|entregad)|rechazad # Spanish
    não (?:foi|pôde|pode|consegui|entreg|podem)|falha|rejeitad                                          # Portuguese
    non (?:è (?:ancora )?stat|ha potuto|ha raggiunto|(?:è )?riuscit|recapita|consegna|può|stato|sono stat)|impossibile   # Italian
    niet (?:worden )?(?:afgeleverd|bezorgd|bereik|besteld)|kon[^.\n]{0,60}niet|mislukt|geweigerd        # Dutch
    nie (?:mo[żz]|został|dostarcz|udało)|odrzucon|odmítnut|nedoru[čc]|nepoda[řr]ilo|nezda[řr]il|zlyhal|nemoh|nelze     # Polish, Czech, Slovak
    kunde inte|inte levereras|gick inte att|kunne ikke|ikke (?:leveres|levert|leveret)|mislyk           # Scandinavian
    ei voi|ei pystyt|epäonnistu|teslim edilem|iletilem|başarısız|kézbesít|nem (?:sikerült|lehet)        # Finnish, Turkish, Hungarian
    не (?:может|могло|был|удалось|уда[её]тся|достав)|недостав|невозможно|отклонен|сбой достав           # Russian
    не вдалося|nu a (?:reu[șşs]it|putut|fost)|απέτυχε|δεν (?:ήταν|είναι) δυνατή                          # Ukrainian, Romanian, Greek
    không (?:thể )?(?:gửi|phân phối)|tidak (?:dapat |bisa )?(?:di|ter)kirim                              # Vietnamese, Indonesian
    无法|無法|未能|未送达|退信|退回|失败|失敗|できません|できなかった|届けられ|エラー|配信|不明|없습니다|실패|못했|반송                   # Chinese, Japanese, Korean
    غير موجود|אינו קיים|μη παραδ
''')

# What makes a sentence no report: it tells what would happen.
CONDITIONAL = alternatives(r'''
    if|unless|in case|when|(?:can|may|might|will) (?:fail|be (?:delayed|rejected|refused|bounced))
    wenn|falls|sollte|si|se|als|jeśli|если
''', r'\b', r'\b')

# ... and that it will be tried again.
DELAY = alternatives(r'''
    warning message only|do not need to resend|not yet been (?:deliver|sent)|has not been delivered yet
    (?:been|being|is|was|currently|temporarily|message|mail|delivery) delayed|still (?:trying|being (?:attempted|tried)|attempting|in the queue)
    will (?:continue|keep)[^.]{0,20} (?:to (?:attempt|try)|trying|attempts)|continue to (?:try|retry|attempt)
    will be (?:retried|attempted|made again|repeated|reattempted)|attempts will continue|still queued
    will (?:re)?try (?:again|for|until|to deliver)|temporary problem[^.]{0,80}deliver|keep trying
    no action is required on your part
    weiter(?:hin)? versucht|noch nicht zugestellt|verzögert|weitere zustellversuche     # German
    sera retent|retardée?|nouvelles? tentatives?|pas encore (?:pu|été)                                            # French
    reintent|retrasad|se seguirá|ritardat|tentativi continuer|nuovi tentativi|atrasad|continuará   # Spanish, Italian, Portuguese
    vertraagd|nogmaals geprobeerd|opóźnion                                              # Dutch, Polish
    отложен|задерж|повторные попытки|попытки доставки будут                             # Russian
    配送が遅|配信が遅|遅延して|再送を試み|再送されます|延迟|延遲|지연                                # Japanese, Chinese, Korean
''')
FINAL = alternatives(r'''
    failed permanently|permanent(?:ly)? (?:fatal )?(?:error|fail)|given up|giving up|will not be (?:retried|tried)
    not going to try again|no further attempts|could not be delivered to one|delivery has failed|permanently
''')


def is_delay(subject: str, text: str) -> bool:
    """Whether the text promises further attempts, and nowhere says that it is over."""
    low = subject.lower() + '\n' + text[:8000].lower()
    return not FINAL.search(low) and bool(DELAY.search(low))
