"""Whether a mail is the work of a mail system that could not deliver: its outward signs.

A text that talks of failed mail proves nothing: people forward bounces, lists
discuss them, spam imitates them.  So words count only together with a sender
that is a mail system (RFC 3464 2: null sender; RFC 3834 5.2: Auto-Submitted).
"""
import re
from typing import Dict, NamedTuple

from mailtools.bouncedmail.finding import reply_in, status_in

NULL_PATHS = ('<>', '', '<mailer-daemon>', 'mailer-daemon')
DAEMONS = re.compile(
    r'mailer[-_ ]?daemon|mail[-_]?daemon|postmaster|mdaemon|mail(?: ?delivery|[ -]?system\b|[ -]?administrator\b)'
    r'|delivery (?:sub)?system|delivery (?:agent|service|status)|system administrator|microsoft ?exchange|smtp server'
    r'|mail ?(?:router|transfer|transport)|internet mail|mail service\b|mail link\b', re.I)


def daemon(fields: Dict[str, str]) -> bool:
    """Whether the author of the mail is a mail system, by its address or its name."""
    name = fields.get('from', '')
    return 'x-mlserver' in fields or bool(DAEMONS.search(name)) or bool(DAEMONS.search(fields.get('sender', '')))


def from_system(fields: Dict[str, str]) -> bool:
    """Whether a mail system sent the mail: by its author, or by a null return path (RFC 5321 4.5.5)."""
    path = fields.get('return-path')
    return daemon(fields) or (path is not None and (path.strip().lower() in NULL_PATHS or bool(DAEMONS.search(path))))


class Signs(NamedTuple):
    """What speaks for a returned mail."""

    daemon: bool        # the author is a mail system
    system: bool        # ... or the return path is null
    subject: bool       # the subject announces a failure
    sentence: bool      # the text says that a mail was not delivered
    returned: bool      # the mail came back, or its header
    code: bool          # an SMTP reply or status code is quoted
    personal: bool      # a reply or a forward
    other: bool         # a post to a list; what systems write about people's own mail


def read_signs(fields: Dict[str, str], subject: str, text: str, returned: Dict[str, str]) -> Signs:
    """The signs of a mail; `text` is its prose, `returned` the fields of the mail that it quotes."""
    start = text[:5000]
    return Signs(
        daemon=daemon(fields), system=from_system(fields) or not fields,
        subject=bool(SUBJECT.search(subject)), sentence=bool(SENTENCE.search(start)),
        returned=bool(returned), code=bool(status_in(start) or (reply_in(start) or '2')[0] != '2'),
        personal=bool(REPLY_PREFIX.match(subject)),
        other='list-id' in fields or 'x-beenthere' in fields or (bool(NOT_SUBJECT.search(subject)) and not returned))


def is_notice(signs: Signs) -> bool:
    """Whether these signs make a mail a notice of non-delivery.

    A mail system's own name and two more signs are enough; with nothing but a
    null return path (vacation programs and monitors have one too) the mail must
    have come back.
    """
    words = signs.subject + signs.sentence
    proof = signs.returned + signs.code
    if not signs.system or not words or signs.other:
        return False
    if signs.daemon:
        return words + proof >= 2 and not (signs.personal and not proof)
    return signs.returned and not signs.personal


