"""Finds out what a folder holds, and loads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from suites.networks.data import cifar, folder as images_in, idx, packages, svhn
from suites.networks.data.images import DataError, Images

_SETS: tuple[tuple[Callable[[Path], Path | None], Callable[[Path], Images]], ...] = (
    (idx.find, idx.read),
    (cifar.find, cifar.read),
    (svhn.find, svhn.read),
)
_SHIPPED = {
    28: packages.mnist,
    32: packages.cifar10,
    224: packages.photographs,
    4480: packages.mosaic,
}


def load(folder: Path, count: int, *, pixels: int) -> Images:
    """Return the first images of what a folder holds.

    Args:
        folder: A folder with MNIST's, CIFAR-10's or SVHN's files, or with images.
        count: How many.
        pixels: Height and width that images of a folder get; the other sets have their own.

    Raises:
        DataError: There is none of these, a file is broken, or there are too few images.
    """
    if not folder.is_dir():
        msg = f"{folder} is no folder; {_help()}"
        raise DataError(msg)
    for find, read in _SETS:
        path = find(folder)
        if path is not None:
            return read(path).first(count)
    files = images_in.find(folder, count)
    if not files:
        msg = f"{folder} holds no images; {_help()}"
        raise DataError(msg)
    return images_in.read(folder, files, pixels).first(count)


def shipped(count: int, *, pixels: int) -> Images:
    """Return the first of the real images that packages ship, of a size.

    Raises:
        DataError: They can't be had, or there are fewer.
    """
    return _SHIPPED[pixels]().first(count)


def _help() -> str:
    """Return where to get what, in one line."""
    sources = {
        "MNIST": idx.SOURCE,
        "CIFAR-10": cifar.SOURCE,
        "SVHN": svhn.SOURCE,
        "images": images_in.SOURCE,
    }
    found = "; ".join(f"for {name} {source}" for name, source in sources.items())
    return f"{found}; without --data the images of two packages are used"
