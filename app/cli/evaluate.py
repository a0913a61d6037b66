"""`flask evaluate`: how good searches are, in tables, figures and pictures."""

from flask.cli import AppGroup

from app.cli.evaluating.benchmarks import holidays, import_groundtruth, oxford
from app.cli.evaluating.galleries import folders, grid, pairs, triplets
from app.cli.evaluating.indexes import copies, ratings

evaluate = AppGroup(
    "evaluate",
    help="Measure how good searches are. Each command prints tables and makes a report: a page, "
    "report.json, CSV files, figures and pictures, which the app shows under /reports.",
)
for command in (folders, grid, holidays, oxford, copies, triplets, pairs, ratings):
    evaluate.add_command(command)
evaluate.add_command(import_groundtruth)
