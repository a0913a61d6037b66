"""Gives a system that has no index the one that a build would make of its features."""

from collections.abc import Mapping

from indexer.evaluation.systems.base import System
from indexer.evaluation.systems.naming import index_facts_of
from indexer.indexes.base import Index
from indexer.indexes.hamming import HammingIndex
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.tuning.targets import DEFAULT_TARGET, Target
from indexer.tuning.tuner import tune
from indexer.types import Report, silent


def default_index(
    system: System,
    *,
    target: Target = DEFAULT_TARGET,
    seed: int = 0,
    progress: Report = silent,
) -> tuple[Index, Mapping[str, object]]:
    """Build the index that a build makes unless told otherwise, and tune it as that does.

    Args:
        system: whose features are indexed: by LSH, or as codes where these are what is ranked.
        target: what searches shall reach.
        seed: of everything random.
        progress: told after each effort that is tried.

    Returns:
        the index, its ids being rows of the store, and its kind and parameters for people.
    """
    options = IndexOptions(metric=system.metric, seed=seed)
    if system.metric == "hamming":
        codes = HammingIndex.build(system.store, options)
        return codes, index_facts_of("hamming", codes.parameters)
    index = LshIndex.build(system.store, options)
    if system.store.count > 1:
        index = tune(index, target, metric=system.metric, seed=seed, progress=progress).index
    return index, index_facts_of("lsh", index.parameters)