# In a Subject.  Prefixes of replies and forwards make it a person's.
REPLY_PREFIX = re.compile(r'\s*(?:re|fwd?|aw|wg|tr|rv|antw|doorst|sv|vs|vb|odp|pd|enc|res|ris|i|r|vl|fyi|ynt|ilt|пересл|ответ|回复|转发|答复|返信|転送)\s*(?:\[\d+\])?\s*[:：]', re.I)
SUBJECT = re.compile(
    r'undeliver|non-?deliver|not deliver|deliver(?:y|ing)? (?:fail|status|error|problem|report|incomplete|delay|notif|has failed|unsuccessful|warning|attempt)'
    r'|fail(?:ed|ure|ing)?[ :-]{1,3}(?:deliver|notice|mail|report|to deliver|message|sending|notification)|mail (?:delivery|fail|system|error|returned|could not|status|rejected|undeliv)'
    r'|mailer.?daemon|return(?:ed|ing)?:? (?:e?-?mail|message|to sender)|could ?n.t|could not (?:be )?(?:deliver|send|sent)|can ?not (?:be )?deliver|cannot send'
    r'|unable to deliver|unsuccessful|message (?:delivery|status|delayed|you sent|undeliv|not|bounced|rejected|could|blocked)|delay(?:ed|notification)?\b|bounce|rejected|nondeliv|unzustellbar|zustell|nicht zugestellt'
    r'|r[üu]ckl[äa]ufer|fehlgeschlagen|non remis|non[- ]distribu|non d[ée]livr|[ée]chec|impossible (?:de|d.)|retard|no entregad|no se (?:ha )?(?:pudo|podido)|no se puede entregar|devuelto|devolvid|fallo|error (?:de|en)'
    r'|n[ãa]o (?:foi )?(?:entreg|poss)|falha|mancat[ao]|non (?:[èe] stat[oa] )?(?:recapitat|consegnat)|notifica|impossibile|onbestelbaar|niet (?:afgeleverd|bezorgd)|kan niet|mislukt|niedostarczon|nie mo[żz]|zwrot|nedoru[čc]|nedorucit|obest[äa]llbar|olevererbar'
    r'|kunde inte|kunne ikke|ikke leveret|ikke levert|ei voitu|toimitus|teslim|iletilemedi|k[ée]zbes[ií]t|visszak|недостав|не (?:может быть )?доставлен|ошибка|возвра|доставк'
    r'|退信|系统退信|投递|無法|无法|送信|配信|エラー|未達|不達|届け|전송|배달|반송|실패|loop alert|warning: (?:message|could)|user unknown|unknown (?:user|recipient|address)|problem|auto-?reject|no such|undelivered|mailbox (?:full|unavail)|\bdsn\b|\bndr\b|\bndn\b', re.I)

# A subject of what systems write to people about their own mail
NOT_SUBJECT = re.compile(
    r'quarantine|digest|summary|summaries|weekly|daily|newsletter|invoice|receipt|log ?watch|pflogsumm|cron|backup|quota warning'
    r'|almost full|payment|verify|confirm|webhook|unit .{1,60} failed|moderat|approval', re.I)

