"""The hosts of the small world end with the tests, whatever ends those."""
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from rig import program, waiting

# Two processes of a host: one that a daemon would be, and one that nobody waits for.
SCRIPT = '''
import sys
sys.path[:0] = {path!r}
from rig.system.host import Host
host = Host('short-lived')
host.start('sleeper', 'sleep', '1000')
host.call('sh', '-c', 'sleep 1000 >/dev/null 2>&1 &')
print(host.pid, flush=True)
sys.stdin.read()
'''


def processes(namespace):
    """The ids of the processes of a pid namespace."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.readlink('/proc/{}/ns/pid'.format(pid)) == namespace:
                found.append(int(pid))
        except OSError:
            pass
    return found


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM])
def test_a_host_ends_with_whoever_made_it(world, number):
    script = SCRIPT.format(path=[str(program.CHECKOUT / 'tests'), str(program.CHECKOUT)])
    with subprocess.Popen([sys.executable, '-c', script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as maker:
        init = int(maker.stdout.readline())
        namespace = os.readlink('/proc/{}/ns/pid'.format(init))
        assert len(processes(namespace)) == 3
        maker.send_signal(number)
    waiting.until(lambda: not processes(namespace), 20, 0.1, what='the end of the host')


def test_what_a_host_writes_is_not_on_the_machine(world):
    for path in '/etc/mailtools/mailsystem.conf', '/var/log/maillog', '/usr/bin/bouncedmail', '/run/rsyslogd.pid':
        inside, outside = world.mx.path(path), pathlib.Path(path)
        assert inside.exists()
        assert not outside.exists() or not inside.samefile(outside)
