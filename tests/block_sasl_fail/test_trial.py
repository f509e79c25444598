"""The copy of Postfix that `check --try` starts: what it is given."""
from mailtools.block_sasl_fail import trial


def test_nothing_is_set_twice():
    text = ('queue_directory = /var/spool/postfix\nmynetworks = 10.0.0.0/8,\n  # ours\n\n  192.0.2.0/24\n'
            'myhostname = mx1\nmulti_instance_enable=no\nmaillog_file =\nsmtpd_banner = $myhostname\n  ESMTP\n')
    assert trial.without(text, trial.SET_HERE) == 'myhostname = mx1\nsmtpd_banner = $myhostname\n  ESMTP\n'
