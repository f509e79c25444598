"""The name server of the small world: NSD, with everything there is in one root zone.

It has the addresses of the root servers too, for OpenDKIM's resolver (libunbound) begins there, whatever
resolv.conf says.  It knows of itself that nothing is in `test` and `invalid`, so names here end in `example`.
"""
from rig.system import wire
from rig.system.wire import NAMESERVER

ROOTS = ('198.41.0.4', '170.247.170.2', '199.9.14.201', '192.33.4.12', '199.7.91.13', '192.203.230.10', '192.5.5.241',
         '192.112.36.4', '198.97.190.53', '192.36.148.17', '192.58.128.30', '193.0.14.129', '199.7.83.42',
         '202.12.27.33')

CONFIGURATION = '''server:
{addresses}
    username: nsd
    chroot: ""
    zonesdir: /etc/nsd
    database: ""
    server-count: 1
    round-robin: yes
    pidfile: /run/nsd/pid
    xfrdfile: /run/nsd/xfrd
    xfrdir: /run/nsd
    zonelistfile: /run/nsd/zones
remote-control:
    control-enable: no
zone:
    name: .
    zonefile: root.zone
'''
HEAD = '''$ORIGIN .
$TTL 1
. SOA a.root-servers.net. hostmaster.example. SERIAL 3600 600 86400 1
. NS a.root-servers.net.
a.root-servers.net. A {}
'''.format(ROOTS[0])


class Names:
    """Zone text by part, as each host hands it in; what is set is served when set() returns."""

    def __init__(self, where):
        self.wire = where
        self.parts = {}
        self.serial = 0
        wire.ip(where, *('addr add {}/32 dev br0'.format(address) for address in ROOTS))
        where.folder('/run/nsd', owner='nsd')
        where.write('/etc/nsd/nsd.conf', CONFIGURATION.format(
            addresses='\n'.join('    ip-address: ' + address for address in (NAMESERVER,) + ROOTS)))

    def set(self, **parts):
        """Replace the zone text of these parts."""
        self.parts.update(parts)
        self.serial += 1
        self.wire.write('/etc/nsd/root.zone', '\n$ORIGIN .\n'.join(
            [HEAD.replace('SERIAL', str(self.serial))] +
            [text for _, text in sorted(self.parts.items())]) + '\n')
        self.wire.call('nsd-checkzone', '.', '/etc/nsd/root.zone')
        if 'nsd' in self.wire.daemons:
            self.wire.stop('nsd')
        self.wire.start('nsd', '/usr/sbin/nsd', '-d', '-c', '/etc/nsd/nsd.conf',
                        ready=lambda: self.wire.listens(53))
