"""What depends on settings, template and envelope: addressed to us, verified senders, caps, intervals."""
from scene import ALICE, ANSWER, BEHIND, EITHER, NEVER_BOUNCED, ROLE, SILENCE, Case, case, octets, one, step


def addressed(name, expect, *fields, **kwargs):
    """A case about who the mail is addressed to; settings as given."""
    return one('addressed', name, expect, *fields, **kwargs)


ADDRESSED = [
    addressed('To', ANSWER, 'To: ' + ROLE),
    addressed('To in capitals', ANSWER, 'TO: ' + ROLE.upper()),
    addressed('To with a name', ANSWER, 'To: "Info, of us" <{}>'.format(ROLE)),
    addressed('To with an encoded name', ANSWER, 'To: =?utf-8?Q?Ausk=C3=BCnfte?= <{}>'.format(ROLE)),
    addressed('second of To', ANSWER, 'To: bob@example.net,\n Info <{}>'.format(ROLE)),
    addressed('Cc', ANSWER, 'To: bob@example.net', '+Cc: ' + ROLE),
    addressed('Bcc', ANSWER, 'To: bob@example.net', '+Bcc: ' + ROLE),
    addressed('Resent-To', ANSWER, 'To: bob@example.net', '+Resent-To: ' + ROLE),
    addressed('Resent-Cc', ANSWER, 'To: bob@example.net', '+Resent-Cc: ' + ROLE),
    addressed('in a group', ANSWER, 'To: friends: bob@example.net, {};'.format(ROLE)),
    addressed('after a comment', ANSWER, 'To: (the desk) {} (really)'.format(ROLE)),
    addressed('RECIPIENT behind the alias', ANSWER, 'To: ' + BEHIND),
    addressed('X-Original-To, the environment has none', ANSWER, env={'ORIGINAL_RECIPIENT': None}),
    addressed('an address of the setting', ANSWER, 'To: help@example.org', settings={'addresses': 'help@example.org'}),
    addressed('blind copy', SILENCE, 'To: bob@example.net'),
    addressed('undisclosed recipients', SILENCE, 'To: undisclosed-recipients:;'),
    addressed('no To at all', SILENCE, '-To'),
    addressed('our address as a name only', SILENCE, 'To: "{}" <bob@example.net>'.format(ROLE)),
    addressed('our address in a comment only', SILENCE, 'To: bob@example.net ({})'.format(ROLE)),
    addressed('an address that ends so', SILENCE, 'To: x' + ROLE),
    addressed('an address that begins so', SILENCE, 'To: {}.net'.format(ROLE)),
    addressed('in From only', SILENCE, 'To: bob@example.net', 'From: ' + ROLE),
    addressed('in the body only', SILENCE, 'To: bob@example.net', body='To: {}\n'.format(ROLE)),
    addressed('blind copy, switched off', ANSWER, 'To: bob@example.net', settings={'require_addressed': 'no'}),
    addressed('no To at all, switched off', ANSWER, '-To', settings={'require_addressed': 'no'}),
]

OUR_ID = 'mx1.example.org'
HEAD = 'Authentication-Results: '


def verified(name, expect, *fields, **settings):
    """A case about Authentication-Results; the authserv-id is ours unless said otherwise."""
    given = {'authserv_id': OUR_ID}
    given.update(settings)
    given = {key: value for key, value in given.items() if value is not None}
    # The host that received the mail puts the field on top of it.
    top = b'Return-Path: <%s>\nX-Original-To: %s\nDelivered-To: %s\n' % (octets(ALICE), octets(ROLE), octets(BEHIND))
    above = ''.join(HEAD + field + '\n' for field in fields)
    return one('Authentication-Results', name, expect, top=top + octets(above), settings=given)


