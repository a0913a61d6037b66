"""`flask train distill`: a small network learns from a trained one, without labels."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli import outcomes
from app.cli.errors import explained
from app.cli.options import FOLDER, instance, keep_settings_in_instance
from app.cli.progress import shown
from app.cli.stopping import STOPPED, stop_requests, typed
from app.config import gallery_limits
from indexer.experiments.distilling.plan import DEFAULT_LESSON, DistillPlan
from indexer.experiments.distilling.training import distill_student
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.working import unfinished
from models.training.distill import Stopped
from models.training.lessons import Lesson
from models.training.precision import PRECISIONS
from models.training.students import STUDENTS


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=FOLDER)
@click.option(
    "--teacher",
    default="mobilenetv2",
    show_default=True,
    help="The trained network: resnet50, resnet50v2, resnet101, mobilenetv2, simple_cnn or pocket.",
)
@click.option("--teacher-layer", "layer", help="The teacher's layer.  [default: its last]")
@click.option(
    "--weights",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The teacher's weights: a file (.h5, .weights.h5, .npz).",
)
@click.option(
    "--student",
    default="pocket",
    show_default=True,
    type=click.Choice(STUDENTS),
    help="The network that learns.",
)
@click.option(
    "--start",
    help="Weights the student begins with: bundled, or a file.  [default: random ones]",
)
@click.option("--name", default="pocket", show_default=True, help="What the run is called.")
@click.option(
    "--epochs",
    default=DEFAULT_LESSON.epochs,
    show_default=True,
    type=click.IntRange(1),
    help="How often each picture is shown, as two crops.",
)
@click.option(
    "--size",
    default=DEFAULT_LESSON.size,
    show_default=True,
    type=click.IntRange(32, 512),
    help="Side of the last epochs' crops, in pixels; the first ones are smaller.",
)
@click.option(
    "--zoom",
    default=DEFAULT_LESSON.zoom,
    show_default=True,
    type=click.FloatRange(0.25, 4),
    help="How many times larger the teacher sees each crop.",
)
@click.option(
    "--contrast",
    default=DEFAULT_LESSON.contrast,
    show_default=True,
    type=click.FloatRange(0, 10),
    help="Weight of telling pictures apart, beside describing them as the teacher does.",
)
@click.option(
    "--batch-size",
    default=DEFAULT_LESSON.batch_size,
    show_default=True,
    type=click.IntRange(2, 4096),
    help="Crops that are learnt from together, two of each picture.",
)
@click.option(
    "--rate",
    default=DEFAULT_LESSON.rate,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="The highest learning rate.",
)
@click.option(
    "--seed",
    default=DEFAULT_LESSON.seed,
    show_default=True,
    type=click.IntRange(0),
    help="Of all chance: order, crops, first weights, and what is held out.",
)
@click.option(
    "--precision",
    default="auto",
    show_default=True,
    type=click.Choice(PRECISIONS),
    help="auto: bf16 on a GPU, and on a processor that has it; else fp32. fp16: for older GPUs.",
)
@click.option(
    "--evaluate",
    multiple=True,
    type=FOLDER,
    help="A folder with a folder for each class, to search at the end; may be given again.",
)
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
@with_appcontext
@explained
def distill(
    sources: tuple[Path, ...],
    teacher: str,
    layer: str | None,
    weights: Path,
    student: str,
    start: str | None,
    name: str,
    epochs: int,
    size: int,
    zoom: float,
    contrast: float,
    batch_size: int,
    rate: float,
    seed: int,
    precision: str,
    evaluate: tuple[Path, ...],
    resume: bool,
) -> None:
    """Teach a small network to see pictures as a trained one does.

    SOURCE is a folder of pictures; no labels are needed. The pictures are only read. One that is
    named twice is shown twice as often. Ctrl-C stops so that --resume can go on. The weights, their
    curve and card lie in runs/NAME in the instance folder.

    \b
    Examples:
      flask train distill ~/Pictures --weights mobilenetv2.npz
      flask train distill photos paintings paintings --weights mobilenetv2.npz \\
          --name mine --epochs 20 --evaluate labelled
    """
    lesson = Lesson(
        epochs=epochs,
        size=size,
        zoom=zoom,
        contrast=contrast,
        batch_size=batch_size,
        rate=rate,
        seed=seed,
    )
    run(
        DistillPlan(
            sources=sources,
            weights=weights,
            teacher=teacher,
            layer=layer,
            student=student,
            start=start,
            name=name,
            lesson=lesson,
            precision=precision,
            evaluate=evaluate,
            resume=resume,
            command=typed(click.get_current_context(), leave_out=("resume",)),
            limits=gallery_limits(current_app.config),
        )
    )


def run(plan: DistillPlan) -> None:
    """Distill with progress, and print what came of it; or stop, and print how to go on."""
    keep_settings_in_instance()
    try:
        with stop_requests() as asked_to_stop, shown() as report:
            summary = distill_student(plan, instance(), report, asked_to_stop)
    except Stopped:
        begun = unfinished(instance(), plan.name)
        learnt = RunFolder(instance(), plan.name).checkpoint.is_file()
        click.echo(outcomes.stopped(plan.command, begun=begun, learnt=learnt), err=True)
        sys.exit(STOPPED)
    click.echo(outcomes.summary(summary))
