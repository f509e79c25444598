"""What the page shows of the past, read from the history before the page is made."""
from typing import Dict, NamedTuple, Optional, Tuple

from mailtools.base.sqlitefile import Damaged, FileFailure
from mailtools.mailqueues.charts import SPANS
from mailtools.mailqueues.history import HOUR, Row, Step

RECENT_S = 2 * HOUR         # growth is that of the last hour


class Past(NamedTuple):
    """The past of all hosts."""

    recent: Tuple[Row, ...]
    steps: Dict[str, Dict[str, Dict[int, Step]]]    # {key of a charts.Span: {host: {number of the step: Step}}}
    error: Optional[str] = None                     # why there is none


NOTHING = Past((), {})


def past_of(history, now):
    """The Past at `now`; never raises: a page without charts still tells how the queues do.

    A damaged file is moved aside; the next run begins a new one.
    """
    try:
        return Past(tuple(history.read(now - RECENT_S, now)),
                    {span.key: history.steps(span.window(now)[0], span.step_s, span.steps) for span in SPANS})
    except Damaged as damage:
        return NOTHING._replace(error=history.set_aside(damage, now))
    except FileFailure as failed:
        return NOTHING._replace(error=str(failed))


def with_run(past, read_at, snapshot):
    """The Past of `read_at` and what a run found since, as if all had been read after it.

    To read the months of many hosts takes seconds, and can be done while those are asked.
    """
    if past.error:
        return past
    return past._replace(steps={span.key: newer(past.steps.get(span.key, {}), span, read_at, snapshot)
                                for span in SPANS})


def newer(steps, span, read_at, snapshot):
    """The steps of one span, moved to the window of the run, and its figures in the last of them."""
    since = span.window(snapshot.generated_at)[0]
    by = (since - span.window(read_at)[0]) // span.step_s
    found = {host: {number - by: step for number, step in its.items() if 0 <= number - by < span.steps}
             for host, its in steps.items()} if by else {host: dict(its) for host, its in steps.items()}
    last = (int(snapshot.generated_at) - since) // span.step_s
    for known in snapshot.hosts:
        its = found.setdefault(known.name, {})
        its[last] = added(its.get(last, Step(0, None, None, None, None)), known)
    return found


def added(step, known):
    """A Step, and one more look at its host."""
    if known.error or known.counts is None:
        return step
    active, deferred = known.counts['active'], known.counts['deferred']
    return Step(step.seen + 1, max(deferred, step.deferred_most or 0), mean(step.deferred_mean, step.seen, deferred),
                max(active, step.active_most or 0), mean(step.active_mean, step.seen, active))


def mean(of_before, times, value):
    """The mean of `times` values, whose mean is given, and one more."""
    return ((of_before or 0) * times + value) / (times + 1)
