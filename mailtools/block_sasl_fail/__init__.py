"""block-sasl-fail - keep out the clients that guess passwords.

DESCRIPTION
    Postfix logs each failed login.  `block-sasl-fail scan`, from cron, or
    `block-sasl-fail follow`, a daemon, reads each new line of the log once, however
    it is rotated, counts the failures of each client, and writes an access(5)
    map of those that guess passwords.  Postfix refuses them when they connect:

        smtpd_delay_reject = no
        smtpd_client_restrictions = check_client_access hash:/etc/postfix/access_dynamic,
            check_client_access cidr:/etc/postfix/access_dynamic.cidr

    `block-sasl-fail check` says whether that is so for each service that offers
    AUTH, and how to mend it: with Postfix's default, smtpd_delay_reject = yes,
    the map is asked only at RCPT TO, which a guesser never sends.

    A client is blocked for more than `max_failures` within `find_time`, or for
    more than `slow_failures` over days; each further block lasts longer.  A good
    login forgives what was mistyped before it.  Never blocked are loopback,
    $mynetworks, the addresses that Postfix listens at, and `never_block`.  When
    known clients fail one after the other and nobody gets in, the password
    database is taken to be away, and nobody is blocked for it.

EXIT STATUS
    0 well, 1 something needs attention, 64 usage, 69 the log, the journal or
    Postfix cannot be asked, 73 the map cannot be written and the old one stays,
    74 the state cannot be used, 75 another run is at work, 78 settings.
    check: 0, 1, 2, 3 as monitors expect them.

FILES
    /etc/mailtools/block-sasl-fail.conf  settings; `block-sasl-fail config` explains them
    /etc/postfix/access_dynamic          the map: each blocked address, and its index beside it
    /etc/postfix/access_dynamic.cidr     the blocked networks
    /var/lib/mailtools/block-sasl-fail.db  scores, blocks, the place in the log

SECURITY
    Much of a line of the log is chosen by the client: only what Postfix itself
    writes in a fixed place is believed, so that nobody can have another one
    blocked.  It runs as root, to read the log and to write into /etc/postfix; the
    systemd unit leaves it nothing else.  A map is built beside the old one and
    renamed; when anything fails, the old one is served.
"""
