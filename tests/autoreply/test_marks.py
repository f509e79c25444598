"""autoreply/marks.py: the words of single fields."""
import pytest

from mailtools.autoreply.marks import first_word, keyword, media_type, uncommented, words


@pytest.mark.parametrize('value, word', [
    ('no', 'no'), ('NO', 'no'), (' no ', 'no'), ('no (sent by hand)', 'no'), ('(a(b)c) no', 'no'), ('no (open', 'no'),
    ('no; x=y', 'no'), ('no;', 'no'), ('auto-replied; owner-email="x;y"', 'auto-replied'), ('', ''), ('(no)', ''),
    ('no auto-replied', 'no auto-replied'), ('n(x)o', 'n o'), ('"no"', '"no"'), ('nö', 'nã¶')])
def test_a_keyword_is_what_stands_before_the_parameters(value, word):
    assert keyword(value.encode()) == word


@pytest.mark.parametrize('value, word', [
    ('Yes, score=9', 'yes'), ('YES', 'yes'), ('No, tests=YES_X', 'no'), ('"yes"', 'yes'), ('', ''), ('...', ''),
    ('yesterday', 'yesterday'), ('(x) bulk', 'bulk'), ('auto_reply', 'auto_reply')])
def test_the_first_word(value, word):
    assert first_word(value.encode()) == word


def test_a_list_of_words():
    assert words(b'DR, OOF;AutoReply "All"') == ['dr', 'oof', 'autoreply', 'all']
    assert words(b'') == words(b', ;') == []


@pytest.mark.parametrize('value, name', [
    ('multipart/report; report-type=delivery-status', 'multipart/report'), ('Multipart / Report', 'multipart/report'),
    ('multipart/(x)report', 'multipart/report'), ('text/plain', 'text/plain'), ('', '')])
def test_a_media_type(value, name):
    assert media_type(value.encode()) == name


def test_deep_comments_take_linear_time():
    assert uncommented(b'(' * 100000 + b'no') == ''
    assert uncommented(b'()' * 50000 + b'no') == 'no'
