"""All topics side by side, within a time: a Host in, findings out.

Topics wait for the network more than they work, so each has a thread.  Every question has a time limit of its own;
`limit_s` is for all together, and a topic that has not ended by then says so, as unknown.
"""
import threading
import time
from typing import Any, Dict, List

from mailtools.base.commandline import where_raised
from mailtools.base.failure import Failure
from mailtools.mailsystem.checks import TOPICS
from mailtools.mailsystem.checks.said import unknown
from mailtools.mailsystem.values import OK, Finding

LIMIT_S = 110           # below the 2 minutes after which monitors call a plug-in hung


def examined(host, only=(), limit_s=LIMIT_S):
    """The Findings on a host, in the order of the topics.

    only: names of findings: topics that have none of them are not asked, and of the others is left out what is well
    under another name.  What is wrong there stays: it can be why a name that was asked for does not come up.
    """
    chosen = [topic for topic in TOPICS if not only or set(only) & set(topic.NAMES)]
    answers: Dict[Any, List[Finding]] = {}

    def ask(topic):
        answers[topic] = findings_of(topic, host)

    threads = [threading.Thread(target=ask, args=(topic,), daemon=True) for topic in chosen]
    for thread in threads:
        thread.start()
    end = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    found: List[Finding] = []
    for topic in chosen:
        late = [unknown(topic.NAMES[0], 'nothing was heard within {} s'.format(limit_s),
                        'mailsystem check --only {}'.format(topic.NAMES[0]))]
        found += answers.get(topic, late)
    return [one for one in found if not only or one.name in only or one.level != OK]


def findings_of(topic, host):
    """What a topic finds; what cannot be seen is a finding too."""
    try:
        return list(topic.find(host))
    except Failure as failed:
        return [unknown(topic.NAMES[0], str(failed), '' if host.is_root else 'run it as root')]
    except Exception as bug:        # one topic of many: the others go on
        return [unknown(topic.NAMES[0], 'internal error: {}'.format(where_raised(bug)))]
