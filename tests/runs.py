"""Runs by hand: folders as trainings leave them, at work, stopped, finished and damaged."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.training.checkpoints import Epoch

CURVE = (
    "number,size,loss,held_out,seconds,right,held_out_right\n"
    "1,224,2.31,2.02,31.5,0.31,0.42\n"
    "2,224,1.42,1.38,30.1,0.58,0.63\n"
    "3,224,0.97,1.11,30.4,0.74,0.71\n"
    "4,224,0.71,1.19,30.2,0.83,0.70\n"
)
TUNING: dict[str, Any] = {
    "method": "classifier",
    "settings": {"dense": [256, 128]},
    "encoder": {
        "network": "resnet50",
        "weights": "/weights/most-of-it.npz",
        "pooling": "gem",
        "size": 192,
    },
    "unfreeze": "conv5_block1_1_conv",
    "fresh": ["conv5_block2_1_conv", "conv5_block3_3_bn"],
    "variants": 5,
    "unused": [{"name": "of no class", "count": 13}],
    "recipe": {"name": "auto", "rate": 1e-3, "epochs": 24, "annealed": True, "momentum": None},
    "seed": 7,
    "classes": {"altars": [40, 10], "domes": [38, 9]},
}
DISTILLING: dict[str, Any] = {
    "student": "pocket",
    "teacher": {"name": "mobilenetv2", "width": 1280},
    "lesson": {"epochs": 13, "size": 160, "seed": 1},
}
BEFORE_AND_AFTER: dict[str, Any] = {
    "ended": "2026-11-20T11:02:00+00:00",
    "seconds": 122.2,
    "best": 3,
    "feature": {"head": "64 linear"},
    "bytes": 43_178_832,
    "sha256": "6b9070" * 10,
    "parameters": 23_564_801,
    "classification": {
        "accuracy": 0.8125,
        "classes": [
            {"name": "altars", "precision": 0.811, "recall": 0.822, "f1": 0.833, "support": 10},
            {"name": "domes", "precision": 0.844, "recall": 0.855, "f1": 0.866, "support": 9},
        ],
        "macro": {"name": "macro", "precision": 0.877, "recall": 0.888, "f1": 0.899, "support": 19},
        "confusion": [[8, 2], [3, 6]],
    },
    "triplets": {"shown": 0.943, "held_out": 0.917},
    "retrieval": {
        "report": "training-tuned",
        "before": "resnet50 as far as most-of-it.npz reaches",
        "verdict": "better",
        "exact": [
            {
                "measure": "mAP",
                "before": [0.471, 0.44, 0.502],
                "after": [0.612, 0.58, 0.64],
                "verdict": "better",
            },
            {"measure": "P@1", "before": [0.8, 0.7, 0.9], "after": [0.8, 0.7, 0.9], "verdict": ""},
            {
                "measure": "Mean rank",
                "before": [287.322, 271.972, 303.162],
                "after": [174.314, 158.5, 180.3],
                "verdict": "better",
            },
            {"measure": "Distance", "before": [0.5, 0.4, 0.6], "after": [0.3, 0.2, 0.4]},
        ],
        "lsh": [
            {
                "measure": "P@10",
                "before": [0.455, 0.4, 0.5],
                "after": [0.566, 0.5, 0.6],
                "verdict": "no difference",
            },
        ],
    },
}
TAUGHT: dict[str, Any] = {
    "ended": "2026-11-20T11:02:00+00:00",
    "seconds": 61,
    "found": {
        "retrievals": [
            {
                "folder": "/pictures/all labelled",
                "student": {"precision_at_1": 0.5},
                "teacher": {"precision_at_1": 0.625},
                "thumbnail": {"precision_at_1": 0.25},
            }
        ]
    },
}


def make_run(
    instance: Path, name: str = "tuned", *, curve: str = CURVE, state: str = "done", **known: Any
) -> Path:
    """Write a run's folder as a training would, and return it; nobody is at work on it."""
    folder = instance / "runs" / name
    folder.mkdir(parents=True)
    record = {
        "state": state,
        "name": name,
        "command": f"flask train classifier '/pictures/old towns' --name {name}",
        "begun": "2026-11-20T11:00:00+00:00",
        "of": "0" * 64,
        "precision": "fp32",
        "machine": {"backend": "tensorflow", "keras": "3.12.0", "device": "a processor"},
        "data": {
            "sources": [{"folder": "/pictures/old towns", "times": 1, "pictures": 97}],
            "shown": 78,
            "held_out": 19,
            "left_out": [{"root": 0, "path": "torn.jpg", "reason": "damaged", "detail": "torn"}],
        },
        **(known or {**TUNING, **BEFORE_AND_AFTER}),
    }
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "curve.csv").write_text(curve)
    (folder / "lock").touch()
    return folder


def epochs(losses: Sequence[float], held_out: Sequence[float] = ()) -> list[Epoch]:
    """Return a curve of these losses, without held out ones where none are given."""
    both = zip(losses, held_out or [math.nan] * len(losses), strict=True)
    return [Epoch(at, 224, loss, other, 30.0) for at, (loss, other) in enumerate(both, 1)]
