"""What the answer carries: subjects, ids and addresses that are hard to carry, and none that do harm."""
import base64
import quopri

from scene import ANSWER, BODY, EITHER, MESSAGE_ID, NEVER_BOUNCED, ROLE, SILENCE, case, one, step


def word(text, charset='utf-8', how='b'):
    """An encoded-word of RFC 2047."""
    raw = text.encode(charset) if isinstance(text, str) else text
    body = base64.b64encode(raw) if how == 'b' else quopri.encodestring(raw, header=True).replace(b'?', b'=3F')
    return '=?{}?{}?{}?='.format(charset, how, body.decode('ascii').replace('=\n', ''))


def subjects(*table):
    """A case of each (name, Subject as it came, what the answer shall hold)."""
    return [one('encodings', row[0], ANSWER, 'Subject: ' + row[1], **row[2]) for row in table]


def same(text):
    """The answer's Subject is `Auto: ` and this."""
    return {'subject': 'Auto: ' + text}


GREETING = 'Grüße aus Köln'
KANA = 'お問い合わせの件について、ご回答をお願いします'
ENCODINGS = subjects(
    ('plain', 'Hello there', same('Hello there')),
    ('Re:', 'Re: Hello', same('Re: Hello')),
    ('UTF-8 in Q', word(GREETING, how='q'), same(GREETING)),
    ('UTF-8 in B', word(GREETING), same(GREETING)),
    ('lower-case b and q', word(GREETING, how='q').replace('?q?', '?Q?').replace('utf-8', 'UTF-8'), same(GREETING)),
    ('iso-8859-1', word(GREETING, 'iso-8859-1', 'q'), same(GREETING)),
    ('windows-1252', word('50 € “now”', 'windows-1252'), same('50 € “now”')),
    ('koi8-r', word('Привет, мир', 'koi8-r'), same('Привет, мир')),
    ('iso-2022-jp', word(KANA, 'iso-2022-jp'), same(KANA)),
    ('shift_jis', word(KANA, 'shift_jis'), same(KANA)),
    ('gb2312', word('你好,世界', 'gb2312'), same('你好,世界')),
    ('big5', word('繁體中文', 'big5'), same('繁體中文')),
    ('two words, the blank between them is none', word('Grü') + ' ' + word('ße'), same('Grüße')),
    ('two words, folded', word('Grü') + '\n ' + word('ße'), same('Grüße')),
    ('a word and plain text', word('Grüße') + ' to all', same('Grüße to all')),
    ('plain text, folded', 'One line\n and another', same('One line and another')),
    ('folded at once', '\n Hello there', same('Hello there')),
    ('emoji', word('Done 🎉👍🏽'), same('Done 🎉👍🏽')),
    ('right to left', word('שלום עולם'), same('שלום עולם')),
    ('language tag of RFC 2231', '=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=', same('Grüße')),
    ('raw UTF-8', GREETING, same(GREETING)),
    ('looks like a word but is none', '=?nonsense', same('=?nonsense')),
    ('quotes and backslashes', 'He said "no\\yes" <a@b.example>', same('He said "no\\yes" <a@b.example>')),
    ('a long one in ASCII', 'word ' * 60 + 'end', {'subject_has': 'Auto: word word'}),
    ('a long one without blanks', 'x' * 3000, {'subject_has': 'Auto: xxx'}),
    ('a long one in Japanese', word(KANA * 30), {'subject_has': 'Auto: ' + KANA}),
    ('a long one of emoji', ' '.join([word('👨‍👩‍👧‍👦')] * 200), {'subject_has': 'Auto: 👨'}),
    ('unknown charset', '=?x-unknown-charset?Q?Hello?= you', {'subject_has': 'you'}),
    ('undecodable base64', '=?utf-8?B?@@@?= you', {'subject_has': 'you'}),
    ('base64 without padding', '=?utf-8?B?R3LDvMOfZQ?=', {'subject_has': 'Gr'}),
    ('bytes that are not UTF-8', word(b'abc\xff\xfedef'), {'subject_has': 'abc'}),
    ('charset that is a trap', '=?unicode_escape?Q?=5Cx0ABcc:_v@example.net?= x', {'subject_has': 'x'}),
    ('charset zlib', '=?zlib?B?eJxLTAQAASIAww==?= x', {'subject_has': 'x'}),
    ('charset idna', '=?idna?Q?xn--?= x', {'subject_has': 'x'}),
    ('charset with NUL in its name', '=?utf-8\x00?Q?abc?= x', {'subject_has': 'x'}),
    ('a lone surrogate', '=?utf-8?Q?=ED=A0=80?= x', {'subject_has': 'x'}),
    ('combining marks', word('e\u0301' * 100), {'subject_has': 'e\u0301e\u0301'}),
    ('tabs', 'a\tb', {'subject_has': 'a'}),
    ('a thousand words', ' '.join(word('ü' + str(n)) for n in range(1000)), {'subject_has': 'Auto: ü0ü1'}),
) + [
    one('encodings', 'no Subject', ANSWER, '-Subject'),
    one('encodings', 'empty Subject', ANSWER, 'Subject:'),
    one('encodings', 'Subject of blanks', ANSWER, 'Subject:    \n\t '),
    one('encodings', 'Subject of an empty encoded-word', ANSWER, 'Subject: =?utf-8?Q?_?='),
    one('encodings', 'raw Latin-1', ANSWER, b'Subject: Gr\xfc\xdfe x', subject_has='x'),
    one('encodings', 'two Subjects', ANSWER, 'Subject: One', '+Subject: Two', subject_has='Auto: '),
    one('encodings', 'Subject in capitals', ANSWER, '-Subject', '+SUBJECT: Hello', **same('Hello')),
    one('encodings', 'Subject without blank', ANSWER, '-Subject', '+Subject:Hello', **same('Hello')),
    one('encodings', 'body in UTF-16', ANSWER, 'Content-Type: text/plain; charset=utf-16',
        body=BODY.encode('utf-16')),
    one('encodings', 'body of all bytes', ANSWER, body=bytes(range(256)) * 40),
    one('encodings', 'HTML mail gets text', ANSWER, 'Content-Type: text/html', body='<p>' + BODY),
]

