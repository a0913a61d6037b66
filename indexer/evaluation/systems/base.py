"""One system with the features that a task needs of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.distances import FeatureStore
from indexer.indexes.base import Index
from indexer.types import Float32, Ids, Metric
from models.types import EncoderSpec


@dataclass(frozen=True)
class SystemSpec:
    """What a user names to be evaluated: an index, or a network.

    Attributes:
        index: name of an index, or "".
        encoder: the network, where no index is named.
        label: what tables call it; "" for a name made of the others.
        metric: that a network's features are ranked by: "hamming" for codes, which are the signs
            of the features; an index has its own.
        by_index: whether an index of a network's features is asked too, where one is.
    """

    index: str = ""
    encoder: EncoderSpec | None = None
    label: str = ""
    metric: Metric = "cosine"
    by_index: bool = True


@dataclass(frozen=True)
class System:
    """A system that is ready to be asked.

    Attributes:
        name: what tables call it.
        facts: what it is, for people: network, layer, pooling, size, width, precision, weights.
        store: features of the task's gallery, in an order of its own.
        places: int64 (n,), which picture of the task's gallery each row of the store is; -1 where
            it is none of them, as of an index that holds further pictures.
        queries: float32 (m, dim), features of the task's queries, in their order.
        metric: that it ranks by unless a protocol says otherwise.
        index: answers searches as they are answered to people, its ids being rows of the store;
            None of a network without an index.
        index_facts: kind and parameters of that index; none without one.
        by_index: whether, without one, the usual one is built of its features and asked.
    """

    name: str
    facts: Mapping[str, str]
    store: FeatureStore
    places: Ids
    queries: Float32
    metric: Metric = "cosine"
    index: Index | None = None
    index_facts: Mapping[str, object] | None = None
    by_index: bool = True

    @cached_property
    def rows(self) -> Ids:
        """Return which row of the store each picture of the task's gallery is, int64."""
        order = np.argsort(self.places, kind="stable")
        rows: Ids = order[self.places[order] >= 0].astype(np.int64)
        return rows
