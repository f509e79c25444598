"""Whether a mail is the work of a mail system that could not deliver: its outward signs.

A text that talks of failed mail proves nothing: people forward bounces, lists
discuss them, spam imitates them.  So words count only together with a sender
that is a mail system (RFC 3464 2: null sender; RFC 3834 5.2: Auto-Submitted).
"""
import re
from typing import Dict

from mailtools.bouncedmail.address import all_addresses, is_system

NULL_PATHS = ('<>', '', '<mailer-daemon>', 'mailer-daemon')
SYSTEM_NAMES = re.compile(
    r'mail(?:er)?[ _-]?(?:delivery|daemon|system|administrator|admin|router|server|er\b)|delivery (?:system|subsystem|service|agent|status)'
    r'|postmaster|system administrator|bounce[ds]?\b|mail administrator|mailservice|internet mail|smtp server|mailsys'
    r'|microsoft ?outlook|microsoft ?exchange|mta\b|mail transfer|mailman|automatic ?(?:mail|email) ?(?:system|handler)|mdaemon', re.I)


def from_system(fields: Dict[str, str]) -> bool:
    """Whether a mail system speaks: by the envelope, or by who the mail says it is from."""
    path = fields.get('return-path')
    if path is not None and path.strip().lower() in NULL_PATHS:
        return True
    senders = all_addresses(fields.get('from', '')) + all_addresses(fields.get('sender', ''))
    if any(is_system(sender) for sender in senders):
        return True
    if path and is_system(path.strip('<> ').lower()):
        return True
    name = fields.get('from', '')
    return bool(SYSTEM_NAMES.search(name.partition('<')[0] or name)) or 'mailer-daemon' in name.lower()


# In a Subject.  Prefixes of replies and forwards make it a person's.
REPLY_PREFIX = re.compile(r'\s*(?:re|fwd?|aw|wg|tr|rv|antw|sv|vs|odp|enc|vl|回复|转发|答复)\s*(?:\[\d+\])?\s*[:：]', re.I)
SUBJECT = re.compile(
    r'undeliver|non-?deliver|not deliver|deliver(?:y|ing)? (?:fail|status|error|problem|report|incomplete|delay|notif|has failed|unsuccessful|warning|attempt)'
    r'|fail(?:ed|ure|ing)?[ :-]{1,3}(?:deliver|notice|mail|report|to deliver|message|sending|notification)|mail (?:delivery|fail|system|error|returned|could not|status|rejected|undeliv)'
    r'|mailer.?daemon|return(?:ed|ing)?:? (?:e?-?mail|message|to sender)|could ?n.t|could not (?:be )?(?:deliver|send|sent)|can ?not (?:be )?deliver|cannot send'
    r'|unable to deliver|unsuccessful|message (?:delivery|status|delayed|you sent|undeliv|not|bounced|rejected|could|blocked)|delay(?:ed|notification)?\b|bounce|rejected|nondeliv|unzustellbar|zustell|nicht zugestellt'
    r'|r[üu]ckl[äa]ufer|fehlgeschlagen|non remis|non[- ]distribu|non d[ée]livr|[ée]chec|impossible (?:de|d.)|retard|no entregad|no se (?:ha )?(?:pudo|podido)|no se puede entregar|devuelto|devolvid|fallo|error (?:de|en)'
    r'|n[ãa]o (?:foi )?(?:entreg|poss)|falha|mancat[ao]|non (?:[èe] stat[oa] )?(?:recapitat|consegnat)|notifica|impossibile|onbestelbaar|niet (?:afgeleverd|bezorgd)|kan niet|mislukt|niedostarczon|nie mo[żz]|zwrot|nedoru[čc]|nedorucit|obest[äa]llbar|olevererbar'
    r'|kunde inte|kunne ikke|ikke leveret|ikke levert|ei voitu|toimitus|teslim|iletilemedi|k[ée]zbes[ií]t|visszak|недостав|не (?:может быть )?доставлен|ошибка|возвра|доставк'
    r'|退信|系统退信|投递|無法|无法|送信|配信|エラー|未達|不達|届け|전송|배달|반송|실패|loop alert|warning: (?:message|could)|user unknown|unknown (?:user|recipient|address)|problem|auto-?reject|no such|undelivered|mailbox (?:full|unavail)|\bdsn\b|\bndr\b|\bndn\b', re.I)

