"""Precision of exact and LSH search on labelled queries, with what LSH visits and misses.

    python -m benchmarks.precision INSTANCE INDEX QUERIES [--keras WEIGHTS] [--setting 7,2,8,raw …]

INDEX is built already (`flask index build … --name INDEX`); QUERIES is a folder of folders, one
for each class. A setting is g,h,w,hash space; without a w it is taken from the gallery. With
--keras, precision is measured again on features that plain Keras computes with its own
preprocessing, from the weight file that the index was built with.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.distances import FeatureStore
from indexer.indexes.base import Index
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.opening import Generation, open_current
from indexer.types import Float32
from models.encoder import open_encoder
from models.images import decode
from models.types import EncoderSpec

K = 10
SETTINGS = ("7,2,8,raw", "7,2,6,raw", "8,2,4,raw", ",,,unit")


@dataclass(frozen=True)
class Queries:
    """Labelled query pictures: their files, classes, and float32 (n, dim) features."""

    files: list[Path]
    labels: list[str]
    features: Float32


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each way of searching."""
    asked = _arguments(arguments)
    generation = open_current(asked.instance, asked.index)
    labels = np.array([image.label for image in generation.catalog.all_images()])
    queries = _queries(asked.queries, generation)
    print(f"{len(labels):,} images, {len(queries.files)} queries, k = {K}, cosine")
    print(f"{'':56} precision@10  recall@10  visited")
    truth = [_search(generation.index, query, exact=True)[0] for query in queries.features]
    _line("exact", labels, queries.labels, truth, truth, 1.0)
    for setting in asked.setting or SETTINGS:
        index = LshIndex.build(generation.store, _options(setting))
        answers = [_search(index, query) for query in queries.features]
        visited = float(np.mean([answer[1] for answer in answers])) / len(labels)
        name = "lsh " + " ".join(f"{key}={value}" for key, value in _shown(index))
        _line(name, labels, queries.labels, [answer[0] for answer in answers], truth, visited)
    if asked.keras:
        _plain_keras(asked.keras, generation, queries, labels, truth)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("instance", type=Path)
    parser.add_argument("index")
    parser.add_argument("queries", type=Path)
    parser.add_argument("--keras", metavar="WEIGHTS")
    parser.add_argument("--setting", action="append", metavar="G,H,W,SPACE")
    return parser.parse_args(arguments)


def _queries(folder: Path, generation: Generation) -> Queries:
    encoder = open_encoder(generation.encoder)
    files = sorted(path for path in folder.glob("*/*") if path.is_file())
    features = [encoder.encode(decode(file, encoder.size)[None])[0] for file in files]
    reduced = generation.reduced(np.array(features))
    return Queries(files, [file.parent.name for file in files], reduced)


def _options(setting: str) -> IndexOptions:
    g, h, w, space = setting.split(",")
    return IndexOptions(
        g=int(g) if g else None,
        h=int(h) if h else None,
        w=float(w) if w else None,
        hash_space="raw" if space == "raw" else "unit",
    )


def _shown(index: LshIndex) -> Iterator[tuple[str, Any]]:
    for key, value in index.parameters.items():
        if key in {"family", "g", "h", "w", "hash_space", "probes", "keep"}:
            yield key, f"{value:.3g}" if isinstance(value, float) else value


def _search(index: Index, query: Float32, *, exact: bool = False) -> tuple[list[int], int]:
    answer = index.search(query, K, "cosine", exact=exact)
    return answer.ids.tolist(), answer.visited


def _line(
    name: str,
    labels: "np.typing.NDArray[np.str_]",
    wanted: Sequence[str],
    found: Sequence[Sequence[int]],
    truth: Sequence[Sequence[int]],
    visited: float,
) -> None:
    precision = np.mean([labels[ids] == label for ids, label in zip(found, wanted, strict=True)])
    recall = np.mean([len({*a} & {*b}) / K for a, b in zip(found, truth, strict=True)])
    print(f"{name:56} {precision:>12.3f}  {recall:>9.3f}  {visited:>7.1%}")


def _plain_keras(
    weights: str,
    generation: Generation,
    queries: Queries,
    labels: "np.typing.NDArray[np.str_]",
    truth: Sequence[Sequence[int]],
) -> None:
    """Measure exact precision with Keras's own preprocessing, `predict` and mean."""
    model, preprocess = _keras_model(weights, generation)
    roots = generation.catalog.roots()
    gallery = [roots[image.root] / image.path for image in generation.catalog.all_images()]
    size = generation.manifest.fingerprint.size
    store = FeatureStore.of(generation.reduced(_predict(model, preprocess, gallery, size)))
    index = type(generation.index).build(store, IndexOptions())
    asked = generation.reduced(_predict(model, preprocess, queries.files, size))
    found = [_search(index, query, exact=True)[0] for query in asked]
    _line("exact, features of plain Keras", labels, queries.labels, found, truth, 1.0)


def _keras_model(weights: str, generation: Generation) -> tuple[Any, Any]:
    """Return a Keras application cut at the index's layer, and its own preprocessing."""
    from keras import Model, applications

    from models.export import build_encoder

    made = generation.manifest.fingerprint
    modules = {
        "resnet50": applications.resnet,
        "resnet50v2": applications.resnet_v2,
        "resnet101": applications.resnet,
        "mobilenetv2": applications.mobilenet_v2,
    }
    spec = EncoderSpec(made.network, weights, made.layer, made.pooling, made.size)
    loaded = {layer.name: layer for layer in build_encoder(spec).model.layers}
    names = {"resnet50": "ResNet50", "resnet50v2": "ResNet50V2", "resnet101": "ResNet101"}
    build = getattr(applications, names.get(made.network, "MobileNetV2"))
    plain = build(include_top=False, weights=None, input_shape=(made.size, made.size, 3))
    cut = Model(plain.input, plain.get_layer(made.layer).output)
    for layer in cut.layers:
        if layer.weights:
            layer.set_weights(loaded[layer.name].get_weights())
    return cut, modules[made.network].preprocess_input


def _predict(model: Any, preprocess: Any, files: Iterable[Path], size: int) -> Float32:
    features = []
    paths = list(files)
    for start in range(0, len(paths), 64):
        batch = np.stack([decode(path, size) for path in paths[start : start + 64]])
        maps = model.predict(preprocess(batch.astype(np.float32)), verbose=0)
        features.append(maps.mean(axis=(1, 2)))
    return np.concatenate(features).astype(np.float32)


if __name__ == "__main__":
    main()
