"""CIFAR-10 [Krizhevsky 2009: cs.toronto.edu/~kriz/cifar.html], its binary version.

The Python version is pickled: reading it would run whatever the file says.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np

from suites.networks.data.images import DataError, Images, content, digest, labels_of

ARCHIVE = "cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
"""MD5 of the archive, published beside it."""

SOURCE = f"get {ARCHIVE} (170 MB, MD5 {MD5}) from cs.toronto.edu/~kriz/cifar.html"

_FOLDER = "cifar-10-batches-bin"
_FIRST = ("data_batch_1.bin", "test_batch.bin")
_ROW = 1 + 3 * 32 * 32  # a label and an image
_ROWS = 10_000


def find(folder: Path) -> Path | None:
    """Return the archive in a folder, or one of the files that it unpacks to."""
    names = [ARCHIVE, *_FIRST, *(f"{_FOLDER}/{name}" for name in _FIRST)]
    return next((path for name in names if (path := folder / name).exists()), None)


def read(path: Path) -> Images:
    """Return the first 10,000 training images, or the test images.

    Raises:
        DataError: The file is unreadable, cut short or corrupt.
    """
    if path.name != ARCHIVE:
        # no checksum of the unpacked files is published
        name = f"images of no published checksum ({path.name})"
        return _images(content(path, SOURCE), path, name)
    data = path.read_bytes()
    found = digest(data, "md5")
    if found != MD5:
        msg = f"{path} is cut short or corrupt: its MD5 is {found}, expected {MD5}; {SOURCE}"
        raise DataError(msg)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        member = archive.extractfile(f"{_FOLDER}/{_FIRST[0]}")
        assert member is not None  # the checksum is right
        return _images(member.read(), path, "CIFAR-10 (training set)")


def _images(data: bytes, path: Path, name: str) -> Images:
    if len(data) != _ROWS * _ROW:
        msg = f"{path} is cut short or no CIFAR-10 file: it has {len(data)} bytes, "
        msg += f"expected {_ROWS * _ROW}; {SOURCE}"
        raise DataError(msg)
    rows = np.frombuffer(data, np.uint8).reshape(_ROWS, _ROW)
    pixels = rows[:, 1:].reshape(-1, 3, 32, 32)
    return Images(name=name, pixels=pixels, labels=labels_of(rows[:, 0], path))
