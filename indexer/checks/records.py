"""Reads from a manifest what the checks of its build found."""

from indexer.checks.acceptance import Acceptance
from indexer.checks.judging import Verdict
from indexer.errors import DamagedIndex
from indexer.manifest import Manifest


def verdict_of(manifest: Manifest) -> Verdict | None:
    """Return what the check of precisions found, or None where the precision was asked for.

    Raises:
        DamagedIndex: the manifest does not tell.
    """
    try:
        return Verdict.of(manifest.precision) if manifest.precision else None
    except TypeError as error:
        raise _untold(manifest, "its precision was chosen", error) from error


def acceptance_of(manifest: Manifest) -> Acceptance | None:
    """Return what was found before a generation went live, or None where nothing was asked.

    Raises:
        DamagedIndex: the manifest does not tell.
    """
    found = manifest.acceptance
    try:
        return Acceptance(**{**found, "kinds": tuple(found["kinds"])}) if found else None
    except (KeyError, TypeError) as error:
        raise _untold(manifest, "it was accepted", error) from error


def _untold(manifest: Manifest, what: str, error: Exception) -> DamagedIndex:
    return DamagedIndex(
        f"The manifest of {manifest.generation} does not say how {what}: {error}. Build the index "
        f"again: flask index build SOURCE --name {manifest.name}"
    )