# In the text: a mail system tells the sender of a mail that it was not, or not yet, delivered.
SENTENCE = re.compile(
    r'(?:could|can|was|were|has|have|is|are|be|been)(?: ?not|n.t|not)(?: yet)?(?: been| be)?(?: able to)?(?: be)? (?:deliver|sent|send|reach|relay|forward|transmit|distribut)'
    r'|not (?:be )?(?:deliver|deliverable|distributed)|(?:un|non-?)deliver|deliver(?:y|ed|ing)?[^.\n]{0,80}?(?:fail|error|delay|problem|unsuccessful|imposs|reject|refus|aborted|expired|not possible)'
    r'|(?:fail|error|unable|problem|trouble|attempt)[^.\n]{0,60}?(?:deliver|(?:send|process)ing (?:your|the) m)|did not (?:reach|like|accept)|not reach'
    r'|(?:had|were) (?:permanent )?(?:fatal|delivery) errors?|transcript of session|returned (?:mail|message|to sender|e-?mail|because)|failed (?:address|recipient)'
    r'|(?:unknown|invalid) (?:user|recipient|local|address|host|mailbox)|(?:user|recipient|host|address|mailbox)(?:\(s\))?(?: is| does)? (?:unknown|not (?:found|exist|known)|full)|no (?:such|valid) (?:user|mailbox|address|recipient)'
    r'|(?:mail|message|email)[^.\n]{0,80}(?:was|has been|were) (?:automatically )?(?:rejected|returned|refused|bounced|blocked|delayed|discarded)|still (?:trying|being) |permanent error|given up|remote (?:host|server) said|technical report|failure reasons?'
    r'|account is (?:disabled|inactive)|mailbox is full|over quota|is not a member|not a member of|duplicated message-id|is not known|was not found|unable to (?:contact|connect|locate)'
    r'|nicht (?:zugestellt|zustellbar|ausgeliefert|erreicht|gesendet|übermittelt|weitergeleitet)|unzustellbar|konnte[^.\n]{0,80}nicht|fehlgeschlagen|pas (?:pu )?(?:être|été|pu)[^.\n]{0,60}(?:remis|distribu|délivr|achemin|envoy|transmis|livr)|non (?:remis|distribu|délivr)|impossible (?:de|d.)|[ée]chec|n.a pas (?:pu|été)'
    r'|no (?:se )?(?:ha )?(?:pudo|podido|puede|fue|entreg)|no (?:ha )?(?:sido )?(?:posible|entregad)|não (?:foi|pôde|pode|consegui|entreg|podem)|falha|non (?:è stat|ha potuto|è riuscit|recapita|consegna|può|stato|sono stat)|impossibile|niet (?:worden )?(?:afgeleverd|bezorgd|bereik|besteld)|kon[^.\n]{0,60}niet|mislukt'
    r'|nie (?:mo[żz]|został|dostarcz)|nedoru[čc]|nemoh|kunde inte|inte levereras|kunne ikke|ikke (?:leveres|levert|leveret)|ei voi|ei pystyt|teslim edilem|iletilem|kézbesít|nem (?:sikerült|lehet)|не (?:может|могло|был|удалось|достав)|недостав|невозможно'
    r'|无法|無法|退信|退回|失败|できません|できなかった|届けられ|エラー|配信|不明|없습니다|실패|못했|반송|غير|אינו|μη παρ', re.I)

# ... and that there is still hope
DELAY = re.compile(
    r'this is a warning message only|warning message only|do not need to resend|not yet been (?:deliver|sent)|has not been delivered yet|(?:delivery|message|mail)[^.\n]{0,60}(?:has been|is|was|been) (?:temporarily )?delayed|has been delayed|is being delayed|been delayed'
    r'|will (?:continue|keep)[^.]{0,20} (?:to (?:attempt|try)|trying|attempts)|continue to (?:try|retry|attempt)|will be (?:retried|attempted|made again|repeated|reattempted)|still (?:trying|being (?:attempted|tried)|attempting|in the queue)|attempts will continue|will (?:re)?try (?:again|for|until|to deliver)|still queued|currently delayed|temporary problem[^.]{0,80}deliver'
    r'|keep trying|no action is required on your part|weiter(?:hin)? versucht|noch nicht zugestellt|verzögert|weitere zustellversuche|sera retent|retardée?|nouvelle tentative|reintent|retrasad|se seguirá|ritardat|nuovi tentativi|atrasad|continuará|vertraagd|nogmaals geprobeerd|opóźnion|отложен|задерж|повторные попытки|попытки доставки будут|配送が遅|配信が遅|遅延して|再送を試み|再送されます|延迟|延遲|지연', re.I)
FINAL = re.compile(
    r'failed permanently|permanent(?:ly)? (?:fatal )?(?:error|failure|fail)|permanent error|given up|giving up|will not be (?:retried|tried)|not going to try again|no further attempts|could not be delivered to one|delivery has failed|permanently', re.I)


def is_delay(subject: str, text: str) -> bool:
    """Whether the text promises further attempts, and nowhere says that it is over."""
    if FINAL.search(text):
        return False
    return bool(DELAY.search(text)) or ('delayed' in subject.lower() and 'deliver' in text.lower())
