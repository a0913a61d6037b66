"""The plain data that the networks' room takes and gives."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from json import dumps
from typing import Any, Literal

Box = tuple[float, float, float, float]
"""Left, top, right and bottom edge of a part of a picture, in pixels of the upright picture."""

Shares = tuple[float, float, float, float]
"""The same edges in shares of the picture's width and height, 0 to 1: right for any rendering."""

Crop = Literal["", "faces"]
"""What an encoder sees of each picture: "" for all of it, "faces" for its largest face."""


@dataclass(frozen=True)
class Limits:
    """What a picture from outside may cost before it is refused.

    Attributes:
        max_bytes: size of the file, in bytes.
        max_pixels: width times height, in pixels, checked before decoding. Pillow's own guard of
            89,478,485 stays in force above it.
        max_side: length of the longer side, in pixels.
    """

    max_bytes: int = 64 * 2**20
    max_pixels: int = 50_000_000
    max_side: int = 30_000


@dataclass(frozen=True)
class EncoderSpec:
    """What a user asks of an encoder.

    Attributes:
        network: a name of the table of networks.
        weights: "bundled", "imagenet", or the path of a weight file.
        layer: the feature layer's name, or None for the network's last.
        pooling: "avg", "max" or "gem".
        size: side of the square input, in pixels.
        head: dense layers after pooling, as models.heads reads them, such as "256 relu, 48 tanh";
            "" for none: the pooled map is the feature.
        crop: what it sees of each picture.
    """

    network: str = "pocket"
    weights: str = "bundled"
    layer: str | None = None
    pooling: str = "avg"
    size: int = 224
    head: str = ""
    crop: Crop = ""


LATER = ("head", "crop")
"""Fields of a fingerprint that came after features were kept: empty, they are left out."""


@dataclass(frozen=True)
class Fingerprint:
    """What must be equal for two features to be comparable.

    Attributes:
        network: name in the table of networks.
        weights_sha256: SHA-256 of the weight file, in hexadecimal.
        layer: the feature layer's name.
        preprocessing: "caffe" or "tf".
        pooling: "avg", "max" or "gem".
        size: side of the square input, in pixels.
        dim: width of the feature.
        reduction: the name of what shortens the feature to dim, or "": an encoder's own never has
            one.
        normalisation: "none": raw pooled features are stored.
        precision: "fp32", "bf16" or "int8".
        calibration: SHA-256 of the quantised weights, in hexadecimal, where precision is int8; or
            "".
        head: the dense layers after pooling, as models.heads writes them, or "".
        crop: what is seen of each picture.
    """

    network: str
    weights_sha256: str
    layer: str
    preprocessing: str
    pooling: str
    size: int
    dim: int
    reduction: str = ""
    normalisation: str = "none"
    precision: str = "fp32"
    calibration: str = ""
    head: str = ""
    crop: Crop = ""

    @property
    def values(self) -> dict[str, Any]:
        """Return all fields, but no empty head or crop, as before there were such fields."""
        return {key: value for key, value in asdict(self).items() if value or key not in LATER}

    @property
    def digest(self) -> str:
        """Return the first 16 hexadecimal digits of the SHA-256 of all fields."""
        return sha256(dumps(self.values, sort_keys=True).encode()).hexdigest()[:16]
