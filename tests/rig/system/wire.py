"""The wire: a bridge in a namespace of its own, one cable to each host, and the name server of this small world."""
import pathlib
import sys

from rig import parts
from rig.system.host import Host

NAMESERVER = '192.0.2.53'             # the time server too
CLOCK = pathlib.Path(__file__).with_name('clock.py')


class Wire(Host):
    """Everybody is on one link, whatever the network of his addresses, so nothing needs a router."""

    def __init__(self):
        super().__init__('wire')
        self.ends = 0
        ip(self, 'link set lo up', 'link add br0 type bridge', 'link set br0 up',
           'addr add {}/32 dev br0'.format(NAMESERVER), 'route add default dev br0')

    def connect(self, host, addresses):
        """Lay a cable to a host that has these addresses, ADDRESS/BITS; IPv6 too if it has any there.

        The first one, which is IPv4, is the one that it speaks from.
        """
        self.ends += 1
        end = 'to{}'.format(self.ends)
        parts.call([parts.find('ip'), 'link', 'add', 'eth0', 'netns', str(host.pid), 'type', 'veth',
                    'peer', 'name', end, 'netns', str(self.pid)])
        ip(self, 'link set {} master br0'.format(end), 'link set {} up'.format(end))
        ip(host, 'link set lo up', 'link set eth0 up', *(
            ['addr add {} dev eth0{}'.format(one, ' nodad' if ':' in one else '') for one in addresses] +
            ['route add default dev eth0 src {}'.format(addresses[0].split('/')[0])] +
            ['route add ::/0 dev eth0' for one in addresses if ':' in one][:1]))
        host.addresses = [address.split('/')[0] for address in addresses]
        host.write('/etc/resolv.conf', 'nameserver {}\n'.format(NAMESERVER))
        host.write('/etc/hosts', '127.0.0.1 localhost\n')
        host.write('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n'
                                         'services: files\nprotocols: files\n')

    def clock(self, wrong_s=0):
        """Tell this time from now on."""
        if 'clock' in self.daemons:
            self.stop('clock')
        self.start('clock', sys.executable, '-IS', CLOCK, NAMESERVER, str(wrong_s))

    def cut(self, host, peer):
        """Pull the cable of a host, long enough ago for `peer` to have forgotten its hardware's address."""
        ip(host, 'link set eth0 down')
        ip(peer, 'neigh flush all')

    def mend(self, host):
        """Put it back."""
        ip(host, 'link set eth0 up', 'route replace default dev eth0 src {}'.format(host.addresses[0]))


def ip(host, *commands):
    """ip(8) in a host, all commands at once."""
    host.call(parts.find('ip'), '-batch', '-', stdin='\n'.join(commands).encode())
