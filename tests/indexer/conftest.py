"""Makes the small gallery, encoder and index available to the tests of this folder."""

from hypothesis import settings

from tests.indexer.evaluations import indexed, indexes, network, place  # noqa: F401
from tests.indexer.fixtures import (  # noqa: F401
    built,
    copied,
    encoded,
    exported,
    followed,
    gallery,
    instance,
    plan,
    spec,
)

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")
