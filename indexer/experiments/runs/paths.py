"""Where the files of a run lie."""

from dataclasses import dataclass
from pathlib import Path

from indexer.experiments.runs.files import (
    BEST,
    CHECKPOINT,
    DRAWN,
    ENCODER,
    GIVEN,
    RECORD,
    STAGE,
    WEIGHTS,
)


@dataclass(frozen=True)
class RunPaths:
    """Where a run lies.

    `runs/NAME/` holds run.json, the curve, and weights.npz; while the run is unfinished also
    stage.json, checkpoint.npz and the small pictures that it learns from, and when it is finished
    card.md. A fine-tuning adds encoder.json, which says what encoder its weights are of, and
    given.json, which says what it learns from; while it is unfinished also best.npz and drawn.npz.
    A trainer at work holds `lock`.
    """

    instance: Path
    name: str

    @property
    def path(self) -> Path:
        """Return the folder."""
        return self.instance / "runs" / self.name

    @property
    def record(self) -> Path:
        """Return the file with all that is known of the run."""
        return self.path / RECORD

    @property
    def weights(self) -> Path:
        """Return the file of the student's weights."""
        return self.path / WEIGHTS

    @property
    def encoder(self) -> Path:
        """Return the file that says what encoder the weights are of."""
        return self.path / ENCODER

    @property
    def given(self) -> Path:
        """Return the file that says which pictures and settings a fine-tuning learns from."""
        return self.path / GIVEN

    @property
    def best(self) -> Path:
        """Return the file of a fine-tuning's best weights, its method's layers among them."""
        return self.path / BEST

    @property
    def drawn(self) -> Path:
        """Return the file of the weights that a training from scratch begins with."""
        return self.path / DRAWN

    @property
    def checkpoint(self) -> Path:
        """Return the file that an unfinished training goes on from."""
        return self.path / CHECKPOINT

    @property
    def stage(self) -> Path:
        """Return the file that says how far an unfinished run is."""
        return self.path / STAGE

    @property
    def pictures(self) -> Path:
        """Return the folder of the small pictures."""
        return self.path / "pictures"
