"""Whether anybody touched the map or what decides on it since the last run: marks that are kept in the state."""
import os


def marks_of(settings, next_end):
    """What would be different if anybody had touched the map or what decides on it, text each."""
    cidr = settings.cidr_map or settings.map + '.cidr'
    main = os.path.join(settings.postfix_config or os.environ.get('MAIL_CONFIG') or '/etc/postfix', 'main.cf')
    paths = [settings.map + ending for ending in ('', '.db', '.lmdb', '.cdb')] + [cidr, main]
    yield repr(next_end)
    yield ' '.join(row.value for row in settings.rows)      # of the file they may not be in force yet
    for path in paths:
        try:
            status = os.stat(path)
            yield '{} {} {} {}'.format(path, status.st_ino, status.st_size, status.st_mtime_ns)
        except OSError:
            yield path + ' -'
