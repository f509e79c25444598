"""Failures by client, of any number of clients: in memory, and beyond a bound in a file that SQLite sorts.

A dictionary of 300,000 addresses takes 80 MB.
"""
LIMIT = 10000           # clients in memory
CACHE_KB = 2000         # of SQLite's memory


class Counts:
    """A sum for each client."""

    def __init__(self):
        self._memory = {}
        self._file = None

    def add(self, client, times):
        """Count `times` failures of a client."""
        self._memory[client] = self._memory.get(client, 0) + times
        if len(self._memory) > LIMIT:
            self._spill()

    def _spill(self):
        """Bring what is in memory to a file, which SQLite removes in the end."""
        if self._file is None:
            import sqlite3
            self._file = sqlite3.connect('', isolation_level=None)
            for statement in ('PRAGMA cache_size = -{}'.format(CACHE_KB), 'PRAGMA temp_store = FILE',
                              'PRAGMA synchronous = OFF', 'PRAGMA journal_mode = OFF',
                              'CREATE TABLE sum (client TEXT, times INTEGER)'):
                self._file.execute(statement)
        self._file.execute('BEGIN')
        self._file.executemany('INSERT INTO sum VALUES (?, ?)', self._memory.items())
        self._file.execute('COMMIT')
        self._memory.clear()

    def pairs(self):
        """Yield (client, times), those with most first; the clients that have as many by their text."""
        if self._file is None:
            return iter(sorted(self._memory.items(), key=lambda pair: (-pair[1], pair[0])))
        self._spill()
        return self._file.execute('SELECT client, sum(times) FROM sum GROUP BY client ORDER BY 2 DESC, 1')
