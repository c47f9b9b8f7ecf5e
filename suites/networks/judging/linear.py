"""Convolutions and matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from suites.networks.judging import convolution as conv
from suites.networks.judging.comparing import Expected, compare
from suites.networks.judging.evidence import Judged, NotJudgedError, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import Numbers, numbers
from suites.networks.judging.sums import Terms, plain_sum, products

_FAST = 36_100.0 * 9
"""Growth of the error of Winograd's and FFT algorithms for small kernels, see `fast`."""


def fast(layer: Layer) -> tuple[float, tuple[str, ...]]:
    """Return the growth that a fast algorithm may have, and its name.

    On CUDA cuDNN may take Winograd's algorithm or an FFT for convolutions of small kernels. Of
    Winograd's F(4 x 4, 3 x 3), the worst that is in use, the transforms of data, kernel and result
    have rows of absolute sums 10, 1 and 19 [Lavin, Gray 2016, section 4.3], twice each in two
    dimensions: every intermediate is bounded by `(10 * 19)^2 = 36,100` times the largest products,
    of which an entry has `n`, and is rounded about 9 times more often. An FFT's error grows by the
    logarithm of its length, and less [Higham 2002, 24.1]. So the error is at most
    `9 * 36,100 n u largest|a| largest|b|`. It is tried only where plain sums do not explain an
    entry, and recorded as `assumed`. The CPU's libraries are called for direct convolution alone.
    """
    is_small = all(2 <= k <= 7 for k in layer.shape("weight")[2:])
    if layer.cotangent.is_cuda and is_small:
        return _FAST, ("winograd-or-fft",)
    return 0.0, ()


def _terms(layer: Layer, count: int, growth: float, assumed: tuple[str, ...]) -> Terms:
    t = layer.precision if layer.format.name == "binary32" else 0.0
    names = {0.0: (), 2.0**-11: ("tf32",), 2.0**-8: ("bfloat16-products",)}[t]
    return Terms(
        count=count,
        fmt=layer.format,
        operand_roundoff=t,
        fast=growth,
        assumed=(*names, *assumed),
    )


def convolution(layer: Layer) -> Judged:
    """Judge a convolution, or a transposed one.

    That is the gradient of a convolution from its own output to its input. So the gradient of its
    input is the output of that convolution, and that of its weight is the same with the input and
    the cotangent exchanged: sums of as many products, with the same bounds.
    """
    of = _geometry(layer)
    g = numbers(layer.cotangent)
    growth, assumed = fast(layer)
    tally = Tally()
    for name, gradient in layer.gradients(("input", "weight", "bias")):
        tally.add(compare(gradient, _of_convolution(layer, name, g, of, growth, assumed), name))
    return tally.total()