VICTIM = 'Bcc: victim@example.net'
INJECTION = [one('header injection', 'Subject with encoded ' + name, ANSWER,
                 b'Subject: =?utf-8?Q?a=' + b'='.join(code.split()) + b'Bcc:_victim@example.net?=', subject_has='a')
             for name, code in (('CR LF', b'0D 0A'), ('LF', b'0A'), ('CR', b'0D'), ('NUL', b'00'), ('VT', b'0B'),
                                ('FF', b'0C'), ('NEL U+0085', b'C2 85'), ('U+2028', b'E2 80 A8'),
                                ('U+2029', b'E2 80 A9'), ('FS', b'1C'), ('DEL', b'7F'), ('ESC', b'1B'))] + [
    one('header injection', 'Subject with encoded header and body', ANSWER,
        'Subject: ' + word('a\r\n\r\n<html>\r\n' + VICTIM), subject_has='a'),
    one('header injection', 'Subject with UTF-16 line ends', ANSWER, 'Subject: ' + word('a\r\n' + VICTIM, 'utf-16')),
    one('header injection', 'Subject with UTF-7 line ends', ANSWER,
        'Subject: =?utf-7?Q?a+AA0ACg-' + VICTIM.replace(' ', '_') + '?='),
    one('header injection', 'Subject with a lone CR', ANSWER, b'Subject: a\r' + VICTIM.encode()),
    one('header injection', 'Subject with NUL', ANSWER, b'Subject: a\0b\0' + VICTIM.encode()),
    one('header injection', 'Subject folded to look like a field', ANSWER, 'Subject: a\n ' + VICTIM, subject_has='a'),
    one('header injection', 'Subject that is an encoded-word once decoded', ANSWER,
        'Subject: ' + word(word('a\n' + VICTIM)), subject='Auto: ' + word('a\n' + VICTIM)),
    one('header injection', 'Message-ID folded', ANSWER, message_id='<a@b.example>\n ' + VICTIM),
    one('header injection', 'Message-ID with CR', ANSWER, message_id=b'<a\rBcc: victim@example.net\r@b.example>'),
    one('header injection', 'Message-ID with encoded-word', ANSWER,
        message_id='=?utf-8?Q?=3Ca=40b=3E=0ABcc:_v=40example.net?='),
    one('header injection', 'Message-ID with blanks', ANSWER, message_id='<a b Bcc: v@example.net>', in_reply_to=None),
    one('header injection', 'References with a field in it', ANSWER,
        'References: <a@b.example>\n ' + VICTIM + '\n <c@d.example>'),
    one('header injection', 'References with control characters', ANSWER,
        b'References: <a\0@b.example> <c\x0b@d.example> <e@f.example>'),
    one('header injection', 'In-Reply-To with a field in it', ANSWER, 'In-Reply-To: <a@b.example>\n ' + VICTIM),
    one('header injection', 'From, Reply-To, Cc and Bcc name others', ANSWER, 'From: a@victim.example',
        '+Reply-To: b@victim.example', '+Cc: c@victim.example', '+Bcc: d@victim.example', '+Sender: e@victim.example',
        '+Errors-To: f@victim.example', '+Return-Receipt-To: g@victim.example', '+Mail-Followup-To: h@victim.example'),
    one('header injection', 'Return-Path of two addresses', EITHER,
        top='Return-Path: <alice@sender.example>, <victim@example.net>\nX-Original-To: {}\n'.format(ROLE)),
    one('header injection', 'Return-Path, folded', EITHER,
        top='Return-Path: <alice@sender.example>\n Bcc: victim@example.net\nX-Original-To: {}\n'.format(ROLE)),
    one('header injection', 'X-Original-To with a field in it', NEVER_BOUNCED,
        top='Return-Path: <alice@sender.example>\nX-Original-To: {}\n Bcc: victim@example.net\n'.format(ROLE)),
]


