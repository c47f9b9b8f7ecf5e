"""Any folder of images: ImageNet's, or one's own.

Where its folders hold the images, each folder is a class, in the order of names, as ImageNet's
training set lies.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from suites.networks.data.images import DataError, Images, Pixels, content

ENDINGS = (".jpeg", ".jpg", ".png")

SOURCE = (
    "put JPEG or PNG files into it, or a folder of them for each class; "
    "get ImageNet's from image-net.org/download.php"
)


def find(folder: Path, count: int) -> list[Path]:
    """Return the first images of a folder, else of its folders in turn, in the order of names."""
    here = _images(folder)
    if here:
        return here[:count]
    classes = [_images(path) for path in sorted(folder.iterdir()) if path.is_dir()]
    longest = max(map(len, classes), default=0)
    turns = (one[place] for place in range(longest) for one in classes if place < len(one))
    return [path for path, _ in zip(turns, range(count), strict=False)]


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def read(folder: Path, paths: Iterable[Path], pixels: int) -> Images:
    """Return images, each scaled so that it just covers a square, and cut out of its middle.

    Args:
        folder: Where they lie; folders in it are classes.
        paths: The files.
        pixels: Height and width.

    Raises:
        DataError: A file is no whole image.
    """
    files = list(paths)
    classes = sorted({path.parent for path in files if path.parent != folder})
    labels = [classes.index(path.parent) for path in files] if classes else None
    return Images(
        name=f"images of the folder {folder.resolve().name}",
        pixels=np.stack([square(content(path, SOURCE), path, pixels) for path in files]),
        labels=None if labels is None else np.array(labels, np.int64),
    )


def square(data: bytes, path: Path, pixels: int) -> Pixels:
    """Return the middle of an image file (3, height, width).

    Raises:
        DataError: It is no whole image.
    """
    from PIL import Image  # noqa: PLC0415  # nothing else needs it

    try:
        with Image.open(io.BytesIO(data)) as image:
            scale = pixels / min(image.size)
            size = [max(math.ceil(side * scale), pixels) for side in image.size]
            scaled = image.convert("RGB").resize((size[0], size[1]), Image.Resampling.BILINEAR)
    # what a broken file raises depends on where it breaks
    except Exception as error:
        msg = f"{path} is cut short or no image: {' '.join(str(error).split())}; {SOURCE}"
        raise DataError(msg) from error
    left, top = ((side - pixels) // 2 for side in size)
    cut = scaled.crop((left, top, left + pixels, top + pixels))
    return np.moveaxis(np.asarray(cut), 2, 0)
