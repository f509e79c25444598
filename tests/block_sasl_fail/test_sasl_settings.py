"""What cannot be meant is refused by name, before it leaves everybody unblocked."""
import pytest

from mailtools.base.failure import SettingsFailure
from mailtools.base.settings import load
from mailtools.block_sasl_fail.settings import PROGRAM, SETTINGS
from rig import program


@pytest.mark.parametrize('key, value', [
    ('block_time', '0'), ('find_time', '0s'), ('block_most', '0'), ('slow_time', '0d'), ('outage_time', '0'),
    ('poll', '0'), ('block_time', '-1h'), ('action', 'OK'), ('action', ''), ('action', 'DUNNO'), ('action', 'permit'),
    ('action', 'REJECTED'), ('action', '200 welcome'), ('action', 'warn_if_reject REJECT'),
    ('action', 'DEFER_IF_PERMIT'), ('block_growth', '0.5'), ('never_block', '10.0.0.1/8'), ('never_block', 'x'),
    ('mode', 'x'), ('max_failures', '-1')])
def test_a_setting_that_would_block_nobody_is_refused(key, value, tmp_path):
    path = tmp_path / 'settings'
    path.write_text('[block-sasl-fail]\n{} = {}\n'.format(key, value))
    with pytest.raises(SettingsFailure) as refused:
        load(PROGRAM, SETTINGS, str(path))
    assert '[block-sasl-fail] {} = {}'.format(key, value).rstrip() in str(refused.value)


def test_a_refusal_is_one_line_and_the_status_of_settings(tmp_path):
    path = tmp_path / 'settings'
    path.write_text('[block-sasl-fail]\nblock_time = 0\n')
    ran = program.run('block-sasl-fail', 'config', '-c', path)
    assert ran.status == 78 and len(ran.err.splitlines()) == 1, ran
    assert '[block-sasl-fail] block_time = 0' in ran.err


@pytest.mark.parametrize('action', ['REJECT', 'reject go away', '554 5.7.1 no', '421 4.7.0 later', '521', 'DEFER'])
def test_each_action_that_refuses_is_taken(action, tmp_path):
    path = tmp_path / 'settings'
    path.write_text('[block-sasl-fail]\naction = {}\n'.format(action))
    assert load(PROGRAM, SETTINGS, str(path)).action == action
