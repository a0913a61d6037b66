"""Pencil, ink and chalk: many strokes at once, laid down as grains on paper."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indexer.sample.canvas import Field, Rng, Shape, noise
from indexer.sample.scene import Scene
from indexer.sample.shapes import Points


class Pen:
    """Collects strokes, then lays all of them down together.

    Strokes are kept as straight pieces: arrays (n, 6) of x0, y0, x1, y1, width, darkness.
    """

    def __init__(self, rng: Rng, shape: Shape) -> None:
        """Prepare a sheet of height and width `shape`, in pixels."""
        self.rng = rng
        self.shape = shape
        self.pieces: list[Points] = []

    def stroke(self, points: ArrayLike, width: ArrayLike = 1.2, dark: ArrayLike = 1.0) -> None:
        """Add one line through points (n, 2), in pixels.

        Width and darkness are single figures or one for each of the n - 1 pieces.
        """
        p = np.asarray(points, dtype=np.float64)
        piece = np.empty((len(p) - 1, 6))
        piece[:, :2], piece[:, 2:4] = p[:-1], p[1:]
        piece[:, 4], piece[:, 5] = width, dark
        self.pieces.append(piece)

    def pressed(
        self, lines: Sequence[ArrayLike], width: ArrayLike = 1.5, dark: float = 1.0
    ) -> None:
        """Add lines whose pressure swells and dies away as a hand's does.

        Args:
            lines: each (n, 2), in pixels.
            width: in pixels, one or one for each line.
            dark: 0 to 1.
        """
        self._swell([np.asarray(line, dtype=np.float64) for line in lines], width, dark, None)

    def outline(
        self, scene: Scene, width: float = 1.3, dark: float = 1.0, tint: int | None = None
    ) -> None:
        """Draw the visible contours of a scene, all or those of one tint."""
        found = [c for c in scene.contours if tint is None or c.tint == tint]
        if found:
            lines = [c.points for c in found]
            layers = np.repeat([c.layer for c in found], [len(line) for line in lines])
            seen = scene.visible(np.concatenate(lines), layers)
            self._swell(lines, [width * c.width for c in found], dark, seen)

    def _swell(
        self, lines: list[Points], width: ArrayLike, dark: float, seen: NDArray[np.bool_] | None
    ) -> None:
        counts = np.array([len(line) for line in lines])
        points = np.concatenate(lines)
        which = np.repeat(np.arange(len(lines)), counts)
        first = np.cumsum(counts) - counts
        t = (np.arange(len(points)) - first[which]) / np.maximum(counts - 2, 1)[which]
        phase = self.rng.uniform(0, 6, len(lines))[which]
        swell = 0.55 + 0.45 * np.sin(np.pi * np.clip(t, 0, 1)) + 0.25 * np.sin(t * 7 + phase)
        wide = np.broadcast_to(np.asarray(width, dtype=np.float64), len(lines))[which]
        pen = np.stack([wide * np.clip(swell, 0.3, 1.3), dark * np.clip(swell + 0.2, 0.3, 1)], 1)
        keep = which[1:] == which[:-1]
        if seen is not None:
            keep &= seen[1:] & seen[:-1]
        self.pieces.append(np.concatenate([points[:-1], points[1:], pen[:-1]], 1)[keep])

    def hatch(
        self,
        tone: Field,
        angle: ArrayLike,
        *,
        spacing: float = 3.0,
        length: float = 22.0,
        width: float = 0.9,
        dark: float = 1.0,
        bend: float = 0.15,
    ) -> None:
        """Shade by short parallel strokes, denser and darker where the tone is deep.

        Args:
            tone: float32 (height, width), 0 is bare paper, 1 the deepest shade.
            angle: direction in radians, or a field (height, width) of directions.
            spacing: distance of neighbouring strokes in the deepest shade, in pixels.
            length: of a stroke, in pixels.
            width: of a stroke, in pixels.
            dark: of a stroke, 0 to 1.
            bend: how far a stroke curves, in radians.
        """
        height, w = self.shape
        count = int(2.2 * height * w / (spacing * length))
        x, y = self.rng.uniform(0, w, count), self.rng.uniform(0, height, count)
        depth = self._at(tone, x, y)
        keep = self.rng.random(count) < depth
        x, y, depth = x[keep], y[keep], depth[keep]
        turn = self._at(np.broadcast_to(np.asarray(angle, np.float32), self.shape), x, y)
        turn = turn + self.rng.normal(0, 0.06, len(x))
        steps = np.linspace(-0.5, 0.5, 6)
        heading = turn[:, None] + bend * steps
        reach = steps * (length * self.rng.uniform(0.6, 1.2, len(x)))[:, None]
        px, py = x[:, None] + reach * np.cos(heading), y[:, None] + reach * np.sin(heading)
        here = self._at(tone, (px[:, 1:] + px[:, :-1]) / 2, (py[:, 1:] + py[:, :-1]) / 2)
        # A stroke fades out where it leaves the shade that it began in.
        press = np.clip(here / np.maximum(depth[:, None], 0.05), 0, 1) ** 2
        ends = np.stack([px[:, :-1], py[:, :-1], px[:, 1:], py[:, 1:]], -1)
        pen = np.stack([np.full_like(press, width), dark * press * (0.45 + 0.55 * here)], -1)
        self.pieces.append(np.concatenate([ends, pen], -1).reshape(-1, 6))

    def _at(self, field: NDArray[np.floating], x: Points, y: Points) -> Points:
        column = np.clip(x.astype(int), 0, self.shape[1] - 1)
        row = np.clip(y.astype(int), 0, self.shape[0] - 1)
        return np.asarray(field[row, column], dtype=np.float64)

    def lay(self, *, wobble: float = 1.0, spread: float = 1.0, grains: float = 2.5) -> Field:
        """Lay all strokes down.

        Args:
            wobble: how far the hand trembles, in pixels.
            spread: widens all strokes.
            grains: per pixel of length; few leave a dry line.

        Returns:
            float32 (height, width): how much ink lies on each pixel; 1 is a full line.
        """
        if not self.pieces:
            return np.zeros(self.shape, dtype=np.float32)
        x0, y0, x1, y1, width, dark = np.concatenate(self.pieces).T
        width = width * spread
        run = np.hypot(x1 - x0, y1 - y0)
        count = np.ceil(run * grains * np.maximum(width, 1)).astype(int)
        dark = dark * run * width / np.maximum(count, 1)
        which = np.repeat(np.arange(len(run)), count)
        along = self.rng.random(len(which))
        side = (self.rng.random(len(which)) - 0.5) * np.maximum(width - 0.6, 0)[which]
        unit = side / np.maximum(run, 1e-6)[which]
        dx, dy = (x1 - x0)[which], (y1 - y0)[which]
        x = x0[which] + along * dx - unit * dy
        y = y0[which] + along * dy + unit * dx
        for waves in (70, 18):
            shift = noise(self.rng, self.shape, waves, 1) * wobble * waves / 70
            other = noise(self.rng, self.shape, waves, 1) * wobble * waves / 70
            x, y = x + self._at(shift, x, y), y + self._at(other, x, y)
        return _splat(x, y, dark[which], self.shape)


def _splat(x: Points, y: Points, weight: Points, shape: Shape) -> Field:
    """Add weighted grains at (x, y), in pixels, each shared by its four neighbours."""
    height, width = shape
    inside = (x > 1) & (y > 1) & (x < width - 2) & (y < height - 2)
    x, y, weight = x[inside] - 0.5, y[inside] - 0.5, weight[inside]
    column, row = x.astype(np.int64), y.astype(np.int64)
    fx, fy = x - column, y - row
    total = np.zeros(height * width)
    for dy, part in ((0, 1 - fy), (1, fy)):
        for dx, share in ((0, 1 - fx), (1, fx)):
            at = (row + dy) * width + column + dx
            total += np.bincount(at, weight * part * share, height * width)
    return total.reshape(shape).astype(np.float32)
