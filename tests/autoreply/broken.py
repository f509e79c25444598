"""A responder of which something is broken: what holds whatever that is, and what holds once it is mended.

0 or 75, nothing printed that undoes the 75, and no answer lost or counted twice: the same mail, come again
from Postfix's queue, is answered exactly once.
"""
from answers import faults
from scene import ANSWER, step

from rig.responder import D_S_N, TEMPLATE

MAIL = step(ANSWER, sender='bob@sender.example')
OTHER = step(ANSWER, sender='carol@elsewhere.example')


def delivered(host, one=MAIL, **kwargs):
    """Deliver; what holds whatever happens is checked here."""
    ran = host.deliver(one.raw(), one.env, timeout=30, **kwargs)
    assert ran.status in (0, 75), ran
    assert not (ran.status and D_S_N.match(ran.output)), ran
    assert b'Traceback' not in ran.output, ran.output
    return ran


def expect_answers_once_mended(host, already=0):
    """The mail comes again, twice: one more answer, and no further one."""
    assert delivered(host).status == 0
    assert host.count() == already + 1
    assert faults(host.sent()[-1], MAIL, TEMPLATE) == []
    assert delivered(host).status == 0
    assert host.count() == already + 1
