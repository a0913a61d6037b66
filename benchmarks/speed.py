"""How many milliseconds networks need for a picture in OpenVINO, in single precision.

    python -m benchmarks.speed [--size 224] [--than resnet50v2] [NETWORK …]

Weights are random, which costs the same time as trained ones. The networks take turns, so that
whatever else the machine does slows them alike; the ratio is the median of those of each turn.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.engines.openvino import OpenVinoEngine
from models.export import KerasEncoder, export_model, lay_out
from models.types import EncoderSpec, Fingerprint

NETWORKS = ("pocket", "mobilenetv2", "resnet50", "resnet50v2")
ROUNDS = 40


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each network, the slowest last."""
    asked = _arguments(arguments)
    names = asked.networks or NETWORKS
    engines = {name: _engine(name, asked.size) for name in (*names, asked.than)}
    picture = np.zeros((1, asked.size, asked.size, 3), np.uint8)
    rounds = [{name: _time(engines[name], picture) for name in engines} for _ in range(ROUNDS)]
    print(f"{'':14}   ms for one picture   times as fast as {asked.than}")
    lines = {name: (_median(rounds, name), _ratio(rounds, name, asked.than)) for name in engines}
    for name, (milliseconds, ratio) in sorted(lines.items(), key=lambda line: line[1]):
        print(f"{name:14} {milliseconds:20.1f} {ratio:20.1f}")


def _median(rounds: Sequence[Mapping[str, float]], name: str) -> float:
    return float(np.median([took[name] for took in rounds]))


def _ratio(rounds: Sequence[Mapping[str, float]], name: str, than: str) -> float:
    return float(np.median([took[than] / took[name] for took in rounds]))


def _engine(name: str, size: int) -> OpenVinoEngine:
    model, _ = lay_out(EncoderSpec(network=name, size=size))
    unknown = Fingerprint(name, "", "", "", "avg", size, 0)
    with tempfile.TemporaryDirectory() as directory:
        export_model(KerasEncoder(model, unknown), Path(directory) / "encoder.xml")
        return OpenVinoEngine(Path(directory) / "encoder.xml")


def _time(engine: OpenVinoEngine, picture: np.ndarray) -> float:
    start = time.perf_counter()
    engine.encode(picture)
    return (time.perf_counter() - start) * 1000


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed")
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    parser.add_argument("--size", type=int, default=224, help="of what networks read, in pixels")
    parser.add_argument("--than", default="resnet50v2", metavar="NETWORK", help="to compare with")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
