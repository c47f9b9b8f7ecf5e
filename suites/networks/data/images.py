"""Images in memory, and the reading of files that may be anything."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]

MEMORY = 1 << 31
"""Bytes that a file may unpack to: MNIST, CIFAR-10 and SVHN have less."""


class DataError(ValueError):
    """Images that are missing or not what they should be; the message is one line."""


@dataclass(frozen=True, kw_only=True)
class Images:
    """Images of one size and their labels.

    Attributes:
        name: What they are; the name of a known set only where the checksum is the published one.
        pixels: Values 0 to 255 (image, channel, height, width).
        labels: A class of each (image), or None where none is known.
    """

    name: str
    pixels: Pixels
    labels: NDArray[np.int64] | None

    def first(self, count: int) -> Images:
        """Return the first images.

        Raises:
            DataError: There are fewer.
        """
        if not 1 <= count <= len(self.pixels):
            msg = (
                f"{count} images are asked for, expected 1 to the {len(self.pixels)} of {self.name}"
            )
            raise DataError(msg)
        labels = None if self.labels is None else self.labels[:count]
        return Images(name=self.name, pixels=self.pixels[:count], labels=labels)


def content(path: Path, source: str) -> bytes:
    """Return a file's bytes, unpacked if its name ends with .gz.

    Args:
        path: The file.
        source: Where to get it.

    Raises:
        DataError: It is missing, unreadable, or no whole gzip file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path}: {error.strerror}; {source}"
        raise DataError(msg) from error
    return unpacked(data, path, source) if path.suffix == ".gz" else data


def unpacked(data: bytes, path: Path, source: str) -> bytes:
    """Return what a gzip file holds.

    Raises:
        DataError: It is cut short, corrupt or too large.
    """
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        result = stream.decompress(data, MEMORY)
        if not stream.eof and not stream.unconsumed_tail:
            msg = f"{path} is cut short: it is no whole gzip file; {source}"
            raise DataError(msg)
    except zlib.error as error:
        msg = f"{path} is corrupt: {error}; {source}"
        raise DataError(msg) from error
    if stream.unconsumed_tail:
        msg = (
            f"{path} unpacks to more than {MEMORY} bytes, expected a set of small images; {source}"
        )
        raise DataError(msg)
    return result


def digest(data: bytes, algorithm: str = "sha256") -> str:
    """Return a checksum in hexadecimal; it tells files apart and protects against nothing."""
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def labels_of(values: NDArray[Any], path: Path, classes: int = 10) -> NDArray[np.int64]:
    """Return labels as integers.

    Raises:
        DataError: One of them is no class.
    """
    labels = values.astype(np.int64).reshape(-1)
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        worst = labels[(labels < 0) | (labels >= classes)][0]
        msg = f"{path} is corrupt: a label is {worst}, expected 0 to {classes - 1}"
        raise DataError(msg)
    return labels
