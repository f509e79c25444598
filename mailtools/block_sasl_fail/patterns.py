"""How Postfix writes the lines that matter: patterns of bytes, and what each reason means.

Shapes: smtpd/smtpd_sasl_glue.c, smtpd/smtpd.c, xsasl/xsasl_dovecot_server.c and
xsasl/xsasl_cyrus_server.c of Postfix 2.10 to 3.12.  Everything from the mechanism on is text
of the client, which may look like anything: so each pattern is anchored at the begin of the
line or of the message, and a reason counts only as a whole.  All of them take linear time.

Imports nothing, since the quick count of `failures --count` starts with it.
"""

STAMP = (       # see stamps.py
    rb'(?:[A-Z][a-z][a-z] [ 0-3]?[0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]{1,9})?'
    rb'|[0-9]{4}-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:[.,][0-9]{1,9})?'
    rb'(?:Z|[+-][0-9][0-9]:?[0-9][0-9])?'
    rb'|[0-9]{1,11}\.[0-9]{6}'
    rb'|[A-Z][a-z][a-z] [0-9]{4}-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]{1,9})?'
    rb' [A-Z+-][A-Z0-9:]{1,9})')
# Without a host name the tag comes second: `x:`, as any user may write it, is no host.
HOST = rb'[^\s\[\]]*[^\s\[\]:]'
# syslog_name is `postfix`, or `postfix-INSTANCE`; with -o in master.cf there may be more behind a slash.
TAG = rb'postfix[^\s/\[\]:"]*/(?P<service>(?:[^\s/\[\]:"]+/)*smtpd)'
HEAD = (
    rb'(?:<[0-9]{1,3}>)?(?:1 )?(?P<stamp>' + STAMP + rb') ' + HOST + rb' ' + TAG +
    rb'(?:\[[0-9]+\]: '
    rb'| [0-9]+ \S+ (?:-|\[[^\]]*\]) (?:\xef\xbb\xbf)?)')       # RFC 5424
REPEATED = rb'message repeated ([1-9][0-9]{0,5}) times: \[ ?(.*)\]\s*\Z'      # rsyslog

# smtpd_client_port_logging = yes adds the port.
NAMADDR = rb'[^\s\[\]]+\[(?P<client>[0-9A-Fa-f:.]{2,45})\](?::(?:[0-9]{1,5}|unknown))?'
# No mechanism on offer has these characters; smtpd_token.c lets a client quote blanks with them.
MECHANISM = rb'(?P<mechanism>[^\s"<>\[\]\\]+)'
ANY_TEXT = rb'(?P<mechanism>.*)'

FAILED = b' authentication failed:'
NEEDLES = (b': SASL', b', sasl_method=')        # every line that matters has one of these
# ... or, of the journal, one of these: what is no UTF-8 it shows as an array of numbers.
NUMBERS = (b'"MESSAGE":[', b'"MESSAGE": [', b'"MESSAGE" : [')

# The server could not ask, which says nothing about the client.
OUTAGES = (
    # xsasl_dovecot_server.c
    'Connection lost to authentication server',
    "Can't connect to authentication server",
    'Authentication backend error',
    # sasl_errstring() of Cyrus; 454 in xsasl_cyrus_server.c
    'generic failure',
    'no memory available',
    'transient failure (e.g., weak key)',
    'remote authentication server unavailable',
)
# Who asks for a mechanism that is not there guesses no password.
NO_MECHANISM = 'Invalid authentication mechanism'       # 3.10 and later: and `: 'MECH'`
NO_MECHANISMS = (NO_MECHANISM, 'no mechanism available')
USERNAME = ', sasl_username='       # 3.9 and later; the reason before it is the server's, the name the client's
NO_USERNAME = '(unavailable)'
