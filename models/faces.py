"""Finds faces in pictures, so that a gallery of faces compares these and not what is around them.

The detector is OpenCV's cascade of Haar features for frontal faces (Viola and Jones, "Rapid object
detection using a boosted cascade of simple features", CVPR 2001; this one is trained by Lienhart,
Kuranov and Pisarevsky, "Empirical analysis of detection cascades of boosted classifiers for rapid
object detection", DAGM 2003). It finds faces that look at the camera, upright and not too small;
detectors that are networks find more.

Who changes a constant here changes what the crop "faces" means: then it needs another name, so
that features which were kept before are not taken for those of now.
"""

from collections.abc import Sequence
from threading import local
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.errors import DetectorMissing
from models.types import Box, Crop

if TYPE_CHECKING:
    import cv2

CASCADE = "haarcascade_frontalface_alt2.xml"
"""Of the frontal ones that come with OpenCV, default, alt and alt2, the one that takes fewest other
things for faces; default finds some more faces, and many more that are none."""

LONGEST = 320
"""Pixels of the longer side in which faces are looked for; larger pictures are reduced first. In
larger copies more other things are taken for faces, and few more faces are found."""

SCALE_STEP = 1.1
"""From one size of faces to the next: finer than the 1.25 of the paper, for a little more time."""

NEIGHBOURS = 3
"""Overlapping detections that make a face. The paper merges them; asking for several leaves out
most of what is none."""

SMALLEST = 24
"""Side of the smallest face that is looked for, in pixels of the reduced picture."""

MARGIN = 0.25
"""What is added around a detection on each side, in its own sides. Detections reach from brow to
chin; likeness is also in hair, chin and ears."""

NO_MEMORY = -4  # how OpenCV says so

_threads = local()


def faces(picture: NDArray[np.uint8]) -> tuple[Box, ...]:
    """Find faces, each with a margin around it, clipped to the picture.

    The same picture always gives the same boxes.

    Args:
        picture: uint8 (height, width, 3), upright, sRGB.

    Returns:
        the boxes, the largest face first.

    Raises:
        DetectorMissing: OpenCV is absent, or one without its cascades.
    """
    whole = Image.fromarray(picture)
    small = reduced(whole)
    grey = np.asarray(small.convert("L"))
    squares = [(int(side), int(top), int(left)) for left, top, side, _ in _detected(grey)]
    squares.sort(key=lambda square: (-square[0], *square[1:]))
    boxes = (_with_margin(*square, small.size) for square in squares)
    return tuple(enlarged(box, small.size, whole.size) for box in boxes)


def largest_face(picture: NDArray[np.uint8]) -> Box | None:
    """Return the box of the largest face, or None where there is no face.

    Args, Raises: as for `faces`.
    """
    return next(iter(faces(picture)), None)


def reduced(picture: Image.Image) -> Image.Image:
    """Return a picture, of any mode that can be resized, as small as faces are looked for in it."""
    scale = LONGEST / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(scale * side)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def enlarged(box: Box, small: tuple[int, int], large: tuple[int, int]) -> Box:
    """Return a box of a reduced picture as one of the whole.

    Args:
        box: in pixels of the reduced picture.
        small, large: width and height of the reduced picture and of the whole.
    """
    across, down = large[0] / small[0], large[1] / small[1]
    return across * box[0], down * box[1], across * box[2], down * box[3]


def require_detector(crop: Crop) -> None:
    """Refuse a crop that cannot be made here.

    Raises:
        DetectorMissing: as for `faces`.
    """
    if crop:
        _cascade()


def _detected(grey: NDArray[np.uint8]) -> Sequence[Sequence[int]]:
    """Return left, top, width and height of the squares that the cascade takes for faces."""
    try:
        return _cascade().detectMultiScale(
            grey, scaleFactor=SCALE_STEP, minNeighbors=NEIGHBOURS, minSize=(SMALLEST, SMALLEST)
        )
    except Exception as error:
        if getattr(error, "code", 0) == NO_MEMORY:
            raise MemoryError(str(error)) from error
        raise


def _with_margin(side: int, top: int, left: int, size: tuple[int, int]) -> Box:
    margin = MARGIN * side
    return (
        max(0.0, left - margin),
        max(0.0, top - margin),
        min(float(size[0]), left + side + margin),
        min(float(size[1]), top + side + margin),
    )


def _cascade() -> "cv2.CascadeClassifier":
    """Return this thread's cascade: one can be used by one thread at a time only."""
    known: cv2.CascadeClassifier | None = getattr(_threads, "cascade", None)
    if known is None:
        known = _threads.cascade = _opened()
    return known


def _opened() -> "cv2.CascadeClassifier":
    try:
        import cv2
        from cv2.data import haarcascades

        # Pictures are decoded in as many processes as there are cores already.
        cv2.setNumThreads(1)
        cascade = cv2.CascadeClassifier(haarcascades + CASCADE)
    except (ImportError, AttributeError) as error:
        raise _missing(error) from error
    if cascade.empty():
        raise _missing(f"{haarcascades}{CASCADE} cannot be read")
    return cascade


def _missing(why: object) -> DetectorMissing:
    return DetectorMissing(
        f"Faces cannot be found here: {why}. Install OpenCV, before its version 5: "
        "pip install 'opencv-python-headless<5'"
    )
