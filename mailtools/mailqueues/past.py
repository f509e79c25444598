"""What the page shows of the past, read from the history before the page is made."""
from typing import Dict, NamedTuple, Optional, Tuple

from mailtools.mailqueues.charts import SPANS
from mailtools.mailqueues.history import HOUR, HistoryFailure, Row, Step

RECENT_S = 2 * HOUR         # growth is that of the last hour


class Past(NamedTuple):
    """The past of all hosts."""

    recent: Tuple[Row, ...]
    steps: Dict[str, Dict[str, Dict[int, Step]]]    # {key of a charts.Span: {host: {number of the step: Step}}}
    error: Optional[str] = None                     # why there is none


NOTHING = Past((), {})


def past_of(history, now):
    """The Past at `now`; never raises: a page without charts still tells how the queues do."""
    try:
        return Past(tuple(history.read(now - RECENT_S, now)),
                    {span.key: history.steps(span.window(now)[0], span.step_s, span.steps) for span in SPANS})
    except HistoryFailure as failed:
        return NOTHING._replace(error=str(failed))
