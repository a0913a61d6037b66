"""The report's recipes, number by number."""

import pytest

from models.errors import TrainingRefused
from models.training.recipes import recipe


@pytest.mark.parametrize(
    ("network", "name", "dense", "dropout", "rate", "augmented"),
    [
        ("resnet50", "model1", (256,), 0, 1e-3, False),
        ("resnet50", "model2", (256, 128), 0.5, 1e-4, False),
        ("resnet50", "model3", (512, 256, 128, 64), 0, 1e-4, False),
        ("resnet50", "model4", (256, 128, 64), 0.5, 1e-6, False),
        ("resnet50", "model5", (256, 128, 64), 0.5, 1e-6, True),
        ("resnet50v2", "model1", (256,), 0, 1e-6, False),
        ("resnet50v2", "model2", (256, 128), 0.5, 1e-5, False),
        ("resnet50v2", "model3", (256, 128, 64), 0.5, 1e-6, False),
        ("resnet50v2", "model4", (256, 128, 64), 0.5, 1e-6, True),
    ],
)
def test_recipes_are_those_of_the_report(
    network: str, name: str, dense: tuple[int, ...], dropout: float, rate: float, augmented: bool
) -> None:
    found = recipe(network, name)
    assert (found.name, found.dense, found.dropout) == (name, dense, dropout)
    assert (found.rate, found.augmented, found.patience) == (rate, augmented, 10)
    # As Keras has them: plain Adam at one rate, plain targets.
    assert (found.decay, found.gentle, found.annealed, found.smoothing) == (0, 1, False, 0)
    assert (found.keep_statistics, found.momentum) == (False, None)


def test_model5_of_resnet50v2_is_its_model4() -> None:
    assert recipe("resnet50v2", "model5") == recipe("resnet50v2", "model4")


@pytest.mark.parametrize("network", ["pocket", "resnet50", "resnet50v2", "mobilenetv2"])
def test_all_networks_have_a_recipe_of_ours(network: str) -> None:
    assert recipe(network).name == "auto"


def test_networks_without_trained_weights_get_more_epochs() -> None:
    assert recipe("simple_cnn").epochs > recipe("resnet50").epochs


def test_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(TrainingRefused, match=r"'model6' for resnet50v2.* auto, model1, .*model4"):
        recipe("resnet50v2", "model6")
