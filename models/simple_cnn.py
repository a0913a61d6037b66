"""The plain small CNN that the deeper networks are measured against."""

from typing import Any

WIDTHS = (32, 64, 128, 256)
"""Channels of the four stages; the last is the width of the feature."""


def build_simple_cnn(input_tensor: Any) -> Any:
    """Lay four stages of convolution, ReLU and 2x2 max pooling over an input.

    Args:
        input_tensor: Keras tensor (n, height, width, 3), float32 in [-1, 1].

    Returns:
        Keras tensor (n, height / 8, width / 8, 256), the output of the layer `conv4_relu`: after
        the last stage nothing is pooled, because the encoder's own pooling follows.
    """
    from keras import layers

    tensor = input_tensor
    for stage, width in enumerate(WIDTHS, start=1):
        if stage > 1:
            tensor = layers.MaxPooling2D(2, name=f"pool{stage - 1}")(tensor)
        tensor = layers.Conv2D(width, 3, padding="same", name=f"conv{stage}")(tensor)
        tensor = layers.ReLU(name=f"conv{stage}_relu")(tensor)
    return tensor
