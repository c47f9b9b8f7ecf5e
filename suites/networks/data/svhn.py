"""SVHN [Netzer et al. 2011: ufldl.stanford.edu/housenumbers], format 2: crops of 32 x 32."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from suites.networks.data.images import DataError, Images, content, digest, labels_of

MD5 = {
    # as torchvision publishes them
    "e26dedcc434d2e4c54c9b2d4a06d8373": "SVHN (training set)",
    "eb5a983be6a315427106f1b164d9cef3": "SVHN (test set)",
}
"""Checksum of a file -> the set that it is."""

SOURCE = (
    f"get train_32x32.mat or test_32x32.mat (MD5 {' or '.join(MD5)}) "
    "from ufldl.stanford.edu/housenumbers"
)


def find(folder: Path) -> Path | None:
    """Return the file in a folder."""
    names = ("train_32x32.mat", "test_32x32.mat")
    return next((path for name in names if (path := folder / name).exists()), None)


def read(path: Path) -> Images:
    """Return the images of a file; its label 10 is the digit 0.

    Raises:
        DataError: The file is unreadable, cut short or corrupt.
    """
    # a second to import, and nothing else needs it
    from scipy.io import loadmat  # noqa: PLC0415

    data = content(path, SOURCE)
    try:
        found = loadmat(path)
    # what a broken file raises depends on where it breaks
    except Exception as error:
        msg = f"{path} is cut short or corrupt: {' '.join(str(error).split())}; {SOURCE}"
        raise DataError(msg) from error
    pixels, labels = found.get("X"), found.get("y")
    if pixels is None or labels is None or pixels.shape[:3] != (32, 32, 3):
        shape = None if pixels is None else pixels.shape
        msg = f"{path} has no SVHN crops: X is {shape}, expected 32 x 32 x 3 x images; {SOURCE}"
        raise DataError(msg)
    digits = labels_of(np.where(labels == 10, 0, labels), path)
    if pixels.ndim != 4 or len(digits) != pixels.shape[3] or pixels.dtype != np.uint8:
        got = f"X is {pixels.dtype} of {pixels.shape}, y has {len(digits)} labels"
        msg = f"{path} is corrupt: {got}; {SOURCE}"
        raise DataError(msg)
    name = MD5.get(digest(data, "md5"), f"images of no published checksum ({path.name})")
    return Images(name=name, pixels=np.moveaxis(pixels, (3, 2), (0, 1)), labels=digits)
