"""Text of file names that is valid everywhere."""


def readable(path: str) -> str:
    r"""Return a path as text that is valid everywhere.

    File names are bytes: those that are not UTF-8 come as lone surrogates, which are no valid
    JSON, and are shown as `\xNN`. An image's id, not its path, is what names it exactly.
    """
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
