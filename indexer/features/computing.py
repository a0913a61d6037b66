"""Computes features, also where a picture has none and where the engine fails now and then."""

import logging

import numpy as np

from indexer.errors import BuildFailed
from indexer.types import Float32, Pixels
from models.encoder import Encoder
from models.errors import EncoderFailed, FeatureNotFinite

logger = logging.getLogger(__name__)


def computed(encoder: Encoder, pictures: Pixels) -> Float32:
    """Encode pictures, one by one where they fail together.

    Args:
        encoder: picture to feature.
        pictures: uint8 (n, size, size, 3).

    Returns:
        float32 (n, dim), NaN where a picture has no finite feature.

    Raises:
        BuildFailed: the engine fails on a single picture too. That says nothing of the picture:
            the engine may lack memory, or have lost its GPU.
    """
    try:
        return encoder.encode(pictures)
    except FeatureNotFinite as error:
        logger.info("%s", error)
    except EncoderFailed as error:
        logger.warning("%s; they are encoded one by one", error)
    return np.concatenate([_alone(encoder, picture[None]) for picture in pictures])


def _alone(encoder: Encoder, picture: Pixels) -> Float32:
    try:
        return encoder.encode(picture)
    except FeatureNotFinite:
        return np.full((1, encoder.dim), np.nan, np.float32)
    except EncoderFailed as error:
        raise BuildFailed(
            f"{str(error).rstrip('.')}. That is no fault of the picture: is there memory left, and "
            "is the GPU still there? The features so far are kept, and the same command goes on "
            "from there. If it fails again, build with a smaller --batch-size or --engine openvino."
        ) from error
