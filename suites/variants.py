"""The variants of a base cell, one factor at a time.

Pairs stand here only where they are known to interact: channels-last with slices, and with the
channels-last cotangent that a network in this format sends back; and every layout with the request
for indices, which other kernels answer. Neighbours are for compiled cells, whose code they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oracle.catalogue import CATALOGUE
from suites.corpus import Stack
from suites.frameworks import protocol
from suites.frameworks.layouts import applicable
from suites.frameworks.protocol import Bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How a call differs from the base cell's.

    Attributes:
        name: Its name in cell ids.
        layout: The layout that `--layouts` selects it by.
        input_layout: How the input lies in memory.
        cotangent_layout: How the cotangent does.
        indices: Whether indices are asked for.
        neighbour: What stands before or after the operation in its graph.
    """

    name: str
    layout: str
    input_layout: str = "contiguous"
    cotangent_layout: str = "dense"
    indices: bool = False
    neighbour: str = ""


SELECTIONS = frozenset(
    [
        *(name for name, entry in CATALOGUE.items() if "max_pool" in name and entry.windows),
        *("amax", "amin", "aminmax", "max", "min", "median", "nanmedian", "kthvalue", "topk"),
        *("sort", "msort", "cummax", "cummin", "scatter_reduce", "index_reduce", "segment_reduce"),
        *("embedding_bag", "maximum", "minimum", "fmax", "fmin", "abs", "relu"),
    ]
)
"""The operations that commute with every increasing odd function."""

REPEAT = Variant(name="repeat", layout="contiguous")

_INPUT_LAYOUTS = {
    "contiguous": "contiguous",
    "channels-last": "channels-last",
    "transposed": "transposed",
    "sliced": "sliced",
    "expanded": "expanded",
    "channels-last-sliced": "channels-last",
}
"""How the input lies in memory -> the layout that selects it."""


def _variants() -> Iterator[Variant]:
    for input_layout, layout in _INPUT_LAYOUTS.items():
        yield Variant(name=input_layout, layout=layout, input_layout=input_layout)
        yield Variant(
            name=f"{input_layout}+indices",
            layout=layout,
            input_layout=input_layout,
            indices=True,
        )
    for layout in ("expanded", "transposed", "sliced"):
        yield Variant(name=f"cotangent-{layout}", layout=layout, cotangent_layout=layout)
    name, layout = "cotangent-channels-last", "channels-last"
    yield Variant(name=name, layout=layout, cotangent_layout=layout)
    yield Variant(
        name=f"{layout}+{name}", layout=layout, input_layout=layout, cotangent_layout=layout
    )
    yield REPEAT


VARIANTS = tuple(_variants())
"""In the order in which the cells of a stack are run."""

BASE = VARIANTS[0]

NEIGHBOURS = tuple(
    Variant(name=name, layout="contiguous", neighbour=name) for name in protocol.NEIGHBOURS if name
)
"""The variants of compiled cells alone."""


def stacked(stack: Stack) -> tuple[Bits, Bits]:
    """Return the input and the cotangent of the call that holds all cases of a stack."""
    if stack.operands:
        return stack.inputs.reshape(len(stack), -1), stack.cotangents.reshape(len(stack), -1)
    return _joined(stack.inputs), _joined(stack.cotangents)


def applies(variant: Variant, stack: Stack) -> bool:
    """Return whether a variant makes a difference for a stack."""
    if stack.operands:
        return _applies_to_program(variant, stack)
    dims = CATALOGUE[stack.op].dims
    primal, cotangent = stacked(stack)
    if variant.neighbour:
        # there is no largest among no outputs
        return bool(cotangent.size) and _fits_beside(variant.neighbour, stack)
    return applicable(variant.input_layout, primal, dims=dims) and applicable(
        variant.cotangent_layout, cotangent, dims=dims
    )


def returns_indices(stack: Stack) -> bool:
    """Return whether a program returns indices beside its values, along one dimension."""
    names = [operand.name for operand in stack.operands]
    call = CATALOGUE[stack.op].expression(stack.params, names)
    return bool(
        stack.params.get("dim") is not None and call.startswith("f(") and call.endswith("[0]")
    )


def _applies_to_program(variant: Variant, stack: Stack) -> bool:
    """Return whether a variant makes a difference for some operand of a program."""
    if variant.indices:
        return variant.input_layout == "contiguous" and returns_indices(stack)
    if variant.neighbour:
        fits = variant.neighbour != "transposed-view" and _fits_beside(variant.neighbour, stack)
        return fits and bool(stack.cotangents.size)
    if variant.input_layout != "contiguous":
        return any(_lies(variant.input_layout, tensor) for tensor in _operands(stack))
    upstream = _whole(stack, stack.cotangents, stack.geometry.output_shape)
    return variant.cotangent_layout == "dense" or _lies(variant.cotangent_layout, upstream)


def _fits_beside(neighbour: str, stack: Stack) -> bool:
    """Return whether the operation can be judged beside a neighbour: any, but for tanh.

    Where a graph keeps the tangents in a wider format there are exact ones to hold a gradient
    against only for an operation that commutes with an increasing odd function: one that selects.
    """
    return neighbour != "tanh" or stack.op in SELECTIONS


def _lies(layout: str, tensor: Bits) -> bool:
    """Return whether a tensor lies otherwise in a layout than if it is contiguous."""
    if not tensor.ndim or not tensor.size:
        return False
    # a slice leaves something out on either side of the last two axes
    if "sliced" in layout and tensor.ndim < 2:
        return False
    return applicable(layout, tensor, dims=tensor.ndim - 2)


def _operands(stack: Stack) -> Iterator[Bits]:
    """Yield each operand as the call has it: of all cases, or of the first of them."""
    rows, first = stack.inputs.reshape(len(stack), -1), 0
    for operand in stack.operands:
        yield _whole(stack, rows[:, first : first + operand.size], operand.shape)
        first += operand.size


def _whole(stack: Stack, rows: Bits, shape: tuple[int, ...]) -> Bits:
    cases = rows.reshape(len(stack), *shape)
    return _joined(cases) if stack.together and shape else cases[0]


def _joined(cases: Bits) -> Bits:
    """Put cases one behind the other along the batch; one alone may have no batch."""
    joined: Bits = cases[0] if len(cases) == 1 else cases.reshape(-1, *cases.shape[2:])
    return joined
