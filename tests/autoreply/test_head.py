"""autoreply/head.py: what is read of a header, however it is broken, within bounded memory and time."""
import io
import time
import tracemalloc

import pytest
from parts import head_of

from mailtools.autoreply import head
from mailtools.autoreply.head import read_head
from rig.full import in_full


def test_a_field_is_found_by_its_name_in_any_case_and_unfolded():
    found = head_of(b'SUBJECT: one\n two\n\tthree\nTo: a@b\nX-Unknown: x\n\nSubject: body\n')
    assert found.all(b'subject') == [b'one two\tthree']
    assert found.first(b'to') == b'a@b' and found.first(b'cc') is None and found.all(b'cc') == ()
    assert b'x-unknown' not in found.fields_of and not found.truncated


def test_several_fields_of_one_name_keep_their_order():
    assert head_of(b'Auto-Submitted: no\nTo: x\nAuto-Submitted: auto-replied\n\n').all(b'auto-submitted') == [
        b'no', b'auto-replied']


@pytest.mark.parametrize('end', [b'\n', b'\r\n', b'\r', b'\r\r\n'], ids=['LF', 'CRLF', 'CR', 'CRCRLF'])
def test_every_line_end_is_one(end):
    raw = b'To: a@b\nList-Id: x\n y\n\nSubject: body\n'.replace(b'\n', end)
    found = head_of(raw)
    assert found.first(b'to') == b'a@b' and found.first(b'list-id') == b'x y'
    assert found.first(b'subject') is None


@pytest.mark.parametrize('raw', [
    b'Subject: x\rAuto-Submitted: auto-replied\n\n', b'Subject: x\r\r\rAuto-Submitted: auto-replied\n\n',
    b'Subject: x\nno field at all\nAuto-Submitted: auto-replied\n\n', b'Auto-Submitted : auto-replied\n\n',
    b'From \nAuto-Submitted: auto-replied\n\n', b' folded nothing\nAuto-Submitted: auto-replied\n\n',
    b'\xff\xfe\x00: x\nAuto-Submitted: auto-replied\n\n', b'Auto-Submitted: auto-replied'],
    ids=['behind CR', 'behind CRs', 'behind no field', 'blank before colon', 'From_ line', 'continuation first',
         'bytes', 'no line end'])
def test_nothing_hides_a_mark(raw):
    assert head_of(raw).all(b'auto-submitted') == [b'auto-replied']


def test_the_from_line_of_an_mbox_is_no_field():
    assert head_of(b'From to: x  Mon\nTo: a@b\n\n').all(b'to') == [b'a@b']
    assert b'from to' not in head_of(b'From to: x\n\n').fields_of


@pytest.mark.parametrize('raw', [b'', b'\n', b'\r', b'\0', b':', b': x\n\n', b'x', b'\n\nTo: body'])
def test_a_mail_of_nothing_has_no_fields(raw):
    assert head_of(raw).fields_of == {}


def test_a_field_behind_20000_others_is_seen():
    raw = b'X-Filler: some text\n' * 20000 + b'Auto-Submitted: auto-replied\n\n'
    assert head_of(raw).all(b'auto-submitted') == [b'auto-replied'] and not head_of(raw).truncated


@pytest.mark.parametrize('raw', [b'Subject: ' + b'x' * 300000 + b'\nTo: a@b\n\n',
                                 b'Subject:' + b' a folded line\n' * 10000 + b'To: a@b\n\n'],
                         ids=['one line', 'folded'])
def test_a_field_is_cut_like_postfix_cuts_it(raw):
    found = head_of(raw)
    assert head.FIELD_LIMIT // 2 < len(found.first(b'subject')) <= head.FIELD_LIMIT
    assert found.first(b'to') == b'a@b'


@pytest.mark.parametrize('begin, filler, times', [
    (b'', b'X: y\n', 400000), (b'X: ', b'y', 9000000), (b'', b'To: a@b\n', 100000)], ids=['lines', 'bytes', 'kept'])
def test_more_header_than_is_looked_at_is_told(begin, filler, times):
    assert head_of(begin + filler * times).truncated


class Endless:
    """A mail of so many bytes that is made while it is read."""

    def __init__(self, start, filler, size):
        self.left = [start] + [filler * (head.CHUNK // len(filler))] * (size // head.CHUNK)

    def read(self, size):
        return self.left.pop(0) if self.left else b''


@pytest.mark.parametrize('start', [b'To: a@b\n\n', b'Subject: '] + in_full(b'To: a@b\n'),
                         ids=['body', 'one field', 'header'])
def test_a_mail_of_100_mb_takes_little_memory_and_is_read_to_its_end(start):
    endless = Endless(start, b'X-Fill: x\n' if start.endswith(b'b\n') else b'x', 100 << 20)
    tracemalloc.start()
    began = time.process_time()
    read_head(endless.read)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert endless.left == [] and most < 2 << 20 and time.process_time() - began < 20


def test_a_slow_pipe_is_read_as_one_mail():
    source = io.BytesIO(b'List-Id: x\r\nTo: a@b\r\n\r\nSubject: body\r\n')
    found = read_head(lambda size: source.read(1))
    assert found.fields_of == {b'list-id': [b'x'], b'to': [b'a@b']}
