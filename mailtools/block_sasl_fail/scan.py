"""One run: what is new in the log -> scores -> state -> map.  The order of the work; it decides nothing.

    source -> logline.scan -> score.update -> state, in transactions of some thousand lines, each with the
    place behind them; then due -> accessmap.publish

Killed between any two steps, the next run goes on with the line after the last one that was counted, and
writes the map if it isn't what the state says.  A run that finds nothing new and no block that ended
doesn't even ask Postfix: the marks of the map and of the settings tell that nobody touched them.
"""

from typing import List, NamedTuple, Optional, Tuple

from mailtools.base.failure import Busy, Failure, SettingsFailure, Unavailable
from mailtools.base.text import recoded
from mailtools.block_sasl_fail import outage
from mailtools.block_sasl_fail.batch import Batch
from mailtools.block_sasl_fail.logs import packed
from mailtools.block_sasl_fail.marks import marks_of
from mailtools.block_sasl_fail.settings import JOURNAL
from mailtools.block_sasl_fail.source import LogFailure
from mailtools.block_sasl_fail.state import MARKS

LOOK_ANYWAY_S = 3600        # a map that nobody touched is compared so often all the same: our addresses may change
SWEEP_S = 86400
SHARE_S = 30                # a daemon asks the other hosts so often
SMTPD = b'smtpd'            # in every line that counts

LOOKED, SWEPT, SHARED = 'map-looked', 'swept', 'shared'                         # notes of the state
SEEN, MISSED = 'smtpd-seen ', 'smtpd-missed '                                   # ... for each log


class Done(NamedTuple):
    """What a run found."""

    size: int = 0                       # bytes of the log that were new
    attempts: int = 0                   # lines about SASL in it
    said: Tuple[str, ...] = ()          # what needs a person, a sentence each