def _of_convolution(
    layer: Layer,
    name: str,
    g: Numbers,
    of: conv.Geometry,
    growth: float,
    assumed: tuple[str, ...],
) -> Expected:
    transposed = layer.parameter("transposed")
    if name == "bias":
        return plain_sum(_per_channel, g, len(g) * math.prod(g.shape[2:]), layer.format)
    if name == "weight":
        terms = _terms(layer, len(g) * math.prod(of.counts), growth, assumed)
        x = layer.tensor("input")
        ends = (g, x) if transposed else (x, g)
        return products(lambda a, b: conv.weight_gradient(a, b, of), *ends, terms)
    terms = _terms(layer, g.shape[1] // of.groups * of.cells, growth, assumed)
    gradient = conv.output if transposed else conv.input_gradient
    return products(lambda a, b: gradient(a, b, of), layer.tensor("weight"), g, terms)


def _per_channel(g: Numbers) -> Numbers:
    result: Numbers = g.sum(axis=(0, *range(2, g.ndim)))
    return result


def _geometry(layer: Layer) -> conv.Geometry:
    shape, kernel = layer.shape("input"), layer.shape("weight")[2:]
    if len(shape) != len(kernel) + 2:
        msg = f"its input has {len(shape)} dimensions, and images without a batch have no judge"
        raise NotJudgedError(msg)

    def each(name: str) -> tuple[int, ...]:
        values = [int(v) for v in layer.parameter(name)]
        return tuple(values * len(kernel) if len(values) == 1 else values)

    ends = [shape[2:], tuple(layer.cotangent.shape[2:])]
    sizes, counts = reversed(ends) if layer.parameter("transposed") else ends
    return conv.Geometry(
        kernel=kernel,
        stride=each("stride"),
        padding=each("padding"),
        dilation=each("dilation"),
        groups=layer.parameter("groups"),
        sizes=sizes,
        counts=counts,
    )


def matrices(left: str, right: str, added: str | None = None) -> Callable[[Layer], Judged]:
    """Return the judge of `added + left @ right`."""
    edges = (*((added,) if added else ()), left, right)

    def judge(layer: Layer) -> Judged:
        if added and (layer.parameter("alpha") != 1 or layer.parameter("beta") != 1):
            msg = "it has factors alpha or beta, and those have no judge"
            raise NotJudgedError(msg)
        g = numbers(layer.cotangent)
        tally = Tally()
        for name, gradient in layer.gradients(edges):
            if name == added:
                tally.add(compare(gradient, _added(layer, gradient, g), name))
            else:
                tally.add(_factor(layer, (name, gradient), g, (left, right)))
        return tally.total()

    return judge


def _added(layer: Layer, gradient: Tensor, g: Numbers) -> Expected:
    shape = tuple(gradient.shape)
    aligned = (1,) * (g.ndim - len(shape)) + shape
    along = tuple(d for d in range(g.ndim) if aligned[d] == 1)
    count = math.prod(g.shape[d] for d in along)
    return plain_sum(lambda a: a.sum(axis=along).reshape(shape), g, count, layer.format)


_ENTRIES = 1 << 23
"""Entries of a factor, or of its gradient, that are recomputed at a time."""


def _factor(
    layer: Layer, named: tuple[str, Tensor], g: Numbers, factors: tuple[str, str]
) -> Judged:
    """Judge the gradient of one factor of `left @ right`: `g right^T`, or `left^T g`.

    Some of the products' terms, left's columns and right's rows, are taken at a time: a linear
    layer may be large.
    """
    name, gradient = named
    left, right = (layer.parameter(factor) for factor in factors)
    is_left = name == factors[0]
    size = left.shape[-1]
    each = max(left.numel(), right.numel()) // max(size, 1)
    step = max(_ENTRIES // max(each, 1), 1)
    terms = _terms(layer, g.shape[-1] if is_left else left.shape[-2], 0.0, ())
    tally = Tally()
    for start in range(0, size, step):
        part = slice(start, start + step)
        if is_left:
            other, got = numbers(right[..., part, :]).swapaxes(-1, -2), gradient[..., part]
            expected = products(np.matmul, g, other, terms)
        else:
            other, got = numbers(left[..., part]).swapaxes(-1, -2), gradient[..., part, :]
            expected = products(np.matmul, other, g, terms)
        tally.add(compare(got, expected, f"{name} from {start} on: "))
    return tally.total()


def operand_roundoff(device: torch.device) -> float:
    """Return to what products in binary32 may round their operands, as the framework is set.

    0 if not; TF32 has 11 bits, bfloat16 has 8. Settings are those of CUDA's libraries, or of
    oneDNN's on the CPU, for convolutions and for matrix products; the coarser one counts for both.
    """
    backend: Any = torch.backends
    if device.type == "cuda":
        settings = {backend.cudnn.conv.fp32_precision, backend.cuda.matmul.fp32_precision}
    else:
        settings = {backend.mkldnn.conv.fp32_precision, backend.mkldnn.matmul.fp32_precision}
    named = {
        backend.fp32_precision if setting == "none" else setting  # none: as it is set for all
        for setting in settings
    }
    return max(_OPERANDS.get(setting, 0.0) for setting in named)


_OPERANDS = {"tf32": 2.0**-11, "bf16": 2.0**-8}
"""Setting of the framework -> unit roundoff; `none` and `ieee` are binary32 itself."""
