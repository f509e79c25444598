"""Does Postfix run, is there room for its queue, and does it understand its settings?"""
import os

from mailtools.mailsystem.checks import probes
from mailtools.mailsystem.checks.said import critical, good, unknown, warning

NAMES = ('postfix-running', 'postfix-settings', 'queue-room')
LEAST_TIMES, FEW_TIMES = 1.5, 10    # of the largest mail; below the first smtpd takes none (queue_minfree)
FEW_PERCENT = 5


def find(host):
    """Findings on the instance."""
    if host.trouble:
        return [critical('postfix-settings', 'Postfix could not be asked: {}'.format(host.trouble), 'postfix check')]
    found = judge_warnings(host.warned)
    if host.live:
        ran = probes.run(host.postfix_command('postfix', 'status'))
        found.append(judge_running(ran, host.is_root))
        found += room(host)
    return found


def judge_running(ran, is_root):
    """ran: of `postfix status`, which tells only root."""
    if not is_root:
        return unknown('postfix-running', '`postfix status` tells only root', 'run it as root')
    if ran.status == 0:
        return good('postfix-running', 'Postfix runs')
    return critical('postfix-running', 'Postfix does not run', 'systemctl start postfix   (and look into the log)')


def judge_warnings(warned):
    """warned: what postconf wrote on standard error."""
    said = [line.partition('warning: ')[2] or line for line in warned]
    fix = 'mend or take out that line of main.cf or master.cf'
    return [warning('postfix-settings', 'postconf: {}'.format(one), fix) for one in said] or [
        good('postfix-settings', 'postconf has nothing to complain of')]


def room(host):
    """The file system of the queue."""
    path = host.postfix.value('queue_directory')
    try:
        found = os.statvfs(path)
    except OSError as error:
        return [critical('queue-room', '{} cannot be looked at: {}'.format(path, error.strerror), 'mount it')]
    limit = host.postfix.value('message_size_limit')
    return [judge_room(path, found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize,
                       (found.f_favail, found.f_files), int(limit) if limit.isdigit() else 0)]


def judge_room(path, free, total, files, largest):
    """free, total: bytes.  files: (free, all) inodes, 0 of 0 where they are not counted.  largest: bytes of a mail."""
    fix = 'find out what fills it: du -xh {}   (mail: mailqueues show, postqueue -p)'.format(path)
    megabytes = '{:.0f} MB'.format(free / 1e6)
    if files[1] and files[0] * 100 < files[1]:
        return critical('queue-room', '{} has {} free inodes: no mail is taken'.format(path, files[0]), fix)
    if free < LEAST_TIMES * largest:
        return critical('queue-room', '{} has {} left, less than {} times the largest mail: smtpd takes no mail'.format(
            path, megabytes, LEAST_TIMES), fix)
    if free * 100 < FEW_PERCENT * total or free < FEW_TIMES * largest:
        return warning('queue-room', '{} has {} left'.format(path, megabytes), fix)
    return good('queue-room', '{} has {} left'.format(path, megabytes))
