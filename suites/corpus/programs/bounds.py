"""Forms of operations between operands: bounds, the larger of two, signs and conditions.

Operands are of one shape, or broadcast along the first, the last or a new dimension, so that an
entry takes part in several outputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from suites.corpus.programs.form import SCALAR, Form, tensor

_PAIRS = (
    ("2,2", "first"),
    ("2x3,2x3", "further"),
    ("2x2,2x1", "further"),
    ("2x3,1x3", "further"),
    ("2x3,3", "further"),
    ("3,2x3", "further"),
    ("2x1,1x3", "further"),
    (f"3,{SCALAR}", "kinks"),
    (f"{SCALAR},{SCALAR}", "unbatched"),
    ("2x2x2,2x1x2", "further"),
    ("16,16", "wide"),
    ("4x8,8", "wide"),
    ("64,64", "wide"),
    ("65,1", "wide"),
    ("5x301,5x301", "large"),
    ("0x3,0x3", "empty"),
    ("2x2,2x2", "constant"),
)
"""Shapes of two operands that broadcast to one."""


def _together(shapes: str) -> bool:
    """Return whether all operands have the first dimension of the result."""
    operands = [shape.split("x") for shape in shapes.split(",") if shape]
    first = {(len(sizes), sizes[0]) for sizes in operands}
    return len(first) == 1 and SCALAR not in shapes


def _form(shapes: str, role: str, **more: Any) -> Form:
    return Form(shapes=shapes, role=role, together=_together(shapes), **more)


def pairs(**more: Any) -> tuple[Form, ...]:
    """Return the standard shapes of two operands."""
    return tuple(_form(shapes, role, **more) for shapes, role in _PAIRS)


def _conditions() -> Iterator[Form]:
    """Yield forms with a condition of the operands' shape, or one that broadcasts with them."""
    for shapes, role, tag, shape, flags in (
        ("2,2", "first", "both", "2", (True, False)),
        ("2,2", "kinks", "neither", "2", (False, False)),
        ("2x3,2x3", "further", "mixed", "2x3", (True, False, True, False, False, True)),
        ("2x3,2x3", "further", "row", "3", (True, False, True)),
        ("2x3,2x3", "further", "column", "2x1", (True, False)),
        ("2x3,3", "further", "mixed", "2x3", (True, True, False, False, False, True)),
        ("2x1,1x3", "further", "mixed", "2x3", (False, True, True, True, False, False)),
        ("3,3", "further", "rows", "2x3", (True, False, False, True, True, False)),
        (f"3,{SCALAR}", "further", "mixed", "3", (False, True, False)),
        (f"{SCALAR},{SCALAR}", "unbatched", "true", SCALAR, (True,)),
        ("2x2,2x2", "constant", "mixed", "2x2", (True, False, False, True)),
        ("16,16", "wide", "mixed", "16", (True, False) * 8),
        ("4x8,8", "wide", "column", "4x1", (True, False, False, True)),
        ("65,65", "wide", "mixed", "65", (True, False, False, True, False) * 13),
        ("6x250,6x250", "large", "column", "6x1", (True, False, False, True, False, True)),
        ("0x3,0x3", "empty", "row", "3", (True, False, True)),
    ):
        params = {"condition": tensor(shape, *flags)}
        yield Form(shapes=shapes, role=role, tag=tag, together=False, params=params)


_BOUNDED = (
    ("2x3", "further"),
    (SCALAR, "unbatched"),
    ("16", "wide"),
    ("64", "wide"),
    ("65", "wide"),
    ("3x701", "large"),
    ("0x3", "empty"),
    ("1x2x3", "repeated"),
    ("2x2", "constant"),
)
"""Shapes of what is between two numbers."""


def _numbers(*bounds: dict[str, float | None]) -> Iterator[Form]:
    """Yield the standard shapes of the first bounds, and one shape of each other."""
    first, *others = ((params, _cuts(params)) for params in bounds)
    yield _form("2", "first", params=first[0], cuts=first[1])
    for params, cuts in others:
        yield _form("2", "kinks", params=params, cuts=cuts)
    for shapes, role in _BOUNDED:
        yield _form(shapes, role, params=first[0], cuts=first[1])


def _cuts(params: dict[str, float | None]) -> tuple[float, ...]:
    return tuple(sorted({bound for bound in params.values() if bound is not None}))


def _tensors(absent: dict[str, None], *table: tuple[str, str]) -> Iterator[Form]:
    """Yield forms whose bounds are operands."""
    for shapes, role in table:
        yield _form(shapes, role, params=absent)


_BOTH = {"min": None, "max": None}
_ONE_BOUND = (
    ("2,2", "kinks"),
    ("2x3,2x3", "further"),
    ("2x3,3", "further"),
    ("2x3,2x1", "further"),
    ("2x2x2,2x1", "further"),
    (f"3,{SCALAR}", "further"),
    ("33,33", "wide"),
)

BOUNDS: dict[str, tuple[Form, ...]] = {
    "clamp": (
        *_numbers(
            {"min": -1.0, "max": 2.0},
            {"min": None, "max": 1.0},
            {"min": 0.0, "max": None},
            {"min": 2.0, "max": -1.0},
            {"min": 1.0, "max": 1.0},
        ),
        *_tensors(
            _BOTH,
            ("1,1,1", "kinks"),
            ("2,2,2", "further"),
            ("2x2,2x2", "further"),
            ("2x2,,2x2", "further"),
            ("2x3,3,1", "further"),
            ("2x2,1x2,2x1", "further"),
            ("2,2x1,2", "further"),
            (f"3,{SCALAR},{SCALAR}", "further"),
            ("33,33,33", "wide"),
        ),
    ),
    "clamp_min": (
        *_numbers({"min": 0.0}, {"min": 1.0}, {"min": -2.0}),
        *_tensors({"min": None}, *_ONE_BOUND),
    ),
    "clamp_max": (
        *_numbers({"max": 0.0}, {"max": 6.0}, {"max": -2.0}),
        *_tensors({"max": None}, *_ONE_BOUND),
    ),
    "maximum": pairs(),
    "minimum": pairs(),
    "fmax": pairs(),
    "fmin": pairs(),
    "copysign": pairs(cuts=(0.0,)),
    "where": tuple(_conditions()),
}
