"""A long row by slabs has what it has as a whole, and needs little memory."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
import torch

from oracle.scale import LayerResult, check_pool, pooling, slabs
from suites.meta.scale import Bits, bits_of, name_of

F = torch.nn.functional


class Row:
    """Rows of small integers, many of them equal, and the gradient of a pooling."""

    def __init__(self, shape: tuple[int, ...], geometry: tuple[int, ...], *, ceil: bool) -> None:
        kernel, stride, padding, dilation = geometry
        torch.manual_seed(sum(geometry))
        self.x = torch.randint(-3, 4, shape).float().requires_grad_()
        y = F.max_pool1d(self.x, kernel, stride, padding, dilation, ceil)
        self.y = y.detach()
        self.g = torch.randn(y.shape)
        (self.v,) = torch.autograd.grad(y, self.x, self.g)
        keys = ("kernel_size", "stride", "padding", "dilation")
        each = {key: [number] for key, number in zip(keys, geometry, strict=True)}
        self.params = {**each, "ceil_mode": ceil}

    def checked(self, gradient: Bits | None = None, output: Bits | None = None) -> LayerResult:
        """What the check says."""
        return check_pool(
            "max_pool1d",
            self.params,
            name_of(self.x),
            input=bits_of(self.x),
            cotangent=bits_of(self.g),
            gradient=bits_of(self.v) if gradient is None else gradient,
            output=output,
        )


GEOMETRIES = [(2, 2, 0, 1), (3, 2, 1, 1), (5, 1, 2, 1), (3, 1, 1, 4), (2, 7, 1, 1), (6, 3, 3, 2)]


@pytest.mark.parametrize(("geometry", "ceil"), [*itertools.product(GEOMETRIES, (False, True))])
def test_slabs_have_what_the_whole_row_has(
    geometry: tuple[int, ...], ceil: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (60, 61, 67):
        row = Row((2, 2, size), geometry, ceil=ceil)
        v = bits_of(row.v)
        y = bits_of(row.y).copy()
        y[..., -1] ^= 1
        wrong, ends, everywhere = v.copy(), v.copy(), v ^ np.uint32(1 << 31)
        wrong.flat[size // 2] = bits_of(torch.ones(1))[0]
        ends[..., -3:] = 0
        asked = [(v, bits_of(row.y)), (v, y), (wrong, None), (ends, None), (everywhere, None)]
        whole = [row.checked(*pair) for pair in asked]
        with monkeypatch.context() as patched:
            patched.setattr(pooling, "LONG", 1)
            patched.setattr(slabs, "_SLAB", 16)
            assert [row.checked(*pair) for pair in asked] == whole
        assert [result.conforms for result in whole[:2]] == [True, False]
        assert whole[0].tied


@pytest.mark.parametrize("geometry", GEOMETRIES[:3])
def test_a_long_row_needs_a_quarter_of_the_tensors_memory_at_most(
    geometry: tuple[int, ...],
) -> None:
    row = Row((1, 1, 1 << 20), geometry, ceil=False)
    row.checked()
    tracemalloc.start()
    result = row.checked()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.proved == result.elements == 1 << 20
    assert peak < sum(t.nbytes for t in (row.x, row.g, row.v)) / 4
