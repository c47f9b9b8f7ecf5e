"""Forms of operations that jump; `cuts` are where, exact in every format."""

from __future__ import annotations

from dataclasses import replace

from suites.corpus.programs.bounds import pairs
from suites.corpus.programs.elementwise import unary
from suites.corpus.programs.form import Form

_WHOLE = (-1.0, 0.0, 2.0)


def _dividing(**params: str) -> tuple[Form, ...]:
    """Return forms whose quotients are whole and are not: most operands are near 2 or 6.

    The first has one entry of each operand, so that every combination is a case. One ulp above 6
    over one ulp above 2 is less than 3, and rounded it is 3.
    """
    first, *others = pairs(cuts=(2.0, 6.0), params=params)
    return (replace(first, shapes="1,1"), *others)


def _quotients() -> tuple[Form, ...]:
    """Return forms of quotients in both ways, the second in four shapes."""
    down, up = (_dividing(rounding_mode=mode) for mode in ("trunc", "floor"))
    return (*down, *(replace(form, role="further") for form in up[:4]))


JUMPS: dict[str, tuple[Form, ...]] = {
    "sign": unary(({}, (0.0,))),
    "sgn": unary(({}, (0.0,))),
    "floor": unary(({}, _WHOLE)),
    "ceil": unary(({}, _WHOLE)),
    "trunc": unary(({}, _WHOLE)),
    "round": unary(
        ({"decimals": 0}, (-0.5, 0.5, 1.5)),
        ({"decimals": 1}, (0.25, 1.75)),
        ({"decimals": -1}, (-5.0, 15.0)),
    ),
    "frac": unary(({}, _WHOLE)),
    "fmod": _dividing(),
    "remainder": _dividing(),
    "div": _quotients(),
    "frexp": unary(({}, (-0.5, 0.0, 4.0))),
    "angle": unary(({}, (0.0,))),
}