def addresses(group, expect, *table):
    """A case of each envelope sender, named by itself."""
    return [one(group, address, expect, sender=address) for address in table]


QUOTED = addresses(
    'quoted addresses', ANSWER,
    "o'brien@sender.example", 'a&b@sender.example', 'user#1@sender.example', 'a.b+c@sender.example',
    'a=b@sender.example', 'a/b@sender.example', '{x}@sender.example', 'x|y@sender.example', '$HOME@sender.example',
    '`id`@sender.example', '!bang@sender.example', 'a%b@sender.example', 'a*b@sender.example', '?x@sender.example',
    '~x@sender.example', '^x@sender.example', 'UPPER.Case@Sender.Example', 'alice@[192.0.2.1]',
) + addresses(
    'quoted addresses', EITHER,         # what is sent goes to this very address or nowhere
    '"two words"@sender.example', '"x, victim@example.net"@example.org', '"x; victim@example.net"@example.org',
    '"<victim@example.net>"@example.org', '"victim@example.net"@example.org', '"a(b)c"@sender.example',
    '"a:victim@example.net;"@example.org', '"a\\"b"@sender.example', '"a\\\\b"@sender.example', '".a."@sender.example',
    '"-f"@sender.example', '" "@sender.example', '""@sender.example', '"a b\tc"@sender.example',
    'a..b@sender.example', '.a@sender.example', 'a@b@sender.example',
) + [
    one('quoted addresses', 'source route', EITHER, sender='@a.example,@b.example:alice@sender.example',
        answers_to='alice@sender.example'),
    one('quoted addresses', 'begins with -', SILENCE, sender='-oQ/tmp@sender.example'),
    one('quoted addresses', 'begins with --', SILENCE, sender='--@sender.example'),
    one('quoted addresses', 'is an option', SILENCE, sender='-t@sender.example'),
    one('quoted addresses', 'censored in SENDER, exact in Return-Path', ANSWER, sender="o'brien@sender.example",
        env={'SENDER': b'o_brien@sender.example'}),
    one('quoted addresses', 'very long local part', NEVER_BOUNCED, sender='a' * 3000 + '@sender.example'),
    one('quoted addresses', 'very long domain', NEVER_BOUNCED, sender='a@' + 'b.' * 3000 + 'example'),
    one('quoted addresses', 'a name longer than a file may have', ANSWER,
        sender='a' * 250 + '@' + 'b' * 60 + '.example'),
    one('quoted addresses', 'the parent folder', ANSWER, sender='../../etc/passwd@sender.example'),
    case('quoted addresses', "o'brien and o_brien are two", step(ANSWER, sender="o'brien@sender.example"),
         step(ANSWER, sender='o_brien@sender.example'), step(SILENCE, sender="o'brien@sender.example")),
    case('quoted addresses', 'a/b and a_b and a%2Fb are three', step(ANSWER, sender='a/b@sender.example'),
         step(ANSWER, sender='a_b@sender.example'), step(ANSWER, sender='a%2Fb@sender.example'),
         step(SILENCE, sender='a/b@sender.example')),
    case('quoted addresses', 'quoted and not quoted are one', step(ANSWER, sender='bob@sender.example'),
         step(SILENCE, sender='"bob"@sender.example')),
]

