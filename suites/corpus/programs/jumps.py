"""Forms of operations that jump; `cuts` are where, exact in every format."""

from __future__ import annotations

from dataclasses import replace

from suites.corpus.programs.bounds import pairs
from suites.corpus.programs.elementwise import unary
from suites.corpus.programs.form import Form

_WHOLE = (-1.0, 0.0, 2.0)


def _dividing() -> tuple[Form, ...]:
    """Return forms of quotients in both ways, the second in two shapes."""
    down, up = ({"rounding_mode": mode} for mode in ("trunc", "floor"))
    others = (replace(form, params=up) for form in pairs()[:4])
    return (*pairs(params=down), *(replace(form, role="further") for form in others))


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
    "fmod": pairs(),
    "remainder": pairs(),
    "div": _dividing(),
    "frexp": unary(({}, (-0.5, 0.0, 4.0))),
    "angle": unary(({}, (0.0,))),
}
