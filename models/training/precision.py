"""How exactly a training computes: quicker number formats where the hardware has them."""

from models.engines.keras import import_keras
from models.engines.processor import has_bf16

PRECISIONS = ("auto", "fp32", "bf16", "fp16")
"""What can be asked for; fp16 is for older GPUs, whose gradients Keras then scales."""

_POLICIES = {"fp32": "float32", "bf16": "mixed_bfloat16", "fp16": "mixed_float16"}


def on_gpu() -> bool:
    """Say whether Keras's backend, whichever it is, computes on a GPU."""
    return "cpu" not in str(import_keras().ops.zeros(1).device).lower()


def chosen(precision: str) -> str:
    """Return fp32, bf16 or fp16 for what was asked: auto is bf16 on a GPU or a processor with it.

    Source: Micikevicius et al., "Mixed Precision Training", 2018.
    """
    if precision != "auto":
        return precision
    return "bf16" if on_gpu() or has_bf16() else "fp32"


def set_precision(precision: str) -> None:
    """Let all layers that are built from now on compute so; weights stay float32."""
    import_keras().mixed_precision.set_global_policy(_POLICIES[precision])


def repeat_exactly() -> None:
    """Let TensorFlow compute the same bits again for the same numbers, on a processor.

    It takes two things: operations whose sums do not depend on which thread ends first, and, set
    by models.engines.keras.import_keras, one operation at a time, whose threads then share its work
    always alike. On a processor that costs next to nothing: 1.20 s of its time for a batch of 32
    through the last block of ResNet50V2, and 1.21 s without. On a GPU it would, and is left out.
    """
    if import_keras().config.backend() == "tensorflow" and not on_gpu():
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def compiled() -> str | bool:
    """Return how Keras is to compile a training's steps.

    TensorFlow's compiler makes convolutions on a processor slower; JAX knows no other way.
    """
    return "auto" if on_gpu() or import_keras().config.backend() == "jax" else False
