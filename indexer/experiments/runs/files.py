"""Names of the files in a run's folder, for those who write them and for those who look."""

from models.training.fit import BEST as BEST
from models.training.fit import CHECKPOINT as CHECKPOINT

RECORD = "run.json"
"""All that is known of the run."""

MAX_RECORD_BYTES = 64 * 2**20
"""Of the record, which names every file that was left out."""

STAGE = "stage.json"
"""How far the stage is that is under way."""

CURVE, DRAWING = "curve.csv", "curve.png"
"""The learning curve, as a table and as a picture."""

CARD = "card.md"
WEIGHTS, ENCODER = "weights.npz", "encoder.json"
"""What the run has left, and which encoder that is of."""

GIVEN = "given.json"
"""Which pictures and settings a fine-tuning learns from."""

DRAWN = "drawn.npz"
"""The weights that a training from scratch begins with."""

LOCK = "lock"
"""Held by who works on the run."""
