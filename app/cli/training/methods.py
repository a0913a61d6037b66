"""The methods of fine-tuning, each with what it takes alone."""

from typing import Any

import click

from app.cli.training.options import method
from indexer.experiments.finetuning.plan import Wanted
from models.heads import MOST_WIDTH
from models.training.methods.hashing import MAX_BITS, MIN_BITS, SUPERVISION
from models.training.methods.triplet import MINING

WIDTH = click.option(
    "--width",
    default=Wanted.width,
    show_default=True,
    type=click.IntRange(0, MOST_WIDTH),
    help="Of a linear layer that pictures are compared by; 0 compares the pooled feature itself.",
)


@method("classifier")
def classifier(**_: Any) -> None:
    """Learn to tell classes apart, and keep the feature that does.

    SOURCE holds a folder of pictures for each class. The last layers learn, the others stay as
    they are. At the end the held out pictures search among the others, before and after. Ctrl-C
    stops so that --resume can go on.

    \b
    Examples:
      flask train classifier paintings --name mine
      flask train classifier train --validation val --network resnet50v2 \\
          --weights resnet50v2.npz --init-missing --name mine
      flask index build paintings --network run:mine
    """


@method("triplet")
@WIDTH
@click.option(
    "--gap",
    default=Wanted.gap,
    show_default=True,
    type=click.FloatRange(0, 2, min_open=True),
    help="By which a picture of the class is to be nearer than another; features have length 1.",
)
@click.option(
    "--mining",
    default=Wanted.mining,
    show_default=True,
    type=click.Choice(MINING),
    help="sampled: triplets are drawn beforehand. The others look for hard ones in each batch.",
)
@click.option(
    "--in-class",
    default=Wanted.in_class,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of sampled triplets whose negative is a less similar picture of the same class.",
)
def triplet(**_: Any) -> None:
    """Let pictures of a class lie nearer to each other than to others.

    SOURCE holds a folder of pictures for each class, as for classifier.
    """


@method("pairs")
@WIDTH
@click.option(
    "--margin",
    default=Wanted.margin,
    show_default=True,
    type=click.FloatRange(0, 2, min_open=True),
    help="Distance that pictures of two classes are pushed apart to; features have length 1.",
)
@click.option(
    "--ratio",
    default=Wanted.ratio,
    show_default=True,
    type=click.FloatRange(0.01, 100),
    help="Pairs of one class for each pair of two.",
)
def pairs(**_: Any) -> None:
    """Draw pairs of a class together, and push others apart.

    SOURCE holds a folder of pictures for each class, as for classifier.
    """


@method("hash")
@click.option(
    "--bits",
    default=Wanted.bits,
    show_default=True,
    type=click.IntRange(MIN_BITS, MAX_BITS),
    help="Of a code.",
)
@click.option(
    "--supervision",
    default=Wanted.supervision,
    show_default=True,
    type=click.Choice(SUPERVISION),
    help="What codes learn from: a classifier over them, all pairs of a batch, or its hard "
    "triplets.",
)
def hash_codes(**_: Any) -> None:
    """Describe pictures in a few bits, for --kind hamming.

    SOURCE holds a folder of pictures for each class, as for classifier.

    \b
    Examples:
      flask train hash paintings --name codes --bits 48
      flask index build paintings --network run:codes --kind hamming
    """
