"""Reading logs in tests: files, settings, time zones, and what the real pflogsumm(1) says of the same text."""
import os
import re
import subprocess

import pytest
from maillog import DAY

from mailtools.base import settings
from mailtools.pflogsumm_report.reading import read_day
from mailtools.pflogsumm_report.settings import PROGRAM, SETTINGS
from mailtools.pflogsumm_report.values import PER_HOUR
from rig import parts

GRAND_TOTALS = {'received': 'received', 'delivered': 'delivered', 'forwarded': 'forwarded', 'deferred': 'deferred',
                'bounced': 'bounced', 'rejected': 'rejected', 'reject warnings': 'reject_warnings', 'held': 'held',
                'discarded': 'discarded', 'bytes received': 'bytes_received', 'bytes delivered': 'bytes_delivered',
                'senders': 'senders', 'sending hosts/domains': 'sending_domains', 'recipients': 'recipients',
                'recipient hosts/domains': 'recipient_domains'}


def of_files(folder, day=DAY, logs=None, totals=False, text=False, **keys):
    """The Reading of the files maillog* in a folder, or of those named."""
    lines = ['[{}]'.format(PROGRAM), 'journal = no'] + ['{} = {}'.format(*pair) for pair in keys.items()]
    if 'logs' not in keys:
        lines.append('logs = {}/maillog*'.format(folder))
    config = folder / 'settings.conf'
    config.write_text('\n'.join(lines))
    return read_day(settings.load(PROGRAM, SETTINGS, str(config)), day, [str(one) for one in logs or ()], totals, text)


def of_text(folder, text, day=DAY, **keys):
    """The figures of a text."""
    (folder / 'maillog').write_bytes(text)
    return of_files(folder, day, **keys).figures


def same(figures, wanted):
    """Assert that all that is wanted is in the figures."""
    assert {name: figures[name] for name in wanted} == wanted


def pflogsumm(text):
    """What the real one counts: {name: number or None where it is rounded}, with per_hour; skips without it."""
    program = parts.find('pflogsumm')
    if program is None:
        pytest.skip('pflogsumm is not installed')
    said = subprocess.run([program, '--detail', '0'], input=text, stdout=subprocess.PIPE, check=True,
                          env=dict(os.environ, PERL_HASH_SEED='0')).stdout.decode()
    found = {}
    for number, unit, name in re.findall(r'^ +(\d+)([km ]) +([a-z/ ]+?)(?:  ?\(.*)?$', said, re.M):
        if name in GRAND_TOTALS:
            found[GRAND_TOTALS[name]] = int(number) if unit == ' ' else None
    deferrals = re.search(r'\((\d+)  deferrals\)', said)
    found['deferrals'] = int(deferrals.group(1)) if deferrals else 0
    rows = re.findall(r'^ +\d{4}-\d{4} +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) *$', said, re.M)
    found['per_hour'] = {name: [int(row[number]) for row in rows] for number, name in enumerate(PER_HOUR)}
    return found
