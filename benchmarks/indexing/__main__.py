"""How many pictures a second a build indexes, beside what the network alone and Keras do.

    python -m benchmarks.indexing FOLDER [--count 2000] [--json FILE] [--rounds 3] [--seconds 10]
                                  [--network NAME[:LAYER]=WEIGHTS …] [--size 224]
                                  [--precisions fp32 bf16 int8] [--memory 1000 8000] [--seed 0]

Of FOLDER, whose folders are the classes, pictures are drawn. Their features are computed in turns,
some seconds each, round after round, by

    predict       Keras's `predict` over a generator that loads one picture after another
    tf.function   the same network in Keras as one compiled function, over arrays in memory
    engine        the encoder of an index, in each precision, over arrays in memory
    build         `flask index build` from the start of its process to its end; the encoder was
                  exported (and calibrated) before, by a first build whose seconds are told apart

The networks are those of the real weights in the folder `weights` beside that of FOLDER, unless
others are asked for. Then it compares the neighbours that each precision finds with those of
single precision, as a build does that chooses one, and the memory of the first network's build for
a small and a large gallery (proportional set sizes of all its processes, ten looks a second). Of
each figure that is wanted it says whether it was met.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.builds import draw
from benchmarks.indexing import growth, tables
from benchmarks.indexing.measuring import Measured, Wish, measure
from benchmarks.retrieval import wanted_networks
from models.types import EncoderSpec

REAL_WEIGHTS = {
    "resnet50v2:conv5_block1_preact_relu": "resnet50v2_conv1-4.npz",
    "resnet50:conv4_block6_out": "resnet50_conv1-4.npz",
    "mobilenetv2:out_relu": "mobilenetv2.npz",
}
REFERENCE = "fp32"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each network, and the memory of the first one's builds."""
    asked = _arguments(arguments)
    wish = Wish(asked.rounds, asked.seconds, tuple(asked.precisions))
    found: list[Measured] = []
    needs: list[growth.Need] = []
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-") as name:
        work = Path(name)
        files = draw(asked.folder, asked.count, asked.seed, work / "gallery")
        for number, spec in enumerate(_specs(asked)):
            prepared = work / f"prepared-{number}"
            found.append(measure(work / "gallery", files, spec, wish, prepared))
            print(tables.speeds(found[-1]), flush=True)
            if number == 0 and asked.memory:
                needs = growth.needs(
                    asked.folder, asked.memory, spec, REFERENCE, prepared, asked.seed
                )
    if needs:
        print(tables.memory(found[0].network, needs))
    if asked.json:
        asked.json.write_text(json.dumps(tables.plain(found, needs), indent=2) + "\n")


def _specs(asked: argparse.Namespace) -> list[EncoderSpec]:
    """Return the networks asked for, or those of the real weights, or the bundled one."""
    weights = asked.folder.resolve().parent.parent / "weights"
    real = [f"{network}={weights / file}" for network, file in REAL_WEIGHTS.items()]
    texts = asked.network or real
    bundled, *others = wanted_networks(texts, asked.size)
    return [spec for spec in others if asked.network or Path(spec.weights).is_file()] or [bundled]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indexing")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="its folders are the classes")
    parser.add_argument("--count", type=int, default=2000, help="pictures that are indexed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--rounds", type=int, default=3, help="turns that each way has")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a turn, builds apart")
    parser.add_argument("--network", action="append", default=[], metavar="NAME[:LAYER]=WEIGHTS")
    parser.add_argument("--size", type=int, default=224, help="of what networks read, in pixels")
    parser.add_argument("--precisions", nargs="+", default=[REFERENCE, "bf16", "int8"])
    parser.add_argument("--memory", nargs="*", type=int, default=[1000, 8000], metavar="COUNT")
    parser.add_argument("--seed", type=int, default=0, help="draws the pictures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
