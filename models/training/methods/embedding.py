"""The head of methods that compare pictures: a feature whose distances mean something."""

from dataclasses import dataclass
from typing import Any

from models.training.methods.base import dense


@dataclass(frozen=True)
class Embedding:
    """What is compared: features that are brought to length 1.

    Attributes:
        width: of a linear layer over the pooled feature; 0 compares the pooled feature itself.
    """

    width: int = 0

    @property
    def head(self) -> str:
        """Return the layers that are kept for the encoder."""
        return f"{self.width} linear" if self.width else ""

    def outputs(self, feature: Any) -> Any:
        """Lay the embedding over pooled features, Keras tensors (n, dim) -> (n, width)."""
        from keras import layers

        tensor = dense(self.width, "linear", 1)(feature) if self.width else feature
        return layers.UnitNormalization(dtype="float32", name="unit")(tensor)
