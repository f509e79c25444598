"""base/settings.py: what is refused, and by which words."""
import random

import pytest

from mailtools.base import settings
from mailtools.base.failure import EX_CONFIG, SettingsFailure
from mailtools.base.settings import Setting

TABLE = (
    Setting('limit', settings.integer, '5', 'how many'),
    Setting('window', settings.seconds, '10m', 'for how long'),
    Setting('database', settings.some_text, 'sqlite:/x', 'where'),
    Setting('names', settings.words, '', 'which'),
)


def loaded(tmp_path, content):
    """The settings that a file with this content gives."""
    file = tmp_path / 'tool.conf'
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return settings.load('tool', TABLE, file)


def refused(tmp_path, content):
    """What the refusal of this content says, without the path of the file."""
    with pytest.raises(SettingsFailure) as caught:
        loaded(tmp_path, content)
    assert caught.value.status == EX_CONFIG
    said = str(caught.value)
    assert said.startswith(str(tmp_path / 'tool.conf')) and '\n' not in said
    return said[len(str(tmp_path / 'tool.conf')):]


def test_a_missing_default_file_means_defaults(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, 'FOLDER', str(tmp_path))
    found = settings.load('tool', TABLE)
    assert (found.limit, found.window, found.names, found.path) == (5, 600, (), None)
    assert {row.origin for row in found.rows} == {'default'}


def test_a_file_that_was_asked_for_must_be_there(tmp_path):
    with pytest.raises(SettingsFailure) as caught:
        settings.load('tool', TABLE, tmp_path / 'none.conf')
    assert str(caught.value) == 'cannot read {}/none.conf: No such file or directory'.format(tmp_path)


def test_values_and_their_origins(tmp_path):
    found = loaded(tmp_path, '[tool]\nlimit = 7\n# names = no\nnames = a, b\n    c\ndatabase = 50%s\n')
    assert (found.limit, found.names, found.database) == (7, ('a', 'b', 'c'), '50%s')
    assert [row.origin for row in found.rows] == [found.path, 'default', found.path, found.path]


PIECES = ('[tool]', '[tool] x', ' [tool]', '[other]', 'limit = 7', 'limit=8', ' limit = 9', 'names = a=b # c',
          'names =', '= 3', 'names', '# limit = 1', '  ; x', '#', '', '  ', '\tgoes on',
          'window\xa0=\xa05 ', '\x0bx = 1',
          '[x = 2', 'Names = \x1c', 'a b = %(c)s', 'names : x = y')


def test_a_plain_file_is_read_as_configparser_reads_it(monkeypatch):
    chosen, plain = random.Random(4), settings.plain
    seen = []
    for _ in range(6000):
        text = '\n'.join(['[tool]'] * chosen.randrange(2) + chosen.choices(PIECES, k=chosen.randrange(5)))
        found = plain(text, 'tool')
        if found is None:
            continue
        monkeypatch.setattr(settings, 'plain', lambda *_: None)
        assert settings.parse(text, 'x', 'tool') == found, text
        seen.append(text)
    assert len(set(seen)) > 200 and not any('goes on' in text for text in seen)


def test_the_file_is_utf_8_with_or_without_a_mark(tmp_path):
    assert loaded(tmp_path, b'\xef\xbb\xbf[tool]\nnames = \xc3\xa9\n').names == ('\xe9',)


@pytest.mark.parametrize('content, said', [
    ('[tool]\nlimit = x', ': [tool] limit = x: not a whole number'),
    ('[tool]\nwindow = 5 weeks', ': [tool] window = 5 weeks: not a time like 30s, 10m, 12h or 7d'),
    ('[tool]\nlimti = 3', ': [tool] limti = 3: unknown setting, did you mean limit?'),
    ('[tool]\nLimit = 3', ': [tool] Limit = 3: unknown setting, did you mean limit?'),
    ('[tool]\nzzz = 3', ': [tool] zzz = 3: unknown setting'),
    ('[tool]\ndatabase =', ': [tool] database = : must not be empty'),
    ('[other]\n', ': [other]: unknown section, only [tool] is read'),
    ('[DEFAULT]\nlimit = 3\n', ': [DEFAULT]: unknown section, only [tool] is read'),
    ('limit = 3', ', line 1: a setting before the first [section]'),
    ('[tool]\nlimit = 1\nlimit = 2', ', line 3: [tool] limit: set twice'),
    ('[tool]\n[tool]\n', ', line 2: [tool]: begins twice'),
    ('[tool]\nlimit\n', ', line 2: neither `key = value` nor [section]: limit'),
    ('[tool]\ndatabase = a\n\n  b', ', line 4: neither `key = value` nor [section]: b'),
])
def test_what_cannot_be_meant_is_refused_by_file_section_key_and_value(tmp_path, content, said):
    assert refused(tmp_path, content) == said