UTF8 = addresses('UTF-8 addresses', ANSWER, 'jörg@sender.example', 'пользователь@почта.example', '用户@例子.example',
                 'δοκιμή@παράδειγμα.example', 'ann@münchen.example', 'ann@xn--mnchen-3ya.example') + [
    one('UTF-8 addresses', 'SENDER is censored', ANSWER, sender='jörg@sender.example',
        env={'SENDER': b'j__rg@sender.example'}),
    case('UTF-8 addresses', 'jörg and jürg are two', step(ANSWER, sender='jörg@sender.example'),
         step(ANSWER, sender='jürg@sender.example'), step(SILENCE, sender='jörg@sender.example')),
    one('UTF-8 addresses', 'bytes that are not UTF-8', NEVER_BOUNCED, sender=b'j\xf6rg@sender.example'),
    one('UTF-8 addresses', 'overlong UTF-8', NEVER_BOUNCED, sender=b'a\xc0\xafb@sender.example'),
    one('UTF-8 addresses', 'in capitals', ANSWER, sender='JÖRG@SENDER.EXAMPLE'),
    one('UTF-8 addresses', 'a line separator in it', NEVER_BOUNCED, sender='a\u2028b@sender.example'),
    one('UTF-8 addresses', 'NEL in it', NEVER_BOUNCED, sender='a\x85b@sender.example'),
    one('UTF-8 addresses', 'From in raw UTF-8', ANSWER, 'From: Jörg <jörg@sender.example>'),
    one('UTF-8 addresses', 'role address in UTF-8', NEVER_BOUNCED, to='auskünfte@example.org'),
]


def nested(depth):
    """A mail of `depth` multiparts within each other."""
    opened = ''.join('--b{0}\nContent-Type: multipart/mixed; boundary=b{1}\n\n'.format(n, n + 1) for n in range(depth))
    return opened + '--b{}\n\ntext\n'.format(depth)


HUGE = [
    one('huge and deep', '20 MB of body', ANSWER, body=lambda: (b'y' * 75 + b'\n') * 270000),
    one('huge and deep', 'one line of 5 MB', ANSWER, body=lambda: b'x' * 5000000),
    one('huge and deep', '3,000 nested multiparts', ANSWER, 'Content-Type: multipart/mixed; boundary=b0',
        body=lambda: nested(3000)),
    one('huge and deep', '5,000 nested comments', EITHER, 'Auto-Submitted: ' + '(' * 5000 + ')' * 5000 + ' no'),
    one('huge and deep', '5,000 nested comments, auto-replied', SILENCE,
        'Auto-Submitted: ' + '(' * 5000 + ')' * 5000 + ' auto-replied'),
    one('huge and deep', '40,000 comments that do not end', SILENCE, 'Auto-Submitted: auto-replied ' + '(' * 40000),
    one('huge and deep', '5,000 nested comments in Content-Type', NEVER_BOUNCED,
        'Content-Type: ' + '(' * 5000 + 'multipart/report'),
    one('huge and deep', '20,000 fields', EITHER, *['+X-Field-{}: {}'.format(n, n) for n in range(20000)]),
    one('huge and deep', 'a field of 1 MB', EITHER, '+X-Long: ' + 'x' * 1000000),
    one('huge and deep', 'a mark after 90 kB of header', SILENCE, '+X-Long: ' + 'x ' * 45000,
        '+Auto-Submitted: auto-replied'),
    one('huge and deep', '1,000 addresses in To', EITHER,
        'To: ' + ',\n '.join('u{}@example.net'.format(n) for n in range(1000))),
    one('huge and deep', 'own address after 1,000 others', ANSWER,
        'To: ' + ',\n '.join('u{}@example.net'.format(n) for n in range(1000)) + ',\n ' + ROLE),
    one('huge and deep', 'a Subject of 90 kB', ANSWER, 'Subject: ' + 'word ' * 18000, subject_has='Auto: word'),
    one('huge and deep', 'a Subject of 80 kB of encoded-words', ANSWER, 'Subject: ' + ' '.join([word('ü')] * 4000),
        subject_has='Auto: ü'),
    one('huge and deep', 'a Subject of =?', ANSWER, 'Subject: ' + '=?' * 40000),
    one('huge and deep', 'a Subject of =?a?q?', ANSWER, 'Subject: ' + '=?a?q?' * 12000),
    one('huge and deep', 'a To of quotes', EITHER, 'To: ' + '"' * 80001),
    one('huge and deep', 'a To of <', EITHER, 'To: ' + '<' * 80001 + ROLE),
    one('huge and deep', 'References of <', ANSWER, 'References: ' + '<' * 80000, last=MESSAGE_ID),
    one('huge and deep', 'a Message-ID of 2,000 characters', ANSWER,
        message_id='<{}@sender.example>'.format('a' * 2000)),
    one('huge and deep', 'a Received of folds', ANSWER, '+Received: x' + '\n y' * 20000),
    one('huge and deep', 'no body and no empty line', ANSWER, change=lambda raw: raw.partition(b'\n\n')[0] + b'\n'),
    one('huge and deep', 'no body, no line end', ANSWER, change=lambda raw: raw.partition(b'\n\n')[0]),
    one('huge and deep', 'nothing at all', SILENCE, raw=b'', answers_to=''),
    one('huge and deep', 'only line ends', SILENCE, raw=b'\n\n\n\n', answers_to=''),
    one('huge and deep', 'only NUL', SILENCE, raw=b'\0' * 10000, answers_to=''),
    one('huge and deep', '200 kB without a line end', SILENCE, raw=b'x' * 200000, answers_to=''),
]


