"""What people are told that they have sent, where that cannot be searched with."""

from indexer.errors import BadQuery


class UploadRefused(BadQuery):
    """A form without a picture, or with too many; its message is in the language of the page."""
