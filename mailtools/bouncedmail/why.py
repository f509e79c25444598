"""Why each recipient failed: a finding and the prose in, a verdict with its status, reply and command out.

The words of the refusing server are asked first, then those about the
recipient, then all that stand around them; the prose of a machine's report is
looked at only where its fields leave a question.  Pure.
"""
import functools
from typing import Dict, List, NamedTuple, Optional

from mailtools.bouncedmail import classify, phrases, reasons
from mailtools.bouncedmail.address import all_addresses, key, site
from mailtools.bouncedmail.finding import Finding, command_in, reply_in, status_in
from mailtools.bouncedmail.notice import Notice, Passage, passage, squeeze


class Words:
    """The prose about each recipient, looked up only when a machine's report leaves a question."""

    def __init__(self, notice: Notice, findings: List[Finding]) -> None:
        self.notice = notice
        self.findings = findings
        self.lines: List[str] = []
        self.places: Dict[str, int] = {}

    def about(self, finding: Finding) -> Passage:
        """The words about one recipient; what the reader of the format has found already comes first."""
        if finding.own or not finding.recipient or not self.notice.text:
            return Passage(finding.own, finding.around)
        if not self.lines:
            self.lines = self.notice.text.split('\n')[:400]
            self.places = {key(one.recipient): -1 for one in self.findings[:100] if one.recipient}
            lowered = [line.lower() for line in self.lines]
            for address in self.places:
                self.places[address] = next((n for n, line in enumerate(lowered) if address in line), -1)
        if key(finding.recipient) not in self.places:
            return Passage('', finding.around)
        found = passage(self.lines, key(finding.recipient), self.places)
        return found._replace(around=found.around + '\n' + finding.around)

    def first_hand(self, finding: Finding) -> bool:
        """Whether the host that reports a recipient is one of the recipient's domain: it knows its users.

        Any other only repeats what it was told.
        """
        fields = self.notice.message.fields
        hosts = all_addresses(fields.get('from')) + (finding.reporting_mta or '',)
        own = site(finding.recipient or '')
        return not own or own in map(site, hosts)


class Why(NamedTuple):
    """The reason with what it rests on."""

    verdict: classify.Verdict
    status: str
    explicit: bool
    reply: Optional[str]
    command: Optional[str]


def why_of(finding: Finding, words: Words) -> Why:
    """Ask what the server said first, then the words about the recipient, then all that is said around them."""
    said = finding.own if finding.diagnostic[:60] in squeeze(finding.own) else finding.diagnostic + '\n' + finding.own
    reply = reply_in(finding.diagnostic)
    status = _believed(finding.status, status_in(finding.diagnostic))
    command = finding.command or command_in(said)
    proven = bool(reply or command) or bool(status and not status.endswith('.0.0'))
    ask = functools.partial(classify.classify, first_hand=proven or words.first_hand(finding),
                            domain=key(finding.recipient).rpartition('@')[2])
    verdict = ask(said, status, reply, command)
    unproven = verdict.reason in AT_WHAT_STAGE and not command and not (status or '')[1:].startswith('.1.')
    if unproven or not (said.strip() and verdict.certain):
        around = words.about(finding)
        command = command or command_in(around.own) or command_in(around.around)
        verdict = ask(said, status, reply, command)
        for text in (around.own, around.around) if said.strip() or len(words.findings) > 1 else (around.around,):
            if text.strip() and not (said.strip() and verdict.certain):
                status = status_in(text) or status if not status or status.endswith('.0.0') else status
                reply = reply or reply_in(text)
                verdict = _better(verdict, ask(text, status, reply, command))
                said = said.strip() or text
    verdict = _by_kind(verdict, finding)
    if status:
        return Why(verdict, status, True, reply, command)
    return Why(verdict, _made_up(verdict, reply, finding.kind), False, reply, command)


# Reasons that depend on which SMTP command was refused.
AT_WHAT_STAGE = ('userunknown', 'filtered')


def _better(one: classify.Verdict, other: classify.Verdict) -> classify.Verdict:
    """The verdict that rests on more; the first if they are alike."""
    if other.certain and not one.certain:
        return other
    if one.reason in ('onhold', 'undefined') and other.reason != 'undefined':
        return other
    return other if one.rule.startswith('status') and other.rule.startswith('words') and other.certain else one


def _believed(stated: Optional[str], said: Optional[str]) -> Optional[str]:
    """The status to believe: what the refusing server said rather than what the reporting one made of it."""
    if not stated or not said:
        return stated or said
    if said.endswith('.0') and said[:4] == stated[:4] and not stated.endswith('.0'):
        return stated
    return stated if said.endswith('.0.0') else said


def _by_kind(verdict: classify.Verdict, finding: Finding) -> classify.Verdict:
    """What the kind of the report says where its words do not."""
    if finding.kind == 'delay' and not verdict.certain:
        return classify.Verdict('expired', 'a delay without a clear cause', False)
    if finding.diagnostic_type == 'x-unix' and verdict.reason in (
            'systemerror', 'networkerror', 'onhold', 'undefined', 'filtered'):
        return classify.Verdict('mailererror', 'a delivery program spoke (x-unix)', False)
    return verdict


def _made_up(verdict: classify.Verdict, reply: Optional[str], kind: str) -> str:
    """A status where the mail states none: its class from the reply code, the rest from the reason."""
    temporary = kind == 'delay' or phrases.ONLY_TEMPORARY in verdict.rule
    first = reply[0] if reply and reply[0] in '45' else '4' if temporary else '5'
    return '{}.{}'.format(first, reasons.REASONS[verdict.reason][1] or '0.0')
