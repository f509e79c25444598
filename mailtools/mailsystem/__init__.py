"""mailsystem - render, compare and prove the hosts that carry mail with Postfix.

DESCRIPTION
    One settings file describes a mail system: an MX that takes the company's
    mail and hands it to a hosted mailbox provider, senders that mail the world
    behind a round-robin name, and clients that send by the MX.

        render   the complete configuration of a host, and a script that puts it
                 in place
        diff     what the host has that differs, and why it matters
        dns      the records of the zone, ready to paste
        warmup   how much a new sender may send on each of its first days
        check    whether the host is as it must be: relaying, authentication,
                 milters and policy services, tables, certificates, DKIM, SPF,
                 DMARC, PTR and HELO, block lists, clock, the other programs

    Nothing of it writes into /etc; the script that render makes does, when an
    administrator runs it, and keeps what it replaces.  Parameters are those of
    Postfix 2.10 unless `postfix` or --postfix says more.

EXIT STATUS
    0 well, 1 something differs, 64 usage, 69 the name server does not answer,
    73 or 74 output, 78 settings.  check: 0, 1, 2, 3 as monitors expect them.

FILES
    /etc/mailtools/mailsystem.conf      settings, the same on every host;
                                        `mailsystem config` explains them
    /usr/share/mailtools/mailsystem/    the templates, as under /etc

SECURITY
    No password stands in the settings; files that hold one are rendered for
    their owner alone.  A value that could mean more than itself where it is
    written is refused.  check sends no mail, ends each dialogue before DATA,
    and is bounded in time; what only root can see is unknown to others.
"""
