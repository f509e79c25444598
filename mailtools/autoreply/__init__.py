"""autoreply - answer a mail once with a fixed text, where that is right.

DESCRIPTION
    A person who writes to an address that nobody reads gets one short answer;
    a robot, a list, a bounce, or the victim of a forged sender gets none.
    local(8) starts it from an alias:

        donotreply: "|/usr/bin/autoreply /etc/mailtools/donotreply.txt"

    The template is the text of the answer, UTF-8.  Lines `Subject:`, `From:` and
    `Language:`, followed by an empty line, may stand in front.  Nothing in it is
    expanded.

    When not to answer says RFC 3834, and what mail programs have done in
    practice since: rules.py has one row for each rule.  The answer goes to the
    first Return-Path and nowhere else, with the null sender.  Each sender gets one
    in `interval` (7 days), and all together not more than `max_per_hour`,
    `max_per_day` and `max_per_domain_per_hour`.  Each decision is one line of the log.

    `autoreply --explain TEMPLATE < MAIL` says what would be done with a saved mail,
    and why; `--dry-run` prints the answer.  Neither sends or remembers anything.

EXIT STATUS
    0 answered, or rightly not; 75 (Postfix tries again later) for everything else.
    Typed by a person: 0, 64 usage, 78 settings.

FILES
    /etc/mailtools/autoreply.conf       settings; `autoreply config` prints them
    /etc/mailtools/donotreply.txt       a template
    /var/spool/mailtools/autoreply/     who was answered, and when.  It is never
                                        made: while it is missing, mail waits.
      answered/TEMPLATE/xx/ADDRESS      an empty file; its time is that of the answer
      sent                              the answers of the last day, for the caps
      damaged/                          what could not be used and was moved out of the way

SECURITY
    Mail is written by strangers.  The recipient is given to sendmail as one
    quoted argument behind `--`; no text of the mail but its Subject and
    Message-IDs reaches the answer, and those are taken apart and built anew.
    The answer is recorded after sendmail has taken it: a crash between the two may
    repeat one answer, but never loses one.  Only Authentication-Results of your
    own server, with `require_auth`, keep forged senders from getting answers;
    the caps bound the harm.
"""
