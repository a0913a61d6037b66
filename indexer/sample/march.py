"""Sphere tracing: what is seen of a solid, how its surface lies, what light reaches it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.sample.canvas import Field, Shape, resize
from indexer.sample.solids import Solid

NEAR, FAR = 1.25, -1.25
"""Where rays begin and end, on the axis towards us."""


@dataclass(frozen=True)
class Seen:
    """The visible surface, one entry per seen pixel.

    Attributes:
        at: int64 (n,), the pixel's place in the flat picture.
        cover: float32 (n,), how much of the pixel the solid covers.
        points: float32 (3, n), where the surface is.
        normals: float32 (3, n), of length 1.
        shadow: float32 (n,), 1 in full light.
        hollow: float32 (n,), 1 on open surfaces, lower in folds and hollows.
    """

    at: NDArray[np.int64]
    cover: Field
    points: Field
    normals: Field
    shadow: Field
    hollow: Field


@dataclass(frozen=True)
class Camera:
    """A distant observer: turned by `yaw` and raised by `pitch` (radians), seeing 2 / zoom high."""

    yaw: float
    pitch: float
    zoom: float
    dx: float = 0.0
    dy: float = 0.0

    def axes(self) -> Field:
        """Return the picture's right, up and towards-us directions as columns (3, 3)."""
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        return np.array(
            [[cy, -sy * sp, sy * cp], [0, cp, sp], [-sy, -cy * sp, cy * cp]], dtype=np.float32
        )


def look(solid: Solid, camera: Camera, shape: Shape, light: Field) -> Seen:
    """Trace one picture.

    Args:
        solid: its signed distance.
        camera: where it is seen from.
        shape: height and width, in pixels.
        light: direction to the light (3,), of length 1.
    """
    axes = camera.axes()
    height, width = shape
    pixel = 2 / camera.zoom / height
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * np.float32(pixel) - np.float32(
        camera.dx
    )
    y = (height / 2 - np.arange(height, dtype=np.float32) - 0.5) * np.float32(pixel) - np.float32(
        camera.dy
    )
    flat = np.stack(np.broadcast_arrays(x[None, :], y[:, None])).reshape(2, -1)
    screen = axes[:, :1] * flat[:1] + axes[:, 1:2] * flat[1:]
    rough = np.s_[1::3, 1::3]
    index = np.arange(height * width).reshape(shape)[rough]
    begin = np.full(index.size, NEAR, dtype=np.float32)
    depth, near = _march(solid, axes, screen[:, index.ravel()], begin, 28, 0.2 * pixel)
    start = _refine(depth.reshape(index.shape), near.reshape(index.shape), shape, pixel)
    at = np.flatnonzero(start > FAR)
    depth, near = _march(solid, axes, screen[:, at], start[at], 20, 0.12 * pixel)
    seen = near < pixel
    at, depth, near = at[seen], depth[seen], near[seen]
    points = _place(axes, screen[:, at], depth)
    cover = np.clip(1.12 - near / pixel, 0, 1) ** 0.8
    normals = _normals(solid, points, pixel)
    return Seen(at, cover, points, normals, *_reach(solid, points, normals, at, shape, light))


def _place(axes: Field, screen: Field, depth: Field) -> Field:
    return screen + axes[:, 2:] * depth


def _march(
    solid: Solid, axes: Field, screen: Field, start: Field, steps: int, close: float
) -> tuple[Field, Field]:
    """Walk along rays until they come close to the solid, or leave the room.

    Returns:
        For each ray the depth of its closest approach, and that distance.
    """
    best_depth, best = start.copy(), np.full(start.shape, 9.0, dtype=np.float32)
    active = np.arange(len(start))
    depth = start.copy()
    for _ in range(steps):
        gap = solid(_place(axes, screen[:, active], depth)).astype(np.float32)
        closer = gap < best[active]
        best[active[closer]], best_depth[active[closer]] = gap[closer], depth[closer]
        depth = depth - np.asarray(np.maximum(gap, 0.0005) * 0.95, dtype=np.float32)
        going = (gap > close) & (depth > FAR)
        active, depth = active[going], depth[going]
        if not len(active):
            break
    return best_depth, np.maximum(best, 0)


def _refine(depth: Field, near: Field, shape: Shape, pixel: float) -> Field:
    """Spread coarse depths to all pixels that may see the solid; FAR where none is near."""
    padded = np.pad(np.where(near < 4.5 * pixel, depth, FAR), 1, mode="edge")
    rows, columns = depth.shape
    around = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    front = np.maximum.reduce(around)
    front = np.where(front > FAR, front + 3 * pixel, FAR)
    full = front.repeat(3, 0).repeat(3, 1)
    full = np.pad(full, ((0, 3), (0, 3)), mode="edge")[: shape[0], : shape[1]]
    return np.minimum(full, NEAR).astype(np.float32).ravel()


def _normals(solid: Solid, points: Field, pixel: float) -> Field:
    step = np.float32(0.8 * pixel)
    total = np.zeros_like(points)
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        way = np.array(corner, dtype=np.float32)[:, None]
        total += way * solid(points + step * way)
    return np.asarray(total / (np.sqrt((total**2).sum(0)) + np.float32(1e-9)), dtype=np.float32)


def _reach(
    solid: Solid, points: Field, normals: Field, at: NDArray[np.int64], shape: Shape, light: Field
) -> tuple[Field, Field]:
    """Measure shadow and openness on every second pixel of every second row, and spread them."""
    row, column = np.divmod(at, shape[1])
    some = (row % 2 == 0) & (column % 2 == 0)
    p, n = points[:, some], normals[:, some]
    hollow = np.zeros(p.shape[1], dtype=np.float32)
    for far, weight in ((0.03, 0.5), (0.09, 0.9), (0.2, 0.7)):
        hollow += (
            np.float32(weight)
            * np.clip(np.float32(far) - solid(p + n * np.float32(far)), 0, far)
            / np.float32(far)
        )
    shadow = np.ones(p.shape[1], dtype=np.float32)
    lit = np.flatnonzero((n * light[:, None]).sum(0) > -0.1)
    origin = p[:, lit] + n[:, lit] * np.float32(0.03)
    walked = np.full(len(lit), 0.03, dtype=np.float32)
    for _ in range(9):
        gap = solid(origin + light[:, None] * walked).astype(np.float32)
        shadow[lit] = np.minimum(shadow[lit], np.clip(9 * gap / walked, 0, 1))
        walked = walked + np.clip(gap, 0.02, 0.25)
    fields = []
    for value in (shadow, np.clip(1 - 0.75 * hollow, 0, 1)):
        small = np.ones(((shape[0] + 1) // 2, (shape[1] + 1) // 2), dtype=np.float32)
        small[row[some] // 2, column[some] // 2] = value
        fields.append(resize(small, shape).ravel()[at])
    return fields[0], fields[1]
