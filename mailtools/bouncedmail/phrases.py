"""In which words servers say why: a table from phrases to reasons, no code but its types.

A row: the reason, what `rule` in the database will say, the phrases, and the
statuses that know better than the words.  A phrase is compared with the text as
classify.plain() leaves it: lower case, one blank between words, without
addresses and reply codes.  ` .. ` stands for up to 80 characters in between, `_`
at the start says that no letter may stand before it.

Rows are tried from above, and the first that fits answers.  So what names a
cause stands above what names its effect: `blocked, your address is listed at
...` above `blocked`, `SPF failed, so this is spam` above `spam`.  CERTAIN is
asked before the status codes, since servers put many things under one status
(5.7.1 above all); LIKELY only where status codes say nothing precise.

To teach the program a phrase, add it to its row, and a sample mail with it.
"""
from typing import NamedTuple, Tuple


class Row(NamedTuple):
    """Phrases that mean one reason."""

    reason: str
    name: str
    phrases: Tuple[str, ...]
    unless: Tuple[str, ...] = ()        # statuses without their class; a prefix fits too: '1.' is 1.x


def _row(reason: str, name: str, text: str, *unless: str) -> Row:
    phrases = tuple(phrase for line in text.strip().splitlines() for phrase in line.strip().split(' | '))
    return Row(reason, name, phrases, unless)


# Words that tell of failures that were all temporary: a made-up status says so too.
ONLY_TEMPORARY = 'only temporary failures, for too long'

# Words of SMTP replies, that anybody repeats: where no code, no stage and not the recipient's own
# host stands behind them, they are hearsay, see classify.py.
HEARSAY = 'user unknown'

# Statuses that contradict "user unknown"; those of the second kind do so unless RCPT was refused.
NOT_UNKNOWN = ('1.2', '1.8', '4.7', '2.1', '3.0')
AT_RCPT_NO_MATTER = ('2.1', '3.0')

