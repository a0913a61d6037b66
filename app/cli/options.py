"""What several commands read from the configuration."""

from flask import current_app

from models.types import Limits


def image_limits() -> Limits:
    """Return the limits for gallery pictures that the configuration sets."""
    return Limits(
        max_pixels=current_app.config["MAX_PIXELS"], max_side=current_app.config["MAX_SIDE"]
    )
