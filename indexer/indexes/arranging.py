"""Turns a gallery into what an LSH index is made of: parameters, a rotation, keys and codes."""

import numpy as np
from numpy.typing import NDArray

from indexer.distances import FeatureStore, block_slices
from indexer.indexes.coding import CODED, Codes, encoded, steps
from indexer.indexes.hashing import Hashing
from indexer.indexes.options import IndexOptions, choose_family, choose_space
from indexer.indexes.parameters import (
    COMPONENTS,
    DEFAULT_G,
    KEEP,
    PROBES,
    LshParameters,
    choose_h,
)
from indexer.indexes.rotation import Rotation, scaled
from indexer.indexes.widths import chosen_width
from indexer.types import Float32

ROWS = 4096  # features that are hashed at once


def completed(store: FeatureStore, options: IndexOptions) -> tuple[LshParameters, Rotation]:
    """Choose what is not given, and learn the rotation."""
    family = choose_family(options)
    space = choose_space(options, family)
    unit = space == "unit" or (space == "pca" and options.metric == "cosine")
    components = min(options.components or COMPONENTS, store.dim) if space == "pca" else 0
    axes = min(store.dim, max(components, CODED)) if space == "pca" else 0
    rotation = Rotation.learn(store, axes, unit=unit, seed=options.seed)
    g, w = options.g or DEFAULT_G[family], options.w
    if w is None and family != "cross-polytope":
        w = chosen_width(store, rotation, components, options.seed)
    parameters = LshParameters(
        family=family,
        g=g,
        h=choose_h(options, family, components, store.count),
        w=w,
        seed=options.seed,
        hash_space=space,
        components=components,
        unit=unit,
        probes=_given(options.probes, g if family == "plain" else PROBES),
        keep=_given(options.keep, 0 if family == "plain" or not components else KEEP),
        reach=options.reach,
    )
    return parameters, rotation


def hashed(
    store: FeatureStore, parameters: LshParameters, rotation: Rotation, hashing: Hashing
) -> tuple[NDArray[np.uint64], Codes]:
    """Compute keys uint64 (g, n) and codes (n, 64), block by block; no codes without rotation."""
    coded = bool(parameters.components)
    keys = np.empty((parameters.g, store.count), np.uint64)
    codes = np.zeros((store.count if coded else 0, 64), np.int8)
    worth = steps(rotation.spreads)
    for rows in block_slices(store.count, ROWS):
        features, norms = store.rows(rows), store.norms[rows]
        if coded:
            points, energies = rotation.coordinates(features, norms)
            codes[rows] = encoded(points, energies, worth)
            keys[:, rows] = hashing.keys(points[:, : parameters.components])
        else:
            keys[:, rows] = hashing.keys(scaled(features, norms, unit=parameters.unit))
    return keys, codes


def coordinates(store: FeatureStore, parameters: LshParameters, rotation: Rotation) -> Float32:
    """Return what is hashed of each image of an index of components, float32 (n, components)."""
    turned = rotation.first(parameters.components)
    found = np.empty((store.count, parameters.components), np.float32)
    for rows in block_slices(store.count, ROWS):
        found[rows], _ = turned.coordinates(store.rows(rows), store.norms[rows])
    return found


def _given(value: int | None, default: int) -> int:
    return default if value is None else value