AUTHENTICATED = [
    verified('no field', ANSWER),
    verified('dmarc=pass', ANSWER, OUR_ID + '; dmarc=pass header.from=sender.example'),
    verified('dmarc=fail', SILENCE, OUR_ID + '; dmarc=fail (p=none) header.from=sender.example'),
    verified('spf=fail', SILENCE, OUR_ID + '; spf=fail smtp.mailfrom=alice@sender.example'),
    verified('spf=softfail', ANSWER, OUR_ID + '; spf=softfail smtp.mailfrom=alice@sender.example'),
    verified('spf=neutral', ANSWER, OUR_ID + '; spf=neutral smtp.mailfrom=sender.example'),
    verified('spf=none, dkim=none, dmarc=none', ANSWER, OUR_ID + '; spf=none; dkim=none; dmarc=none'),
    verified('none', ANSWER, OUR_ID + '; none'),
    verified('dkim=fail alone', ANSWER, OUR_ID + '; dkim=fail header.d=sender.example'),
    verified('in capitals', SILENCE, OUR_ID.upper() + '; DMARC=FAIL'),
    verified('version after the id', SILENCE, OUR_ID + ' 1; dmarc=fail'),
    verified('folded, with comments', SILENCE,
             '(ours)\n\t{} (host); spf=pass\n\tsmtp.mailfrom=x;\n dmarc = fail'.format(OUR_ID)),
    verified('blanks around =', SILENCE, OUR_ID + ';  spf = fail  smtp.mailfrom=x'),
    verified('method version', SILENCE, OUR_ID + '; dmarc/1=fail'),
    verified('fail in a comment only', ANSWER, OUR_ID + '; spf=pass (dmarc=fail; spf=fail)'),
    verified('fail in a quoted reason only', ANSWER, OUR_ID + '; dmarc=pass reason="spf=fail; dmarc=fail"'),
    verified('fail in a property only', ANSWER, OUR_ID + '; dkim=pass header.i=@x; dmarc=pass policy.spf=fail'),
    verified('another host says fail', ANSWER, 'mx.elsewhere.example; dmarc=fail'),
    verified('a host whose name begins like ours', ANSWER, OUR_ID + '.evil.example; dmarc=fail'),
    verified('ours on top says pass, below fail', ANSWER, OUR_ID + '; dmarc=pass', OUR_ID + '; dmarc=fail'),
    verified('ours on top says fail, below pass', SILENCE, OUR_ID + '; dmarc=fail', OUR_ID + '; dmarc=pass'),
    verified('broken', NEVER_BOUNCED, ';;==(("'),
    verified('empty', NEVER_BOUNCED, ''),
    verified('id unset, fail on top', EITHER, OUR_ID + '; dmarc=fail', authserv_id=None),
    verified('required dmarc, pass', ANSWER, OUR_ID + '; dmarc=pass', require_auth='dmarc'),
    verified('required dmarc, no field', SILENCE, require_auth='dmarc'),
    verified('required dmarc, another host says pass', SILENCE, 'mx.elsewhere.example; dmarc=pass',
             require_auth='dmarc'),
    verified('required dmarc, forged pass below ours', SILENCE, OUR_ID + '; dmarc=none', OUR_ID + '; dmarc=pass',
             require_auth='dmarc'),
    verified('required dmarc, only spf=pass', SILENCE, OUR_ID + '; spf=pass smtp.mailfrom=sender.example',
             require_auth='dmarc'),
    verified('required spf, pass', ANSWER, OUR_ID + '; spf=pass smtp.mailfrom=alice@sender.example',
             require_auth='spf'),
    verified('required spf, softfail', SILENCE, OUR_ID + '; spf=softfail smtp.mailfrom=sender.example',
             require_auth='spf'),
    verified('required dkim, pass', ANSWER, OUR_ID + '; dkim=pass header.d=sender.example', require_auth='dkim'),
    verified('required dkim, none', SILENCE, OUR_ID + '; dkim=none', require_auth='dkim'),
    verified('required dmarc, pass in a comment', SILENCE, OUR_ID + '; dmarc=none (dmarc=pass)', require_auth='dmarc'),
    verified('required dmarc, bestguesspass is none', SILENCE, OUR_ID + '; dmarc=bestguesspass', require_auth='dmarc'),
]


def templated(title, template, body, **wanted):
    """A case about the template; body: what the answer's text shall be, None for the whole template."""
    wanted['body_is'] = template if body is None else body
    return Case('templates', title, (step(ANSWER, **wanted),), {}, template)


