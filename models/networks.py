"""The table of networks: how each is built, fed, cut and weighted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from models.errors import UnknownNetwork
from models.pocket import DESCRIPTOR, TAUGHT, build_pocket
from models.pocket import WIDTH as POCKET_WIDTH
from models.simple_cnn import WIDTHS as SIMPLE_CNN_WIDTHS
from models.simple_cnn import build_simple_cnn

Build = Callable[[Any], Any]
"""Preprocessed Keras tensor (n, height, width, 3) -> the network's last map (n, h, w, c)."""

_RESNETS = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
_MOBILENETS = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"


@dataclass(frozen=True)
class Download:
    """Where Keras publishes a network's ImageNet weights.

    Attributes:
        url: of the file; its last part is the name in Keras's cache.
        md5: of the file, in hexadecimal, or None where Keras publishes none.
    """

    url: str
    md5: str | None

    @property
    def file(self) -> str:
        """Return the file's name in Keras's cache."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Network:
    """One row of the table of networks.

    Attributes:
        name: what users call it.
        preprocessing: "caffe" (BGR, ImageNet's mean subtracted) or "tf" ([-1, 1]).
        build: lays the network over a preprocessed Keras tensor.
        default_layer: the feature layer where none is asked for, the network's last.
        positive_layer: the one where the pooling takes maxima or powers, which mean little on a
            default layer whose values have signs; None: the default layer has none.
        feature_width: channels of that layer.
        default_size: side of the square input, in pixels.
        imagenet: its ImageNet weights, or None.
        bundled: file of the weights that ship with the project in models/bundled, or None.
    """

    name: str
    preprocessing: Literal["caffe", "tf"]
    build: Build
    default_layer: str
    feature_width: int
    default_size: int = 224
    imagenet: Download | None = None
    bundled: str | None = None
    positive_layer: str | None = None

    def layer_for(self, pooling: str) -> str:
        """Return the feature layer where none is asked for, with a pooling."""
        averaged = pooling == "avg" or self.positive_layer is None
        return self.default_layer if averaged else str(self.positive_layer)

    @property
    def has_imagenet(self) -> bool:
        """Say whether ImageNet weights are published for it."""
        return self.imagenet is not None


def _application(name: str) -> Build:
    """Return a builder of one of Keras's own architectures, without its classifier."""

    def build(input_tensor: Any) -> Any:
        from keras import applications

        model = getattr(applications, name)
        return model(include_top=False, weights=None, input_tensor=input_tensor).output

    return build


def _resnet(keras_name: str, file_stem: str, md5: str) -> tuple[Build, Download]:
    file = f"{file_stem}_weights_tf_dim_ordering_tf_kernels_notop.h5"
    return _application(keras_name), Download(_RESNETS + file, md5)


_RESNET50, _RESNET50_FILE = _resnet("ResNet50", "resnet50", "4d473c1dd8becc155b73f8504c6f6626")
_RESNET101, _RESNET101_FILE = _resnet("ResNet101", "resnet101", "88cf7a10940856eca736dc7b7e228a21")
_RESNET50V2, _RESNET50V2_FILE = _resnet(
    "ResNet50V2", "resnet50v2", "fac2f116257151a9d068a22e544a4917"
)
_MOBILENETV2_FILE = Download(
    _MOBILENETS + "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", None
)

_TABLE = (
    Network(
        "pocket",
        "tf",
        build_pocket,
        DESCRIPTOR,
        POCKET_WIDTH,
        bundled="pocket.npz",
        positive_layer=TAUGHT,
    ),
    Network("resnet50", "caffe", _RESNET50, "conv5_block3_out", 2048, imagenet=_RESNET50_FILE),
    Network("resnet50v2", "tf", _RESNET50V2, "post_relu", 2048, imagenet=_RESNET50V2_FILE),
    Network("resnet101", "caffe", _RESNET101, "conv5_block3_out", 2048, imagenet=_RESNET101_FILE),
    Network(
        "mobilenetv2",
        "tf",
        _application("MobileNetV2"),
        "out_relu",
        1280,
        imagenet=_MOBILENETV2_FILE,
    ),
    Network("simple_cnn", "tf", build_simple_cnn, "conv4_relu", SIMPLE_CNN_WIDTHS[-1]),
)

NETWORKS: dict[str, Network] = {network.name: network for network in _TABLE}
"""Name -> network, the bundled one first."""


def network(name: str) -> Network:
    """Return the network of that name.

    Raises:
        UnknownNetwork: there is none of that name; the message lists them.
    """
    if name not in NETWORKS:
        raise UnknownNetwork(f"There is no network '{name}'. Choose one of: {', '.join(NETWORKS)}.")
    return NETWORKS[name]
