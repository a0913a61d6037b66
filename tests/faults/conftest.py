"""Makes the small gallery, encoder, index and application available to these tests."""

from hypothesis import settings

from tests.app.conftest import app, client, copy  # noqa: F401
from tests.indexer.fixtures import (  # noqa: F401
    built,
    copied,
    exported,
    gallery,
    instance,
    plan,
    spec,
)

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")
