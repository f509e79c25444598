"""What journalctl(1) prints, recognised by its first bytes, and `-o export` read as lines of `-o json`.

An entry of an export is lines `FIELD=text`, or for a field with control characters `FIELD`, its length
(64 bits, little endian) and its bytes; an empty line ends it (systemd's JOURNAL_EXPORT_FORMATS).  Each entry
becomes one JSON object where its message stands, and its other lines become empty ones (or objects), so that
the lines keep their numbers.
"""
import json
import re

EXPORT = re.compile(rb'__[A-Z_]{1,60}=')
# Forms of `journalctl -o` in which a line has no message, or no time of day.
UNREADABLE = (
    ('short-monotonic', re.compile(rb'\[ {0,11}[0-9]{1,12}\.[0-9]{6}\] ')),
    ('json-seq', re.compile(rb'\x1e\{')),
    ('json-sse', re.compile(rb'data: \{')),
    ('json-pretty', re.compile(rb'\{\n\s+"')),
    ('verbose', re.compile(rb'[A-Z][a-z][a-z] [0-9-]{10} [0-9:.]{8,15} \S{1,20} \[s=')),
)
FIRST = 80                  # bytes that tell
NEEDED = ('MESSAGE', '__REALTIME_TIMESTAMP', 'SYSLOG_IDENTIFIER', '_COMM')
BLOCK = 1 << 18
LONGEST = 1 << 20           # bytes of a field, as of a line of a log; a longer one is dropped


def unreadable(first):
    """The form of `journalctl -o` that begins with these bytes and cannot be read, '' for any other text."""
    return next((name for name, pattern in UNREADABLE if pattern.match(first)), '')


class Lines:
    """A file object with the entries of an export, each as the line of `journalctl -o json`."""

    def __init__(self, file):
        self._file = file
        self._entries = self._read()

    def read(self, _size=-1):
        """The next bytes; b'' at the end.  They end with a line."""
        found, size = [], 0
        for text in self._entries:
            found.append(text)
            size += len(text)
            if size >= BLOCK:
                break
        return b''.join(found)

    def _read(self):
        """Yield bytes with as many line ends as there are in the export."""
        fields, lines, at = {}, 0, 0
        for name, value, height in self._fields():
            if name:
                at = lines if name == 'MESSAGE' else at
                fields[name] = value
                lines += height
                continue
            yield before(at) + line_of(fields) + b'\n' * (lines + height - at)
            fields, lines, at = {}, 0, 0
        if fields:
            yield before(at) + line_of(fields) + b'\n' * max(1, lines - at)

    def _fields(self):
        """Yield (name, value, lines that it takes); name is '' for the end of an entry."""
        read = self._file.readline
        while True:
            line = read(LONGEST)
            if not line:
                return
            name, equal, value = line.rstrip(b'\n').partition(b'=')
            height = line.count(b'\n')
            if name and not equal and height:
                value, more = self._binary()
                height += more
            while not line.endswith(b'\n'):             # too long, or the last one
                line = read(LONGEST)
                if not line:
                    break
                value, height = b'', height + line.count(b'\n')
            key = name.decode('ascii', 'replace')
            if not key or key in NEEDED:
                yield key, value, height
            else:
                yield '-', b'', height

    def _binary(self):
        """(bytes, line ends in them) of a field that is written with its length."""
        size = int.from_bytes(self._file.read(8), 'little')
        lines, kept = 1, b''
        while size > 0:
            block = self._file.read(min(size, BLOCK))
            if not block:
                return b'', lines
            size -= len(block)
            lines += block.count(b'\n')
            kept = kept + block if len(kept) < LONGEST else b''
        self._file.read(1)
        return kept, lines


def before(lines):
    """So many lines; the first one is an object, by which the reader knows the journal."""
    return b'{}' + b'\n' * lines if lines else b''


def line_of(fields):
    """An entry as `journalctl -o json` shows it, without line end; bytes that are no UTF-8 as numbers."""
    return json.dumps({name: text_or_numbers(value) for name, value in fields.items() if name in NEEDED},
                      separators=(',', ':')).encode('ascii') if 'MESSAGE' in fields else b''


def text_or_numbers(value):
    """What json.dumps() takes for bytes."""
    try:
        return value.decode('utf-8')
    except UnicodeDecodeError:
        return list(value)
