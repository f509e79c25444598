"""How well the reader understands real mail: the corpus beside the checkout, scored.

Skipped by name where the corpus is not there.  The thresholds are goals of the
project, not what was measured.
"""
import json
import pathlib
import subprocess
import sys

import pytest

from mailtools.bouncedmail.reader import read
from mailtools.bouncedmail.report import Wanted

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / 'shared'
CORPUS = SHARED / 'corpus' / 'bounces'
SCORER = SHARED / 'tools' / 'score_bounces.py'
MAILS = sorted(CORPUS.glob('*/*.eml'))

AT_LEAST = {
    'f1': 0.995,
    'severity': 0.98,
    'reason': 0.96,
    'reason_family': 0.97,
    'status_class': 0.99,
    'status_full': 0.99,
    'message_id': 0.99,
    'delay_kind': 0.95,
    'feedback_type': 1,
    'vacation': 1,
}
NONE_OF = ('clean_false_positives', 'files_without_output', 'bad_lines', 'duplicates')

pytestmark = pytest.mark.skipif(
    not MAILS or not SCORER.is_file(), reason='by design: no ../shared/corpus/bounces beside the checkout'
)


@pytest.fixture(scope='module')
def figures(tmp_path_factory):
    """What the scorer says of the program's output over the whole corpus."""
    got = tmp_path_factory.mktemp('corpus') / 'got.jsonl'
    with open(str(got), 'wb') as out:
        subprocess.run(
            [sys.executable, str(ROOT / 'bin' / 'bouncedmail'), 'parse'] + list(map(str, MAILS)),
            stdout=out,
            check=True,
            timeout=300,
        )
    scored = subprocess.run(
        [
            sys.executable,
            str(SCORER),
            '--truth',
            str(CORPUS / 'answers.jsonl'),
            '--got',
            str(got),
            '--json-only',
        ],
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    return json.loads(scored.stdout.decode('utf-8'))


@pytest.mark.parametrize('figure', sorted(AT_LEAST))
def test_the_corpus_is_understood(figures, figure):
    assert figures[figure] >= AT_LEAST[figure]


@pytest.mark.parametrize('figure', NONE_OF)
def test_nothing_is_made_up_about_the_corpus(figures, figure):
    assert figures[figure] == 0


def unified(raw):
    return raw.replace(b'\r\n', b'\n').replace(b'\r', b'\n')


FORMS = {
    'CRLF': lambda raw: raw.replace(b'\n', b'\r\n'),
    'CR': lambda raw: raw.replace(b'\n', b'\r'),
    'mbox piece': lambda raw: b'From MAILER-DAEMON Sun Nov 22 21:19:37 2026\n' + raw + b'\n',
    'mbox piece with CRLF': lambda raw: (b'From MAILER-DAEMON Sun Nov 22 21:19:37 2026\n' + raw).replace(
        b'\n', b'\r\n'
    ),
}


@pytest.mark.parametrize(
    'path', [path for path in MAILS if path.parent.name == 'bsd'], ids=lambda path: path.name
)
def test_line_ends_and_an_mbox_line_change_nothing(path):
    raw = unified(path.read_bytes())
    if raw.startswith(b'From '):
        raw = raw.partition(b'\n')[2]
    events = read(raw, Wanted()).events
    for form, convert in sorted(FORMS.items()):
        assert read(convert(raw), Wanted()).events == events, form
