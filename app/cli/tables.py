"""What the terminal shows of an index: a build's summary, its facts, and what it left out."""

from collections.abc import Iterable, Mapping, Sequence

from app.cli.text import LISTED, NO_CLASS, bar_table, listing, pair_table, printable
from indexer.building.plans import BuildSummary
from indexer.checks.acceptance import Acceptance
from indexer.checks.judging import Verdict
from indexer.checks.records import acceptance_of, verdict_of
from indexer.history import Past
from indexer.indexes.registry import KINDS
from indexer.live import Update
from indexer.manifest import Manifest
from indexer.opening import Generation
from indexer.scanning.changes import Changes
from indexer.scanning.picking import Refused
from indexer.tuning.points import Point, Tuning, tuning_of
from indexer.types import Count, Rejection
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
            "network": f"{built.fingerprint.network}, {_width(built)}",
            **_precision(built.fingerprint, built.precision),
            "kind": _kind(built),
            "parameters": _parameters(built.parameters),
            **_recall(built.kind, built.tuning),
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


def recall(tuning: Tuning) -> str:
    """Return what a tuning has chosen."""
    chosen, target = tuning.chosen, tuning.target
    missed = "" if tuning.reached else ", which no effort reaches surely enough: --kind exact does"
    return (
        f"{chosen.recall:.1%} ± {chosen.error:.1%} of the true {target.at} nearest are found "
        f"({target.recall:.0%} was wanted{missed}) by {tuning.queries:,} {_asked(tuning)}; "
        f"g={chosen.g}, h={chosen.h}, {chosen.opened:,.0f} buckets opened, "
        f"{f'{chosen.keep:,}' if chosen.keep else 'all their'} images measured"
    )


def frontier(tuning: Tuning) -> str:
    """Return the efforts that were measured, one in a line, the chosen one marked."""
    head = (
        f"  {f'recall@{tuning.target.at}':>16}  at least  {'visited':>8}  {'ms':>7}  "
        f"{'kB read':>8}  {'tables, MB':>10}  effort"
    )
    lines = [
        f"{'>' if point == tuning.chosen else ' '} {point.recall:8.3f} ± {point.error:.3f}  "
        f"{tuning.low(point):8.3f}  {point.visited:8.1%}  {point.milliseconds:7.3f}  "
        f"{point.bytes / 1e3:8,.0f}  {point.tables / 1e6:10,.1f}  "
        f"--g {point.g} --h {point.h} {_effort(point)}"
        for point in tuning.frontier
    ]
    return "\n".join([head, *lines])


def _effort(point: Point) -> str:
    """Return the options that ask for an effort."""
    reach = "" if point.reach is None else f" --reach {point.reach:g}"
    return f"--probes {point.probes}{reach} --keep {point.keep}"


def unasked(files: Sequence[Rejection]) -> str:
    """Return the first of the files that a tuning could not ask, with their reasons."""
    return listing(files, len(files), "flask gallery check names all of a folder")


def refused(files: Iterable[Refused]) -> str:
    """Return the files that were named and not taken, one in a line, with their reasons."""
    return "\n".join(f"  {_refusal(each)}" for each in files)


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
            f"{f'head {encoder.head}, ' if encoder.head else ''}{encoder.size} pixels"
            f"{' of the largest face' if encoder.crop else ''}, "
            f"{_width(manifest)}",
            "weights": f"sha256 {encoder.weights_sha256}",
            **_precision(encoder, verdict_of(manifest)),
            "kind": f"{manifest.kind}, {manifest.metric}",
            "parameters": _parameters(manifest.parameters),
            **_recall(manifest.kind, tuning_of(manifest.tuning)),
            "visited": _visited(manifest.visited_share),
            "accepted": _acceptance(acceptance_of(manifest)),
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


def _refusal(each: Refused) -> str:
    file, detail = printable(str(each.file)), printable(each.detail)
    return detail if file in detail else f"{file}: {detail}"


def _what(past: Past) -> str:
    manifest = past.manifest
    if manifest is None:
        return f"unusable: {printable(past.problem)}"
    return (
        f"{_when(manifest)}  {manifest.images:,} images, {manifest.fingerprint.network}, "
        f"{manifest.fingerprint.precision}, {manifest.kind}, {manifest.bytes / 1e6:,.1f} MB"
    )


def _changes(changes: Changes) -> str:
    counts = [f"{changes.added:,} added, {changes.changed:,} changed"]
    counts += [f"{changes.moved:,} moved, {changes.dropped:,} dropped"]
    if changes.noted:
        counts.append(f"{changes.noted:,} with another time or label")
    return ", ".join(counts)


def _kind(built: BuildSummary) -> str:
    misled = built.fingerprint.reduction and built.metric == "euclidean"
    remark = "; cosine suits reduced features better, whose lengths tell nothing"
    return f"{built.kind}, {built.metric}{remark if misled else ''}"


def _width(index: BuildSummary | Manifest) -> str:
    features = index.fingerprint
    reduced = f", reduced by {features.reduction}" if features.reduction else ""
    return f"{features.dim:,} wide{reduced}, stored as {index.store_as}"


def _precision(features: Fingerprint, verdict: Verdict | None) -> dict[str, str]:
    """Return which precision was chosen and why, and what was found of each that was checked."""
    if verdict is None:
        return {"precision": f"{features.precision}, as asked for"}
    lines = {"precision": f"{features.precision}, {verdict.why}"}
    if verdict.checks:
        lines["checked"] = (
            f"on {verdict.pictures:,} pictures, ± one standard error; wanted: recall@10 of "
            f"{verdict.wanted_recall:.2f}, precision@10 less two errors of "
            f"{verdict.wanted_shift:+.3f}"
        )
    return lines | {f"  in {check.precision}": check.sentence for check in verdict.checks}


def _asked(tuning: Tuning) -> str:
    """Say what was searched for, and where it lies."""
    source = tuning.source
    return f"{source.of_what} ({printable(source.folder)})" if source.folder else source.of_what


def _acceptance(found: Acceptance | None) -> str:
    if found is None:
        return "unchecked"
    skipped = f"; {found.skipped:,} more could not be read again" if found.skipped else ""
    return (
        f"{found.first:.0%} of {found.pictures:,} pictures found themselves first, "
        f"{found.recall:.0%} of their copies found them ({found.wanted:.0%} was wanted){skipped}"
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


def _recall(kind: str, tuning: Tuning | None) -> dict[str, str]:
    """Return what searches find, where that is known."""
    if KINDS[kind].exact:
        return {"recall": "100%: every search finds the true nearest"}
    return {"recall": recall(tuning)} if tuning else {}


def _visited(share: float) -> str:
    return f"{share:.1%} of the gallery in a mean search"


def _when(manifest: Manifest) -> str:
    return f"{manifest.created[:16].replace('T', ' ')} UTC"
