"""metrics.prom: what Prometheus' own parser reads is what the snapshot says, in few series."""
import re

import pytest
import scenes

from mailtools.mailqueues import metrics
from mailtools.mailqueues.values import COUNTED, Domain, Snapshot

parser = pytest.importorskip('prometheus_client.parser')


def families(snapshot):
    """{name: Family} as the parser sees the text."""
    return {one.name: one for one in parser.text_string_to_metric_families(
        metrics.render(snapshot, None, scenes.Settings))}


def values(family):
    """{labels as a sorted tuple: value}"""
    return {tuple(sorted(one.labels.items())): one.value for one in family.samples}


def test_every_figure_is_read_back():
    snapshot = scenes.five()
    found = families(snapshot)
    for known in snapshot.hosts:
        label = ('host', known.name)
        assert values(found['mailqueues_up'])[(label,)] == (0 if known.error else 1)
        for queue in COUNTED:
            got = values(found['mailqueues_messages']).get((label, ('queue', queue)))
            assert got == (None if known.error else known.counts[queue])
    assert values(found['mailqueues_generated_timestamp_seconds']) == {(): snapshot.generated_at}
    assert values(found['mailqueues_figures_age_seconds'])[(('host', 'mail3'),)] == 76 * 60
    assert (('host', 'mail4'),) not in values(found['mailqueues_figures_age_seconds'])
    assert values(found['mailqueues_listing_share_ratio'])[(('host', 'mail2'),)] == 0.34


def test_a_host_that_failed_has_no_figures_of_before():
    text = metrics.render(scenes.five(), None, scenes.Settings)
    assert set(re.findall(r'^(\w+)\{.*host="mail[34]"', text, re.M)) == {
        'mailqueues_up', 'mailqueues_ask_duration_seconds', 'mailqueues_figures_age_seconds'}


def test_names_types_and_help_are_as_the_guidelines_want():
    text = metrics.render(scenes.five(), None, scenes.Settings)
    for name, family in families(scenes.five()).items():
        assert re.match(r'mailqueues_[a-z_]+\Z', name) and family.type == 'gauge' and family.documentation.endswith('.')
        assert text.count('# TYPE {} '.format(name)) == 1
        assert any(word in name.split('_') for word in ('age', 'duration', 'timestamp')) == name.endswith('_seconds')
        assert not name.endswith(('_total', '_count', '_sum'))
    assert not re.search(r'^[^#\s]+ \S+ \S+$', text, re.M)          # no time stamps: the collector refuses them
    assert text.endswith('\n')


def test_there_are_few_series_however_many_domains_wait():
    detail = scenes.detail()._replace(domains=tuple(
        Domain('d{}.example'.format(number), 900 - number, (1,) * 10) for number in range(800)))
    one = scenes.known('a', figures=scenes.counts(), detail=detail)
    found = families(Snapshot(scenes.NOW, (one,)))
    assert sum(len(family.samples) for family in found.values()) < 30
    assert values(found['mailqueues_domain_recipients'])[(('domain', 'd0.example'), ('host', 'a'))] == 900


@pytest.mark.parametrize('name', ['a"b', 'a\\b', 'a\nb', '{}=,', 'b\u00fccher.example', '"} 1\nevil 2'])
def test_labels_are_escaped(name):
    detail = scenes.detail()._replace(domains=(Domain(name, 9, (9,) + (0,) * 9),))
    found = families(Snapshot(scenes.NOW, (scenes.known('a', figures=scenes.counts(), detail=detail),)))
    assert values(found['mailqueues_domain_recipients']) == {(('domain', name), ('host', 'a')): 9}
    assert 'evil' not in found


def test_a_mail_system_that_is_down_is_told():
    one = scenes.known('a', figures=scenes.counts())._replace(mail_down=True)
    assert values(families(Snapshot(scenes.NOW, (one,)))['mailqueues_mail_system_up']) == {(('host', 'a'),): 0}
