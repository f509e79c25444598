"""mailqueues - show how much mail waits on all mail servers, and why.

DESCRIPTION
    `mailqueues export`, from cron on one host, asks all mail servers at once by
    ssh, and writes for people and programs:

        index.html       active and deferred mails of each host, as JSON
        status.json      all queues, the oldest mail, and the age and error of
                         each host's figures
        metrics.prom     for the textfile collector of Prometheus
        dashboard.html   a page with charts, without outside parts

    Nothing is installed on the other servers: a shell script is sent along.
    They are sections [host NAME] of the settings, in the order in which they are
    shown; one with `local = yes` needs no ssh.  All together have `timeout`; one
    that hangs delays no other.

    A host that could not be asked is never 0: it is left out of index.html, and
    stands in status.json and on the page with the reason, since when, and the
    last figures with their age.

EXIT STATUS
    0 well, 1 something needs attention, 64 usage, 69 no host could be asked, or
    there are no figures yet, 73 or 74 output, 75 another run is at work,
    78 settings.  check: 0, 1, 2, 3 as monitors expect them.

FILES
    /etc/mailtools/mailqueues.conf      settings; `mailqueues config` explains them
    /var/www/html/mailqueues/           what export writes
    /var/lib/mailtools/mailqueues.db    the history, thinned with age, 13 months
    /var/lib/mailtools/.ssh/            key and known_hosts of user `mailtools`
    /usr/libexec/mailtools/mailqueues-remote  for the other servers: what the key may
                                        do there, see the README

SECURITY
    Host keys must be known, and no password is ever asked for.  With
    mailqueues-remote as forced command, the key can count and list queues, and
    nothing else.  The answer of a host is taken only between its marks, whatever
    a login prints.  Addresses and reasons on the page were written by
    strangers, and are escaped.
"""
