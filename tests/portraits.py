"""Draws faces that the cascade takes for faces, so that no photograph of anybody is needed."""

from PIL import Image, ImageDraw, ImageFilter

from tests.conftest import draw_picture

SKIN, SHADE, HAIR, DARK, LIPS = (
    (224, 186, 160),
    (176, 132, 108),
    (66, 46, 36),
    (40, 28, 26),
    (150, 70, 70),
)


def draw_face(side: int) -> Image.Image:
    """Draw a face that looks at the camera, from brow to chin about as wide as high.

    Args:
        side: of the square picture, in pixels; the face with its hair fills it.
    """
    unit = 4 * side / 100  # drawn four times as large, and reduced, so that edges are smooth
    image = Image.new("RGB", (4 * side, 4 * side), (120, 130, 140))
    pen = ImageDraw.Draw(image)

    def oval(x: float, y: float, across: float, down: float, colour: tuple[int, int, int]) -> None:
        box = (x - across) * unit, (y - down) * unit, (x + across) * unit, (y + down) * unit
        pen.ellipse(box, fill=colour)

    oval(50, 46, 36, 44, HAIR)
    oval(50, 54, 30, 40, SKIN)
    for x in (36, 64):
        oval(x, 49, 10, 6, SHADE)
        oval(x, 41, 10, 2.2, HAIR)
        oval(x, 49, 7, 3.4, (236, 232, 226))
        oval(x, 49, 3.4, 3.4, DARK)
    oval(50, 58, 3.6, 11, (238, 204, 180))
    for x in (46, 54):
        oval(x, 68, 3, 1.8, SHADE)
    oval(50, 78, 13, 5, SHADE)
    oval(50, 78, 12, 3.2, LIPS)
    soft = image.filter(ImageFilter.GaussianBlur(1.2 * unit))
    return soft.resize((side, side), Image.Resampling.LANCZOS)


def draw_portrait(
    places: tuple[tuple[int, int, int], ...], width: int = 240, height: int = 180, seed: int = 0
) -> Image.Image:
    """Draw faces on waves of colour.

    Args:
        places: left, top and side of each face, in pixels.
        width, height: of the picture, in pixels.
        seed: of the waves.
    """
    image = Image.fromarray(draw_picture(seed, height, width) // 3 + 80)
    for left, top, side in places:
        image.paste(draw_face(side), (left, top))
    return image
