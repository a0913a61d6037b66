"""A scene of flat shapes laid over each other, each rounded and lit, for brush, pen and burin."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from indexer.sample.canvas import Field, Rng, Shape, blur, slopes
from indexer.sample.shapes import Points

Texture = Callable[[Shape], Field]


@dataclass(frozen=True)
class View:
    """How a variant looks at its composition: a small zoom, turn and shift."""

    zoom: float = 1.0
    turn: float = 0.0
    dx: float = 0.0
    dy: float = 0.0

    @classmethod
    def near(cls, rng: Rng) -> "View":
        """Choose a view beside the plain one."""
        return cls(
            zoom=float(rng.uniform(0.94, 1.08)),
            turn=float(rng.normal(0, 0.012)),
            dx=float(rng.normal(0, 0.015)),
            dy=float(rng.normal(0, 0.010)),
        )


@dataclass(frozen=True)
class Contour:
    """A line of a scene.

    Attributes:
        points: float64 (n, 2), in pixels.
        width: in pixels.
        layer: the shape that it belongs to; later shapes hide it.
        tint: which of its class's pens draws it; 0 is the outline's.
    """

    points: Points
    width: float
    layer: int
    tint: int = 0


class Scene:
    """Shapes from back to front on one canvas.

    Attributes:
        value: float32 (height, width) tones or (height, width, 3) colours.
        relief: float32 (height, width), how far the rounded shapes bulge, 0 to 1.
        owner: int16 (height, width), the layer seen at each pixel; 0 is the ground.
        contours: outlines, hidden parts included.
        angles: per layer, the direction of its hatching or brush, in radians.
        flow: float32 (height, width), radians added to these directions.
    """

    def __init__(
        self, shape: Shape, value: ArrayLike, view: View, light: tuple[float, float] = (-0.6, -0.6)
    ) -> None:
        """Start from a background.

        Args:
            shape: height and width, in pixels.
            value: a tone, a colour (3,), or a whole background.
            view: how points are placed.
            light: direction towards the light in the picture's plane, x to the right, y down.
        """
        start = np.asarray(value, dtype=np.float32)
        channels = start.shape[-1:] if start.ndim in (1, 3) else ()
        self.shape = shape
        self.value: Field = np.broadcast_to(start, (*shape, *channels)).copy()
        self.relief: Field = np.zeros(shape, dtype=np.float32)
        self.owner: NDArray[np.int16] = np.zeros(shape, dtype=np.int16)
        self.flow: Field = np.zeros(shape, dtype=np.float32)
        self.contours: list[Contour] = []
        self.angles = [0.0]
        self.view = view
        self.light = (float(light[0]), float(light[1]))
        self.width = shape[1] / shape[0]

    def pixels(self, points: ArrayLike) -> Points:
        """Place points, in units of the picture's height, on the canvas."""
        middle = np.array([self.width / 2, 0.5])
        p = (np.asarray(points, dtype=np.float64) - middle) * self.view.zoom
        cos, sin = np.cos(self.view.turn), np.sin(self.view.turn)
        turned = p @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray(
            (turned + middle + (self.view.dx, self.view.dy)) * self.shape[0], dtype=np.float64
        )

    def line(self, points: ArrayLike, width: float = 1.0, tint: int = 0) -> None:
        """Add an open line that belongs to the front-most layer."""
        self.contours.append(Contour(self.pixels(points), width, len(self.angles) - 1, tint))

    def fill(
        self,
        outline: ArrayLike,
        light: ArrayLike,
        dark: ArrayLike | None = None,
        *,
        puff: float = 0.0,
        angle: float = 0.0,
        width: float = 1.0,
        texture: Field | Texture | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Lay a shape over the scene.

        Args:
            outline: its points (n, 2), in units of the picture's height.
            light: its tone or colour in the light.
            dark: the same in the shade; by default as in the light.
            puff: radius of its roundness, in units of the picture's height; 0 leaves it flat.
            angle: of its hatching, in radians.
            width: of its contour, in pixels; 0 draws none.
            texture: float32 (height, width) added to its shading, or what makes it for a shape.
            opacity: 1 hides what lies behind.
        """
        points = self.pixels(outline)
        self.angles.append(angle)
        if width:
            closed = np.concatenate([points, points[:1]])
            self.contours.append(Contour(closed, width, len(self.angles) - 1))
        low = np.clip(points.min(0).astype(int) - 2, 0, None)
        high = np.minimum(points.max(0).astype(int) + 3, self.shape[::-1])
        if (high - low < 3).any():
            return
        box = np.s_[low[1] : high[1], low[0] : high[0]]
        mask = _mask(points - low, (high[1] - low[1], high[0] - low[0]))
        relief, shade = _round(mask, puff * self.shape[0] * self.view.zoom, self.light)
        if texture is not None:
            grain = texture(mask.shape) if callable(texture) else texture[box]
            shade = np.clip(shade + grain, 0, 1)
        inside = mask > 0.5
        self.relief[box][inside] = relief[inside]
        self.owner[box][inside] = len(self.angles) - 1
        self._blend(box, shade, light, light if dark is None else dark, mask * opacity)

    def _blend(
        self, box: tuple[slice, slice], shade: Field, light: ArrayLike, dark: ArrayLike, mask: Field
    ) -> None:
        bright, deep = np.asarray(light, dtype=np.float32), np.asarray(dark, dtype=np.float32)
        part = self.value[box]
        if part.ndim == 2:
            part += mask * (deep + (bright - deep) * shade - part)
            return
        for channel in range(3):
            colour = deep[channel] + (bright[channel] - deep[channel]) * shade
            part[..., channel] += mask * (colour - part[..., channel])

    def directions(self) -> Field:
        """Return the direction of hatching or brush at each pixel, in radians."""
        return np.asarray(self.angles, dtype=np.float32)[self.owner] + self.flow

    def visible(self, points: Points, layers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell for each point (n, 2), in pixels, whether no shape after its layer hides it."""
        x, y = np.rint(points).astype(int).T
        x, y = np.clip(x, 0, self.shape[1] - 1), np.clip(y, 0, self.shape[0] - 1)
        return np.asarray(self.owner[y, x] <= layers)


def _mask(points: Points, shape: Shape) -> Field:
    """Fill a polygon, with soft borders."""
    image = Image.new("L", (shape[1] * 2, shape[0] * 2))
    ImageDraw.Draw(image).polygon([tuple(p) for p in (points * 2).tolist()], fill=255)
    return np.asarray(np.asarray(image.reduce(2), dtype=np.float32) / 255, dtype=np.float32)


def _round(mask: Field, puff: float, light: tuple[float, float]) -> tuple[Field, Field]:
    """Blow a flat shape up like a cushion; return its relief and how much light falls on it."""
    if puff <= 0:
        return np.zeros_like(mask), np.ones_like(mask)
    depth = np.clip(2 * blur(mask, puff) - 0.9, 0.0, 1)
    relief = np.sqrt(depth * (2 - depth) + 1e-3)
    slope_y, slope_x = slopes(relief * np.float32(puff * 0.9))
    facing = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    strength = float(np.hypot(0.75, np.hypot(*light)))
    lit = (0.75 - slope_x * light[0] - slope_y * light[1]) * facing / strength
    return relief, np.clip(0.12 + 0.9 * lit, 0, 1).astype(np.float32)