CERTAIN: Tuple[Row, ...] = (
    _row('virusdetected', 'virus', '''
        virus detected | virus found | trojan | eicar | ransomware | malicious code | malicious software | contains the .. virus | contains .. virus | infected with
        contains a virus | contains virus | contained a virus | is infected | was infected | message infected
        infected message | virus infected | virus-infected | malware detected | contains malware | malware found
        contained malware | malicious attachment | malicious content | virus scanner | infected by
        detected as a virus | virus .. detected
        virus .. found | detected a virus | due to virus | due to a virus | clamav | mcspamsignature | a virus was | a virus in
        contains the virus | carries a virus | viren gefunden | virus gefunden | virus entdeckt | virus erkannt
        contient un virus | contiene un virus | contiene virus | contém vírus | contém um vírus | вирус | 病毒
        ウイルス | ウィルス | 바이러스
        '''),
    _row('speeding', "over the sender's own quota", '''
        sending quota exceeded | sending quota has been | daily user sending
        '''),
    _row('mailboxfull', 'mailbox full', '''
        quota-issues | too many messages in .. mailbox | message count reached | insufficient mailbox space
        mailbox has no free space | _used up .. space | space allotted | allotted space
        no room for your | no room for this | no room in .. mailbox | storage allowance
        exceeding receiving limits | allowed mailbox size | would exceed maximum allowed storage
        not reserved sufficient disk space | mail file size exceeds the maximum | exceeded storage allocation
        mailbox full | mailbox is full | mailbox for user is full | mail box full | mail box is full
        mailbox .. is full | mailbox currently full | mailbox is currently full | mailbox are full
        mailbox over limit | mailbox is over | mailfolder is full | mailbox has exceeded | mailbox exceeded
        mailbox exceeds | mailbox size limit | inbox is full | inbox full | inbox is out of storage
        inbox has exceeded | over quota | over-quota | overquota | over the quota | over his quota
        over its quota | over their quota | over your quota | above its quota | over limit quota
        quota exceeded | quota exceed | quota has been exceeded | quota limit | exceeded quota | exceeds quota
        exceeding quota | exceed .. quota | quota full | quota is full | quota violation | out of quota
        over .. quota | would exceed mailbox | would exceed the mailbox | would exceed quota
        would exceed the quota | exceeded storage | exceeded its storage | exceeded the storage
        exceeded .. storage | storage quota | out of storage | storage full | storage is full | storage limit
        storage space | over the maximum allowed number of messages | user has too many messages
        too many messages on drop | disk quota | diskquota | mail quota | mailbox quota | account is full
        account full | account currently full | not enough disk space | user is full | user full
        recipient full | box full | full mailbox | too much mail data | maildir over | allocated space
        shutoffquota | quotaexceeded | mailbox_full | reached .. storage | mailbox limit | not have enough space
        not enough space in | no space left in mailbox | insufficient space in | mailbox capacity
        capacity of the mailbox | has no space | maximum mailbox size | mailbox has reached
        mailbox would become too large | message store is full | user has exhausted | recipient .. overquota
        cannot receive .. full | mailbox .. overloaded | not enough storage space | out of disk quota
        postfach ist voll | postfach voll | postfach .. voll | mailbox .. voll | mailbox voll
        postfach überfüllt | postfach .. überfüllt | speicherplatz .. ersch | speicherplatz .. überschritten
        kontingent .. überschritten | quota .. überschritten | boîte pleine | boite pleine | boîte .. pleine
        boite .. pleine | bo?te .. pleine | quota dépassé | quota depasse | quota .. dépass | dépass .. quota
        buzón lleno | buzon lleno | buzón .. lleno | buzon .. lleno | cuota excedida | cuota .. excedid
        excedido .. cuota | superado .. cuota | casella piena | casella .. piena | cassetta .. piena
        spazio .. esaurito | quota .. superat | superato .. quota | caixa postal cheia | caixa .. cheia
        caixa .. lotada | cota .. excedida | quota excedida | excedeu .. cota | postbus .. vol | postvak .. vol
        mailbox is vol | mailbox .. is vol | inbox .. limit | mailbox .. limit | reached its limit
        mailbox zit vol | postbus vol | skrzynka .. pełna | skrzynka .. przepełnion | przepełnion
        pełna skrzynka | schránka .. plná | plná schránka | schránka .. zaplněn | brevlåda .. full
        brevlådan .. full | inkorgen .. full | postkassen .. full | postkassen .. fyldt | postboksen .. full
        indbakke .. fuld | postkasse .. fuld | postilaatikko .. täynnä | kutusu dolu | kutusu .. dolu
        kotası .. dol | kotası aş | megtelt | betelt | переполнен | превышена квота | превышение квот
        превысил .. квот | квота .. превышен | ящик .. заполнен | 邮箱已满 | 邮箱空间不足 | 邮箱容量
        邮箱已经满 | 信箱已滿 | 信箱容量 | 空间已满 | 容量不足 | 超过容量 | 超出容量 | メールボックスが一杯
        メールボックスがいっぱい | メールボックスの容量 | 受信箱が一杯 | 容量を超え | 容量超過 | 容量オーバー
        メールボックスが満杯 | 메일함이 가득 | 편지함이 가득 | 용량 초과 | 용량이 초과 | 용량을 초과
        사서함이 가득 | 사서함이 꽉 | γραμματοκιβώτιο .. πλήρες | γραμματοκιβώτιο .. γεμάτο | poștală .. plină
        препълнен | пощенска кутия .. пълна | sandučić .. pun | nabiralnik .. poln | bústia .. plena
        kotak .. penuh | hộp thư .. đầy | กล่องจดหมาย .. เต็ม | صندوق البريد .. ممتلئ | תיבת הדואר .. מלאה
        ''', '2.3', '3.4'),
    _row('contenterror', 'header or MIME size', '''
        header size exceeds | message header size | header too large | mime complexity | too many mime parts
        '''),
    _row('exceedlimit', "over the recipient's size limit", '''
        larger than this mailbox | exceeds the recipient's | exceeds recipient's | too large for the recipient
        too large for this recipient | too large for recipient | larger than the recipient
        message length exceeds administrative limit | size for this recipient | limit set by recipient
        limit set by the recipient | recipient's size limit | recipient size limit | recipsizelimit
        recipient's message size | recipient .. limits the size | than the recipient
        size limit of the recipient
        '''),
    _row('mesgtoobig', 'message too big', '''
        taille limite | limite de taille | message too large | message too big | line limit exceeded
        message is too large | message is too big | message was too large | message size exceeds
        message size exceeded | message exceeds | message size too | mail too large | mail too big
        mail is too large | mail size exceeds | mail size limit | message size limit | size limit | size exceeds
        exceeds size | exceeds fixed maximum | exceeds maximum | exceeds the maximum | maximum message size
        max message size | maximum size for | maximum size of | message length exceeds | message file too big
        messages larger than | larger than the current | email too large | email is too large
        data size exceeds | body too big | too much data | content too large | sendersizelimit
        message larger than | exceeds our maximum | exceeds our size | exceeded the maximum size
        size of your message | size of this message | exceeds max | exceeded .. message size | over size limit
        nachricht .. zu groß | nachricht zu groß | maximale größe | maximale nachrichtengröße | mail zu groß | nachrichtengröße | message trop volumineux
        message est trop | trop volumineu | taille maximale | taille .. dépasse | mensaje demasiado grande
        mensaje .. demasiado grande | tamaño .. máximo | tamaño .. mensaje | messaggio troppo grande
        messaggio .. troppo grande | dimensione .. messaggio | mensagem muito grande | mensagem .. muito grande
        tamanho máximo | te groot | za duża | zbyt duża | příliš velk | för stort | _er for stor | túl nagy
        слишком больш | превышает .. размер | 邮件太大 | 郵件太大 | 邮件过大 | サイズが大きすぎ | サイズ制限
        サイズを超え | 메시지가 너무
        ''', '2.3'),
    _row('notcompliantrfc', 'not RFC 5322', '''
        rfcmessagenoncompliant | duplicated header | invalid rfc | rfc 5321 | messages with multiple addresses
        rfc 5322 | rfc5322 | rfc 2822 | rfc2822 | rfc 822 | not rfc compliant | not rfc-compliant
        rfc violation | multiple addresses in from | duplicate header | multiple from headers | multiple subject
        missing from header | message missing required header | missing a valid messageid
        message is missing required | missing message-id
        missing date header | bare lf | bare newline | bare linefeed | bare cr | line length | line too long
        lines longer | lines are too long | lines too long | mess822 | www.rfc-editor | missing required header
        more than one from | no from header | no valid from | message has no from | message has no date
        message has no subject | message has no message-id | message has no valid | without a date
        header is missing | headers missing | more than one .. header
        ''', '7.25', '7.26'),
    _row('networkerror', 'the lookup of the host failed', 'unable to get mx info'),
    _row('requireptr', 'reverse DNS', '''
        ptr resource | possibly forged hostname | forward dns entry | relay host name | reverse dns
        reverse-dns | reversedns | rdns
        ptr record | no ptr | without ptr | missing ptr | valid ptr | ptr lookup | a ptr | ptr entry
        ptr missing | ptr check | ptr for | ptr in | ptr is | ptr rr | cannot find your reverse hostname
        cannot find your hostname | unable to find your hostname | find your host | ip name lookup failed
        no matches to nameserver query | cannot resolve your address | does not have a reverse | reverse lookup
        reverse address | reverse entry | reverse mapping | reverse name | reverse hostname | inverse dns
        ipv6 sending guidelines | no hostname for | has no name | could not find a dns entry | fix your dns
        domain does not resolve to | no reverse | reverse delegation | unable to determine .. hostname
        unverifyable sending ip | unverifiable sending ip | hostname for your ip | host name for your ip
        forward-confirmed | revers-dns | résolution inverse | dns inverso | dns inverse | 逆引き | 反向解析
        обратн .. dns | rückwärtsauflösung
        '''),
    _row('authfailure', 'SPF, DKIM or DMARC', '''
        dmarc | dkim | mi:spf | spf check | spf fail | spf hard fail | spf hardfail | spf record | failed spf
        fail spf | fails spf | fail the spf | spf validation | spf softfail | spf soft fail | spf permerror
        spf temperror | spf policy | spf forgery | spf unauthorized | spf authorized | spf mechanism | spf test
        spf error | spf violation | spf reject | spf not | spf: | spf= | spf- | (spf | spf) | spf is | by spf
        of spf | with spf | sender policy framework | openspf | bad spf | sender id (pra) | unauthenticated mail
        unauthenticated email | sender is unauthenticated | authentication checks
        required authentication level | email authentication | authentication information
        sender authentication | domain authentication | message authentication fail
        not authorized to send on behalf | not authorized to send mail for | not authorized to send mail from
        not authorized to send email from | not authorised to send | not allowed to send mail from
        not permitted to send mail from | is not permitted to send | not allowed to send mail for
        not a designated | does not designate | doesn't designate | not an authorized relay
        domain owner discourages | arc validation | violated the sender policy
        failed authentication of the sender | domain key
        '''),
    _row('spamdetected', 'a listed link', 'blacklisted url | url in message | uribl | surbl'),
    _row('rejected', 'sender listed', '''
        sender address rejected | sender email address rejected |  invalid sender
        email address is not verified | verified sender | unverified sender | mailfrom domain is listed
        unroutable sender | sender .. spammer | no valid sender | your email address has been | sender must
        spam reporting address | sender was rejected | sender domain | to/from an address that has been
        sender .. blacklist | sender .. blocklist | sender is listed | sender address .. listed
        sender has been blocked | groups.google.com/support | bad sender address
        ''', '2.2'),
    _row('userunknown', 'not in the directory', '''
        not listed in domino | not listed in public | not listed in .. directory | not listed in .. address book
        is not defined in | not in ldap | not found in ldap | not in the ldap | not in the directory | not in our directory
        '''),
    _row('suspend', 'address closed', 'no longer accepts mail | no longer accepts e-mail'),
    _row('filtered', "the recipient's own settings", '''
        recipient preferences | preferences of the recipient | personal blacklist | by user rule
        '''),
    _row('blocked', 'listed in a blocklist', '''
        bad ip | your country | geographic | not in whitelist | too many invalid recipients | too many unknown recipients
        too many unknown users | too many bad recipients | open proxy | multi-blacklist | not accepting connections
        permanently deferred | confirm this mail server
        host network not allowed | not allowed to connect | no access from mail server | refused - see
        from dynamic | zombied | suspiciously like spammer | too many spams from | sender ip address rejected
        did not like me | access to this mail system has been rejected | invalid ip for sending mail
        my name was rejected | (bl) | too much spam | so much spam | spamhaus | spamcop | _sorbs | dnsbl
        _rbl | uceprotect | barracudacentral
        surriel | njabl | _psbl | spamcannibal | abuseat | mailspike | invaluement | spamrats | backscatterer
        blocklist | block list | block-list | blacklist | black list | black-list | black listed | block listed
        denylist | deny list | listed at | listed in | listed on | listed by | is listed as | ip is listed
        ip listed | banned sending ip | banned ip | is on our block | on our blocked | ip blocked
        ip address blocked | ip is blocked | ip has been blocked | ip address has been blocked
        ip address is blocked | your address has been blocked | your mailserver | client host rejected
        client host blocked | client host .. blocked | ip range | connection refused from
        connection not authorized | connections not accepted | access from ip | access denied. ip | ip name
        ipv4 address | bad sender ip | hosts like | dynamic ip | dynamic address | dynamic/ | dynamic pool
        dialup | dial-up | residential | generic hostname | generic dns | not accept .. from your | greylist
        graylist | grey list | no longer accept | was blocked by | host denied | host rejected | host is denied
        helo command rejected | helo/ehlo | bad helo | invalid helo | ehlo argument | does not accept connection
        go away | blocked ip | blocked for abuse | gesperrte ip | ip-адрес
        ''', '7.26', '7.25', '7.28', '1.1', '1.10', '2.2', '5.1', '5.2'),
    _row('hasmoved', 'moved', '''
        mailbox has moved | mailbox moved | user has moved | user moved | recipient has moved
        account has moved | no longer forwarded | no forwarding address | new address is | address has changed
        address changed | email address has changed | has a new address | has a new email | has been replaced by
        address is now | has been moved to | moved to a new address | adresse hat sich geändert | neue adresse
        adresse changée | adresse a été changée | adresse a été remplacée | a changé d'adresse | nouvelle adresse | ha cambiado de direcci | nueva dirección | nuovo indirizzo
        '''),
    _row('systemerror', 'trouble in the address book', '''
        several matches found in | resolver.adr.badprimary | resolver.adr.ambiguous | resolver.adr.invalidinsmtp
        '''),
    _row('notaccept', 'host accepts no mail', '''
        permanent error from the null | name server: .: host not found | nullmx | null mx
        couldn't find a mail exchanger | does not accept mail | does not accept email | does not accept e-mail
        not accept any mail | accepts no mail | never accepts mail | does not receive mail
        doesn't receive mail | does not receive email | does not accept any | mail receiving disabled
        domain does not receive | no mail accepted | not accepting network messages | does not support receiving
        host does not accept | no mail service | smtp service not available | not configured to receive
        not set up to receive | doesn't accept mail
        ''', '2.', '1.1'),
    _row('toomanyconn', 'connection rate', 'connection rate limit | connection limit | connection rate'),
    _row('speeding', 'sent too fast', '''
        rate limit | rate-limit | ratelimit | too fast | too quickly | too frequently | too many messages from
        too many messages per | too many messages in | too many mails | too many emails | too many e-mails
        too much mail | sent too many | sending too many | sent too much | too many recipients this
        rate exceeded | exceeded .. rate | mail rate | slow down | throttl | messages per hour
        messages per day | messages per session | messages per connection | emails per | per hour | hourly | per minute | unusual rate | unusual sending
        mail at a rate | excessive rate | excessive volume | message volume | volume exceeds | try again slower | daily relay quota
        sending quota | daily quota | hourly limit | daily limit | sending limit | outgoing limit
        limit on the number of | sending rate | frequency limit | frequency limited | sending frequency
        too many unsolicited | reduce your rate | reduce .. rate | 频率 | 发送过快 | 送信数 | limit przekroczon
        trop de messages | trop de mails | zu viele nachrichten | zu viele e-mails | zu viele mails
        demasiados mensajes | troppi messaggi | muitas mensagens | слишком много писем
        ''', '2.2'),
    _row('toomanyconn', 'too many connections', '''
        too many connections | number of sessions | too many concurrent | too many simultaneous
        too many open connections
        too many sessions | too many smtp | connections exceeded | too many recipients | too many rcpt
        maximum number of connections
        exceeded .. connections | maximum connections | concurrent connections | concurrent sessions
        connections per | number of connections | max connections | concurrency limit | number of recipients
        recipient limit | too many hosts | maxconn | server ports are busy | trop de connexions
        zu viele verbindungen | zu viele empfänger | demasiadas conexiones | troppe connessioni
        muitas conexões | 连接数 | 連線數 | 接続数
        '''),
    _row('norelaying', 'relaying denied', '''
        as a relay | not a gateway | not local host | handle mail for | domain is not allowed | relaying denied
        relay denied | relay access denied | relaying not permitted | relaying not allowed | relay not permitted
        relaying is | relaying prohibited | relay prohibited | relay not allowed | unable to relay
        cannot relay | can't relay | not relay for | no relaying | no relay | do not relay | don't relay
        relaying disallowed | not permitted to relay | not allowed to relay | relaying mail
        insecure mail relay | rcpthosts | valid relay | open relay | relay operation | relay attempt
        relay forbidden | relaynotpermitted | not configured to relay | will not relay | does not relay
        refused to relay | relay refused | denied relaying | relaying from | relaying to | domain not hosted
        not hosted here | not a local domain | not handled here | not a local host | non-local | relais interdit
        relais refusé | relais non autoris | relayage | weiterleitung .. nicht | kein relay
        relay non consentito | relay no permitido | reenvío .. denegad | релей | ретрансляция | 中継 | 中继
        轉寄
        ''', '1.1', '1.10'),
    _row('badreputation', 'bad reputation', '''
        reputation | senderbase | senderscore | sender score | trust score | talosintelligence | low trust
        poor sending | bad sending | 信誉
        '''),
    _row('securityerror', 'authentication or encryption', '''
        identification smtp | insecure mail | messaging limits | not subscribed to ses | don't authenticate
        delivery not authorized | starttls | must issue a | tls required | tls is required | requires tls
        require tls | tls not | tls handshake | tls negotiation | tls session | tls-required
        encryption required | encryption needed | encryption is required | requires encryption | ssl required
        certificate | cannot authenticate | server not authenticated | authentication required
        authentication is required | requires authentication | require authentication | authenticate first
        must authenticate | must be authenticated | authentication needed | unauthenticated senders
        authentication failed | authentication failure | authentication error | authentication unsuccessful
        invalid credentials | credentials | not authenticated | smtp auth | sasl | login required | log in first
        must log in | must login | log in before | login before | username or password | user authentication | check before smtp | pop before | pop first
        executable file | executable content | mta-sts | dane | tlsa | authentifizierung erforderlich
        authentification requise | autenticación requerida | autenticazione richiesta
        ''', '7.26', '1.1'),
    _row('spamdetected', 'taken for spam', '''
        spam-related
        message filtered | score too high | rejectionrule | bulk.advertising | spamming | mail content denied
        help_spam | dt:spm | as spam | is junk | as junk | like junk | is spam | was spam | be spam | like spam | likely spam | spam message
        spam content | spam detected | spam mail | spam-like | suspected spam | probable spam | possible spam
        possibly spam | probably spam | spam score | spam filter | spam reject | spam-reject | spam email
        spam found | spam check | spam engine | spam rule | spam threshold | spam point | spam level
        spam policy | spam signature | spam status | spam assessment | anti-spam | antispam | spamassassin
        spam not | no spam | spam refused | spam blocked | - spam | spam - | spam. | spam: | spam; | (spam
        spam) | [spam | 'spam | "spam | high spam | spam attempt | spam probability | unsolicited | _ube
        junk mail | junk e-mail | bulk email | bulk e-mail | bulk mail | bulk campaign | phishing | content filter | content rejected
        message content rejected | content not accepted | content is not acceptable | unacceptable content
        content denied | objectionable | bogofilter | dspam | rspamd | cloudmark | vade | fuzzy
        looks suspicious | suspicious content | suspicious message | scored too high | unerwünscht
        spamverdacht | werbemail | indésirable | pourriel | no deseado | indesiderat | indesejad | ongewenst
        niechcian | nevyžádan | skräppost | söppelpost | søppelpost | roskaposti | istenmeyen | kéretlen | спам
        нежелательн | 垃圾 | 迷惑メール | スパム | 스팸
        ''', '7.25', '7.26', '7.28', '1.1', '1.10', '4.1'),
    _row('policyviolation', 'policy named as the reason', '''
        anti-spoofing | administrative prohibition | organizational settings | protection rules | mass mailer
        accept eml attachments | executable attachment | unacceptable attachment | protocol violation | low priority | captcha | not subscribed to this group
        mail with attachments | mail with embedded | local policy | policy violation | policy reasons
        policy reason | denied by policy | blocked by policy | rejected by policy | due to policy
        illegal attachment | header error | attachment of type | attachments of type | attachment .. refused
        attachment .. rejected | attachment .. blocked | attachment .. forbidden
        ''', '1.1', '1.10', '2.1', '2.2', '7.26'),
    _row('blocked', 'your host', '''
        your ip | your host | your network | your mail server | your server | your isp | sender ip | sending ip
        domain blocked | temporarily blocked | ihre ip | ip-adresse | adresse ip | dirección ip | indirizzo ip
        endereço ip | ваш ip
        ''', '1.1', '1.10', '2.2', '7.25', '7.26', '7.28'),
    _row('rejected', 'sender refused', '''
        batv | isn't on the recipient's list | bogus mail from | closed mailing list | from: domain
        valid from: | fully qualified email address | backscatter protection | sender's ip
        to submit messages to this | not accept mail from | not accepting mail from | returned mail not accepted
        unsigned dsn | sender's address syntax | sender rejected | sender refused | sender denied
        sender blocked | sender unknown | unknown sender | sender not allowed | sender is blocked
        sender address has been | sender's domain | domain of sender | sender verify failed
        sender verification | sender .. does not exist | sender address is not | sender address not | sender not
        invalid sender | bad sender | from address | mail from .. rejected | mail from .. denied
        mail from .. not | mailfrom | envelope from | return path | backscatter .. empty | badmailfrom
        envelope sender | from: address | your address is | your domain | sending domain | domain of your
        does not like your | you are not allowed to send | you are not permitted to send
        you are not authorized | not authorized to send | not authorised | not allowed to send
        not permitted to send | not allowed to post | permission to post | permission to send | only accept .. from
        authorized senders | allowed senders | is restricted | restricted | unresolvable sender
        does not wish to receive .. from you | user complaints | due to user complaints | complaints from
        not a member | not member | members-only | members only | non-member | non member | rst.notauth | null sender
        empty envelope | empty sender | absender | expéditeur | remitente | mittente | remetente | afzender
        nadawc | odesílatel | avsändar | afsender | avsender | отправител | 发件人 | 寄件者 | 送信者 | 발신자
        보낸 사람
        ''', '1.1', '1.10', '2.2', '4.1'),
    _row('suspend', 'account disabled', '''
        administratively disabled | user retired | was retired | has retired | been retired | inactive-mailbox | suspend the service
        user is terminated | boite .. archiv | boîte .. archiv | disabled temporar
        account is disabled | account disabled | account has been disabled
        account that you tried to reach is disabled | that you tried to reach is inactive | mailbox disabled
        mailbox is disabled | mailbox has been disabled | user disabled | user is disabled | address disabled
        address has been disabled | disabled or discontinued | due to inactivity | account has been locked | has been disabled
        account inactive | account is inactive | mailbox is inactive | mailbox inactive | mailbox not active
        inactive user | inactive account | inactive mailbox | user is inactive | user inactive
        recipient inactive | recipient is inactive | inactive recipient | dormant | not active | is not active
        account suspended | account is suspended | account has been suspended | user suspended
        user is suspended | mailbox suspended | mailbox is suspended | suspended | account deactivated
        deactivated | account locked | account is locked | temporary locked | temporarily locked | is locked
        mailbox is frozen | mailbox frozen | frozen | account blocked | account is blocked | user is blocked
        mailbox is blocked | mailbox blocked | account expired | expired account | account has expired | mailbox expired
        account is expired | account closed | account has been closed | account is closed | account on hold
        boxes was deactivated | discontinued | not been activated | account is temporarily | account temporarily
        mailbox temporarily disabled | subscription has expired | konto .. gesperrt | konto .. deaktiviert
        postfach .. gesperrt | postfach .. deaktiviert | deaktiviert | compte .. désactiv | compte .. suspendu
        compte .. bloqu | boite .. désactiv | boîte .. désactiv | cuenta .. deshabilitad | cuenta .. desactivad
        cuenta .. suspendid | cuenta .. bloquead | buzón .. deshabilitad | casella .. disabilitat
        account .. disabilitat | casella .. sospes | casella .. disattivat | conta .. desativad
        conta .. suspens | conta .. bloquead | account .. geblokkeerd | uitgeschakeld | konto .. zablokowan
        konto .. nieaktywn | konto .. wyłączon | účet .. zablok | inaktiverat | spärrat | deaktiveret
        deaktivert | suljettu | askıya al | devre dışı | letiltva | felfüggeszt | заблокирован | отключен
        неактив | 已停用 | 被禁用 | 已禁用 | 帐号冻结 | 冻结 | 停用 | 利用停止 | 停止されて | 無効になって
        휴면 | 정지된 | 사용 중지
        ''', '1.1', '1.10'),
    _row('filtered', 'refused by the recipient', '''
        user rules | this account is protected | refuse to receive | to this address is not accepted
        extended inactivity
        because the recipient is not accepting | permanent failure for one or more recipients | badrcptto
        refused by recipient | rejected by recipient | rejected by this user | rejected by the user | recipient has refused | recipient refuses | user refuses
        user refused to receive | recipient refused | blocked by recipient | blocked by the recipient
        recipient does not accept | recipient doesn't accept | recipient is not accepting | not accepting mail
        not accepting messages | user does not want | recipient has blocked | recipient has rejected
        chosen not to accept | not to accept mail | user has blocked | user reject | user rejected
        doesn't like your message | has refused to accept | due to the user's | by user's rule | personal filter
        private list | custom filter | recipient's filter | is not accepting any mail | not accepting email
        user not accepting | ドメイン指定受信 | 受信拒否 | 受信を拒否 | 拒收 | 수신 거부 | 수신거부
        ''', '1.1'),
    _row('mailererror', 'delivery program failed', '''
        user output file | execvp | delivery program timed | user missing home | mailer error | procmail
        command died | command failed
        command output | command time limit | died with status | exited with | pipe to | local delivery failed
        local mailer | x-unix | maildrop | couldn't create | returned error | exit status | child status
        return code | could not deliver to program
        '''),
    _row('systemerror', 'named trouble at the receiving system', '''
        system config | there is no mdb | cannot send e-mail even | ldap | internal error
        internal system error | internal server error | server configuration error | local configuration
        configuration error | alias loop | aliasing | could not load | database error | local problem
        local error | queue file write error | out of memory | interner fehler | erreur interne | error interno
        errore interno | erro interno | внутренн | 系统错误 | システムエラー | duplicated message-id
        ''', '2.', '1.'),
    _row('networkerror', 'DNS or a loop', '''
        dns records for | unable to resolve route | resolve route | loop was found | loops back to myself
        host not found, try again | not found, try again | try again .. name service | malformed name server
        unexpected name server | name server reply | dns temporar | temporary dns | host name lookup failure
        name lookup failure | mail loop | mail loops | loops back | routing loop | loop detected
        forwarding loop | message loop | looping | too many hops | hop count | maximum hop | hops exceeded
        too many received
        '''),
    _row('hostunknown', 'domain unknown', '''
        bad-domain
        unrouted address | domain must exist | in dns configuration not found | no mail-enabled subscriptions
        all host address lookups failed | domain is not reachable | domain may not exist | host not found
        host unknown | unknown host | no such host | no such domain | domain not found | domain does not exist
        domain doesnt exist
        domain doesn't exist | domain is not found | unknown domain | domain unknown | non-existent domain
        nonexistent domain | nonexistent host | domain name not found | no mx | no a, aaaa | unrouteable address
        unroutable address | unrouteable domain | unroutable domain | unrouteable mail domain
        all relevant mx records point | lookup of .. failed | invalid domain | bad destination system
        bad destination host | bad destination mailbox host | host or domain name not found
        domain non-existent | mail domain .. not | not a valid domain | nxdomain | couldn't find any host named
        couldn't find any | no valid hosts | domain .. couldn't be found | domain .. could not be found
        domain .. not found | domain .. does not exist | host .. not found | host .. could not be found
        server .. not found | unresolvable domain | unable to resolve .. domain | could not be resolved
        cannot be resolved | could not resolve | cannot resolve | dns domain | no dns | does not have a valid mx
        address lookup failed | illegal host | recipient address has null host | badly formatted or non-existent
        misconfigured dns | no mail exchangers | name or service not known | domain .. nicht gefunden
        domain .. existiert nicht | domäne .. nicht | domaine .. n'existe pas | domaine .. introuvable
        hôte inconnu | domaine inconnu | dominio .. no existe | dominio .. desconocido
        dominio .. no .. encontr | dominio .. non esiste | dominio .. inesistente | domínio .. não existe
        domínio .. não .. encontr | domein .. bestaat niet | domena .. nie istnieje | doména .. neexistuje
        домен .. не существует | домен .. не найден | 域名不存在 | 找不到域 | ドメインが見つか | ドメインが存在
        ホストが見つか | 도메인 .. 찾을 수 없 | 도메인이 존재하지
        ''', '1.1', '1.10', '1.8', '4.3', '4.7'),
    _row('networkerror', 'DNS trouble', '''
        no mail servers appear | dns query failed | dns failure | dns error | dns server | dns lookup failed
        domain name resolution
        '''),
    _row('expired', ONLY_TEMPORARY, '''
        retry time not reached | retry timeout | have been failing for a long time
        ''', '1.1', '1.2', '2.2'),
    _row('expired', 'in the queue too long', '''
        delivery failed .. attempts | message-expired
        could not be fully delivered | server did not respond | failed to deliver to domain
        within the allowed queue | numerous attempts
        delivery attempts expired | message expired | queue too long | too long in queue | too long in the queue
        too long on the queue | retry limit | timeout exceeded | retries exceeded | been in the queue
        could not find a gateway | delivery time expired | delivery timed out | accept our requests to connect
        host not reachable | giving up after | gave up after | was aborted after
        could not be delivered for .. hours | could not be delivered for .. days
        could not be delivered for .. minutes | not been able to deliver .. for | not been collected
        still undelivered after | unable to deliver .. hours | unable to deliver .. days
        unable to deliver .. minutes | unable to deliver this message after | expired in queue
        message timed out
        ''', '1.1', '1.2', '2.2'),
    _row('contenterror', 'content or MIME form', '''
        mime error | mime header | mime structure | invalid mime | bad mime | mime type | malformed mime
        malformed message | malformed header | invalid header | message headers are | wrong message form
        headers in message | header format | media error | conversion required | conversion not supported
        encoding not supported | 8bit | 8-bit | charset | body type not supported | boundary
        improper use of 8-bit | attachment .. invalid | failed to decode | unable to parse the message
        header size | header too | too many headers
        ''', '7.1', '7.0'),
    _row('policyviolation', 'against a policy', '''
        policy-related
        security polic | organization polic | organizational polic | site policy | server policy | mail policy
        email policy | company policy | administrative policy | administratively denied | administrative reject
        prohibited by | policy rejection | policy restriction | for policy | against policy | violates .. policy
        policy | attachment type | attachment not | attachments are | attachment is | attachment has been
        prohibited attachment | forbidden attachment | blocked attachment | file type | banned file
        banned name | blocked file | blocked because its content | forbidden content | banned content
        disallowed | prohibited | banned | richtlinie | politique de | política | polityk | политик | 策略
        ポリシー | 정책
        ''', '1.1', '1.10', '2.1', '2.2', '7.26'),
    _row('systemfull', 'disk full', '''
        no space left on device | disk full | insufficient system storage | insufficient disk space
        insufficient system resources | insufficient system | out of disk | file system full | filesystem full
        mail system full | system storage | not enough disk | low on disk
        requested mail action aborted, exceeded | mta server for .. full | spool full | queue full
        '''),
    _row('networkerror', 'network or routing', '''
        no-answer-from-host | network error
        connection refused | no route to host | network is unreachable | network unreachable
        host is unreachable | host unreachable | host is down | connection reset | connection was dropped
        connection dropped | connection lost | lost connection | broken pipe | name service error | dns lookup
        dns temporarily | dns resolution | name resolution | resolve host | could not connect | couldn't connect
        cannot connect | can't connect | unable to connect | failed to connect | not connect | connection failed
        connection failure | connection error | socket error | mail forwarding loop | delivered-to
        establish a connection | establish an smtp | establish connection | no response from | not reachable
        unreachable for | server not reachable | i/o error | conversation with | no route | verbindung .. nicht
        keine verbindung | connexion refusée | impossible de se connecter | conexión rechazada
        no se pudo conectar | impossibile connettersi | соединени | 连接失败 | 无法连接 | 接続できません
        接続に失敗 | 연결할 수 없
        ''', '4.7', '1.1', '1.2'),
    _row('expired', 'not delivered in time', '''
        timed out | time out | timeout | time-out | retry time | expired | expiration | delivery time
        in queue for | on the queue | unable to deliver .. after | within .. days | within .. hours
        for the last | has not yet been delivered | maximum time | maximum retries | attempts failed
        unable to be delivered after | zeitüberschreitung | délai .. dépassé | délai .. expiré
        tiempo .. agotado | tiempo de espera | tempo .. scaduto | scaduto | tempo limite | tempo esgotado
        przekroczono czas | истекло время | 超时 | タイムアウト | 時間内に | 시간 초과 | 시간이 초과
        ''', '2.2', '1.1', '1.2'),
    _row('userunknown', 'no such mailbox', '''
        mailbox does not exist | mailbox doesn't exist | mailbox not found | no such mailbox | mailbox unknown
        ''', '1.8', '4.7', '2.1', '3.0'),
    _row('userunknown', HEARSAY, '''
        user unknown | no such user | does not exist | doesn't exist
        ''', *NOT_UNKNOWN),
    _row('userunknown', 'no such user', '''
        unknown user | recipient cannot be verified | recipient could not be verified | unable to find recipient | unable to find alias user | account not available | bad-mailbox
        not present in directory | bad-recipient | accept user | can't find account
        destination server rejected recipient | mailbox not present | mailbox unavaiable | nessun utente
        no matching recipient | not a local address | not email addresses | recipient is not accepted
        recipient is not local | recipient not ok | recipient notfound | address is no longer | badrecipientto
        envelope recipient has been denied | spelled correctly | no dicha persona | not a user
        account unavailable | unknown recipient | recipient unknown | recipient not found | recipientnotfound
        recipnotfound | recipient is not found | unknown local | unknown address | unknown mailbox
        unknown account | unknown or illegal | unknown email | unknown e-mail | user not found
        user is not found | user could not be found | address not found | address unknown | addressee unknown
        account not found | no such recipient
        nobody by that | nobody by this | by that name | by this name | nobody here | no one with the name | no one by
        never heard of
        no such person | no such address | no such account | no such local | no such email | no mailbox | no mail box
        no account | no user | no valid recipient | there is no such | there is no one | no one at | no one here
        do not exist | not exist | non-existent user | nonexistent user | nonexistent | non-existent
        not a valid user | not a valid mailbox | not a valid recipient | not a valid email | not a valid address
        is not a known user | not a known user | not a local user | not our customer | not known here
        unknown to | invalid recipient | invalid mailbox | invalid user | invalid address | invalid local part
        invalid email address | invalid destination | bad destination mailbox | bad address | bad recipient
        bad email address | illegal user | illegal alias | undeliverable address | undeliverable recipient
        recipient address rejected: user | rejected: undeliverable | verification failed: user
        recipient verify failed | recipient address rejected: access denied | address has been rejected
        doesn't have a | does not have a | doesn't have an account | is not a registered | not registered
        isn't registered | not found in directory | not in address book | not in my | not in our
        couldn't be found | could not be found | wasn't found | cannot be found | can't be found | was not found
        user doesn't | user name is not | recipient name is not recognized | name is not recognized
        not recognized | n'est pas reconnu | mailbox not available | mailbox name not allowed
        mailbox unavailable | mailbox is unavailable | no longer valid | no longer exists | no longer exist
        no longer available | no longer in use | no longer on server | no longer works | no longer with
        no longer at | no longer employed | no longer a valid | has been deleted | been removed
        account deleted | deleted account | user deleted | mailbox removed | has left | left the company
        email address could not | recipient not known | not known in | not known at | user not known
        kein solcher benutzer | recipient does not | recipient no longer | recipient not exist
        destination addresses were unknown | not a mailbox | address does not | email address is not
        bad username | username not | there is not any user | user does not | user .. not found
        user .. does not | user .. unknown | mailbox .. not found | mailbox .. does not | recipient .. not found
        recipient .. unknown | account .. does not | address .. does not | address couldn't be | dosn't exist
        empfänger unbekannt | empfänger .. nicht | unbekannter empfänger | unbekannter benutzer
        benutzer unbekannt | benutzer .. nicht | adresse .. nicht | adresse .. unbekannt | existiert nicht
        unbekannt | nicht gefunden | gibt es nicht | kein postfach | ungültige adresse | ungültiger empf
        utilisateur inconnu | destinataire inconnu | destinataire .. inconnu | adresse inconnue
        adresse .. inconnue | adresse .. invalide | destinataire invalide | n'existe pas | n'existe plus
        introuvable | pas été trouvé | pas trouvé | usuario desconocido | destinatario desconocido
        usuario .. no existe | dirección .. no existe | no existe | desconocid | no se encontró
        no se ha encontrado | no encontrad | destinatario sconosciuto | utente sconosciuto | sconosciut
        non esiste | inesistente | non trovato | non è stato trovato | usuário desconhecido | usuário .. não
        desconhecid | não existe | inexistente | não encontrad | não foi encontrad | onbekende gebruiker
        gebruiker .. onbekend | onbekend | bestaat niet | niet gevonden | nieznany | nie istnieje
        nie znaleziono | neexistuje | neznám | nenalezen | okänd | finns inte | hittades inte | ukendt | ukjent
        findes ikke | finnes ikke | ikke fundet | ikke funnet | tuntematon | ei löydy | ei löytynyt
        ei ole olemassa | bulunamadı | bilinmeyen | mevcut değil | ismeretlen | nem létezik | nem található
        не существует | не найден | не знайдено | не існує | неизвестн | нет такого | несуществующ | no esta
        不存在 | 找不到 | 无此用户
        查無此 | 無此 | 用户不存在 | 無効なアドレス | 見つかりません | 見つからない | 存在しません | 存在しない | 登録されていません
        δεν βρέθηκε | δεν υπάρχει | άγνωστος | nu există | nu a fost găsit | necunoscut | не съществува
        не е намерен | непознат | ne postoji | nije pronađen | nepoznat | ne obstaja | ni mogoče najti | neznan
        nenašl | nenájden | no existeix | desconegut | neegzistuoja | nerastas | neeksistē | nav atrasts
        ei leitud | ei eksisteeri | tidak ditemukan | tidak dikenal | không tồn tại | không tìm thấy | ไม่พบ
        غير موجود | لم يتم العثور | לא נמצא | לא קיים | אינו קיים | blev ikke fundet
        宛先不明 | 該当する | ユーザーが | 찾을 수 없 | 존재하지 | 없는 사용자 | 알 수 없는
        ''', *NOT_UNKNOWN),
    _row('syntaxerror', 'SMTP syntax', '''
        syntax error | bad sequence | improper sequence | sequence of commands | command not implemented
        not implemented | command unrecognized | unrecognized command | unknown command | unimplemented
        parameter not | parameters not | unrecognized parameter | invalid parameter | bad command | bad syntax
        invalid syntax | error in parameters | expected command | protocol error | syntaxfehler
        erreur de syntaxe
        ''', '1.', '2.'),
    _row('systemerror', 'trouble at the receiving system', '''
        system error | server error | misconfigur | local resource | lookup failure | temporary lookup
        resources temporarily | system overload | system busy | server busy | load average | processing error
        could not process | unable to process | cannot open | could not open | cannot append | deadlock
        transaction failed
        ''', '2.', '1.', '7.'),
)


