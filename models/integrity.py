"""Finds damage that Pillow would decode without a word: a JPEG cut short, a PNG byte flipped."""

from collections.abc import Iterator
from zlib import crc32

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# zTXt and iTXt are not among them: EXIF and XMP in them may say how the picture is turned.
_REMARKS = frozenset(b"bKGD cHRM gAMA hIST oFFs pHYs sBIT sPLT sRGB tEXt tIME".split())
"""Chunks that say something about a PNG and do not decide what its pixels are."""


def jpeg_has_end(data: bytes) -> bool:
    """Say whether a JPEG's end-of-image marker follows its first scan.

    Within a scan's data every 0xFF is followed by 0x00 or a restart marker (ITU T.81, B.1.1.5),
    so that the marker cannot occur there by chance; it can in a thumbnail before the scan.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] in (0xFF, 0x01):
            at += 1 if data[at + 1] == 0xFF else 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return data.find(b"\xff\xd9", at) >= 0


def sound_png(data: bytes) -> bytes:
    """Check the checksum of every chunk of a PNG, which decoding leaves unread.

    Args:
        data: the file's content.

    Returns:
        the content, without damaged chunks of mere remarks: careless programs leave such, and
        Pillow would refuse the whole picture for one that comes early. What follows the end of
        the picture is left as it is.

    Raises:
        OSError: another chunk is damaged or cut off; the message names it.
    """
    view = memoryview(data)
    damaged = []
    for start, end in _chunks(view):
        kind = bytes(view[start + 4 : start + 8])
        if end <= len(data) and crc32(view[start + 4 : end - 4]) == _number(view[end - 4 : end]):
            continue
        if kind not in _REMARKS:
            how = "is cut off" if end > len(data) else "does not fit its checksum"
            raise OSError(f"the part {kind.decode('ascii', 'backslashreplace')} {how}")
        damaged.append((start, end))
    return _without(view, damaged) if damaged else data


def _chunks(view: memoryview) -> Iterator[tuple[int, int]]:
    """Yield where each chunk begins and ends, up to the picture's last, IEND."""
    at = len(_PNG_SIGNATURE)
    while at + 8 <= len(view):
        end = at + 12 + _number(view[at : at + 4])
        yield at, end
        if bytes(view[at + 4 : at + 8]) == b"IEND":
            return
        at = end


def _number(four: memoryview) -> int:
    return int.from_bytes(four, "big")


def _without(view: memoryview, parts: list[tuple[int, int]]) -> bytes:
    """Return a content less some parts, which are in order."""
    begins = [0, *(end for _, end in parts)]
    ends = [*(start for start, _ in parts), len(view)]
    return b"".join(view[begin:end] for begin, end in zip(begins, ends, strict=True))
