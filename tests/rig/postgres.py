"""A PostgreSQL server of our own in a scratch folder, that tests may stop and start."""
import contextlib
import os
import pwd
import shutil
import tempfile

from rig import parts

# synchronous_commit is off so that an immediate stop loses what the store did not make durable itself.
OPTIONS = ' '.join('-c ' + option for option in (
    "listen_addresses=''", 'fsync=off', 'full_page_writes=off', 'synchronous_commit=off',
    'shared_buffers=16MB', 'max_connections=60', 'max_wal_size=64MB'))
ROOM = 4 << 30          # bytes; a database takes 8 MB, and there are hundreds


class Postgres:
    """One cluster; the socket is in `folder`, whose path is short (107 bytes at most for a socket).

    on_disk: not in memory, for what is measured, or large.
    """

    def __init__(self, on_disk=False):
        self.programs = parts.postgresql_folder()
        self.user = parts.other_user('postgres', 'nobody') if os.getuid() == 0 else None
        self.folder = tempfile.mkdtemp(prefix='mt-pg-', dir='/tmp' if on_disk else where())
        os.chmod(self.folder, 0o755)
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.data = os.path.join(self.folder, 'data')
        self.running = False
        self.made = 0
        self.call('initdb', '-D', self.data, '-U', 'mailtools', '-A', 'trust', '--no-sync', '-E', 'UTF8',
                  '--locale=C')
        self.start()

    def call(self, program, *args):
        """Run one of PostgreSQL's programs as its user."""
        return parts.call(parts.as_user(self.user, [os.path.join(self.programs, program)] + list(args)))

    def start(self):
        """Start the server, if it does not run; it answers when this returns."""
        if not self.running:
            log = os.path.join(self.folder, 'log')
            self.call('pg_ctl', '-D', self.data, '-w', '-s', '-l', log, '-o',
                      '{} -c unix_socket_directories={}'.format(OPTIONS, self.folder), 'start')
            self.running = True

    def stop(self, mode='immediate'):
        """Stop the server; `immediate` is like a crash, `fast` ends sessions in order."""
        if self.running:
            self.call('pg_ctl', '-D', self.data, '-m', mode, '-w', '-s', 'stop')
            self.running = False

    def restart(self, mode='immediate'):
        """Stop and start."""
        self.stop(mode)
        self.start()

    def url(self, database='postgres'):
        """The address of a database, for the setting `database`."""
        return 'postgresql://mailtools@/{}?host={}'.format(database, self.folder)

    def new_database(self, encoding='UTF8'):
        """The address of a new, empty database."""
        import psycopg2

        self.made += 1
        name = 'test{}'.format(self.made)
        connection = psycopg2.connect(self.url())
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE {} TEMPLATE template0 ENCODING '{}'".format(name, encoding))
        return self.url(name)

    def remove(self):
        """Stop the server and remove all."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def where():
    """In memory if there is room, so that tests do not wait for the disk."""
    shm = '/dev/shm'
    roomy = os.access(shm, os.W_OK) and shutil.disk_usage(shm).free >= ROOM
    return shm if roomy else '/tmp'
