"""What the terminal shows of an index: a build's summary, its facts, and what it left out."""

from collections.abc import Iterable, Mapping

from app.cli.text import LISTED, NO_CLASS, bar_table, listing, pair_table, printable
from indexer.building.plans import BuildSummary
from indexer.catalog import Count
from indexer.checks.acceptance import Acceptance
from indexer.history import Past
from indexer.live import Update
from indexer.manifest import Manifest
from indexer.opening import Generation
from indexer.scanning.changes import Changes
from models.types import Fingerprint


def summary(built: BuildSummary) -> str:
    """Return what a build did, a line for each fact."""
    left_out = sum(item.count for item in built.rejected)
    reasons = ", ".join(f"{item.count} {item.name}" for item in built.rejected) or "none"
    return pair_table(
        {
            "index": built.name,
            "images": f"{built.images:,} kept, {left_out:,} rejected ({reasons})",
            "distractors": f"{built.distractors:,}",
            "network": _network(built.fingerprint),
            "precision": _precision(built),
            "kind": f"{built.kind}, {built.metric}",
            "parameters": _parameters(built.parameters),
            "visited": _visited(built.visited_share),
            "accepted": _acceptance(built.acceptance),
            "features": _features(built),
            "seconds": _seconds(built),
            "speed": f"{built.images_per_second:,.1f} images a second",
            "size": f"{built.bytes / 1e6:,.1f} MB in {built.path}",
        }
    )


def update(name: str, done: Update) -> str:
    """Return what became of an index that was brought up to date, a line for each fact."""
    if done.summary is None:
        return f"Nothing has changed: {name} stays as it is, with {done.images:,} images"
    built = done.summary
    left_out = sum(item.count for item in built.rejected)
    return pair_table(
        {
            "index": name,
            "generation": built.generation,
            "changes": _changes(done.changes),
            "images": f"{built.images:,} kept, {left_out:,} rejected",
            "accepted": _acceptance(built.acceptance),
            "features": _features(built),
            "seconds": _seconds(built),
        }
    )


def generations(past: Iterable[Past]) -> str:
    """Return the generations of an index, one in a line."""
    return "\n".join(f"{each.name}  {each.state:<7}  {_what(each)}" for each in past)


def in_brief(manifest: Manifest) -> str:
    """Return an index in one line."""
    network, kind = manifest.fingerprint.network, manifest.kind
    return (
        f"{manifest.name}: {manifest.images:,} images, {network}, {kind}, built {_when(manifest)}"
    )


def facts(generation: Generation) -> str:
    """Return what is known of an index, a line for each fact."""
    manifest, encoder = generation.manifest, generation.manifest.fingerprint
    return pair_table(
        {
            "index": manifest.name,
            "generation": manifest.generation,
            "built": _when(manifest),
            "folders": ", ".join(printable(str(root)) for root in generation.catalog.roots()),
            "images": f"{manifest.images:,} ({manifest.distractors:,} distractors)",
            "rejected": f"{manifest.rejected:,}",
            "network": f"{encoder.network}, layer {encoder.layer}, {encoder.pooling} pooling, "
            f"{encoder.size} pixels, {encoder.precision}, {_width(encoder)}",
            "weights": f"sha256 {encoder.weights_sha256}",
            "kind": f"{manifest.kind}, {manifest.metric}",
            "parameters": _parameters(manifest.parameters),
            "visited": _visited(manifest.visited_share),
            "size": f"{manifest.bytes / 1e6:,.1f} MB in {generation.path}",
            "problem": generation.problem or "none",
        }
    )


def counted(counts: Iterable[Count]) -> str:
    """Return counts as a table of bars."""
    return bar_table({item.name or NO_CLASS: item.count for item in counts})


def rejected(generation: Generation) -> str:
    """Return the first of the files that an index left out, with their reasons."""
    files = generation.catalog.rejections(0, LISTED)
    return listing(files, generation.manifest.rejected, "see the index's page in the browser")


def _what(past: Past) -> str:
    manifest = past.manifest
    if manifest is None:
        return f"unusable: {printable(past.problem)}"
    return (
        f"{_when(manifest)}  {manifest.images:,} images, {manifest.fingerprint.network}, "
        f"{manifest.kind}, {manifest.bytes / 1e6:,.1f} MB"
    )


def _changes(changes: Changes) -> str:
    counts = [f"{changes.added:,} added, {changes.changed:,} changed"]
    counts += [f"{changes.moved:,} moved, {changes.dropped:,} dropped"]
    if changes.noted:
        counts.append(f"{changes.noted:,} with another time or label")
    return ", ".join(counts)


def _network(features: Fingerprint) -> str:
    return f"{features.network}, {_width(features)}"


def _width(features: Fingerprint) -> str:
    reduced = f", reduced by {features.reduction}" if features.reduction else ""
    return f"{features.dim:,} wide{reduced}"


def _precision(built: BuildSummary) -> str:
    why = built.precision.get("why", "as asked for")
    return f"{built.fingerprint.precision}, {why}"


def _acceptance(found: Acceptance | None) -> str:
    if found is None:
        return "unchecked"
    return (
        f"{found.first:.0%} of {found.pictures:,} pictures found themselves first, "
        f"{found.recall:.0%} of their copies found them ({found.wanted:.0%} was wanted)"
    )


def _features(built: BuildSummary) -> str:
    return f"{built.computed:,} computed, {built.reused:,} reused"


def _seconds(built: BuildSummary) -> str:
    return ", ".join(f"{stage.name} {stage.seconds:.1f}" for stage in built.stages)


def _parameters(parameters: Mapping[str, object]) -> str:
    short = {
        name: f"{value:.5g}" if isinstance(value, float) else value
        for name, value in parameters.items()
    }
    return ", ".join(f"{name}={value}" for name, value in short.items()) or "none"


def _visited(share: float) -> str:
    return f"{share:.1%} of the gallery in a mean search"


def _when(manifest: Manifest) -> str:
    return f"{manifest.created[:16].replace('T', ' ')} UTC"
