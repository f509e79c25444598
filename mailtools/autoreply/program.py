"""The program: what local(8) starts for each mail, and what a person types.

    stdin -> head -> envelope -> rules -> state -> template, reply -> sendmail -> record -> one log line

Ends with 0 when the mail was answered or is not to be, and with 75 (EX_TEMPFAIL) and one line on
stderr for everything else, so that Postfix keeps the mail and tries again.

It runs in a fresh interpreter (`python3 -IS`) for every mail, and most mails are not answered: so
nothing is imported at the top that is not compiled into Python or needed for every mail.
"""
import _signal
import posix
import time

from mailtools.autoreply import settings as settings_module
from mailtools.autoreply.envelope import mail_of
from mailtools.autoreply.head import read_head
from mailtools.autoreply.rules import decide
from mailtools.autoreply.values import Trouble, Value

EX_OK, EX_USAGE, EX_TEMPFAIL, EX_CONFIG = 0, 64, 75, 78
DEADLINE_S = 300        # for all of it; at command_time_limit (1000 s) Postfix bounces
PROGRAM = 'autoreply'

HELP = """\
Usage: autoreply [OPTIONS] TEMPLATE < MAIL
       autoreply config [--config FILE] [--example]

Answer a mail once with the text of TEMPLATE, where RFC 3834 allows it.

Postfix calls this from aliases(5).  It ends with 0 when the mail was answered or is
not to be, and with 75 ("try again later") for everything else.

  --config FILE  settings from FILE instead of /etc/mailtools/autoreply.conf
  --explain      only say what would be done with this mail, and why
  --dry-run      only print the answer that would be sent
  -v, --verbose  show the line of the log on stderr too
  --version      print the version
  --help         print this

Examples:
  donotreply: "|/usr/bin/autoreply /etc/mailtools/donotreply.txt"     (in aliases(5))
  autoreply --explain --dry-run /etc/mailtools/donotreply.txt < saved.eml
  autoreply config
"""


class Misuse(Exception):
    """An argument that cannot be meant."""


class Ended(BaseException):
    """A signal, or the deadline: what is begun is taken back, and the mail waits."""


class Request(Value):
    """What the arguments ask for.  act: answer, config, help or version."""

    __slots__ = ('act', 'template', 'config', 'explain', 'dry_run', 'verbose', 'example')


def main(argv):
    """Do what the arguments say; the exit status."""
    stdin_is_open = open_low_descriptors()
    posix.umask(0o077)
    request = None
    try:
        request = request_of(argv)
        if request.act != 'answer' and not started_by_postfix():
            return for_people(request)
        if request.act != 'answer':
            raise Misuse('--{} is not for aliases(5)'.format(request.act))
        if not stdin_is_open:
            raise Trouble('standard input is closed')
        end_on_signals()
        return with_mail(request)
    except Misuse as misuse:
        return refuse('{}; try autoreply --help'.format(misuse), EX_USAGE, request)
    except Trouble as trouble:
        return refuse(str(trouble), EX_TEMPFAIL, request)
    except BaseException as error:      # whatever it is: it must delay mail, never bounce it
        status = getattr(error, 'status', EX_TEMPFAIL)
        return refuse(sentence_of(error), status if status == EX_CONFIG else EX_TEMPFAIL, request)
    finally:
        for number in _signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM, _signal.SIGALRM:
            _signal.signal(number, _signal.SIG_IGN)


# -- arguments --

def request_of(argv):
    """The Request of the words behind the program's name; raises Misuse."""
    asked = {'act': 'answer', 'template': None, 'config': None, 'explain': False, 'dry_run': False,
             'verbose': False, 'example': False}
    flags = {'--explain': 'explain', '--dry-run': 'dry_run', '-v': 'verbose', '--verbose': 'verbose',
             '--example': 'example'}
    words, only_names = list(argv), False
    if words[:1] == ['config']:
        asked['act'] = words.pop(0)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition('=')
        if only_names or not word.startswith('-'):
            if asked['template'] is not None or asked['act'] == 'config':
                raise Misuse('one argument too many: {}'.format(word))
            asked['template'] = word
        elif word == '--':
            only_names = True
        elif word in ('--help', '-h', '--version'):
            asked['act'] = 'version' if word == '--version' else 'help'
        elif word in flags:
            asked[flags[word]] = True
        elif name in ('--config', '-c'):
            asked['config'] = value if equals else (words.pop(0) if words else '')
            if not asked['config']:
                raise Misuse('{} needs the name of a file'.format(name))
        else:
            raise Misuse('no such option: {}'.format(word))
    if asked['act'] == 'answer' and not asked['template']:
        raise Misuse('no TEMPLATE')
    return Request(**asked)


def started_by_postfix():
    """True when the environment is that of local(8), and a mail is on standard input."""
    return b'RECIPIENT' in posix.environ and b'SENDER' in posix.environ


