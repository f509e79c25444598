"""Text of a log in blocks of whole lines, and by which bytes a packed log is known.

Imports nothing, since the quick count of `block-sasl-fail failures --count` starts with it.
"""
BLOCK = 1 << 18             # bytes that are read at once
LONGEST = 1 << 20           # bytes of a line; a longer one is dropped, but counted
MAGIC = ((b'\x1f\x8b', 'gz'), (b'BZh', 'bz2'), (b'\xfd7zXZ\x00', 'xz'), (b'\x28\xb5\x2f\xfd', 'zst'))


def kind_of(first):
    """Which packer made the file that begins so; None for plain text."""
    return next((kind for magic, kind in MAGIC if first.startswith(magic)), None)


def whole_lines(file, read=None):
    """Yield (block, start, end): block[start:end] is whole lines, each with its end.

    The last line is given an end if it lacks one; in place of a line that is longer than
    LONGEST comes an empty one.  Blocks are not copied.

    read: read(size) that gives the next bytes; by default what there is at once.
    """
    rest, too_long = b'', False
    read = read or getattr(file, 'read1', file.read)
    while True:
        block = read(BLOCK)
        if not block:
            break
        first = block.find(b'\n') + 1
        if not first:
            too_long = too_long or len(rest) + len(block) > LONGEST
            rest = b'' if too_long else rest + block
            continue
        if rest or too_long:
            line = b'\n' if too_long else rest + block[:first]
            yield line, 0, len(line)
        else:
            first = 0
        last = block.rfind(b'\n') + 1
        if last > first:
            yield block, first, last
        rest, too_long = block[last:], False
    if rest or too_long:
        line = rest + b'\n'
        yield line, 0, len(line)
