"""One image of an index is measured as a search measures it, whether that finds it or not."""

from typing import get_args

import pytest

from indexer.errors import BadQuery, UnknownImage
from indexer.serving.asking import Part
from indexer.serving.wishes import EXACT
from indexer.shelf import Shelf
from indexer.types import Metric
from tests.indexer.fixtures import draw
from tests.indexer.test_why import content_of


@pytest.fixture(scope="module")
def service(built):
    return Shelf(built).get("shapes")


@pytest.mark.parametrize("metric", get_args(Metric))
@pytest.mark.parametrize("box", [None, (0.0, 0.0, 0.5, 1.0)])
def test_an_image_is_measured_as_a_search_does(service, metric, box):
    part = Part(content_of(draw("circles", 99)), box)
    for hit in service.ask([part], 24, metric, EXACT).hits:
        measured, timings = service.compare(part, hit.id, metric=metric)
        assert measured.image == hit.image
        assert measured.distance == pytest.approx(hit.distance, abs=1e-6)
        assert measured.similarity == pytest.approx(hit.similarity, abs=1e-6)
        assert timings.encode > 0


def test_an_indexed_picture_is_compared_by_its_stored_feature(service):
    measured, timings = service.compare(Part(3), 3)
    assert measured.distance == pytest.approx(0, abs=1e-6)
    assert timings.encode == 0


def test_nothing_is_compared_with_what_is_not_there(service):
    for source, number in ((3, 24), (24, 3), (3, -1)):
        with pytest.raises(UnknownImage, match="0 to 23"):
            service.compare(Part(source), number)
    with pytest.raises(BadQuery, match="metric"):
        service.compare(Part(3), 4, metric="manhattan")
