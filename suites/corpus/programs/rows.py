"""Forms of operations along dimensions: reductions, ranks, running extremes, quantiles.

Of each there are rows of even and odd length, a dimension that is the last, the first or between
others, everything at once where that is a form of its own, and rows around the widths of vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from suites.corpus.programs.form import SCALAR, Form

_WIDTHS = ("1x16", "2x32", "1x64", "1x65")


def _form(shapes: str, role: str = "further", **params: Any) -> Form:
    """Return a form of one operand, whose cases cannot be stacked where the first one is taken.

    `stacked` says that outputs stand behind each other in a new dimension in front.
    """
    dim, rank = params.get("dim", 0), 0 if shapes == SCALAR else shapes.count("x") + 1
    taken = {dim} if isinstance(dim, int) else set(dim or range(rank))
    stacked = {params.pop("stacked", False), isinstance(params.get("q"), tuple)}
    return Form(
        shapes=shapes,
        role=role,
        levels=params.pop("levels", (5, 17, 60)),
        together=not (taken & {0, -rank} or rank == 0 or True in stacked),
        params=params,
    )


def _standard(**params: Any) -> Iterator[Form]:
    """Yield the forms along one dimension that every operation has."""
    yield _form("1x4", "first", dim=1, **params)
    yield _form("2x3", dim=1, **params)
    yield _form("3x2", dim=0, **params)
    yield _form("2x3x2", dim=1, **params)
    yield _form("5", dim=0, **params)
    yield _form("3x1", dim=-1, **params)
    yield _form("1x2x3", "repeated", dim=2, **params)
    yield _form("2x2", "constant", dim=1, **params)
    yield from (_form(width, "wide", dim=1, **params) for width in _WIDTHS)
    yield _form("3x400", "large", dim=1, **{**params, "levels": (120,)})
    yield _form("0x3", "empty", dim=1, **params)


def _ordering(**params: Any) -> Iterator[Form]:
    """Yield the forms of an operation that has an output for each entry: its rows stay short."""
    for form in _standard(levels=(120,), **params):
        large = form.role == "large"
        yield _form("700x3", "large", levels=(3,), dim=1, **params) if large else form


def _extreme(**more: Any) -> tuple[Form, ...]:
    """Return the forms of `amax` and `amin`: over one, several or no named dimensions."""
    return (
        _form("1x4", "first", dim=(1,), keepdim=False),
        _form("2x3", dim=(1,), keepdim=True),
        _form("3x2", dim=(0,), keepdim=False),
        _form("3x2", dim=(0,), keepdim=True),
        _form("2x3x2", dim=(1,), keepdim=False),
        _form("2x2x2", dim=(1, 2), keepdim=False),
        _form("2x2x2", dim=(-1, -2), keepdim=True),
        _form("2x2x2", dim=(0, 2), keepdim=False),
        _form("2x2", dim=(), keepdim=False),
        _form("2x2", dim=(), keepdim=True),
        _form("5", dim=(0,), keepdim=False),
        _form("3x1", dim=(1,), keepdim=False),
        _form(SCALAR, "unbatched", dim=(), keepdim=False),
        _form("1x2x3", "repeated", dim=(2,), keepdim=False),
        _form("2x2", "constant", dim=(1,), keepdim=False),
        *(_form(width, "wide", dim=(1,), keepdim=False) for width in _WIDTHS),
        _form("3x1400", "large", dim=(1,), keepdim=False),
        _form("0x3", "empty", dim=(1,), keepdim=False, **more),
    )


def _everything_or_dim(**more: Any) -> tuple[Form, ...]:
    """Return the forms of an operation of everything, or along one dimension."""
    return (
        *_standard(keepdim=False, **more),
        _form("2x4", dim=1, keepdim=True, **more),
        _form("3x2", dim=0, keepdim=True, **more),
        _form("2x2", dim=None, keepdim=False, **more),
        _form("5", dim=None, keepdim=False, **more),
        _form("2x3x1", dim=None, keepdim=False, **more),
        _form(SCALAR, "unbatched", dim=None, keepdim=False, **more),
    )


def _of_two() -> tuple[Form, ...]:
    """Return the third form of `max` and `min`."""
    two = {"dim": None, "keepdim": False}
    return (
        Form(shapes="2,2", role="kinks", params=two),
        Form(shapes="2x3,2x3", role="further", params=two),
        Form(shapes=f"{SCALAR},{SCALAR}", role="unbatched", together=False, params=two),
        Form(shapes="17,17", role="wide", params=two),
    )


def _quantiles() -> tuple[Form, ...]:
    """Return the forms of `quantile`: a rank that is whole, half way, or another fraction."""
    ways = ("linear", "lower", "higher", "midpoint", "nearest")
    row: dict[str, Any] = {"dim": 1, "keepdim": False}
    return (
        _form("1x3", "first", q=0.5, **row, interpolation="linear"),
        *(_form("1x4", q=0.5, **row, interpolation=way) for way in ways),
        *(_form("2x3", q=0.375, **row, interpolation=way) for way in ways),
        _form("2x4", q=0.25, dim=1, keepdim=True, interpolation="linear"),
        _form("1x5", q=0.75, **row, interpolation="linear"),
        _form("1x5", q=0.625, **row, interpolation="midpoint"),
        _form("3x2", q=0.75, dim=0, keepdim=False, interpolation="linear"),
        _form("2x2", q=0.0, **row, interpolation="linear"),
        _form("2x2", q=1.0, **row, interpolation="linear"),
        _form("1x3", q=(0.25, 1.0), **row, interpolation="linear"),
        _form("2x2", q=(0.0, 0.5), **row, interpolation="lower"),
        _form("2x2", q=0.5, dim=None, keepdim=False, interpolation="linear"),
        _form("1x2x3", "repeated", q=0.25, dim=2, keepdim=False, interpolation="linear"),
        _form("2x3", "constant", q=0.5, **row, interpolation="linear"),
        *(
            _form(width, "wide", levels=(60, 120), q=0.5, **row, interpolation="linear")
            for width in _WIDTHS
        ),
        _form("3x700", "large", levels=(120,), q=0.25, **row, interpolation="linear"),
    )


_KEPT: dict[str, Any] = {"keepdim": True}
_DROPPED: dict[str, Any] = {"keepdim": False}

ROWS: dict[str, tuple[Form, ...]] = {
    "amax": _extreme(),
    "amin": _extreme(),
    "aminmax": _everything_or_dim(stacked=True),
    "max": (*_everything_or_dim(), *_of_two()),
    "min": (*_everything_or_dim(), *_of_two()),
    "median": _everything_or_dim(),
    "nanmedian": _everything_or_dim(),
    "mode": (*_standard(**_DROPPED), *(_form("2x5", dim=1, **_KEPT), _form("2x2", dim=1, **_KEPT))),
    "kthvalue": (
        *_standard(k=1, **_DROPPED),
        _form("1x4", "kinks", k=2, dim=1, **_DROPPED),
        _form("1x4", "kinks", k=4, dim=1, **_DROPPED),
        _form("2x5", k=3, dim=1, **_KEPT),
        _form("3x2", k=3, dim=0, **_DROPPED),
        _form("1x65", "wide", k=33, dim=1, **_DROPPED),
    ),
    "topk": (
        *_ordering(k=1, largest=True, sorted=True),
        *(
            _form("1x4", "further", k=3, dim=1, largest=largest, sorted=order)
            for largest in (True, False)
            for order in (True, False)
        ),
        _form("1x3", "kinks", k=3, dim=1, largest=True, sorted=True),
        _form("3x2", k=2, dim=0, largest=False, sorted=True),
        _form("1x33", "wide", levels=(120,), k=5, dim=1, largest=False, sorted=True),
    ),
    "sort": (
        *_ordering(descending=False, stable=True),
        _form("1x4", dim=1, descending=True, stable=True),
        _form("2x3", dim=1, descending=False, stable=False),
        _form("1x4", dim=1, descending=True, stable=False),
        _form("3x2", dim=0, descending=True, stable=True),
        _form("1x33", "wide", levels=(120,), dim=1, descending=True, stable=False),
    ),
    "msort": (
        _form("4", "first"),
        _form("3x2"),
        _form("2x2x2"),
        _form("5"),
        _form("1x3"),
        _form("3x1x2", "repeated"),
        _form("3x2", "constant"),
        *(_form(width, "wide", levels=(120,)) for width in ("16", "32x2", "64", "65")),
        _form("3x700", "large", levels=(3,)),
        _form("3x0", "empty"),
    ),
    "cummax": (*_ordering(), _form("2x5", dim=-1)),
    "cummin": (*_ordering(), _form("2x5", dim=-1)),
    "quantile": _quantiles(),
    "nanquantile": _quantiles(),
}
