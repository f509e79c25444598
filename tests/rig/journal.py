"""A journal of systemd in a folder: written by systemd-journal-remote(8), read by journalctl(1).

    journal = Journal(folder)
    journal.add(['warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: x'])
    journal.printed('export')           # what journalctl prints of it
    journal.program                     # a journalctl that reads it, for the settings
"""
import os
import pathlib
import subprocess
import time

import pytest

from rig import parts

WRITERS = ('/lib/systemd/systemd-journal-remote', '/usr/lib/systemd/systemd-journal-remote')
# A boot and a machine, so that the times of two calls belong together.
ENTRY = (b'__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4\n'
         b'_MACHINE_ID=a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d5\n_HOSTNAME=mx\n_TRANSPORT=syslog\nPRIORITY=4\n'
         b'SYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%b\n_COMM=%b\n_PID=4711\nMESSAGE\n%b%b\n\n')


class Journal:
    """One journal; each entry is a microsecond younger than the one before, at least."""

    def __init__(self, folder):
        self.folder = pathlib.Path(str(folder))
        self.folder.mkdir()
        self.writer = next((one for one in WRITERS if os.path.exists(one)), None)
        reader = parts.find('journalctl')
        if self.writer is None or reader is None:
            pytest.skip('systemd-journal-remote and journalctl are not installed')
        self.last = 0
        self.program = self.folder / 'journalctl'
        self.program.write_text('#!/bin/sh\nexec {} --directory={} "$@"\n'.format(reader, self.folder))
        self.program.chmod(0o755)

    def add(self, messages, tag=b'postfix/smtpd', command=b'smtpd', facility=2, at=None):
        """Write entries; messages are text or bytes, at is the time of the first one, now by default."""
        made = []
        for message in messages:
            raw = message if isinstance(message, bytes) else message.encode('utf-8')
            micros = int((time.time() if at is None else at) * 1e6)
            self.last = max(self.last + 1, micros)
            made.append(ENTRY % (self.last, self.last % 10 ** 12, facility, tag, command,
                                 len(raw).to_bytes(8, 'little'), raw))
        export = self.folder / 'export'
        export.write_bytes(b''.join(made))
        parts.call([self.writer, '--output', self.folder / 'mx.journal', export])
        export.unlink()

    def printed(self, form, *options):
        """What `journalctl -o FORM` prints of all, bytes."""
        return subprocess.run([str(self.program), '--output', form, '--no-pager', '--quiet'] + list(options),
                              env={'TZ': 'UTC', 'PATH': os.environ['PATH']}, stdout=subprocess.PIPE, check=True).stdout
