"""Who changes the weights of a fine-tuning, and how quickly."""

from collections.abc import Collection
from typing import Any

from models.engines.keras import import_keras
from models.training.lessons import annealed
from models.training.recipes import Recipe


def optimizer(recipe: Recipe, steps: int, gentle: Collection[str] = ()) -> Any:
    """Return Adam with a rate of its own for some weights, and decay apart from the gradient.

    Sources: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, and Loshchilov and
    Hutter, "Decoupled Weight Decay Regularization", 2019. Kernels decay; biases and the weights of
    normalisations do not.

    Args:
        recipe: rate, decay, and how gently.
        steps: batches of all epochs.
        gentle: paths of the weights whose rate the recipe's `gentle` is multiplied with.
    """
    rate = annealed(recipe.rate, steps) if recipe.annealed else recipe.rate
    keras = import_keras()
    adam: Any = keras.optimizers.Adam

    class ByWeight(adam):  # type: ignore[misc]  # Keras has no types
        """Adam that treats weights by their names and shapes."""

        def build(self, variables: Any) -> None:
            """Note which weights are treated gently; Keras numbers them by their order."""
            self._gentle = {at for at, each in enumerate(variables) if each.path in gentle}
            super().build(variables)

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            """Change one weight."""
            if self._get_variable_index(variable) in self._gentle:
                learning_rate = learning_rate * recipe.gentle
            if recipe.decay and len(variable.shape) > 1:
                share = keras.ops.cast(learning_rate * recipe.decay, variable.dtype)
                self.assign_sub(variable, variable * share)
            super().update_step(gradient, variable, learning_rate)

    return ByWeight(rate)
