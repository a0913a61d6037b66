"""The head of methods that compare pictures: a feature whose distances mean something."""

from dataclasses import dataclass, field
from typing import Any

from models.engines.base import Float32
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


@dataclass(frozen=True)
class Comparing:
    """What methods have in common that compare pictures by an embedding.

    Attributes:
        embedding: what is compared.
    """

    embedding: Embedding = field(default_factory=Embedding)

    @property
    def head(self) -> str:
        """Return the layers that are kept for the encoder."""
        return self.embedding.head

    def outputs(self, feature: Any) -> Any:
        """Lay the embedding over pooled features."""
        return self.embedding.outputs(feature)

    def predicted(self, outputs: Float32) -> None:
        """Return nothing: no classes are told."""

    def compared(self, outputs: Float32) -> Float32:
        """Return the features themselves, (n, dim)."""
        return outputs
