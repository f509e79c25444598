"""The map that Postfix asks: a plan becomes one access(5) file, a cidr file beside it, and their index.

A reader sees the old map or the new one, whatever breaks: everything is built beside it, in the same
folder, and renamed (Postfix's DATABASE_README, "Updating Berkeley DB files safely"); an index in the
form of LMDB is made by postmap(1) alone and renamed likewise.  The text goes first, the index after it, so
that the index is always the newer one; when only the text got there, the next run sees an index
that is older, and builds it again.

An indexed map holds addresses only.  smtpd cuts the address of a client at `.` and `:` to look for networks
(check_addr_access in smtpd_check.c), so a /64 would be missed or taken for a /48: networks go to the cidr file.

Half the Internet may be in a map: its lines are made as they are compared or written, and are never all in memory,
unless they are few.
"""
import contextlib
import os
import re
from typing import List, NamedTuple, Tuple

from mailtools.base import disk
from mailtools.base.failure import EX_CANTCREAT, Failure, SettingsFailure, reason_of
from mailtools.block_sasl_fail import networks
from mailtools.block_sasl_fail.postfix import Postfix

INDEXED = {'hash': '.db', 'btree': '.db', 'lmdb': '.lmdb', 'cdb': '.cdb'}     # their suffixes
LISTS = ('texthash',)               # addresses in a text that smtpd reads when it starts
CIDR = 'cidr'
MODE = 0o644                        # of a map that is new
UNFINISHED = r'\.{}\.[0-9a-f]{{16}}(\.db|\.lmdb|\.cdb)?\Z'
CONTEXT = 'security.selinux'
FEW = 5000                          # lines, of 200 bytes of memory each


class MapFailure(Failure):
    """The map could not be replaced; the old one is served."""

    status = EX_CANTCREAT


class Published(NamedTuple):
    """What publish() did."""

    written: Tuple[str, ...]        # paths; empty: all was as it should be
    blocks: int                     # lines of both maps
    unread: Tuple[str, ...]         # parts of mynetworks that could not be read


class Files(NamedTuple):
    """Where the map is."""

    map: str
    kind: str
    cidr: str       # '' when the map itself is one


# -- pure --

def allowed(blocks, exempt):
    """Yield the Networks of blocks, in their order, without what no map may hold, whoever asked for it.

    exempt: networks, as text, that are never blocked besides loopback and the like.
    """
    never = networks.Exempt(exempt)
    for block in blocks:
        network = networks.parsed(block.key)
        if not never.why(network):
            yield network


def lines(found, files, action):
    """Yield (path of its file, line of a map) for networks."""
    for network in found:
        line = '{} {}\n'.format(networks.key_of(network), action).encode('utf-8')
        yield files.map if network.single or not files.cidr else files.cidr, line


class Again:
    """What make() yields, each time that it is asked for: made anew, or, where it is FEW, as it was the first time."""

    def __init__(self, make):
        self._make = make
        self._kept = None

    def __iter__(self):
        return self._first() if self._kept is None else iter(self._kept)

    def _first(self):
        kept: List[Tuple[str, bytes]] = []
        for one in self._make():
            if len(kept) <= FEW:
                kept.append(one)
            yield one
        if len(kept) <= FEW:
            self._kept = kept


# -- shell --

def files_of(settings, postfix):
    """Where the map is, and of what type; raises SettingsFailure for a type that can't hold it."""
    kind = settings.map_type or postfix.value('default_database_type')
    if kind not in INDEXED and kind not in LISTS and kind != CIDR:
        raise SettingsFailure('map_type = {}: no type for this map; hash, btree, lmdb, cdb, cidr, texthash are'
                              .format(kind or '(unknown)'))
    path = os.path.realpath(settings.map)
    cidr = os.path.realpath(settings.cidr_map or settings.map + '.cidr')
    return Files(path, kind, '' if kind == CIDR else cidr)


def publish(plan, settings, postfix=None):
    """Make the maps hold the plan's blocks; Published.  The caller holds the program's lock.

    The plan's blocks are asked for again and again.
    Raises MapFailure, PostfixFailure or SettingsFailure, and then the old maps are served.
    """
    postfix = postfix or Postfix(settings.postfix_config)
    files = files_of(settings, postfix)
    own, unread = postfix.exempt()
    exempt = tuple(settings.never_block) + own

    wanted = Again(lambda: lines(allowed(plan.blocks, exempt), files, settings.action))
    written = []
    changed, blocks = compared(wanted, files)
    # The cidr file first: it needs no program, and networks are worth more than single addresses.
    if files.cidr in changed:
        replace(files.cidr, (line for path, line in wanted if path == files.cidr))
        written.append(files.cidr)
    if files.map in changed or stale(files):
        replace(files.map, (line for path, line in wanted if path == files.map), files.kind, postfix)
        written.append(files.map)
    return Published(tuple(written), blocks, unread)


