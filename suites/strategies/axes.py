"""The windows along one dimension, drawn so that what comes later fits what came before.

All draws are from ranges that never change: while one of them shrinks, the others keep their
meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from oracle.formats import BINARY64

UP_TO_1, UP_TO_2, UP_TO_3, UP_TO_7 = (st.integers(0, last) for last in (1, 2, 3, 7))

_KERNELS = {1: (1, 2, 3, 2, 4, 5, 3), 2: (1, 2, 3, 2), 3: (1, 2, 2, 3)}
"""Number of dimensions -> kernel sizes, as often as they are drawn."""

_KERNEL = {dims: st.sampled_from(kernels) for dims, kernels in _KERNELS.items()}
_STRIDE = st.sampled_from((1, 2, 3, 4, 1, 1, 2))
_DILATION = st.sampled_from((1, 2, 3, 1, 1))

_MORE = {1: UP_TO_7, 2: UP_TO_3, 3: UP_TO_2}
_LITTLE_MORE = {1: UP_TO_3, 2: UP_TO_1, 3: UP_TO_1}
"""Number of dimensions -> what is added to the smallest size."""

_OUTPUTS = {1: (1, 2, 3, 4, 5, 7, 9, 12), 2: (1, 2, 3, 4, 5, None, 6, None), 3: (1, 2, 3, None)}
"""Number of dimensions -> output sizes of an adaptive operation; none is the input's."""

_OUTPUT = {dims: st.sampled_from(outputs) for dims, outputs in _OUTPUTS.items()}


def _more_of(dims: int, *, small: bool) -> st.SearchStrategy[int]:
    """Return what is added to the smallest size of each dimension."""
    return (_LITTLE_MORE if small else _MORE)[dims]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliding:
    """Sliding windows along a dimension of `size`."""

    kernel: int
    stride: int
    padding: int
    dilation: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptive:
    """As many windows along a dimension of `size` as `output` says; None is one for each input."""

    output: int | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fractional:
    """`output` windows of `kernel` inputs each, spread by a sample over a dimension of `size`."""

    kernel: int
    output: int
    size: int

    @property
    def ratio(self) -> str:
        """A ratio of which the size's share, rounded down, is `output`, as parameters have it."""
        wanted = Fraction(2 * self.output + 1, 2 * self.size)
        return BINARY64.text_of[BINARY64.encode(BINARY64.floor(wanted / BINARY64.eta))]


@st.composite
def sliding(draw: st.DrawFn, dims: int, *, ceil_mode: bool, small: bool) -> Sliding:
    """Return windows each of which reads an input.

    Shrinks to one window of one input: kernel 1, stride 1, no padding, no dilation.
    """
    kernel = draw(_KERNEL[dims])
    stride = draw(_STRIDE)
    padding = min(draw(UP_TO_2), kernel // 2)
    dilation = draw(_DILATION)
    slack = stride - 1 if ceil_mode else 0
    # so that there is a window; and where one begins in the padding, its first cell beyond that
    # comes before the end of the input
    least = max(dilation * (kernel - 1) + 1 - 2 * padding - slack, dilation if padding else 1)
    return Sliding(
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        size=least + draw(_more_of(dims, small=small)),
    )


@st.composite
def outside(draw: st.DrawFn) -> Sliding:
    """Return one window that reads nothing: its two cells lie before and after the input.

    Shrinks to an input of one number.
    """
    size = 1 + draw(UP_TO_3)
    return Sliding(kernel=2, stride=1 + draw(UP_TO_1), padding=1, dilation=size + 1, size=size)


@st.composite
def adaptive(draw: st.DrawFn, dims: int, *, small: bool) -> Adaptive:
    """Return windows of an adaptive operation. Shrinks to one window of one input."""
    return Adaptive(output=draw(_OUTPUT[dims]), size=1 + draw(_more_of(dims, small=small)))


@st.composite
def fractional(draw: st.DrawFn, dims: int, *, small: bool) -> Fractional:
    """Return fractional windows. Shrinks to one window of one input."""
    kernel, output = draw(_KERNEL[dims]), 1 + draw(UP_TO_1 if dims == 3 else UP_TO_3)
    # in three dimensions PyTorch wants an input more than the windows need
    least = kernel + output - 1 + (dims == 3)
    return Fractional(kernel=kernel, output=output, size=least + draw(_more_of(dims, small=small)))
