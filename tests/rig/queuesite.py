"""The host that asks all others: settings, output and history of mailqueues in one folder."""
import json
import pathlib
import time

from rig import program


class QueueSite:
    """A folder with mailqueues.conf; run() runs a command of the program."""

    def __init__(self, folder, hosts='', **settings):
        self.folder = pathlib.Path(str(folder))
        self.output = self.folder / 'html'
        self.output.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / 'mailqueues.conf'
        self.configure(hosts, **settings)

    def configure(self, hosts, **settings):
        """Write the settings.  hosts: the [host NAME] sections."""
        values = dict({'output': self.output, 'history': self.folder / 'history.db', 'timeout': '5s'}, **settings)
        self.config.write_text('[mailqueues]\n' + ''.join(
            '{} = {}\n'.format(key, value) for key, value in values.items()) + hosts, encoding='utf-8')

    def run(self, command='export', *args, **kwargs):
        """Run a command to its end."""
        return program.run('mailqueues', command, '--config', self.config, *args, **kwargs)

    def timed(self, *args, **kwargs):
        """(Ran, seconds) of a command."""
        began = time.monotonic()
        return self.run(*args, **kwargs), time.monotonic() - began

    @property
    def index(self):
        """{host: {...}} of index.html."""
        return json.loads((self.output / 'index.html').read_text())['mailqueues']

    @property
    def status(self):
        """{host: what status.json says of it}."""
        return {host['name']: host for host in json.loads((self.output / 'status.json').read_text())['hosts']}

    @property
    def generated_at(self):
        """When all hosts had been asked, seconds since the epoch."""
        return json.loads((self.output / 'status.json').read_text())['generated_at']
