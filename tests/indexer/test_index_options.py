"""What may be asked of an index, and what that makes of the rest."""

import pytest

from indexer.errors import BadParameter
from indexer.indexes.options import IndexOptions
from tests.indexer.clouds import build, clusters


def test_a_width_or_another_space_means_the_plain_scheme():
    features = clusters(50)
    assert build(features).parameters["family"] == "cross-polytope"
    assert build(features, metric="cosine", w=2.0).parameters["hash_space"] == "unit"
    plain = build(features, metric="euclidean", w=2.0).parameters
    assert (plain["family"], plain["hash_space"], plain["keep"]) == ("plain", "raw", 0)
    assert plain["probes"] == plain["g"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"family": "cross-polytope", "w": 1.0}, "width"),
        ({"family": "cross-polytope", "hash_space": "raw"}, "principal components"),
        ({"family": "spherical"}, "family"),
        ({"components": 0}, "components"),
        ({"keep": -1}, "keep"),
        ({"probes": 2**20 + 1}, "probes"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong, named):
    with pytest.raises(BadParameter, match=named):
        IndexOptions(**wrong)