def for_people(request):
    """Print what was asked for; the exit status."""
    if request.act == 'help':
        show(HELP)
    elif request.act == 'version':
        from mailtools import __version__

        show('autoreply {}\n'.format(__version__))
    elif request.example:
        from mailtools.base.settings import example

        show(example(PROGRAM, settings_module.table()))
    else:
        rows = [('name', 'value', 'origin')] + [tuple(row) for row in settings_module.slow_load(request.config).rows]
        wide = [max(len(row[column]) for row in rows) for column in range(2)]
        show(''.join('{:<{}}  {:<{}}  {}\n'.format(name, wide[0], value, wide[1], origin)
                     for name, value, origin in rows))
    return EX_OK


# -- the mail --

def with_mail(request):
    """Decide, answer, log; the exit status."""
    head = read_head(read_stdin)
    settings = settings_module.load(request.config)
    mail = mail_of(head, posix.environ, settings)
    decision = decide(mail)
    only_look = request.explain or request.dry_run
    if decision.answer:
        from mailtools.autoreply import answering

        decision, message = answering.answer(
            mail, decision, request.template, time.time(), only_look, report(request))
    else:
        message = b''
    if only_look:
        from mailtools.autoreply.explaining import explanation

        show(explanation(mail, decision, message, request.explain, request.dry_run))
    else:
        log_decision(mail, decision, request)
    return EX_OK


def read_stdin(size):
    """At most so many bytes of the mail; none at its end."""
    try:
        return posix.read(0, size)
    except OSError as error:
        raise Trouble('cannot read the mail: {}'.format(error.strerror))


# -- what is told --

def log_decision(mail, decision, request):
    """The line of the log that says what was done, and why."""
    from mailtools.autoreply.address import written

    first = mail.head.first(b'message-id')
    fields = {'to': written(mail.sender) if mail.sender else '', 'from': mail.recipient}
    if not decision.answer:
        fields.update(rule=decision.rule, source=decision.source, why=decision.detail or None)
    fields['message_id'] = first[:200] if first else None
    log = event_log(request)
    write = log.warning if decision.rule.startswith('cap-') else log.info
    write('answered' if decision.answer else 'silent', **fields)


def report(request):
    """A function that logs what an operator must see."""
    def write(event, what):
        event_log(request).error(event, what=what)
    return write


def event_log(request):
    """The log; -v shows it."""
    from mailtools.base.eventlog import EventLog

    return EventLog(PROGRAM, verbose=bool(request and request.verbose))


def refuse(sentence, status, request):
    """Say why, in the form that Postfix reads (RFC 3463 status first), and in the log.

    status: what a person gets; Postfix gets 75, and so does whoever pipes a mail in.
    """
    sentence = ' '.join(sentence.split())
    for_person = not started_by_postfix() and (
        is_terminal() or (request and (request.act != 'answer' or request.explain or request.dry_run)))
    try:
        start = 'autoreply:' if for_person else '4.3.0'
        posix.write(2, '{} {}\n'.format(start, sentence).encode('utf-8', 'backslashreplace')[:2000])
    except OSError:
        pass                            # nobody listens; the status says it as well
    if for_person:
        return status
    try:
        from mailtools.base import eventlog

        log = eventlog.EventLog(PROGRAM)
        log.send(eventlog.ERROR, eventlog.line_of('deferred', {'why': sentence}))
    except Exception:                   # it was said on stderr
        pass
    return EX_TEMPFAIL


def sentence_of(error):
    """What an exception says, with its kind where its text alone says little."""
    said = getattr(error, 'strerror', None) or str(error)
    if isinstance(error, (Ended, Exception)) and type(error).__module__.startswith('mailtools.'):
        return said
    return 'internal error: {}: {}'.format(type(error).__name__, said)


def show(text):
    """Write text or bytes to standard output; a reader that has seen enough is no trouble."""
    data = text.encode('utf-8', 'surrogateescape') if isinstance(text, str) else text
    try:
        while data:
            data = data[posix.write(1, data):]
    except BrokenPipeError:
        pass


def is_terminal():
    """True when no mail can be on standard input."""
    try:
        return posix.isatty(0)
    except OSError:
        return False


# -- the process --

def open_low_descriptors():
    """Put /dev/null where 0, 1 or 2 is closed, or a file of ours would stand there; False when 0 was."""
    stdin_is_open = True
    for number in range(3):
        try:
            posix.fstat(number)
        except OSError:
            posix.open('/dev/null', posix.O_RDWR)       # the lowest free number is this one
            stdin_is_open = stdin_is_open and number != 0
    return stdin_is_open


def end_on_signals():
    """From here on a signal, or the deadline, ends us with 75, after what is begun was taken back.

    The second one ends us at once: an exception must not leave the guard of main.
    """
    def end(number, _frame):
        for each in _signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM, _signal.SIGALRM:
            _signal.signal(each, end_now)
        raise Ended('ended by signal {}'.format(int(number)) if number != _signal.SIGALRM
                    else 'gave up after {} seconds'.format(DEADLINE_S))

    def end_now(_number, _frame):
        posix._exit(EX_TEMPFAIL)

    for number in _signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM, _signal.SIGALRM:
        _signal.signal(number, end)
    _signal.alarm(DEADLINE_S)
