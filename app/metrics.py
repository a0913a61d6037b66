"""`/metrics`: what is known of the indexes, in the text format of Prometheus.

Written here and not by prometheus_client: all of it is shared state, which any worker reads as
well, while that library counts in each process and needs a folder to add the processes up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint, Response

from app.database import DatabaseDown
from app.extensions import Services, services
from app.openapi.documenting import TEXT, documented
from app.recalls import LiveRecall
from indexer.errors import IndexUnusable, NoIndex, UnknownIndex
from indexer.search import SearchService
from indexer.text import readable

blueprint = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of the exposition format, https://prometheus.io/docs/instrumenting/exposition_formats/."""

HELP = {
    "likeness_index_usable": "Whether the index answers.",
    "likeness_index_images": "Images that can be found.",
    "likeness_index_rejected_files": "Files of the gallery that were left out.",
    "likeness_index_info": "The generation that serves.",
    "likeness_tuned_recall": "Part of the true nearest images that searches find, as tuned.",
    "likeness_live_recall": "Part of the truly nearest images that the last searches found.",
    "likeness_live_recall_low": "Lower bound of its 95 % interval.",
    "likeness_live_recall_high": "Upper bound of its 95 % interval.",
    "likeness_live_recall_queries": "Searches of this generation that were checked for it.",
    "likeness_database_up": "Whether the database answers.",
}
"""Every metric, all of them gauges."""


@dataclass(frozen=True)
class Sample:
    """One value of a metric, with its labels."""

    metric: str
    value: float
    labels: dict[str, str]


@blueprint.get("/metrics")
@documented("server", {"text/plain": TEXT})
def metrics() -> Response:
    """Answer the metrics of all indexes."""
    response = Response(render(_samples(services())), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def render(samples: Iterable[Sample]) -> str:
    """Return samples as text, each metric with its help, in the order of HELP."""
    by_metric: dict[str, list[Sample]] = {metric: [] for metric in HELP}
    for sample in samples:
        by_metric[sample.metric].append(sample)
    lines = []
    for metric, found in by_metric.items():
        if found:
            lines += [f"# HELP {metric} {HELP[metric]}", f"# TYPE {metric} gauge"]
            lines += [_line(sample) for sample in found]
    return "\n".join(lines) + "\n"


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
    return f"{sample.metric}{f'{{{labels}}}' if labels else ''} {sample.value:.10g}"


def _escaped(value: str) -> str:
    return readable(value).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _samples(shared: Services) -> Iterator[Sample]:
    is_up = True
    for name in shared.shelf.names():
        try:
            service = shared.shelf.get(name)
        except (NoIndex, UnknownIndex, IndexUnusable):
            yield Sample("likeness_index_usable", 0, {"index": name})
            continue
        yield from _of_index(service)
        try:
            live = shared.recalls.rolling(name, service.generation) if is_up else None
        except DatabaseDown:
            is_up, live = False, None
        if live:
            yield from _of_recall(name, live)
    yield Sample("likeness_database_up", is_up, {})


def _of_index(service: SearchService) -> Iterator[Sample]:
    manifest = service.manifest
    index = {"index": service.name}
    yield Sample("likeness_index_usable", 1, index)
    yield Sample("likeness_index_images", manifest.images, index)
    yield Sample("likeness_index_rejected_files", manifest.rejected, index)
    what = {"generation": service.generation, "kind": manifest.kind, "created": manifest.created}
    yield Sample("likeness_index_info", 1, index | what | {"network": manifest.fingerprint.network})
    if service.tuning:
        yield Sample("likeness_tuned_recall", service.tuning.chosen.recall, index)


def _of_recall(name: str, live: LiveRecall) -> Iterator[Sample]:
    index = {"index": name}
    yield Sample("likeness_live_recall", live.recall, index)
    yield Sample("likeness_live_recall_low", live.low, index)
    yield Sample("likeness_live_recall_high", live.high, index)
    yield Sample("likeness_live_recall_queries", live.queries, index)
