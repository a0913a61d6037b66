"""Small fine-tunings for tests: plain pictures in memory, and networks that read them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.engines.keras import import_keras
from models.layers import PREPROCESSING
from models.pooling import avg
from models.simple_cnn import build_simple_cnn
from models.training.examples import MapExamples
from models.training.fit import Course
from models.training.methods.base import Method
from models.training.methods.classifier import Classifier
from models.training.recipes import Recipe


@dataclass(frozen=True)
class InMemory:
    """Examples as they are (n, ...), whatever the epoch."""

    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.values.shape[1:])

    def batch(self, positions: np.ndarray, epoch: int, seed: int) -> np.ndarray:
        return self.values[positions]

    def plain(self) -> "InMemory":
        return self


def pixels_tail(size: int, seed: int = 1) -> Any:
    """Return simple_cnn with its pooling, from pictures uint8 (n, size, size, 3)."""
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    image = keras.Input((size, size, 3), dtype="uint8")
    return keras.Model(image, avg(build_simple_cnn(PREPROCESSING["tf"](image))))


def vectors_tail(width: int = 6, seed: int = 1) -> Any:
    """Return a dense layer with batch normalisation, from vectors (n, 4)."""
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    given = keras.Input((4,))
    inner = keras.layers.Dense(width, name="inner")(given)
    return keras.Model(given, keras.layers.BatchNormalization(momentum=0.5, name="inner_bn")(inner))


def maps_tail(seed: int = 1) -> Any:
    """Return the last layers of a network, from maps (n, 2, 2, 4)."""
    keras = import_keras()
    keras.utils.set_random_seed(seed)
    maps = keras.Input((2, 2, 4))
    tensor = keras.layers.Conv2D(6, 1, name="inner")(maps)
    tensor = keras.layers.ReLU()(keras.layers.BatchNormalization(name="inner_bn")(tensor))
    tensor = keras.layers.Conv2D(6, 1, name="last")(tensor)
    tensor = keras.layers.BatchNormalization(name="last_bn")(tensor)
    return keras.Model(maps, keras.layers.GlobalAveragePooling2D()(tensor))


def clouds(count: int = 60, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors (n, 4) about a centre for each class, and their labels."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = generator.normal(scale=3, size=(classes, 4))
    return (centres[labels] + generator.normal(size=(count, 4))).astype(np.float32), labels


RECIPE = Recipe("test", 0.01, epochs=5, dropout=0.2, batch_size=8)


def vectors_course(
    method: Method | None = None, recipe: Recipe = RECIPE, *, of: str = "this"
) -> Course:
    """Return a course over clouds, of which a third is held out."""
    vectors, labels = clouds()
    return Course(
        tail=vectors_tail(),
        fresh=("inner", "inner_bn"),
        examples=InMemory(vectors),
        labels=labels,
        shown=np.arange(40),
        held_out=np.arange(40, 60),
        method=method or Classifier(3, (8,), recipe.dropout, batch_size=recipe.batch_size),
        recipe=recipe,
        of=of,
    )


GENTLE = Recipe(
    "test",
    0.01,
    dropout=0.2,
    epochs=5,
    batch_size=8,
    decay=0.05,
    gentle=0.1,
    annealed=True,
    momentum=0.9,
)


def maps_course(recipe: Recipe = GENTLE) -> Course:
    """Return a course as after a frozen trunk: maps in three variants, half of its layers fresh."""
    vectors, labels = clouds()
    generator = np.random.default_rng(1)
    maps = vectors[:, None, None, None] + generator.normal(size=(60, 3, 2, 2, 4))
    return Course(
        tail=maps_tail(),
        fresh=("last", "last_bn"),
        examples=MapExamples(maps.astype(np.float16)),
        labels=labels,
        shown=np.arange(41),
        held_out=np.arange(41, 60),
        method=Classifier(3, (), recipe.dropout, 0.1, batch_size=recipe.batch_size),
        recipe=recipe,
        of="maps",
    )
