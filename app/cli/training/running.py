"""Runs a fine-tuning with progress, and prints what came of it, or how to go on."""

import sys

import click

from app.cli import outcomes
from app.cli.evaluating.running import write_page
from app.cli.options import instance, keep_settings_in_instance
from app.cli.progress import shown
from app.cli.stopping import STOPPED, stop_requests
from app.cli.text import printable
from app.cli.training.telling import summary
from app.cli.training.watching import watch
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.finetuning.training import fine_tune
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.working import unfinished
from models.training.distill import Stopped


def run(plan: TrainPlan) -> None:
    """Fine-tune with progress, and print what came of it; or stop, and print how to go on."""
    keep_settings_in_instance()
    try:
        with stop_requests() as asked_to_stop, shown() as report:
            done = fine_tune(plan, instance(), report, asked_to_stop, write_page, watch(plan))
    except Stopped:
        folder = RunFolder(instance(), plan.name)
        learnt = folder.checkpoint.is_file()
        begun = unfinished(instance(), plan.name)
        click.echo(outcomes.stopped(plan.command, begun=begun, learnt=learnt), err=True)
        if folder.weights.is_file():
            said = f"The best network so far can be used: --network run:{plan.name}"
            click.echo(printable(said), err=True)
        sys.exit(STOPPED)
    click.echo(summary(done))