def chain(count, size=20):
    """References of `count` ids."""
    return '\n '.join('<{:0{}d}@thread.example>'.format(n, size) for n in range(count))


def ids(name, wanted, *fields, **kwargs):
    """A case about References."""
    return one('References', name, ANSWER, *fields, **dict(kwargs, **wanted))


REFERENCES = [
    ids('none', {'references': MESSAGE_ID, 'in_reply_to': MESSAGE_ID}),
    ids('one', {'references': '<a@b.example> ' + MESSAGE_ID}, 'References: <a@b.example>'),
    ids('three, folded', {'references': '<a@b> <c@d> <e@f> ' + MESSAGE_ID}, 'References: <a@b>\n <c@d>\n\t<e@f>'),
    ids('without blanks between', {'references': '<a@b> <c@d> ' + MESSAGE_ID}, 'References: <a@b><c@d>'),
    ids('In-Reply-To holds one', {'references': '<p@q.example> ' + MESSAGE_ID}, 'In-Reply-To: <p@q.example>'),
    ids('In-Reply-To holds two', {'references': MESSAGE_ID}, 'In-Reply-To: <p@q.example> <r@s.example>'),
    ids('In-Reply-To holds words', {'references': MESSAGE_ID}, 'In-Reply-To: your mail of Monday'),
    ids('References and In-Reply-To', {'references': '<a@b> ' + MESSAGE_ID}, 'References: <a@b>', 'In-Reply-To: <p@q>'),
    ids('no Message-ID', {'in_reply_to': None}, '-Message-ID'),
    ids('no Message-ID but References', {'in_reply_to': None}, '-Message-ID', 'References: <a@b.example>'),
    ids('empty Message-ID', {'in_reply_to': None}, message_id=''),
    ids('empty id', {'in_reply_to': None}, message_id='<>'),
    ids('Message-ID without brackets', {'in_reply_to': None}, message_id='abc@sender.example'),
    ids('Message-ID that does not end', {'in_reply_to': None}, message_id='<abc@sender.example'),
    ids('Message-ID folded', {'in_reply_to': '<long@sender.example>', 'last': '<long@sender.example>'},
        message_id='\n <long@sender.example>'),
    ids('Message-ID with a comment', {'in_reply_to': '<a@sender.example>'}, message_id='<a@sender.example> (added)'),
    ids('Message-Id in another case', {'in_reply_to': '<a@b.example>'}, '-Message-ID', '+MESSAGE-Id: <a@b.example>'),
    ids('domain literal', {'in_reply_to': '<a@[192.0.2.1]>'}, message_id='<a@[192.0.2.1]>'),
    ids('odd but legal characters', {'in_reply_to': "<a!#$%&'*+-/=?^_`{|}~b@c.example>"},
        message_id="<a!#$%&'*+-/=?^_`{|}~b@c.example>"),
    ids('an encoded-word as id stays itself', {'in_reply_to': '<=?utf-8?q?a?=@b.example>'},
        message_id='<=?utf-8?q?a?=@b.example>'),
    ids('comments in References', {'references': '<a@b> <c@d> ' + MESSAGE_ID}, 'References: <a@b> (one) <c@d> (two)'),
    ids('broken ids in References are left out', {'last': MESSAGE_ID},
        'References: <a@b> <broken <c@d> @ <> x@y <e f@g>'),
    ids('empty References', {'references': MESSAGE_ID}, 'References:'),
    ids('500 ids', {'first': '<' + '0' * 20 + '@thread.example>', 'last': MESSAGE_ID}, 'References: ' + chain(500)),
    ids('2,000 ids', {'first': '<' + '0' * 20 + '@thread.example>', 'last': MESSAGE_ID}, 'References: ' + chain(2000)),
    ids('long ids', {'last': MESSAGE_ID}, 'References: ' + chain(50, 400)),
    ids('our id is already in it', {'last': MESSAGE_ID}, 'References: <a@b> ' + MESSAGE_ID),
    ids('8-bit characters', {'last': MESSAGE_ID}, 'References: <ü@b> <c@d>'),
    ids('two Message-IDs', {}, '+Message-ID: <second@sender.example>'),
    ids('an id of only @', {'in_reply_to': None}, message_id='<@>'),
]


