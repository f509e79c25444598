"""bouncedmail - take returned mail, understand it, and remember it.

DESCRIPTION
    Mail that cannot be delivered comes back to its envelope sender: bounces,
    delay notices, complaints of feedback loops, automatic replies.  local(8)
    pipes them to `bouncedmail ingest`, which does nothing but put each safely
    into a spool, a Maildir.  `bouncedmail drain` reads the spool, finds out which
    recipient failed and why, and stores that in a database: SQLite on one host,
    PostgreSQL for several.  Then people and programs ask: `list`, `show`, `stats`,
    and `suppressions`, the addresses that are not to be mailed again.

    `severity` is the answer to one question, whether an address should be
    mailed again: `hard` means no, `soft` means yes.  It is not the class of the
    status: most refusals with 5.x.x are about the sender, the message or the
    day, and say nothing against the address.  `rule` names what decided.

EXIT STATUS
    ingest: 0 when the mail is safe on disk, 75 (try again) for everything else.
    The other commands: 0 well, 1 something needs attention, 64 usage,
    69 the database cannot be reached, 73 or 74 output, 75 another run is at
    work, 78 settings.  check: 0, 1, 2, 3 as monitors expect them.

FILES
    /etc/mailtools/bouncedmail.conf     settings; `bouncedmail config` explains them
    /var/spool/mailtools/bounces/       the spool: tmp, new, cur, and failed for
                                        what the database refused, each with its why
    /var/lib/mailtools/bounces.db       the database, unless the settings name another

SECURITY
    Mail is written by strangers.  No text of it reaches a shell, a pattern with
    more than linear cost, a terminal or a log unescaped; nothing of it is run.
    Bounces can be forged: where it matters, send with VERP and set
    verp_domains, and have the alias file owned by `mailtools`, so that the
    pipe runs as that user and not as one with rights.
"""
