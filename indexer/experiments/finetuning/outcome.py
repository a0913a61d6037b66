"""What came of a fine-tuning: what it has left, with what was found of it."""

import numpy as np

from indexer.experiments.finetuning.facts import TuneOutcome
from indexer.experiments.finetuning.judging import Judged
from indexer.experiments.finetuning.learning import Left
from indexer.experiments.runs.changes import Retrieved
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.stages import now
from indexer.features.maps import kept_bytes
from indexer.files import sha256_of
from models.training.fit import History


def outcome_of(
    run: RunFolder, history: History, left: Left, judged: Judged, retrieved: Retrieved
) -> TuneOutcome:
    """Return what came of a fine-tuning.

    Args:
        run: its folder, with the weights.
        history: its epochs.
        left: the encoder that it leaves.
        judged: what the trained network tells of pictures.
        retrieved: what they find before and after.
    """
    with np.load(run.weights, allow_pickle=False) as stored:
        parameters = sum(stored[name].size for name in stored)
    return TuneOutcome(
        ended=now(),
        seconds=sum(epoch.seconds for epoch in history.curve),
        curve=history.curve,
        best=history.best,
        feature=left.feature,
        layers=left.layers,
        bytes=run.weights.stat().st_size,
        sha256=sha256_of(run.weights),
        parameters=parameters,
        classification=judged.classes,
        triplets=judged.triplets,
        retrieval=retrieved,
        kept_bytes=kept_bytes(run.instance),
    )
