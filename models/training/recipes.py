"""How a network is fine-tuned: the published recipes, and one of ours.

`model1` to `model5` are those of the report that this project continues, as it gives them; they
were found for networks with complete ImageNet weights. What it does not tell is Keras's own
default: Adam, batches of 32.
"""

from dataclasses import dataclass, replace

from models.errors import TrainingRefused


@dataclass(frozen=True)
class Recipe:
    """The numbers that a fine-tuning depends on.

    Attributes:
        name: what users call it.
        rate: the highest learning rate.
        dense: widths of a classifier's dense layers, each with a ReLU.
        dropout: share that is dropped around each of them, while learning.
        augmented: whether pictures are shown in varied forms.
        epochs: at most.
        patience: epochs without a smaller loss after which it ends.
        batch_size: pictures, or a third as many triplets or half as many pairs, at a time.
        smoothing: of a classifier's targets.
        decay: weight decay of kernels, apart from the gradient; 0 for none.
        gentle: what the rate is multiplied by in layers before the first that is drawn anew.
        annealed: whether the rate rises at first and falls along a cosine, or stays.
        keep_statistics: whether batch normalisations before the first layer that is drawn anew
            stay as they are.
        momentum: of the statistics of the others, or None for the network's own.
    """

    name: str
    rate: float
    dense: tuple[int, ...] = ()
    dropout: float = 0.0
    augmented: bool = False
    epochs: int = 100
    patience: int = 10
    batch_size: int = 32
    smoothing: float = 0.0
    decay: float = 0.0
    gentle: float = 1.0
    annealed: bool = False
    keep_statistics: bool = False
    momentum: float | None = None


AUTO = Recipe(
    "auto",
    rate=1e-3,
    dropout=0.3,
    augmented=True,
    epochs=24,
    smoothing=0.1,
    decay=0.05,
    gentle=0.1,
    annealed=True,
    keep_statistics=True,
    momentum=0.9,
)
"""Ours, for some hundred to some thousand pictures on an ordinary processor.

The softmax stands on the pooled feature itself, so that this feature is what must tell the classes
apart: it is what retrieval compares. Layers with trained weights move at a tenth of the rate of
those drawn anew, and their batch normalisations keep the statistics of ImageNet, which batches of
32 would only blur. Behind a layer that is drawn anew statistics of before mean nothing: they are
learnt again within a few hundred batches, hence the short momentum. AdamW with a warm-up and a
cosine needs no choice of when to lower the rate. Dropout, smoothed targets and decay hold back
what so few pictures could be learnt by heart with.
"""

FROM_SCRATCH = replace(AUTO, epochs=60, gentle=1.0)
"""Ours, for networks without trained weights, which need more epochs."""

_MODEL4 = Recipe("model4", 1e-6, dense=(256, 128, 64), dropout=0.5)
_RESNET50 = (
    Recipe("model1", 1e-3, dense=(256,)),
    Recipe("model2", 1e-4, dense=(256, 128), dropout=0.5),
    Recipe("model3", 1e-4, dense=(512, 256, 128, 64)),
    _MODEL4,
    replace(_MODEL4, name="model5", augmented=True),
)
_RESNET50V2 = (
    Recipe("model1", 1e-6, dense=(256,)),
    Recipe("model2", 1e-5, dense=(256, 128), dropout=0.5),
    Recipe("model3", 1e-6, dense=(256, 128, 64), dropout=0.5),
    Recipe("model4", 1e-6, dense=(256, 128, 64), dropout=0.5, augmented=True),
)

RECIPES: dict[str, dict[str, Recipe]] = {
    "resnet50": {recipe.name: recipe for recipe in _RESNET50},
    "resnet50v2": {recipe.name: recipe for recipe in _RESNET50V2},
    "simple_cnn": {"auto": FROM_SCRATCH},
}
"""Network -> name -> recipe, beside "auto"."""

ALIASES = {("resnet50v2", "model5"): "model4"}
"""The report's tables of results call this recipe so."""


def recipe(network: str, name: str = "auto") -> Recipe:
    """Return a network's recipe of that name; all networks have "auto".

    Raises:
        TrainingRefused: it has none of that name; the message lists them.
    """
    own = {"auto": AUTO, **RECIPES.get(network, {})}
    found = own.get(ALIASES.get((network, name), name))
    if found is None:
        raise TrainingRefused(
            f"There is no recipe '{name}' for {network}. Choose one of: {', '.join(own)}."
        )
    return found
