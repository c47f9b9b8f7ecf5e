"""Images in MNIST's IDX format [LeCun, Cortes, Burges: yann.lecun.com/exdb/mnist]."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from suites.networks.data.images import DataError, Images, Pixels, content, digest, labels_of

SOURCE = (
    "get train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, or both of t10k, "
    "from yann.lecun.com/exdb/mnist or a mirror of it (Fashion-MNIST: Debian's "
    "dataset-fashion-mnist)"
)

NAMES = {
    # MD5 of the .gz files, as torchvision publishes them with its mirror of MNIST
    "f68b3c2dcbeaaa9fbdd348bbdeb94873": "MNIST (training set)",
    "9fb629c4189551a2d022fa330f9573f3": "MNIST (test set)",
    # MD5 of the .gz files on github.com/zalandoresearch/fashion-mnist
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d": "Fashion-MNIST (training set)",
    "bef4ecab320f06d8554ea6380940ec79": "Fashion-MNIST (test set)",
}
"""Checksum of an image file -> the set that it is."""

UNPACKED = {
    # SHA-256 of the unpacked files, of Debian's package
    "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7": "Fashion-MNIST (training)",
    "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa": "Fashion-MNIST (test set)",
}

_UNSIGNED_BYTES = 8  # the type in a file's third byte


def find(folder: Path) -> Path | None:
    """Return the image file in a folder: of the training set, else of the test set."""
    names = [f"{part}-images-idx3-ubyte{end}" for part in ("train", "t10k") for end in ("", ".gz")]
    return next((path for name in names if (path := folder / name).exists()), None)


def read(path: Path) -> Images:
    """Return the images of a file and the labels in the file beside it.

    Raises:
        DataError: A file is missing, cut short or corrupt.
    """
    beside = path.with_name(path.name.replace("images-idx3", "labels-idx1"))
    pixels, labels = _read(path, dims=3), _read(beside, dims=1)
    if len(pixels) != len(labels):
        msg = (
            f"{beside} has {len(labels)} labels, expected {len(pixels)} as in {path.name}; {SOURCE}"
        )
        raise DataError(msg)
    return Images(name=_name(path), pixels=pixels[:, None], labels=labels_of(labels, beside))


def _name(path: Path) -> str:
    """Return the name of a known set, or that there is none."""
    data = path.read_bytes()
    known = NAMES.get(digest(data, "md5")) or UNPACKED.get(digest(data))
    return known or f"images of no published checksum ({path.name})"


def _read(path: Path, dims: int) -> Pixels:
    """Return the numbers of a file: two zeros, type, number of sizes, sizes, bytes."""
    data = content(path, SOURCE)
    start = 4 + 4 * dims
    expected = (0, 0, _UNSIGNED_BYTES, dims)
    if len(data) < start or tuple(data[:4]) != expected:
        begins = data[:4].hex(" ")
        msg = f"{path} is no IDX file: it begins with {begins or 'nothing'}, expected "
        msg += f"{bytes(expected).hex(' ')}; {SOURCE}"
        raise DataError(msg)
    shape = struct.unpack(f">{dims}I", data[4:start])
    size = int(np.prod(shape, dtype=object))
    if len(data) - start != size:
        kind = "cut short" if len(data) - start < size else "corrupt"
        msg = f"{path} is {kind}: it has {len(data) - start} bytes of data, expected {size} "
        msg += f"for {' x '.join(map(str, shape))}; {SOURCE}"
        raise DataError(msg)
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
