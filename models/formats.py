"""Which kinds of picture are opened, and how one that is not is named to people."""

from importlib.util import find_spec

from PIL import features

_NAMES = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP", "GIF": "GIF", "BMP": "BMP", "TIFF": "TIFF"}
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs")
_AVIF_BRANDS = (b"avif", b"avis")
_SIGNATURES = (
    ("JPEG", b"\xff\xd8\xff"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("GIF", b"GIF87a"),
    ("GIF", b"GIF89a"),
    ("BMP", b"BM"),
    ("TIFF", b"II*\x00"),
    ("TIFF", b"MM\x00*"),
    ("TIFF", b"II+\x00"),
    ("TIFF", b"MM\x00+"),
)


def _register_heif() -> bool:
    """Teach Pillow HEIC where pillow-heif is installed, and say whether it is."""
    if find_spec("pillow_heif") is None:
        return False
    import pillow_heif  # type: ignore[import-not-found, unused-ignore]

    pillow_heif.register_heif_opener()
    return True


def _available() -> dict[str, str]:
    """Return Pillow's name -> people's name of each format that this installation opens."""
    names = dict(_NAMES)
    if features.check("avif"):
        names["AVIF"] = "AVIF"
    if _register_heif():
        names["HEIF"] = "HEIC"
    return names


_OPENED = _available()
FORMATS: tuple[str, ...] = tuple(_OPENED)
"""Pillow's names of the formats that may be opened; nothing else ever is."""


def listed() -> str:
    """Return the formats that are opened as people read them: "JPEG, PNG, ... and AVIF"."""
    *first, last = _OPENED.values()
    return f"{', '.join(first)} and {last}"


def recognise(head: bytes) -> str | None:
    """Return the format that the first 64 bytes of a file announce, or None.

    The answer may be "AVIF" or "HEIF" also where this installation cannot open them.
    """
    for name, signature in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _recognise_brand(head[8:64])
    return None


def _recognise_brand(brands: bytes) -> str | None:
    """Tell AVIF from HEIC by the brands of an ISO media file; the first brand decides."""
    known = {**dict.fromkeys(_HEIC_BRANDS, "HEIF"), **dict.fromkeys(_AVIF_BRANDS, "AVIF")}
    found = (known.get(brands[at : at + 4]) for at in range(0, len(brands), 4))
    return next((name for name in found if name), None)


def refusal(head: bytes) -> str:
    """Say why a file that begins with `head` is not opened, and what to do instead."""
    match recognise(head):
        case "HEIF":
            return (
                "is a HEIC picture, which this installation cannot open yet. Install the plugin "
                f"(pip install pillow-heif), or save the picture as one of {listed()}."
            )
        case "AVIF":
            return (
                "is an AVIF picture, which this installation of Pillow cannot open. Install "
                f"Pillow from its binary wheels, or save the picture as one of {listed()}."
            )
        case _:
            return (
                f"is not a picture of a format that is opened here: {listed()}. Save it as one "
                f"of these. Received: a file that begins with {head[:12].decode('latin-1')!r}."
            )