# In the text: somebody reports that a mail was not, or not yet, delivered.
BODY = re.compile(
    r'(?:could|can|was|were|has|have|is|are|be|been)(?: ?not|n.t|not)[^.]{0,60}?(?:deliver|sent|send|reach|relay|process|forward|accept|transmit)'
    r'|(?:un|non-?)deliver|deliver(?:y|ed|ing)?[^.]{0,80}?(?:fail|error|delay|problem|unsuccessful|imposs|reject|refus|aborted|expired|not possible)|(?:fail|error|unable|problem|trouble|rejected|refused)[^.]{0,60}?(?:deliver|recipient|send|address)'
    r'|not reach|did not (?:reach|like|accept)|permanent(?:ly)? (?:fatal )?(?:error|fail)|fatal error|transcript of session|returned (?:mail|message|to sender|e-?mail|because)|failed address|failed recipient'
    r'|unknown (?:user|recipient|local|address|host)|(?:user|recipient|host|address|mailbox) (?:is )?(?:unknown|full|not found)|no such (?:user|mailbox|address)|does(?: not|n.t) exist|not yet been (?:deliver|sent)|been delayed|still (?:trying|being)|was rejected|been rejected|rejected (?:by|your)|over quota|bounce'
    r'|permanent error|given up|rcpt to|remote (?:host|server) said|\b5\d\d[ -]5\.\d+\.\d+|not be found|invalid (?:recipient|address|mailbox)|blocked|undeliverable'
    r'|nicht (?:zugestellt|zustellbar|ausgeliefert|erreicht|gesendet|übermittelt|weitergeleitet)|unzustellbar|konnte[^.]{0,60}nicht|fehlgeschlagen|pas (?:pu )?(?:être|été|pu)[^.]{0,60}(?:remis|distribu|délivr|achemin|envoy|transmis|livr)|non (?:remis|distribu|délivr)|impossible|[ée]chec|n.a pas'
    r'|no (?:se )?(?:ha )?(?:pudo|podido|puede|fue|entreg)|no (?:ha )?(?:sido )?(?:posible|entregad)|não (?:foi|pôde|pode|consegui|entreg|podem)|falha|non (?:è stat|ha potuto|è riuscit|recapita|consegna|può|stato|sono stat)|impossibile|niet (?:worden )?(?:afgeleverd|bezorgd|bereik|besteld)|kon[^.]{0,60}niet|mislukt'
    r'|nie (?:mo[żz]|został|dostarcz)|nedoru[čc]|nemoh|kunde inte|inte levereras|kunne ikke|ikke (?:leveres|levert|leveret)|ei voi|teslim edilem|iletilem|kézbesít|nem (?:sikerült|lehet)|не (?:может|могло|был|удалось|достав)|недостав|невозможно'
    r'|无法|無法|退信|退回|失败|できません|できなかった|届けられ|エラー|配信|不明|없습니다|실패|못했|반송|duplicated message-id|attempts failed|permanently|technical report', re.I)

# ... and that there is still hope
DELAY = re.compile(
    r'this is a warning message only|warning message only|do not need to resend|not yet been (?:deliver|sent)|has not been delivered yet|(?:delivery|message|mail)[^.\n]{0,60}(?:has been|is|was|been) (?:temporarily )?delayed|has been delayed|is being delayed|been delayed'
    r'|will (?:continue|keep)[^.]{0,20} (?:to (?:attempt|try)|trying|attempts)|continue to (?:try|retry|attempt)|will be (?:retried|attempted|made again|repeated|reattempted)|still (?:trying|being (?:attempted|tried)|attempting|in the queue)|attempts will continue|will (?:re)?try (?:again|for|until|to deliver)|still queued|currently delayed|temporary problem[^.]{0,80}deliver'
    r'|keep trying|no action is required on your part|wird weiterhin versucht|verzögert|weitere zustellversuche|sera retent|retardée?|nouvelle tentative|reintent|retrasad|se seguirá|ritardat|nuovi tentativi|atrasad|continuará|vertraagd|nogmaals geprobeerd|opóźnion|отложен|задерж|повторные попытки|попытки доставки будут|遅延|遅れ|再送|延迟|延遲|지연', re.I)
FINAL = re.compile(
    r'failed permanently|permanent(?:ly)? (?:fatal )?(?:error|failure|fail)|permanent error|given up|giving up|will not be (?:retried|tried)|not going to try again|no further attempts|could not be delivered to one|delivery has failed|permanently', re.I)


def is_delay(subject: str, text: str) -> bool:
    """Whether the text promises further attempts, and nowhere says that it is over."""
    if FINAL.search(text):
        return False
    return bool(DELAY.search(text)) or ('delayed' in subject.lower() and 'deliver' in text.lower())
