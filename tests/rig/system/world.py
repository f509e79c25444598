"""The small world: the company's hosts, the people outside, and the names of both."""
import json
import pathlib
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from rig import parts
from rig.system import company, queues
from rig.system.authority import Authority
from rig.system.company import CompanyHost, Keys
from rig.system.host import Host
from rig.system.names import Names
from rig.system.outside import MailServer
from rig.system.wire import Wire

# Who is not taken by big.example, and why: the table of regexp_table(5), and what bouncedmail is to call it.
REFUSED = '''/^ghost/ 550 5.1.1 User unknown
/^full/ 552 5.2.2 Mailbox full
/^angry/ 550 5.7.1 Message rejected as spam
'''
# Who has no mailbox at the company's provider.
HOSTED_REFUSES = '/^nobody-here/ 550 5.1.1 User unknown\n'
# Who is taken, and returned later, by a mail of big.example itself.
LATE = '/^(late|dead)/ gone:\n'
# Whose mail is forwarded, to an address that is gone.
MOVED = '/^moved(.*)@/ dead$1@elsewhere.example\n'
SPAMMER, GUESSER = '198.51.100.{}', '198.51.100.77'
SPAMMERS = range(100, 150)
SPAMMER6 = '2001:db8:bad::66'
LISTED = '198.51.100.149'
STRANGE = '''spam.example. MX 10 mail.spam.example.
mail.spam.example. A 198.51.100.100
evil.example. MX 10 mail.spam.example.
evil.example. TXT "v=spf1 -all"
mail.evil.example. A 198.51.100.100
mail.evil.example. TXT "v=spf1 -all"
149.100.51.198.rbl.example. A 127.0.0.2
149.100.51.198.rbl.example. TXT "it sends spam"
2.0.0.127.rbl.example. A 127.0.0.2
'''
VERIFY = pathlib.Path(__file__).with_name('verify.py')
NEEDED = ('unshare', 'nsenter', 'ip', 'postfix', 'nsd', 'rsyslogd', 'opendkim', 'postgrey', 'policyd-spf', 'dovecot',
          'sshd', 'ssh-keygen', 'openssl', 'dkimverify', 'pflogsumm', 'useradd', 'sudo')


def missing():
    """What keeps the world from being made here, None for nothing."""
    for name in NEEDED:
        if parts.find(name) is None:
            return '{} is not installed'.format(name)
    if parts.postgresql_folder() is None:
        return 'PostgreSQL is not installed'
    if subprocess.call([parts.find('unshare'), '--net', '--mount', '--pid', '--fork', 'mount', '-t', 'tmpfs', 'none',
                        '/mnt'], stderr=subprocess.DEVNULL) != 0:
        return 'by design: this container allows no namespaces'
    return None


class World:
    """All of it; remove() leaves nothing behind."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mt-world-', dir='/tmp'))
        self.hosts = []
        try:
            self.wire = self.made(Wire())
            self.names = Names(self.wire)
            self.wire.clock()
            self.authority = Authority(self.folder)
            self.people_outside()
            self.company()
            self.began = self.mx.call('date', '+%F').strip()
        except BaseException:
            self.remove()
            raise

    def made(self, host):
        """Remember a host, so that it is removed."""
        self.hosts.append(host)
        return host

    def together(self, *makers):
        """Make hosts and set them up, all at the same time; what each maker gives, in their order."""
        def make(maker):
            host = self.made(maker())
            host.set_up()
            return host
        with ThreadPoolExecutor(len(makers)) as pool:
            return [future.result() for future in [pool.submit(make, maker) for maker in makers]]

    def people_outside(self):
        """Everybody that the company has to do with."""
        def server(name, address, domain, **kwargs):
            return lambda: MailServer(self.wire, self.authority, name, address, domain, **kwargs)
        self.good, self.big, self.hosted, self.spammer, self.guesser = self.together(
            server('mail.good.example', '198.51.100.10', 'good.example', signs=True),
            server('mx.big.example', '198.51.100.40', 'big.example', refused=REFUSED, transport=LATE, aliases=MOVED,
                   signs=True),
            server('mx.hosted.example', '198.51.100.30', 'hosted.example', refused=HOSTED_REFUSES,
                   domains=('example.com',)),
            lambda: self.bystander('spammer', [SPAMMER.format(one) + '/24' for one in SPAMMERS] + [SPAMMER6 + '/64']),
            lambda: self.bystander('guesser', [GUESSER + '/24']))
        self.names.set(outside=''.join(one.zone for one in (self.good, self.big, self.hosted)) + STRANGE)

    def bystander(self, name, addresses):
        """A host with addresses and nothing else."""
        host = Host(name)
        self.wire.connect(host, addresses)
        return host

    def company(self):
        """The company's hosts, rendered and running."""
        keys = Keys(self.authority.signing_key()[0], *self.login_key())

        def host(name, role, *addresses):
            return lambda: CompanyHost(self.wire, self.authority, keys, name + '.example.com', role, addresses)
        self.mx, self.mail1, self.mail2, self.app = self.together(
            host('mx1', 'mx', '192.0.2.10/24', '10.20.0.10/24', '2001:db8:10::10/64'),
            host('mail1', 'sender', '192.0.2.21/24', '10.20.0.21/24', '2001:db8:10::21/64'),
            host('mail2', 'sender', '192.0.2.22/24', '10.20.0.22/24'),
            host('app', 'client', '10.20.0.50/24'))
        self.names.set(company=self.mx.call('mailsystem', 'dns'))
        company.make_postgresql(self.mx)
        self.mx.call('bouncedmail', 'initdb', user=company.OWNER)
        queues.ask_by_ssh(self.mx, keys, (self.mail1, self.mail2))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(CompanyHost.daemons_up, (self.mx, self.mail1, self.mail2, self.app)))

    def events(self):
        """The rows of bouncedmail's table `event`, as dictionaries, with the host that stored each."""
        said = company.query(self.mx, 'SELECT row_to_json(one) FROM (SELECT event.*, mail.host AS stored_by'
                                      ' FROM event JOIN mail ON mail.id = event.mail_id) AS one')
        return [json.loads(line) for line in said.splitlines()]

    def reports(self):
        """What pflogsumm-report counts in the log of each mail server, {host: {figure: number}}.

        The world may see midnight: figures are those of yesterday and today.
        """
        return {host.name: totals([self.report(host, date) for date in self.days()])
                for host in (self.mx, self.mail1, self.mail2)}

    def report(self, host, date):
        """The figures of one day, as JSON."""
        return host.run('pflogsumm-report', '--json', '--totals', '--date', date).out

    def days(self):
        """The days that the logs are of: mostly one."""
        return sorted({self.began, self.mx.call('date', '+%F').strip()})

    def login_key(self):
        """(private, public) key of ssh."""
        path = self.folder / 'login'
        parts.call(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path])
        return path.read_text(), path.with_name('login.pub').read_text()

    def remove(self):
        """End all, whatever state it is in."""
        for host in reversed(self.hosts):
            host.remove()
        shutil.rmtree(str(self.folder), ignore_errors=True)


def totals(reports):
    """The sum of figures of several days; a day without mail has none."""
    found = [json.loads(report) for report in reports if report]
    names = {name for one in found for name, value in one.items() if isinstance(value, int)}
    return {name: sum(one[name] for one in found) for name in names}
