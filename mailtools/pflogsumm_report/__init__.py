"""pflogsumm-report - mail each morning how the day before was.

SYNOPSIS
    `pflogsumm-report` [`--date` DAY] [`--mail-to` ADDRESS | `--text` | `--html` FILE | `--json`] [LOG...]

    `pflogsumm-report` history | merge | config [OPTIONS] [ARGUMENTS]

DESCRIPTION
    From cron it mails the report of yesterday: pflogsumm's own, and beside it
    exact totals by the same definitions, those of the same weekday before, the
    hours, the reasons, the providers, the delays.  What is unusual stands first,
    and in the subject.

    Without LOG the files that hold the day are found by the time stamps in
    them, however they are rotated and packed; where there are none, the journal
    is read.  They are read once, and fed to pflogsumm without what is not the
    day's, and without the Subject lines of header_checks.

    A day without a log, or without any mail in it, is an alarm by mail and by
    exit status, and never a page of zeros.

EXIT STATUS
    0 the report was sent or written, 1 something needs attention, such as no
    log of the day, 64 usage, 69 nobody took the mail, 73 or 74 output,
    75 sendmail says try again later, 78 settings.

FILES
    /etc/mailtools/pflogsumm-report.conf    settings; `pflogsumm-report config` explains them
    /var/log/maillog*                       the log, unless the settings name another
    /var/lib/mailtools/pflogsumm-report.db  the figures of the days before

SECURITY
    It runs as root, who may read the log.  pflogsumm and sendmail are started
    with an argument list, never a shell.  Senders, recipients and reasons were
    written by strangers: they are escaped in text and page, and the page fetches
    nothing.
"""