# Words that fit several reasons; asked after the precise status codes.
LIKELY: Tuple[Row, ...] = (
    _row('suspend', 'account blocked', '''
        inactive | disabled | _locked | account .. blocked | account .. expired | account .. unavailable
        '''),
    _row('policyviolation', 'not allowed', '''
        not acceptable | unacceptable | not allowed | not permitted | forbidden | security reasons
        '''),
    _row('onhold', 'held', '_on hold | held for review | held for moderation'),
    _row('spamdetected', 'spam mentioned', 'spam', '1.1'),
    _row('blocked', 'refused', '''
        refused to talk to me | blocked | block | bl_ | _sc-00 | _ou-00 | _dy-00 | access denied | connection | denied | not authorized
        unauthorized | not welcome | abuse | unusual | suspicious | malicious | gesperrt | blockiert
        abgelehnt .. ip | refusé .. serveur | bloqu | bloccat | zablokowan | заблокир | service refuse
        service refused
        '''),
    _row('systemerror', 'temporary trouble', '''
        try again later | try later | temporarily unavailable | temporarily unable | temporarily deferred
        temporary error | temporary problem | temporary system | service unavailable | service not available
        service is unavailable | service is currently
        service temporarily | service currently | overload | too busy | requested action aborted
        временн .. ошибк | 系统繁忙
        ''', '1.', '2.'),
    _row('userunknown', 'recipient refused', '''
        recipient rejected | recipient address rejected | address rejected | unable to validate recipient
        invalid | unknown | not found | unavailable | cannot be delivered to | not deliverable | undeliverable
        check if address is correct | check the address | check the e-mail address | check the email address
        überprüfen sie die .. adresse | vérifi .. adresse | verifique la dirección | verifique o endereço
        controll .. indirizzo
        ''', *NOT_UNKNOWN),
)