class Scanner:
    """What one run works with.

    now: seconds since the epoch.  events: the EventLog.  dry: the caller takes all back afterwards.
    """

    def __init__(self, state, settings, log, events, now, dry=False):
        self.state = state
        self.settings = settings
        self.log = log
        self.events = events
        self.now = now
        self.dry = dry
        self.said: List[str] = []

    @property
    def policy(self):
        """What the settings make of attempts."""
        from mailtools.block_sasl_fail.policy import policy_of
        return policy_of(self.settings)

    # -- reading --

    def read(self, source):
        """Count what is new; (bytes, attempts).  Raises Failure, and what was counted until then stays."""
        before = self.state.place(self.log)
        batch = Batch(before)
        size = attempts = 0
        for chunk in source.chunks():
            if chunk.first and before is not None:
                self.write(batch)
                batch = Batch(batch.after or before, rotated=True)
            self.look_for_smtpd(chunk.data)
            batch.take(chunk, self.clock_of(chunk))
            size += len(chunk.data)
            if batch.full():
                attempts += len(batch.attempts)
                self.write(batch)
                batch = Batch(batch.after)
        if batch.after is None and source.place is not None and packed(source.place) != before:
            batch.after = packed(source.place)
        attempts += len(batch.attempts)
        self.write(batch)
        self.tell_troubles(source, size)
        return size, attempts

    def clock_of(self, chunk):
        """The clock for a file; it goes on with the next chunk."""
        from mailtools.block_sasl_fail.stamps import Clock
        path, clock = getattr(self, '_clock', (None, None))
        if path != chunk.path:
            changed = getattr(chunk.place, 'changed', 0)
            clock = Clock(changed / 1e9 if changed else self.now)
            self._clock = chunk.path, clock
        return clock

    def write(self, batch):
        """Count the attempts of a batch and move the place, in one transaction."""
        if batch.after is None and not batch.rotated:
            return
        with self.transaction():
            if self.state.place(self.log) != batch.before:
                raise Busy('another run has read on in {}'.format(self.log))
            if batch.rotated:
                self.free_daily()
            said = [event for attempts in batch.parts() for event in self.count(attempts)]
            self.state.add_evidence(batch.evidence(self.settings.evidence), self.settings.evidence)
            if batch.after is not None:
                self.state.set_place(self.log, batch.after)
        for event, fields in said:
            self.tell(event, fields)

    def transaction(self):
        """A transaction of its own; in a dry run all is one already."""
        import contextlib
        return contextlib.ExitStack() if self.dry else self.state.transaction()

    def count(self, attempts):
        """The scores of some attempts; the events, for a block when it is new."""
        from mailtools.block_sasl_fail import score
        records = self.state.records(score.keys(attempts))
        changes = score.update(records, attempts, self.now, self.policy)
        changed = self.state.save(changes.records)
        return changes.said + tuple(
            ('block', {'client': key, 'why': one.why, 'until': time_text(one.until), 'blocks': one.blocks})
            for key, one in sorted(changes.records.items())
            if key in changed and getattr(one, 'since', 0) == self.now and one.until > self.now)

    def free_daily(self):
        """With mode = daily a new log begins with an empty map."""
        from mailtools.block_sasl_fail.records import DAILY
        if self.policy.mode == DAILY:
            for some in self.state.parts():
                freed = {one.key: one for one in some if getattr(one, 'why', '') == DAILY}
                for one in freed.values():
                    one.free()
                self.state.save(freed)

    def tell(self, event, fields):
        """One event, for the log."""
        if not self.dry:
            (self.events.info if event == 'block' else self.events.warning)(event, **fields)

    # -- what is told once --

    def look_for_smtpd(self, data):
        """Remember whether this log has a line of smtpd in it."""
        if not hasattr(self, '_smtpd'):
            self._smtpd = bool(self.state.note(SEEN + self.log))
        if not self._smtpd and SMTPD in data:
            self._smtpd = True
            with self.transaction():
                self.state.set_note(SEEN + self.log, 'yes')

    def tell_troubles(self, source, size):
        """Say what is wrong with the log, to people once."""
        if source.lost:
            self.say('place-lost', 'the place in {} is lost; what is younger is read from its begin'.format(self.log))
        for path in source.damaged:
            self.say('damaged', 'cannot read {}'.format(recoded(path)))
        if getattr(self, '_smtpd', False) or (not size and self.log != JOURNAL) or self.state.note(SEEN + self.log):
            return
        if not self.state.note(MISSED + self.log):
            with self.transaction():
                self.state.set_note(MISSED + self.log, 'yes')
            self.say('no-smtpd', '{} has no line of smtpd: is this the log of Postfix? see log = in the settings'
                     .format(self.log))

    def say(self, event, sentence):
        """A trouble, for the log and for whoever started us."""
        self.said.append(sentence)
        if not self.dry:
            self.events.warning(event, why=sentence)

    # -- the map --

    def plan(self):
        """What the map should hold; its blocks are read from the state each time."""
        from mailtools.block_sasl_fail import due
        outages = self.state.load([outage.KEY]).get(outage.KEY)
        return due.Plan(due.Stored(self.state, self.now, self.policy, outages), bool(outages and outages.since))

    def publish(self):
        """Make the map hold what is due; does nothing where nothing can have changed.  Raises Failure."""
        marks = '\n'.join(marks_of(self.settings, self.state.next_end(self.now)))
        looked = number(self.state.note(LOOKED))
        if marks == self.state.note(MARKS) and 0 <= self.now - looked < LOOK_ANYWAY_S:
            return
        from mailtools.block_sasl_fail import accessmap
        plan = self.plan()
        published = accessmap.publish(plan, self.settings)
        if published.written:
            self.events.info('map', blocks=published.blocks, files=' '.join(published.written))
        with self.state.transaction():
            self.state.set_note(MARKS, '\n'.join(marks_of(self.settings, self.state.next_end(self.now))))
            self.state.set_note(LOOKED, repr(self.now))
        self.tell_outage(plan)

    def tell_outage(self, plan):
        """Say that an outage keeps us from blocking, once for each."""
        if bool(self.state.note('outage')) == plan.outage:
            return
        with self.state.transaction():
            self.state.set_note('outage', 'yes' if plan.outage else '')
        if plan.outage:
            self.said.append('known clients fail to log in all at once: the password database seems to be away, '
                             'and nobody is blocked for it')

    # -- the others --

    def share(self, every_s=0):
        """Tell the other hosts whom we block, and take their blocks; a database that is away is told once."""
        if not self.settings.share or 0 <= self.now - number(self.state.note(SHARED)) < every_s:
            return
        from mailtools.block_sasl_fail import share
        try:
            theirs = share.exchange(self.settings.share, self.plan().blocks, self.now, self.settings.host)
        except Unavailable as away:
            if not self.state.note('share-away'):
                with self.state.transaction():
                    self.state.set_note('share-away', 'yes')
                self.say('share-away', str(away))
            return
        with self.state.transaction():
            known = {one.key: one for one in self.state.blocked(self.now)}
            known.update(self.state.load(block.key for block in theirs))
            changed = share.merged(known, theirs, self.now)
            self.state.save(changed)
            self.state.set_note(SHARED, repr(self.now))
            self.state.set_note('share-away', '')

    def sweep(self):
        """Once a day, forget what can't matter any more."""
        if 0 <= self.now - number(self.state.note(SWEPT)) < SWEEP_S:
            return
        from mailtools.block_sasl_fail import score
        with self.state.transaction():
            self.state.forget(lambda record: score.worthless(record, self.now, self.policy))
            self.state.set_note(SWEPT, repr(self.now))

    # -- the whole --

    def run(self, source, every_s=0):
        """Read, share, publish; Done.  Raises Failure of the map or the log, whatever could be done is done."""
        trouble: Optional[Failure] = None
        size = attempts = 0
        try:
            size, attempts = self.read(source)
        except LogFailure as failed:
            trouble = failed                # blocks still end in time
        try:
            self.share(every_s)
        except SettingsFailure as failed:
            trouble = trouble or failed
        self.publish()
        self.sweep()
        if trouble:
            raise trouble
        return Done(size, attempts, tuple(self.said))


def number(noted):
    """A time that was noted, 0 for none."""
    return float(noted or 0)


def time_text(seconds):
    """Seconds since the epoch for people; beyond the year 5000 it is for good."""
    import time
    return 'for-good' if seconds > 9e10 else time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))
