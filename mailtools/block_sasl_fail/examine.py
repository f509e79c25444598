"""All that `check` looks at on this host, as Findings: Postfix's settings, the map on the disk, the state.

check.py judges the settings; here the files, Postfix and the state are asked.
"""
import os
from typing import List

from mailtools.base.failure import Failure
from mailtools.block_sasl_fail import accessmap
from mailtools.block_sasl_fail.check import CRITICAL, OK, WARNING, Configuration, Finding, Table, judge, networks_asked

RESCAN = ('block-sasl-fail scan',)


def same_path(one, other):
    """Whether two paths name one file."""
    return os.path.realpath(one) == os.path.realpath(other)


def examine(settings, postfix, plan, try_it=False):
    """The Findings.  plan: what should be in force, None where there is no state.  Raises Failure."""
    files = accessmap.files_of(settings, postfix)
    findings = list(of_map(settings, postfix, plan, files))
    if not postfix.set_up:
        return findings + [Finding(CRITICAL, 'Postfix is not set up: {}/main.cf is missing'.format(postfix.folder))]
    configuration = Configuration(postfix)
    guarded = configuration.guarded()
    if not guarded:
        return findings + [Finding(WARNING, 'no service of Postfix offers AUTH (smtpd_sasl_auth_enable = yes), so '
                                   'that there is nothing to guess')]
    table = Table(files.kind, settings.map)
    cidr = Table('cidr', settings.cidr_map or settings.map + '.cidr') if files.cidr else None
    wrong: List[Finding] = []
    for service in guarded:
        found = judge(service, configuration, table, cidr, same_path)
        if not found and cidr and accessmap.keys_in(files.cidr):
            found = networks_asked(service, configuration, cidr, same_path)
        wrong += found or [Finding(OK, '{}: a blocked client is refused when it connects'.format(service.label))]
    if try_it:
        from mailtools.block_sasl_fail.trial import tried
        wrong += tried(postfix, configuration, guarded, table, same_path)
    return wrong + findings


def of_map(settings, postfix, plan, files):
    """Findings about the files of the map."""
    if files.kind not in postfix.map_types():
        yield Finding(CRITICAL, 'this Postfix has no tables of type {}'.format(files.kind), (
            'map_type = {} in the settings'.format(postfix.value('default_database_type')),))
        return
    for path in [files.map] + ([files.cidr] if files.cidr else []):
        if not os.path.exists(path):
            yield Finding(CRITICAL, '{} is missing: a service that asks it turns everybody away'.format(path), RESCAN)
            return
        yield from of_label(path)
    if accessmap.stale(files):
        yield Finding(CRITICAL, '{} is missing or older than its text'.format(accessmap.index_of(files)), RESCAN)
        return
    if plan is None:
        yield Finding(WARNING, 'there is no state {}: scan has never run'.format(settings.state), RESCAN)
        return
    if plan.outage:
        yield Finding(WARNING, 'known clients fail to log in all at once: nobody is blocked for it')
    yield from of_content(settings, postfix, plan, files)


def of_content(settings, postfix, plan, files):
    """Whether the map holds what it should, and Postfix finds it there."""
    new, gone = accessmap.compare(plan, settings, postfix)
    if new or gone:
        yield Finding(WARNING, 'the map lacks {} that should be blocked and holds {} that should not'.format(
            len(new), len(gone)), RESCAN)
    asked = next((key for key in sorted(accessmap.keys_in(files.map)) if '/' not in key), None)
    if asked and postfix.asked(files.kind, files.map, asked) != settings.action:
        yield Finding(CRITICAL, 'Postfix does not find {} in {}:{}'.format(asked, files.kind, files.map), RESCAN)
    for sentence in postfix.exempt()[1]:
        yield Finding(WARNING, 'mynetworks could not be read in full: {}'.format(sentence))


def of_label(path):
    """A Finding where SELinux gives the file another type than its folder has, as after mv from /tmp."""
    try:
        file, folder = (os.getxattr(one, accessmap.CONTEXT).decode('utf-8', 'replace').rstrip('\0').split(':')[2]
                        for one in (path, os.path.dirname(path)))
    except (OSError, IndexError):
        return
    if file != folder:
        yield Finding(WARNING, '{} has the SELinux type {}, its folder {}'.format(path, file, folder),
                      ('restorecon {}'.format(path),))


def examined(settings, postfix, plan, try_it):
    """As examine(), where what can't be asked is a finding as well."""
    try:
        return examine(settings, postfix, plan, try_it)
    except Failure as failed:
        return [Finding(CRITICAL, str(failed))]
