"""Engraved line: turns a scene's tones into ruled, swelling, crossing black lines."""

import numpy as np

from indexer.sample.canvas import Field, Rng, grid, noise, resize
from indexer.sample.pen import Pen
from indexer.sample.scene import Scene

SCALE = 2


def engrave(scene: Scene, rng: Rng, spacing: float = 3.3, bend: float = 11.0) -> Field:
    """Cut a scene into lines.

    Args:
        scene: with tones in [0, 1], 1 being black.
        rng: generator of the hand's unevenness.
        spacing: of neighbouring lines, in pixels.
        bend: how far lines follow the bulge of a rounded shape, in pixels.

    Returns:
        float32 (height, width), the ink on each pixel, 0 to 1.
    """
    shape = (scene.shape[0] * SCALE, scene.shape[1] * SCALE)
    rough = scene.value + 0.035 * noise(rng, scene.shape, 7, 2)
    tone = resize(np.clip(rough, 0, 1), shape)
    hand = scene.relief * np.float32(bend * SCALE) + noise(rng, scene.shape, 45, 1) * 1.6
    relief = resize(hand, shape)
    first = _lines(_ways(scene, 0.0), relief, spacing, np.clip(1.15 * tone - 0.05, 0, 0.66))
    second = _lines(_ways(scene, 0.95), -relief, spacing, np.clip(1.1 * (tone - 0.38), 0, 0.5))
    third = _lines(_ways(scene, -1.5), relief, spacing * 0.9, np.clip(1.6 * (tone - 0.74), 0, 0.6))
    ink = np.maximum(np.maximum(first, second), third)
    pen = Pen(rng, scene.shape)
    pen.outline(scene, 1.1, 1.0)
    drawn = 1 - np.exp(-1.6 * pen.lay(wobble=0.5, grains=3))
    fine = ink.reshape(scene.shape[0], SCALE, scene.shape[1], SCALE).mean((1, 3))
    return np.asarray(np.maximum(fine, drawn), dtype=np.float32)


def _ways(scene: Scene, turn: float) -> tuple[Field, Field]:
    """Return cosine and sine of the lines' direction on the fine grid, turned by radians."""
    angles = np.asarray(scene.angles, dtype=np.float32) + np.float32(turn)
    cos, sin = (wave(angles)[scene.owner] for wave in (np.cos, np.sin))
    return cos.repeat(SCALE, 0).repeat(SCALE, 1), sin.repeat(SCALE, 0).repeat(SCALE, 1)


def _lines(ways: tuple[Field, Field], shift: Field, spacing: float, duty: Field) -> Field:
    """Rule lines whose width is `duty` of their spacing.

    Args:
        ways: cosine and sine of the lines' direction, on the fine grid.
        shift: displaces them across, in fine pixels.
        spacing: in pixels of the picture.
        duty: share of ink, 0 to 1.
    """
    gap = np.float32(spacing * SCALE)
    x, y = grid(duty.shape)
    scale = np.float32(duty.shape[0])
    phase = (ways[0] * (y * scale) - ways[1] * (x * scale) + shift) * (1 / gap)
    off = np.abs(phase - np.floor(phase) - np.float32(0.5))
    ink = np.clip((duty * np.float32(0.5) - off) * gap + np.float32(0.5), 0, 1)
    return np.asarray(ink * (duty > 0.02), dtype=np.float32)
