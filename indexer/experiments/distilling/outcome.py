"""What came of a distillation: what it has left, and what was found of it."""

import numpy as np

from indexer.experiments.comparing.comparison import compare
from indexer.experiments.comparing.speed import time_single
from indexer.experiments.distilling.facts import Outcome
from indexer.experiments.distilling.material import Material
from indexer.experiments.distilling.plan import DistillPlan
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.stages import now
from indexer.files import sha256_of
from indexer.types import Progress, Report
from models.training.checkpoints import Epoch
from models.training.machine import served_encoder
from models.types import EncoderSpec


def outcome_of(
    plan: DistillPlan, run: RunFolder, material: Material, curve: list[Epoch], progress: Report
) -> Outcome:
    """Measure what was learnt.

    Args:
        plan: what was wanted.
        run: its folder, with the student's weights.
        material: the pictures.
        curve: the epochs.
        progress: told how far that is.
    """
    cache = run.instance / "encoders"
    student = served_encoder(EncoderSpec(plan.student, str(run.weights)), cache)
    teacher = served_encoder(EncoderSpec(plan.teacher, str(plan.weights), plan.layer), cache)
    found = compare(
        student,
        teacher,
        held_out=[material.files[place] for place in material.held_out],
        folders=plan.evaluate,
        shown=material.digests,
        limits=plan.limits,
        told=lambda done, total: progress(Progress("measure", done, total)),
    )
    with np.load(run.weights, allow_pickle=False) as stored:
        parameters = sum(stored[name].size for name in stored)
    return Outcome(
        ended=now(),
        seconds=sum(epoch.seconds for epoch in curve),
        curve=tuple(curve),
        bytes=run.weights.stat().st_size,
        sha256=sha256_of(run.weights),
        parameters=parameters,
        speed=time_single(student, teacher),
        found=found,
    )
