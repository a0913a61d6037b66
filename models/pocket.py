"""The bundled network: residual layers few and light enough to ship with the project.

The plan is that of a pre-activation residual network (He et al., "Identity Mappings in Deep
Residual Networks", 2016), thinned until an ordinary processor reads a picture in a few
milliseconds: plain 3x3 convolutions, each stage halving the picture and widening the channels.
Its last layer is a linear map of what four depths of the network see, which is fitted after the
training: see models.training.whitening.
"""

from typing import Any

WIDTH = 512
"""Channels of the feature map, and thus numbers in a pooled feature."""

TAUGHT = "post_relu"
"""The layer that learns from a teacher."""

FINE_LEVELS = {"stage4_block1_1_relu": 4, "stage5_block1_1_relu": 2}
"""Layers of a finer map that the last one looks at -> how many of their places are one of its."""

LEVELS = (*FINE_LEVELS, "pre_relu", TAUGHT)
"""All layers that the last one looks at, from fine to coarse."""

DESCRIPTOR = "descriptor"
"""The last layer, linear."""

STEM_WIDTH = 32
STAGES = ((48, 1), (96, 1), (192, 2), (320, 2))
"""Channels and number of residual blocks of each stage."""


def build_pocket(input_tensor: Any) -> Any:
    """Lay the network's layers over an input.

    Args:
        input_tensor: Keras tensor (batch, height, width, 3), float32 in [-1, 1].

    Returns:
        Keras tensor (batch, height / 32, width / 32, 512), the output of the layer `descriptor`.
    """
    from keras import layers

    levels = []
    tensor = _convolve(input_tensor, STEM_WIDTH, 3, 2, "conv1")
    for stage, (width, blocks) in enumerate(STAGES, start=2):
        for block in range(1, blocks + 1):
            name = f"stage{stage}_block{block}"
            activated = _activate(tensor, f"{name}_1")
            if f"{name}_1_relu" in FINE_LEVELS:
                levels.append(_shrink(activated, FINE_LEVELS[f"{name}_1_relu"], f"{name}_level"))
            stride = 2 if block == 1 else 1
            tensor = _residual_block(tensor, activated, width, stride, name)
    levels.append(_activate(tensor, "pre"))
    levels.append(_activate(_convolve(levels[-1], WIDTH, 1, 1, "last_conv"), "post"))
    joined = layers.Concatenate(name="levels")(levels)
    return layers.Conv2D(WIDTH, 1, name=DESCRIPTOR)(joined)


def _residual_block(tensor: Any, activated: Any, width: int, stride: int, name: str) -> Any:
    """Add two 3x3 convolutions to what came in; the first block of a stage projects it too."""
    from keras import layers

    shortcut = tensor
    if stride > 1:
        shrunk = _shrink(activated, stride, f"{name}_pool")
        shortcut = _convolve(shrunk, width, 1, 1, f"{name}_shortcut")
    branch = _convolve(activated, width, 3, stride, f"{name}_1_conv")
    branch = _activate(branch, f"{name}_2")
    branch = _convolve(branch, width, 3, 1, f"{name}_2_conv")
    return layers.Add(name=f"{name}_add")([shortcut, branch])


def _shrink(tensor: Any, stride: int, name: str) -> Any:
    from keras import layers

    return layers.AveragePooling2D(stride, padding="same", name=name)(tensor)


def _convolve(tensor: Any, width: int, kernel: int, stride: int, name: str) -> Any:
    from keras import layers

    return layers.Conv2D(
        width,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(tensor)


def _activate(tensor: Any, name: str) -> Any:
    from keras import layers

    # A short memory of the statistics suits the few thousand steps of a training of minutes.
    tensor = layers.BatchNormalization(momentum=0.97, epsilon=1e-3, name=f"{name}_bn")(tensor)
    return layers.ReLU(name=f"{name}_relu")(tensor)
