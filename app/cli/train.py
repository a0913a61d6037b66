"""`flask train`: let networks learn."""

from flask.cli import AppGroup

from app.cli.training.distill import distill
from app.cli.training.methods import classifier, hash_codes, pairs, triplet

train = AppGroup("train", help="Let networks learn from folders of pictures.")

for command in (distill, classifier, triplet, pairs, hash_codes):
    train.add_command(command)
