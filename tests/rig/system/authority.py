"""A certificate authority, keys and certificates, made by openssl(1) in a folder."""
import itertools

from rig import parts

DAYS = 30
NEW_KEY = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes')


class Authority:
    """`ca` is its certificate; everybody in the small world believes it."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count()        # hosts are made at the same time
        self.openssl('req', '-x509', *NEW_KEY, '-days', str(DAYS), '-subj', '/CN=Small World CA',
                     '-keyout', folder / 'ca.key', '-out', folder / 'ca.pem')
        self.ca = (folder / 'ca.pem').read_text()

    def certificate(self, *names, days=DAYS):
        """(key, certificate) for these host names, both PEM, good for so many days; -1: until yesterday."""
        number = next(self.numbers)
        key, request, certificate = (self.folder / '{}.{}'.format(number, kind) for kind in ('key', 'csr', 'pem'))
        self.openssl('req', '-new', *NEW_KEY, '-subj', '/CN=' + names[0],
                     '-addext', 'basicConstraints=critical,CA:FALSE',
                     '-addext', 'subjectAltName=' + ','.join('DNS:' + name for name in names),
                     '-keyout', key, '-out', request)
        self.openssl('x509', '-req', '-in', request, '-CA', self.folder / 'ca.pem', '-CAkey', self.folder / 'ca.key',
                     '-copy_extensions', 'copy', '-days', str(days), '-out', certificate)
        return key.read_text(), certificate.read_text()

    def signing_key(self, bits=2048):
        """(private key, the p= of its DKIM record)."""
        key = self.folder / '{}.dkim'.format(next(self.numbers))
        self.openssl('genrsa', '-traditional', '-out', key, str(bits))
        public = self.openssl('rsa', '-in', key, '-pubout')
        return key.read_text(), ''.join(
            line for line in public.splitlines() if line and not line.startswith(('-----', 'writing')))

    @staticmethod
    def openssl(*args):
        """openssl(1)."""
        return parts.call([parts.find('openssl')] + list(args))
