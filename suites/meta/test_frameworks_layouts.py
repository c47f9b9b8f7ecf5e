"""Layouts: what lies in memory is what was asked for, bit for bit, and nothing else is read."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from suites.frameworks import tensors, torch_adapter
from suites.frameworks.layouts import COTANGENT_LAYOUTS, LAYOUTS, applicable, place
from suites.frameworks.library import TorchLibrary
from suites.frameworks.protocol import Bits, Call, Graph, bits_dtype

FORMATS = ("binary16", "bfloat16", "binary32", "binary64")
SHAPES = ((2, 3, 4), (3, 4), (2, 3, 4, 5), (3, 4, 5), (2, 3, 4, 5, 2), (1, 1, 1, 5), (0, 2, 3, 4))
GAPS = (7, 9)


def any_bits(shape: tuple[int, ...], format_name: str) -> Bits:
    """Return bit patterns of every kind, NaNs with payloads among them."""
    dtype = bits_dtype(format_name)
    return np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape, dtype)


def viewed(array: Bits, layout: str) -> torch.Tensor:
    placed = place(layout, array, gaps=GAPS)
    storage = torch.from_numpy(placed.storage.view("int32"))
    return storage.as_strided(placed.shape, placed.strides, placed.offset)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_every_bit_pattern_survives_every_layout(
    layout: str, shape: tuple[int, ...], format_name: str
) -> None:
    bits = any_bits(shape, format_name)
    if layout == "expanded" and bits.size:
        bits = np.broadcast_to(bits[:1], shape)
    tensor = tensors.laid_out(bits, layout, format_name, "cpu")
    assert tensors.bits_of(tensor, format_name).tolist() == bits.tolist()


def test_strides_are_those_of_torch_itself() -> None:
    array = any_bits((2, 3, 4, 5), "binary32")
    tensor = torch.zeros(2, 3, 4, 5)
    expected = {
        "contiguous": tensor,
        "dense": tensor,
        "channels-last": tensor.contiguous(memory_format=torch.channels_last),
        "transposed": tensor.mT.contiguous().mT,
        "sliced": torch.zeros(4, 3, 6, 8)[1:3, :, 1:5, 1:6],
        "channels-last-sliced": torch.zeros(4, 4, 7, 6).permute(0, 3, 1, 2)[1:3, 1:4, :4, 1:6],
    }
    for layout, wanted in expected.items():
        assert viewed(array, layout).stride() == wanted.stride(), layout
    sizes = (2, 3, 4, 5, 6)
    deep = torch.zeros(sizes).contiguous(memory_format=torch.channels_last_3d)
    assert viewed(any_bits(sizes, "binary32"), "channels-last").stride() == deep.stride()


def test_expanded_has_stride_0_along_the_constant_axes_alone() -> None:
    array = np.broadcast_to(any_bits((1, 3, 1), "binary32"), (2, 3, 4))
    assert place("expanded", array, gaps=GAPS).strides == (0, 1, 0)
    assert place("expanded", array, gaps=GAPS).storage.size == 3
    assert applicable("expanded", array, dims=1)
    assert not applicable("expanded", any_bits((2, 3, 4), "binary32"), dims=1)
    assert not applicable("expanded", array[:0], dims=1)


@pytest.mark.parametrize("layout", ["sliced", "channels-last-sliced"])
def test_a_slice_has_an_offset_and_gaps_around_it(layout: str) -> None:
    array = np.zeros((2, 3, 4, 5), dtype=np.uint32)
    placed = place(layout, array, gaps=GAPS)
    assert placed.offset > 0
    assert not viewed(array, layout).is_contiguous()
    assert set(placed.storage.tolist()) == {0, *GAPS}
    assert np.count_nonzero(placed.storage == 0) == array.size
    assert placed.storage[-1] in GAPS


@pytest.mark.parametrize(
    ("layout", "shape", "dims", "expected"),
    [
        ("channels-last", (2, 3, 4, 5), 2, True),
        ("channels-last", (2, 3, 4, 5), 3, True),
        ("channels-last", (2, 3, 4, 5, 6), 2, False),
        ("channels-last", (2, 3, 4), 2, False),
        ("channels-last", (2, 3, 4), 1, False),
        ("channels-last-sliced", (2, 3, 4, 5, 6), 3, True),
        ("channels-last", (2, 1, 1, 1), 2, False),
        ("transposed", (1, 3, 4), 1, True),
        ("transposed", (1, 1, 4), 1, False),
        ("transposed", (2, 1, 4), 1, True),
        ("sliced", (1, 1, 4), 1, True),
        ("contiguous", (1, 1, 4), 1, True),
    ],
)
def test_layouts_apply_where_they_make_a_difference(
    layout: str, shape: tuple[int, ...], dims: int, *, expected: bool
) -> None:
    assert applicable(layout, any_bits(shape, "binary32"), dims=dims) is expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cotangent_layout", COTANGENT_LAYOUTS)
def test_max_pooling_gives_the_same_bits_in_every_layout(
    layout: str, cotangent_layout: str
) -> None:
    """Integers are added exactly in any order, and what lies in the gaps would show."""
    numbers = np.random.default_rng(2).integers(-3, 4, (2, 3, 4, 5)).astype(np.float32)
    cotangent = np.random.default_rng(3).integers(-3, 4, (2, 3, 3, 4)).astype(np.float32)
    if layout == "expanded":
        numbers = np.broadcast_to(numbers[:, :, :1], numbers.shape)
    if cotangent_layout == "expanded":
        cotangent = np.ones_like(cotangent)

    def run(layout: str, cotangent_layout: str) -> list[list[object]]:
        call = Call(
            op="max_pool2d",
            params={"kernel_size": (2, 2), "stride": (1, 1)},
            format="binary32",
            input=np.ascontiguousarray(numbers).view(np.uint32),
            cotangent=cotangent.view(np.uint32),
            layout=layout,
            cotangent_layout=cotangent_layout,
        )
        (reply,) = torch_adapter.run(Graph(calls=(call,)), TorchLibrary(("max_pool2d",)))
        assert reply.outcome == "ran", reply.message
        arrays = (reply.output, reply.gradient, reply.second_gradient)
        return [array.tolist() for array in arrays if array is not None]

    got = run(layout, cotangent_layout)
    assert len(got) == 3
    assert got == run("contiguous", "dense")