def keys(name, *table):
    """A case of (expect, sender) after each other."""
    return case('BATV and SRS keys', name, *[step(expect, sender=sender) for expect, sender in table])


KEYS = [
    keys('BATV tags change', (ANSWER, 'prvs=1234567890=ann@sender.example'),
         (SILENCE, 'prvs=9876543210=ann@sender.example'),
         (SILENCE, 'ann@sender.example')),
    keys('BATV in capitals', (ANSWER, 'PRVS=1234ABCDEF=ann@sender.example'),
         (SILENCE, 'prvs=567890abcd=Ann@sender.example')),
    keys('BATV of two people', (ANSWER, 'prvs=1234567890=ann@sender.example'),
         (ANSWER, 'prvs=1234567890=bob@sender.example')),
    keys('the plain one first', (ANSWER, 'ann@sender.example'), (SILENCE, 'prvs=1234567890=ann@sender.example')),
    keys('SRS0 hash and stamp change', (ANSWER, 'SRS0=abcd=TT=origin.example=ann@forward.example'),
         (SILENCE, 'SRS0=WXYZ=T3=origin.example=ann@forward.example')),
    keys('SRS0 with +', (ANSWER, 'SRS0+abcd=TT=origin.example=ann@forward.example'),
         (SILENCE, 'SRS0+WXYZ=T3=origin.example=ann@forward.example')),
    keys('SRS0 with -', (ANSWER, 'SRS0-abcd=TT=origin.example=ann@forward.example'),
         (SILENCE, 'srs0-wxyz=t3=origin.example=ann@forward.example')),
    keys('SRS0 of two people', (ANSWER, 'SRS0=abcd=TT=origin.example=ann@forward.example'),
         (ANSWER, 'SRS0=abcd=TT=origin.example=bob@forward.example')),
    keys('SRS0 of two domains', (ANSWER, 'SRS0=abcd=TT=origin.example=ann@forward.example'),
         (ANSWER, 'SRS0=abcd=TT=other.example=ann@forward.example')),
    keys('SRS1', (ANSWER, 'SRS1=abcd=first.example==WXYZ=TT=origin.example=ann@forward.example'),
         (SILENCE, 'SRS1=efgh=first.example==STUV=T3=origin.example=ann@forward.example')),
    keys('SRS1 of two people', (ANSWER, 'SRS1=abcd=first.example==WXYZ=TT=origin.example=ann@forward.example'),
         (ANSWER, 'SRS1=abcd=first.example==WXYZ=TT=origin.example=bob@forward.example')),
    keys('a local part that only begins like BATV', (ANSWER, 'prvs=x@sender.example'), (ANSWER, 'prvs@sender.example')),
    keys('a local part that only begins like SRS', (ANSWER, 'srs0@sender.example'),
         (ANSWER, 'SRS0-ann@sender.example')),
    keys('case of the sender', (ANSWER, 'Ann@Sender.Example'), (SILENCE, 'ann@sender.example'),
         (SILENCE, 'ANN@SENDER.EXAMPLE')),
    keys('extensions are people of their own or not', (ANSWER, 'ann@sender.example'), (EITHER, 'ann+x@sender.example')),
    case('BATV and SRS keys', 'two role addresses, one sender', step(ANSWER),
         step(EITHER, to='help@example.org', behind='help@mx1.internal.example'),
         step(SILENCE)),
]

CASES = ENCODINGS + INJECTION + QUOTED + UTF8 + HUGE + REFERENCES + KEYS