def compared(found, files):
    """(the paths of those files that have other lines than these, how many lines these are)."""
    with contextlib.ExitStack() as stack:
        there = {path: stack.enter_context(reading(path)) for path in (files.map, files.cidr) if path}
        changed = {path for path, file in there.items() if file is None}
        blocks = 0
        for path, line in found:
            blocks += 1
            if path not in changed and there[path].read(len(line)) != line:
                changed.add(path)
        return changed | {path for path, file in there.items() if path not in changed and file.read(1)}, blocks


def compare(plan, settings, postfix=None):
    """(keys that publish would add, keys it would remove), both sorted; nothing is written."""
    postfix = postfix or Postfix(settings.postfix_config)
    files = files_of(settings, postfix)
    exempt, _ = postfix.exempt()
    wanted = set(map(networks.key_of, allowed(plan.blocks, tuple(settings.never_block) + exempt)))
    there = keys_in(files.map) | (keys_in(files.cidr) if files.cidr else set())
    return sorted(wanted - there), sorted(there - wanted)


def keys_in(path):
    """The keys of the lines of a map."""
    with reading(path) as file:
        found = (line.decode('utf-8', 'replace') for line in file or ())
        return {line.split()[0] for line in found if line[:1].strip() and line[0] != '#'}


@contextlib.contextmanager
def reading(path):
    """A map, open to be read as bytes, None when there is none; raises MapFailure."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, 'rb'))
        except FileNotFoundError:
            file = None
        except OSError as error:
            raise MapFailure('cannot read {}: {}'.format(path, reason_of(error)))
        yield file


def index_of(files):
    """The path of the index, '' for a type that has none."""
    return files.map + INDEXED[files.kind] if files.kind in INDEXED else ''


def stale(files):
    """Whether the index is missing or older than the text."""
    index = index_of(files)
    try:
        return bool(index) and os.stat(index).st_mtime_ns < os.stat(files.map).st_mtime_ns
    except FileNotFoundError:
        return True


def replace(path, found, kind='', postfix=None):
    """Put these lines, and their index for an indexed type, in the place of the old; raises MapFailure."""
    folder, name = os.path.split(path)
    beside = os.path.join(folder, '.{}.{}'.format(name, os.urandom(8).hex()))
    suffixes = [''] + ([INDEXED[kind]] if kind in INDEXED else [])
    try:
        sweep(folder, name)
        write(beside, found)
        if len(suffixes) > 1:
            postfix.build(kind, beside)
        for suffix in suffixes:
            like(path + suffix, path, beside + suffix)
        for suffix in suffixes:
            os.rename(beside + suffix, path + suffix)
        disk.sync_folder(folder)
    except OSError as error:
        raise MapFailure('cannot write {}, the old one stays: {}'.format(path, reason_of(error)))
    except Failure as failed:
        raise MapFailure('cannot write {}, the old one stays: {}'.format(path, failed))
    finally:
        for suffix in suffixes:
            with contextlib.suppress(OSError):
                os.unlink(beside + suffix)


def write(path, found):
    """A new file of these lines, for root only until it is like the old one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, 'wb') as file:
        file.writelines(found)
        file.flush()
        os.fsync(descriptor)


def like(old, map_text, new):
    """Give a new file owner, mode and SELinux context of the old one, and bring it to the disk.

    An index that is new takes after the text of the map, where there is one.
    """
    model = next((one for one in (old, map_text) if os.path.exists(one)), None)
    descriptor = os.open(new, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if model is not None:
            was = os.stat(model)
            if (was.st_uid, was.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, was.st_uid, was.st_gid)
            with contextlib.suppress(OSError):      # a kernel or file system without SELinux
                os.setxattr(descriptor, CONTEXT, os.getxattr(model, CONTEXT))
        os.fchmod(descriptor, was.st_mode & 0o7777 if model is not None else MODE)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder, name):
    """Remove what a run that was killed has left."""
    pattern = re.compile(UNFINISHED.format(re.escape(name)))
    for found in os.listdir(folder):
        if pattern.match(found):
            os.unlink(os.path.join(folder, found))
