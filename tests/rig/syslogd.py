"""What programs log: a socket that is read like that of syslogd."""
import os
import socket
import threading


class Syslog:
    """A socket at `path`; `lines` are those that came so far."""

    def __init__(self, path):
        self.path = str(path)
        self.lines = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            line = self._socket.recv(8192)
            if line == b'\0end':
                return
            self.lines.append(line.decode('utf-8', 'replace'))

    def close(self):
        """Read no more, and remove the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b'\0end', self.path)
        self._thread.join(5)
        self._socket.close()
        os.unlink(self.path)
