"""Which log is read, and from where on."""
import os
from typing import Dict

from mailtools.base.failure import SettingsFailure
from mailtools.block_sasl_fail import place as places
from mailtools.block_sasl_fail.settings import JOURNAL, LOG_FILES
from mailtools.block_sasl_fail.source import LogFailure, Source


def log_of(settings):
    """The log of the settings: a path, or `journal`; raises LogFailure, and SettingsFailure for a file of two roles."""
    refuse_two_roles(settings)
    if settings.log:
        return settings.log
    found = next((one for one in LOG_FILES if os.path.exists(one)), None)
    if found is None:
        raise LogFailure('there is no log at {}; set log = FILE, or log = {}'.format(
            ' or '.join(LOG_FILES), JOURNAL))
    return found


def refuse_two_roles(settings):
    """Raise SettingsFailure if two of the files are one: the log would be overwritten by the map."""
    roles: Dict[str, str] = {}
    for name in ('log', 'state', 'map', 'cidr_map'):
        path = getattr(settings, name)
        if path and path != JOURNAL:
            other = roles.setdefault(os.path.realpath(path), name)
            if other != name:
                raise SettingsFailure('{} and {} are the same file: {}'.format(other, name, path))


def open_source(log, place, settings, follow=False):
    """The source for a log.

    place: what the state has for it; one that can't be understood counts as none.
    """
    if log == JOURNAL:
        from mailtools.block_sasl_fail.journal import Journal
        return Journal(settings.journalctl, place, follow)
    try:
        return Source(log, places.unpacked(place))
    except ValueError:
        return Source(log, None)


def packed(place):
    """A place of either source, as bytes."""
    return place if isinstance(place, bytes) else place.packed()