TEMPLATES = [
    templated('text alone', 'Hello.\n\nBye.\n', None, subject='Auto: A question'),
    templated('Subject', 'Subject: Nobody reads this\n\nHello.\n', 'Hello.\n', subject='Nobody reads this'),
    templated('Subject in UTF-8', 'Subject: Ihre Anfrage für uns – 日本\n\nHallo.\n', 'Hallo.\n',
              subject='Ihre Anfrage für uns – 日本'),
    templated('From with a name', 'From: Customer Care\n\nHello.\n', 'Hello.\n', name='Customer Care'),
    templated('Language', 'Language: de\n\nHallo.\n', 'Hallo.\n', language='de'),
    templated('all three, in another order and case', 'language: en\nSUBJECT: Hi\nfrom: Us\n\nHello.\n', 'Hello.\n',
              subject='Hi', name='Us', language='en'),
    templated('UTF-8', 'Grüße, 日本語, עברית, 🎉\n', None),
    templated('placeholders are text', 'Dear $SUBJECT %s {0} ${SENDER} %(x)s {sender} \\n `id` $(id)\n', None),
    templated('a lone dot', 'One\n.\nTwo\n..\n', None),
    templated('From at the start of a line', 'Hello\nFrom here on\n\nFrom there on\n', None),
    templated('long lines', 'x' * 5000 + '\n' + 'word ' * 3000 + '\n', None),
    templated('blanks at the end of lines', 'one \ntwo\t\n-- \nsignature\n', None),
    templated('no line end', 'Hello', None),
    templated('CR LF', 'Subject: Hi\r\n\r\nHello.\r\nBye.\r\n', 'Hello.\nBye.\n', subject='Hi'),
    templated('byte order mark', '\ufeffHello.\n', 'Hello.\n'),
    templated('byte order mark and Subject', '\ufeffSubject: Hi\n\nHello.\n', 'Hello.\n', subject='Hi'),
    templated('header lines after the first empty line are text', 'Hello.\n\nSubject: x\nBcc: victim@example.net\n',
              None),
    templated('equals signs', 'a=b =3D =\n==\n', None),
    templated('30 kB', 'A line of text.\n' * 1900, None),
]

ENVELOPE = [
    one('envelope', 'From is ORIGINAL_RECIPIENT', ANSWER),
    one('envelope', 'From keeps the extension written to', ANSWER, to='info+x7@example.org',
        behind='info+x7@mx1.internal.example'),
    one('envelope', 'ORIGINAL_RECIPIENT not set, X-Original-To tells it', ANSWER, env={'ORIGINAL_RECIPIENT': None}),
    one('envelope', 'only Return-Path and Delivered-To', ANSWER, to=BEHIND, behind=BEHIND,
        env={'ORIGINAL_RECIPIENT': None}, top='Return-Path: <{}>\nDelivered-To: {}\n'.format(ALICE, BEHIND)),
    one('envelope', 'no variables at all', ANSWER,
        env={name: None for name in ('SENDER', 'RECIPIENT', 'ORIGINAL_RECIPIENT', 'USER', 'LOGNAME', 'LOCAL', 'DOMAIN',
                                     'HOME', 'SHELL', 'PATH', 'MAIL_CONFIG')}),
    one('envelope', 'no From_ line', ANSWER, change=lambda raw: raw.partition(b'\n')[2]),
    one('envelope', 'From_ line of another', ANSWER,
        change=lambda raw: b'From victim@example.net  x\n' + raw.partition(b'\n')[2]),
    one('envelope', 'SENDER of another', ANSWER, env={'SENDER': b'victim@example.net'}),
    one('envelope', 'CR LF', ANSWER, change=lambda raw: raw.replace(b'\n', b'\r\n'), subject='Auto: A question',
        in_reply_to='<20261122.1@sender.example>'),
    one('envelope', 'CR LF and auto-replied', SILENCE, 'Auto-Submitted: auto-replied',
        change=lambda raw: raw.replace(b'\n', b'\r\n')),
    one('envelope', 'CR LF after the lines of local(8)', ANSWER,
        change=lambda raw: raw.replace(b'\n', b'\r\n').replace(b'\r\n', b'\n', 4), subject='Auto: A question'),
    one('envelope', 'Return-Path in capitals', ANSWER, change=lambda raw: raw.replace(b'Return-Path', b'RETURN-PATH')),
    one('envelope', 'Return-Path without brackets', EITHER,
        change=lambda raw: raw.replace(b'<alice@sender.example>', b'alice@sender.example', 1)),
    one('envelope', 'a second Return-Path', ANSWER,
        change=lambda raw: raw.replace(b'Received:', b'Return-Path: <victim@example.net>\nReceived:', 1)),
    one('envelope', 'a second X-Original-To', ANSWER,
        change=lambda raw: raw.replace(b'Received:', b'X-Original-To: victim@example.net\nReceived:', 1)),
    one('envelope', 'LANG and PYTHON variables', ANSWER,
        env={'LANG': b'de_DE.ISO-8859-1', 'PYTHONPATH': b'/nonexistent', 'PYTHONHOME': b'/nonexistent',
             'TZ': b'Asia/Kolkata'}),
    one('envelope', 'a time zone that is none', ANSWER, env={'TZ': b':::nonsense'}),
    one('envelope', 'a line that is no field in the header', NEVER_BOUNCED,
        change=lambda raw: raw.replace(b'Received:', b'nonsense\nReceived:', 1)),
    one('envelope', '>From line in the header', NEVER_BOUNCED,
        change=lambda raw: raw.replace(b'Received:', b'>From x y\nReceived:', 1)),
]


