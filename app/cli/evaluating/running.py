"""Runs an evaluation with progress, prints what it found, and writes its page."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import click

from app.cli.evaluating.printing import printed
from app.cli.evaluating.systems import with_runs
from app.cli.options import instance, keep_settings_in_instance
from app.cli.progress import shown
from app.cli.stopping import STOPPED
from app.cli.text import pair_table, printable
from app.reports.rendering import PAGE, standalone
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.model import Report
from indexer.evaluation.run import evaluate
from indexer.files import write_atomically

USUAL_SIZE = (100, 24)


def run(plan: EvaluationPlan) -> None:
    """Evaluate, print the tables, and say where report and page lie."""
    keep_settings_in_instance()
    asked = replace(plan, systems=with_runs(plan.systems))
    try:
        with shown() as progress:
            report, folder = evaluate(asked, instance(), progress, write_page)
    except KeyboardInterrupt:
        again = printable(plan.command)
        click.echo(f"Stopped; features computed so far are kept. To go on: {again}", err=True)
        sys.exit(STOPPED)
    tell(report, folder)


def write_page(report: Report, folder: Path) -> None:
    """Write the page of a report into its folder.

    Args:
        report: what was found.
        folder: where its figures and pictures lie.
    """
    write_atomically(folder / PAGE, standalone(report, folder).encode())


def tell(report: Report, folder: Path) -> None:
    """Print what a report found, and where it lies.

    Args:
        report: what was found.
        folder: where it lies.
    """
    click.echo(printed(report, shutil.get_terminal_size(USUAL_SIZE).columns))
    places = {"report": folder, "page": folder / PAGE, "in the app": f"/reports/{report.name}"}
    click.echo("\n" + pair_table(places))
