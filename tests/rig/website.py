"""A folder over HTTP, as a web server gives it out."""
import functools
import http.server
import socketserver
import threading


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """One thread a connection: a browser keeps some open that it may need."""

    daemon_threads = True
    block_on_close = False


class Site:
    """A folder over HTTP; `asked` is what was asked for, `url` that of one page of it."""

    def __init__(self, folder, page):
        site = self
        self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            """Notes what is asked for."""

            def translate_path(self, path):
                """Of our folder, on Python 3.6 too."""
                return str(folder / path.split('?')[0].lstrip('/'))

            def log_message(self, form, *args):
                """`GET /dashboard.html 200`"""
                site.asked.append('{} {} {}'.format(self.command, self.path, args[1]))
        self.server = Server(('127.0.0.1', 0), Handler)
        self.thread = threading.Thread(target=functools.partial(self.server.serve_forever, 0.05), daemon=True)
        self.thread.start()
        self.url = 'http://127.0.0.1:{}/{}'.format(self.server.server_port, page)

    def close(self):
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