def crowd(name, settings, *table):
    """A case of (expect, sender) after each other."""
    return case('caps', name, *[step(expect, sender=sender) for expect, sender in table], **settings)


CAPS = [
    crowd('three an hour', {'max_per_hour': '3'}, *[(ANSWER if n < 3 else SILENCE,
                                                     'u@d{}.example'.format(n)) for n in range(6)]),
    crowd('two a day', {'max_per_day': '2'}, *[(ANSWER if n < 2 else SILENCE,
                                                'u@d{}.example'.format(n)) for n in range(5)]),
    crowd('two a domain and hour', {'max_per_domain_per_hour': '2'},
          (ANSWER, 'a@one.example'), (ANSWER, 'b@one.example'), (SILENCE, 'c@one.example'), (ANSWER, 'a@two.example'),
          (SILENCE, 'd@ONE.example'), (ANSWER, 'b@two.example'), (SILENCE, 'c@two.example')),
    crowd('20 a domain by default', {}, *[(ANSWER if n < 20 else SILENCE,
                                           'u{}@one.example'.format(n)) for n in range(23)]),
    crowd('silent mails do not count', {'max_per_hour': '2'}, (ANSWER, 'a@one.example'), (SILENCE, 'a@one.example'),
          (SILENCE, 'noreply@one.example'), (SILENCE, ''), (ANSWER, 'b@two.example'), (SILENCE, 'c@three.example')),
    crowd('BATV does not go round the cap', {'max_per_domain_per_hour': '1'}, (ANSWER, 'prvs=1234567890=a@one.example'),
          (SILENCE, 'prvs=1234567890=b@one.example')),
]

REPEATED = [
    case('repeated deliveries', 'the same mail ten times', step(ANSWER), *[step(SILENCE)] * 9),
    case('repeated deliveries', 'another mail of the same sender', step(ANSWER),
         step(SILENCE, 'Subject: More', message_id='<2@x.example>')),
    case('repeated deliveries', 'a robot, then a person, of one address', step(SILENCE, 'Precedence: bulk'),
         step(ANSWER), step(SILENCE)),
    case('repeated deliveries', 'many senders', *[step(ANSWER,
                                                       sender='u{0}@d{0}.example'.format(n)) for n in range(30)]),
    case('repeated deliveries', 'many senders, then all again', *(
        [step(ANSWER, sender='u{0}@d{0}.example'.format(n)) for n in range(12)]
        + [step(SILENCE, sender='u{0}@d{0}.example'.format(n)) for n in range(12)])),
    case('repeated deliveries', 'the envelope differs, the From is one', step(ANSWER, sender='a@sender.example'),
         step(ANSWER, sender='b@sender.example')),
]

CASES = ADDRESSED + AUTHENTICATED + TEMPLATES + ENVELOPE + CAPS + REPEATED
