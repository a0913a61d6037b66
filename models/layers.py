"""Each network's own preprocessing, as the first layers of the encoder."""

from collections.abc import Callable
from typing import Any

CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
"""Mean of ImageNet's pixels, blue first, that ResNet50 and ResNet101 were trained without."""


def caffe(pixels: Any) -> Any:
    """Turn RGB to BGR and subtract ImageNet's mean: what ResNet50 and ResNet101 expect.

    Args:
        pixels: Keras tensor (n, height, width, 3), uint8.

    Returns:
        Keras tensor of the same shape, float32.
    """
    from keras import layers, ops

    blue_first = ops.flip(ops.cast(pixels, "float32"), axis=-1)
    return layers.Normalization(
        mean=CAFFE_MEAN_BGR, variance=(1.0, 1.0, 1.0), name="preprocessing"
    )(blue_first)


def tf(pixels: Any) -> Any:
    """Scale to [-1, 1]: what ResNet50V2, MobileNetV2 and the networks trained here expect.

    Args, Returns: as for caffe.
    """
    from keras import layers

    return layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocessing")(pixels)


PREPROCESSING: dict[str, Callable[[Any], Any]] = {"caffe": caffe, "tf": tf}
"""Name in the table of networks -> the layers it stands for."""