def test_latin_1_is_refused(tmp_path):
    assert refused(tmp_path, b'[tool]\nnames = \xe9\n').startswith(': not UTF-8')


def test_a_refusal_never_shows_a_password(tmp_path):
    assert 'hush' not in refused(tmp_path, '[tool]\ndatabse = postgresql://u:hush@h/d')
    assert 'hush' not in refused(tmp_path, '[tool]\ndatabase postgresql://u:hush@h/d')


@pytest.mark.parametrize('text, shown', [
    ('postgresql://u:hush@h/d', 'postgresql://u:***@h/d'),
    ('postgresql://u:hu/s@h@h/d', 'postgresql://u:***@h/d'),
    ('postgresql://u@h:5432/d', 'postgresql://u@h:5432/d'),
    ('postgresql://h/d?password=hush&user=u', 'postgresql://h/d?password=***&user=u'),
    ('postgresql:host=h password=hush user=u', 'postgresql:host=h password=*** user=u'),
    (r"postgresql:password = 'hu\'sh it' user=u", 'postgresql:password = *** user=u'),
])
def test_passwords_are_masked_where_settings_are_printed(tmp_path, text, shown):
    assert loaded(tmp_path, '[tool]\ndatabase = ' + text).rows[2].value == shown


@pytest.mark.parametrize('text, value', [
    ('0', 0), ('90', 90), ('90s', 90), ('1.5m', 90), ('2 h', 7200), ('30d', 2592000), ('0.3s', 0.3)])
def test_times(text, value):
    assert settings.seconds(text) == value


@pytest.mark.parametrize('read, text', [
    (settings.seconds, '-1s'), (settings.seconds, ''), (settings.seconds, '1\u0663'),
    (settings.seconds, '9' * 400),
    (settings.size, '1.5M'), (settings.size, '1T'), (settings.integer, '-1'), (settings.integer, '1e3'),
    (settings.positive, '0'), (settings.boolean, 'maybe'), (settings.path, 'var/spool'),
    (settings.path, '/a\0b'),
    (settings.one_of('a', 'b'), 'c')])
def test_what_a_reader_refuses(read, text):
    with pytest.raises(ValueError):
        read(text)


def test_other_readers():
    assert [settings.size(one) for one in ('4096', '64k', '16M', '1G')] == [4096, 65536, 1 << 24, 1 << 30]
    assert settings.boolean('Yes') is True and settings.boolean('off') is False
    assert settings.one_of('a', 'b')('b') == 'b'


def test_the_example_file_is_a_settings_file_that_changes_nothing(tmp_path):
    text = settings.example('tool', TABLE)
    assert loaded(tmp_path, text).rows == [
        row._replace(origin='default') for row in loaded(tmp_path, text.replace('\n#limit', '\nlimit')).rows]


# -- sections of which there may be several --

HOSTS = settings.Part('host', 'NAME', 'A section a host.', (
    settings.Setting('port', settings.integer, '22', 'where it listens'),))


def test_sections_of_a_kind_are_read_in_the_order_of_the_file(tmp_path):
    path = tmp_path / 'tool.conf'
    path.write_text('[host mx2]\n[tool]\n[host a.b-c_1]\nport = 7\n')
    found = settings.load('tool', (), path, HOSTS)
    assert list(found.host.items()) == [('mx2', {'port': 22}), ('a.b-c_1', {'port': 7})]
    assert found.rows == [('[host mx2] port', '22', 'default'), ('[host a.b-c_1] port', '7', str(path))]


@pytest.mark.parametrize('content, said', [
    ('[host]\n', '[host]: unknown section, only [tool] or [host NAME] is read'),
    ('[host  a]\n', '[host  a]: unknown section'),
    ('[host a b]\n', '[host a b]: unknown section'),
    ('[host ../a]\n', '[host ../a]: unknown section'),
    ('[hosts a]\n', '[hosts a]: unknown section'),
    ('[host a]\nprot = 1\n', '[host a] prot = 1: unknown setting, did you mean port?'),
    ('[host a]\nport = x\n', '[host a] port = x: not a whole number'),
    ('[host a]\n[host a]\n', 'line 2: [host a]: begins twice'),
])
def test_a_section_of_a_kind_that_cannot_be_meant_is_refused(tmp_path, content, said):
    path = tmp_path / 'tool.conf'
    path.write_text(content)
    with pytest.raises(SettingsFailure) as failed:
        settings.load('tool', (), path, HOSTS)
    assert said in str(failed.value)


def test_the_example_file_shows_such_a_section(tmp_path):
    shown = settings.example('tool', (), HOSTS)
    assert shown.endswith('# A section a host.\n#[host NAME]\n\n# where it listens\n#port = 22\n')
