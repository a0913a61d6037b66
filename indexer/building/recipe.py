"""Writes down how an index was asked for, so that it can be brought up to date later."""

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from indexer.building.plans import BuildPlan
from indexer.errors import DamagedIndex
from indexer.indexes.options import IndexOptions
from indexer.indexes.parameters import ChosenTables
from indexer.manifest import Manifest
from indexer.tuning.targets import Target
from models.errors import LikenessError
from models.types import EncoderSpec, Limits

NAMED_WEIGHTS = ("bundled", "imagenet")


def recipe_of(plan: BuildPlan) -> dict[str, Any]:
    """Return a plan as plain values for the manifest, its paths absolute.

    The index's name stands in the manifest already, and the limits are settings of whoever
    builds: neither is part of it.
    """
    values = asdict(replace(plan, encoder=_absolute(plan.encoder)))
    del values["name"], values["limits"]
    return values | {
        "sources": [os.path.realpath(folder) for folder in plan.sources],
        "distractors": [os.path.realpath(folder) for folder in plan.distractors],
        "labels": plan.labels and os.path.abspath(plan.labels),
    }


def plan_of(manifest: Manifest, limits: Limits) -> BuildPlan:
    """Return the plan that a generation was built after.

    Args:
        manifest: of the generation.
        limits: what a file may cost now.

    Raises:
        DamagedIndex: the manifest holds no such plan.
    """
    recipe = manifest.recipe
    try:
        return BuildPlan(
            **recipe
            | {
                "name": manifest.name,
                "sources": tuple(map(Path, recipe["sources"])),
                "distractors": tuple(map(Path, recipe["distractors"])),
                "labels": Path(recipe["labels"]) if recipe["labels"] else None,
                "encoder": EncoderSpec(**recipe["encoder"]),
                "options": IndexOptions(**recipe["options"]),
                "target": Target(**recipe["target"]),
                "tables": ChosenTables(**recipe["tables"]) if recipe["tables"] else None,
                "limits": limits,
            }
        )
    except (KeyError, TypeError, LikenessError) as error:
        raise DamagedIndex(
            f"The manifest of {manifest.generation} does not say how it was built: {error}."
        ) from error


def _absolute(encoder: EncoderSpec) -> EncoderSpec:
    if encoder.weights in NAMED_WEIGHTS:
        return encoder
    return replace(encoder, weights=os.path.abspath(encoder.weights))
