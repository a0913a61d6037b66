"""Which encoder a run has left: what `run:NAME` means wherever a network is named."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from indexer.experiments.runs.files import WEIGHTS
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError, require_run_name
from indexer.files import read_regular, write_atomically
from models.errors import NetworkError
from models.export import MAX_SIZE, MIN_SIZE
from models.heads import layer_names, parse, text_of
from models.networks import network
from models.pooling import pooling
from models.types import EncoderSpec

RUN = "run:"
"""What the name of a run begins with where a network may be named as well."""

MAX_BYTES = 64 * 2**20


def is_run(network: str) -> bool:
    """Say whether a run is named in place of a network."""
    return network.startswith(RUN)


def encoder_of_run(instance: Path, name: str, layer: str | None = None) -> EncoderSpec:
    """Return the encoder that a run has left.

    Args:
        instance: the folder under which all runs lie.
        name: the run's, with or without "run:".
        layer: a layer of its head, such as "head_1", or of its network, whose map is then pooled;
            None for what the run was trained for.

    Raises:
        RunError: there is no such run, it has left no weights yet, or they are damaged.
    """
    run = RunFolder(instance, require_run_name(name.removeprefix(RUN)))
    begun = run.begun()
    if begun is None:
        raise RunError(
            f"There is no run {run.name!r} in {instance / 'runs'}. "
            f"{_known(instance)} Train one with: flask train classifier SOURCE --name {run.name}"
        )
    if not run.weights.is_file():
        raise RunError(
            f"The run {run.name!r} has left no weights yet. Go on with it: {begun.command} --resume"
        )
    found, layers = _read(run)
    return found if layer is None else _at_layer(found, layer, layers, run.name)


def write_encoder(run: RunFolder, spec: EncoderSpec, layers: str) -> None:
    """Say in a run's folder which encoder its weights are of; where they lie is known.

    Args:
        run: the folder.
        spec: the encoder that it was trained for.
        layers: all dense layers that the weights hold, as models.heads writes them; the spec's
            head is the beginning of them.
    """
    values = {key: value for key, value in asdict(spec).items() if key != "weights"}
    text = json.dumps(values | {"layers": layers}, indent=1)
    write_atomically(run.encoder, f"{text}\n".encode())


def is_of_run(weights: Path) -> str:
    """Return "run:NAME" of the run that has left a weight file, "" where none has."""
    runs = weights.parent.parent.name == "runs" and weights.name == "weights.npz"
    return f"{RUN}{weights.parent.name}" if runs else ""


def _read(run: RunFolder) -> tuple[EncoderSpec, str]:
    """Read which encoder the weights are of, and all dense layers that they hold.

    Of a student its record says it.
    """
    file = run.encoder if run.encoder.exists() else run.record
    try:
        content, _ = read_regular(file, MAX_BYTES)
        known = json.loads(content)
        values = known if file == run.encoder else {"network": known["student"]}
        layers = values.get("layers", "")
        spec = EncoderSpec(
            **{name: value for name, value in values.items() if name != "layers"},
            weights=str(run.weights),
        )
        _require_encoder(spec, layers)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(file, run, repr(error)) from error
    except NetworkError as error:
        raise _damaged(file, run, str(error)) from error
    return spec, layers


def _require_encoder(spec: EncoderSpec, layers: object) -> None:
    """Refuse values that no run writes.

    Raises:
        TypeError, ValueError, NetworkError: saying which.
    """
    texts = {"network": spec.network, "pooling": spec.pooling, "head": spec.head, "layers": layers}
    if spec.layer is not None:
        texts["layer"] = spec.layer
    for name, value in texts.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} is text, and not {value!r}")
    if type(spec.size) is not int:
        raise TypeError(f"size is a whole number, and not {spec.size!r}")
    if not MIN_SIZE <= spec.size <= MAX_SIZE:
        raise ValueError(f"size is {MIN_SIZE} to {MAX_SIZE}, and not {spec.size}")
    network(spec.network)
    pooling(spec.pooling)
    if parse(spec.head) != parse(str(layers))[: len(parse(spec.head))]:
        raise ValueError(f"the head {spec.head!r} is no beginning of the layers {layers!r}")


def _damaged(file: Path, run: RunFolder, why: str) -> RunError:
    return RunError(
        f"{file} is damaged: it does not say which encoder the run {run.name!r} has left ({why}). "
        f"Train it again, under another name, or name its network and --weights {run.weights}."
    )


def _at_layer(spec: EncoderSpec, layer: str, layers: str, name: str) -> EncoderSpec:
    head = parse(layers)
    names = layer_names(head)
    if layer in names:
        return replace(spec, head=text_of(head[: names.index(layer) + 1]))
    if layer.startswith("head_"):
        raise RunError(
            f"The run {name!r} has no layer {layer!r}; its head has "
            f"{', '.join(names) or 'no layers: leave out --layer'}."
        )
    return replace(spec, layer=layer, head="")


def _known(instance: Path) -> str:
    names = sorted(path.parent.name for path in (instance / "runs").glob(f"*/{WEIGHTS}"))
    return f"There are: {', '.join(names)}." if names else "There are none yet."
