"""What a run records of a distillation as it begins."""

import json
from dataclasses import asdict
from hashlib import sha256

from indexer.experiments.distilling.facts import Facts, TeacherFacts
from indexer.experiments.distilling.material import Material
from indexer.experiments.distilling.plan import DistillPlan
from indexer.experiments.runs.stages import now
from models.training.machine import this_machine
from models.training.teachers import Teacher
from models.weights import WeightFile


def facts_of(
    plan: DistillPlan,
    teacher: Teacher,
    start: WeightFile | None,
    precision: str,
    material: Material,
) -> Facts:
    """Return what a run records of how it begins.

    Args:
        plan: what is wanted.
        teacher: who describes the pictures.
        start: the weights that the student begins with, or None for random ones.
        precision: that is computed in.
        material: the pictures.
    """
    return Facts(
        name=plan.name,
        command=plan.command,
        begun=now(),
        of=_digest(plan, teacher, start, precision, material),
        student=plan.student,
        start=start,
        teacher=TeacherFacts(teacher.name, teacher.width, plan.weights, teacher.weights_sha256),
        lesson=plan.lesson,
        precision=precision,
        machine=this_machine(),
        data=material.data,
    )


def _digest(
    plan: DistillPlan,
    teacher: Teacher,
    start: WeightFile | None,
    precision: str,
    material: Material,
) -> str:
    """Return what is equal only for trainings of the same pictures with the same settings."""
    contents = [(record.root, record.sha256) for record in material.found.records]
    begun = None if start is None else start.sha256
    student = (plan.student, begun, asdict(plan.lesson), precision)
    taught = (teacher.name, teacher.weights_sha256, *student)
    return sha256(json.dumps((taught, material.named, contents)).encode()).hexdigest()
