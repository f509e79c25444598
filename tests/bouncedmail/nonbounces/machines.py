"""What servers write to their administrators: logs and alarms full of the words of bounces."""
from nonbounces.scene import Person, alternative, data, multipart, text, whole

SUMMARY = """Postfix log summaries for {day}

Grand Totals
------------
messages

   {a}   received
   {b}   delivered
    {c}   deferred  ({a}  deferrals)
    {d}   bounced

message bounce detail (by relay)
--------------------------------
  {host} (total: {d})
         {d}   host {host}[{ip}] said: 550 5.1.1 <{address}>: Recipient address rejected: User unknown

message deferral detail
-----------------------
  smtp (total: {c})
         {c}   connect to {host}[{ip}]:25: Connection timed out
         {c}   {address}: mailbox full
"""


def root(scene, name='root'):
    return Person(scene.pick(('', 'Cron Daemon', 'root')), '{}@{}'.format(name, scene.domain()))


def pflogsumm(scene):
    body = SUMMARY.format(
        day=scene.day(-1),
        a=scene.number(99, 9999),
        b=scene.number(9, 999),
        c=scene.number(9, 999),
        d=scene.number(9, 999),
        host=scene.domain(),
        ip=scene.ip(),
        address=scene.third.address,
    )
    return whole(
        scene,
        text(scene, body),
        'pflogsumm for ' + scene.day(-1),
        root(scene, 'postmaster'),
        null_sender=scene.maybe(0.2),
    )


def logwatch(scene):
    body = (
        ' --------------------- Postfix Begin ------------------------\n\n     {0}   Bounced\n     {0}   Deferred\n'
        '     {0}   5xx Reject relay denied\n\n {1}: 550 5.1.1 User unknown: {2} time(s)\n {3}\n'
        ' ---------------------- Postfix End -------------------------\n'
    ).format(
        scene.number(2, 999), scene.third.address, scene.number(2, 9), 'mailer-daemon: returned to sender'
    )
    return whole(
        scene, text(scene, body), 'Logwatch for {} (Linux)'.format(scene.domain()), root(scene, 'logwatch')
    )


def cron_output(scene):
    body = scene.pick(
        (
            'send-newsletter: delivery to {0} failed: 550 5.1.1 User unknown\nsend-newsletter: 3 failed, 200 delivered\n',
            'rsync: connection unexpectedly closed\nrsync error: failed (code 12), host unknown\n',
            '/usr/local/bin/fetch: cannot deliver to {0}: mailbox full\n',
            'mailq:\n{1}  1234 Sun Nov 22 21:00:00  MAILER-DAEMON\n  (connect to mx[192.0.2.7]: Connection refused)\n   {0}\n',
        )
    )
    return whole(
        scene,
        text(scene, body.format(scene.third.address, scene.token(10))),
        'Cron <root@{}> /usr/local/bin/job'.format(scene.domain()),
        root(scene),
        extra=[('Auto-Submitted', 'auto-generated'), ('X-Cron-Env', '<SHELL=/bin/sh>')],
    )


def queue_alarm(scene):
    body = (
        '***** Monitoring *****\n\nNotification Type: PROBLEM\nService: mail queue\nHost: {}\nAddress: {}\n'
        'State: CRITICAL\n\nmail queue: {} deferred: connection timed out\noldest: to=<{}>\n'
    ).format(scene.domain(), scene.ip(), scene.number(100, 9999), scene.third.address)
    return whole(
        scene,
        text(scene, body),
        '** PROBLEM: {}/mail queue is CRITICAL **'.format(scene.domain()),
        Person('', scene.pick(('nagios@', 'icinga@', 'zabbix@')) + scene.domain()),
    )


def backup_failed(scene):
    body = 'Backup of {} FAILED.\nStatus: 5.0.0\nReason: disk quota exceeded, target host unknown\nContact: {}\n'.format(
        scene.domain(), scene.third.address
    )
    return whole(
        scene,
        text(scene, body),
        'Backup failed: delivery of archive failed',
        root(scene, 'backup'),
        null_sender=scene.maybe(0.3),
        extra=[('Auto-Submitted', 'auto-generated')],
    )


def build_failed(scene):
    body = (
        'Pipeline #{} has failed.\n\nCommit author: {} <{}>\nJob: deliver\n\n    FAILED tests/test_mail.py - '
        "smtplib.SMTPRecipientsRefused: {{'{}': (550, b'5.1.1 User unknown')}}\n"
    ).format(scene.number(1, 9999), scene.third.name, scene.third.address, scene.third.address)
    return whole(
        scene,
        alternative(scene, body),
        'project | Failed pipeline for main',
        Person('CI', 'ci@' + scene.domain()),
        extra=[('Auto-Submitted', 'auto-generated'), ('X-GitLab-Pipeline-Status', 'failed')],
    )


def webhook_failed(scene):
    body = (
        'Failed delivery of webhook to https://{}/hook: host not found. Owner: {}. Response: 550.\n'.format(
            scene.domain(), scene.third.address
        )
    )
    return whole(
        scene,
        alternative(scene, body),
        'Delivery failure: webhook',
        Person('Hooks', 'noreply@' + scene.domain()),
    )


def banned_address(scene):
    body = 'The IP {} has just been banned after 5 attempts against postfix-sasl.\nLines: 550 5.7.1 <{}>: rejected\n'.format(
        scene.ip(), scene.third.address
    )
    return whole(
        scene,
        text(scene, body),
        '[Fail2Ban] postfix: banned',
        Person('Fail2Ban', 'fail2ban@' + scene.domain()),
    )


def unit_failed(scene):
    body = 'mailer.service: Failed with result exit-code.\nMAILER-DAEMON: undelivered: {}\n'.format(
        scene.third.address
    )
    return whole(scene, text(scene, body), 'mailer.service failed', root(scene), null_sender=True)


def bounce_statistics(scene):
    """A mail service reports the campaign: a table of addresses that bounced, which is no bounce itself."""
    rows = ''.join('{};hard;550 5.1.1 user unknown\n'.format(scene.person().address) for _ in range(6))
    parts = [
        text(scene, 'Your campaign: 6 hard bounces, 2 soft bounces, 1 complaint. The list is attached.\n'),
        data('text/csv', rows.encode(), 'bounces.csv', scene.pick(('base64', '7bit'))),
    ]
    return whole(
        scene,
        multipart(scene, 'mixed', parts),
        'Bounce report for your campaign',
        Person('Campaigns', 'reports@' + scene.domain()),
    )


FAMILIES = (
    pflogsumm,
    logwatch,
    cron_output,
    queue_alarm,
    backup_failed,
    build_failed,
    webhook_failed,
    banned_address,
    unit_failed,
    bounce_statistics,
)
