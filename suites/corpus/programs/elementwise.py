"""Forms of operations of one operand whose entries each decide on their piece, and of `prelu`.

`cuts` are where the pieces meet: exact in every format, so that each format has numbers there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from suites.corpus.programs.form import SCALAR, Form

_WIDTHS = ("16", "4x8", "64", "65")

Variant = tuple[Mapping[str, Any], tuple[float, ...]]
"""Parameters, and the thresholds that they make."""


def unary(*variants: Variant, **more: Any) -> tuple[Form, ...]:
    """Return the standard shapes of the first variant, and two shapes of each other."""
    return tuple(replace(form, **more) for form in _forms(*variants))


def _forms(first: Variant, *others: Variant) -> Iterator[Form]:
    params, cuts = first
    # the lattice of two thresholds has six values for each entry
    yield _form("3" if len(cuts) < 2 else "2", "first", first)
    for shapes in ("2x3", "2x1x3", "4"):
        yield _form(shapes, "further", first)
    for variant in others:
        yield _form("2", "kinks", variant)
        yield _form("1x3", "further", variant)
    yield _form(SCALAR, "unbatched", first)
    yield Form(shapes="1x2x3", role="repeated", cuts=cuts, params=params)
    yield Form(shapes="2x2", role="constant", cuts=cuts, params=params)
    for width in _WIDTHS:
        yield _form(width, "wide", first)
    yield _form("3x701", "large", first)
    yield _form("0x3", "empty", first)


def _form(shapes: str, role: str, variant: Variant) -> Form:
    params, cuts = variant
    return Form(shapes=shapes, role=role, cuts=cuts, together=shapes != SCALAR, params=params)


def _slopes(*values: float) -> Iterator[Variant]:
    return (({"negative_slope": value}, (0.0,)) for value in values)


def _widths(*values: float) -> Iterator[Variant]:
    """Yield the parameters of a shrinkage; without a width it has no threshold."""
    return (({"lambd": value}, (-value, value) if value > 0 else (0.0,)) for value in values)


def _alphas(*values: float) -> Iterator[Variant]:
    return (({"alpha": value}, (0.0,)) for value in values)


def _between(*bounds: tuple[float, float]) -> Iterator[Variant]:
    keys = ("min_val", "max_val")
    return ((dict(zip(keys, pair, strict=True)), tuple(sorted(set(pair)))) for pair in bounds)


def _prelu() -> Iterator[Form]:
    """Yield forms with one weight for all channels and with one for each."""
    for shapes, role in (
        ("3,1", "first"),
        ("1x2,2", "kinks"),
        ("2x1,1", "kinks"),
        ("2x3,3", "further"),
        ("2x3,1", "further"),
        ("2x2x2,2", "further"),
        ("1x2x1x2,2", "further"),
        ("2x3x2,1", "further"),
        ("16,1", "wide"),
        ("2x33,33", "wide"),
        ("1x1x65,1", "wide"),
        ("2x3x350,3", "large"),
        ("0x3,3", "empty"),
    ):
        yield Form(shapes=shapes, role=role, cuts=(0.0,), together=False)
    yield Form(shapes="2x2,2", role="constant", cuts=(0.0,), together=False)


_NONE: Mapping[str, Any] = {}
_REPLACING = ("nan", "posinf", "neginf")

ELEMENTWISE: dict[str, tuple[Form, ...]] = {
    "abs": unary((_NONE, (0.0,))),
    "relu": unary((_NONE, (0.0,))),
    "relu6": unary((_NONE, (0.0, 6.0))),
    "leaky_relu": unary(*_slopes(0.01, 0.0, 1.0, 2.0, -0.5)),
    "rrelu": unary(
        *(
            ({"lower": lower, "upper": upper}, (0.0,))
            for lower, upper in ((0.125, 1 / 3), (0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (-0.5, 0.25))
        )
    ),
    "prelu": tuple(_prelu()),
    "hardtanh": unary(*_between((-1.0, 1.0), (0.0, 6.0), (-2.0, 0.5), (1.0, 1.0))),
    "hardsigmoid": unary((_NONE, (-3.0, 3.0))),
    "hardswish": unary((_NONE, (-3.0, 3.0))),
    "hardshrink": unary(*_widths(0.5, 2.0, 0.0, -1.0)),
    "softshrink": unary(*_widths(0.5, 2.0, 0.0)),
    "threshold": unary(
        *(
            ({"threshold": at, "value": value}, (at,))
            for at, value in ((0.0, 0.0), (0.5, 20.0), (1.0, 1.0), (-2.0, 0.0), (0.0, -1.0))
        )
    ),
    "elu": unary(*_alphas(0.5, 1.0, 2.0, 0.0, -1.0), nonnegative=True),
    "celu": unary(*_alphas(1.0, 0.5, 2.0, -1.0), nonnegative=True),
    "selu": unary((_NONE, (0.0,)), nonnegative=True),
    "nan_to_num": unary(
        *(
            (dict(zip(_REPLACING, values, strict=True)), ())
            for values in ((0.0, 1024.0, -1024.0), (1.0, 0.0, 0.0), (-2.0, 8.0, 4.0))
        )
    ),
}
