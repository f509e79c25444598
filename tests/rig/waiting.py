"""Waiting for what another process does, with a limit."""
import time


def until(condition, limit_s=20, every_s=0.02, what='the condition'):
    """Ask condition() until it gives something true, and give that; AssertionError after limit_s."""
    end = time.monotonic() + limit_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, 'waited {} s in vain for {}'.format(limit_s, what)
        time.sleep(every_s)
