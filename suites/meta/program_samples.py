"""Small cases of every operation of `oracle.programs`, tied and not, for comparing both oracles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from suites.meta.cases import Number
from suites.meta.programs import HALF, Entries, Sample, of, of_two, spelled, tensor
from suites.meta.samples_rational import SAMPLES_RATIONAL

ROWS = ((0, 0), (1, 1, 1), (1, 2, 2), (2, 1, 2), (1, 1, 2, 2), (3, -1, 2), (0, "-0x0.0p+0", 1))
BLOCK = ((1, 2, 2, 1, 2, 0), 2, 3)


def _rows(**params: Any) -> list[Sample]:
    """Return rows by themselves, and a block along each dimension."""
    return [
        *(of(row, dim=0, **params) for row in ROWS),
        of(*BLOCK, dim=0, **params),
        of(*BLOCK, dim=1, **params),
    ]


def _reduced(*, everything: bool = True, **params: Any) -> list[Sample]:
    found = [*_rows(keepdim=False, **params), of(*BLOCK, dim=1, keepdim=True, **params)]
    return [*found, of(*BLOCK, dim=None, keepdim=False, **params)] if everything else found


def _of_either(**params: Any) -> list[Sample]:
    return [
        *_reduced(**params),
        of_two((1, 2, 0), (1, 1, 3), dim=None, keepdim=False, **params),
    ]


def _points(values: Entries, **params: Any) -> list[Sample]:
    """Return each number by itself, and all of them together."""
    return [*(of((value,), **params) for value in values), of(values, **params)]


def _quantiles(interpolation: str) -> Iterable[Sample]:
    shared = {"keepdim": False, "interpolation": interpolation}
    for q in (0, HALF / 2, HALF, 1):
        for row in ((1, 1), (1, 1, 2), (1, 2, 3), (1, 1, 2, 2)):
            yield of(row, q=spelled(q), dim=0, **shared)
    yield of((2, 1, 1), q=(spelled(HALF), spelled(HALF / 2)), dim=0, **shared)
    yield of((1, 1, 2, 3), 2, 2, q=spelled(HALF), dim=None, **shared)


def _scattered(include_self: bool, reduce: str) -> Iterable[Sample]:
    shared = {"reduce": reduce, "include_self": include_self, "dim": 0}
    for own, new in (((1, 1), (1, 1, 2)), ((2, 1), (2, 0, 1)), ((0, 0), (3, 3, 3))):
        yield of_two(own, new, "src", index=tensor((0, 0, 1)), **shared)
    block = {"input": ((2, 2), (1, 1, 0, 1)), "src": ((2, 2), (1, 1, 1, 0))}
    yield Sample({**shared, "dim": 1, "index": tensor((0, 0, 1, 0), 2, 2)}, block)


def _indexed(include_self: bool, reduce: str) -> Iterable[Sample]:
    shared = {"reduce": reduce, "include_self": include_self}
    for own, new in (((1, 1), (1, 1, 2)), ((2, 1), (2, 0, 1)), ((0, 0), (3, 3, 3))):
        yield of_two(own, new, "source", index=(0, 0, 1), dim=0, **shared)
    block = {"input": ((2, 2), (1, 1, 0, 1)), "source": ((2, 3), (1, 1, 1, 0, 0, 2))}
    yield Sample({**shared, "dim": 1, "index": (0, 1, 0)}, block)


def _segmented(reduce: str) -> Iterable[Sample]:
    for initial in (None, spelled(1)):
        shared = {"name": "data", "reduce": reduce, "initial": initial}
        yield of((1, 1, 1, 0, 2), lengths=(3, 0, 2), **shared)
        yield of((1, 2, 1, 2, 1, 1), 3, 2, lengths=(2, 1), **shared)


def _bag(data: Entries, rows: Sequence[int], offsets: Sequence[int]) -> Sample:
    params = {"input": tuple(rows), "offsets": tuple(offsets), "mode": "max"}
    return of(data, len(data) // 2, 2, name="weight", **params)


def _unpooled(dims: int) -> Iterable[Sample]:
    sizes = dict.fromkeys(("kernel_size", "stride"), (2,) * dims)
    yield of(
        (1, 1),
        *(1, 2, *(1,) * dims),
        **sizes,
        padding=(0,) * dims,
        output_size=(2,) * dims,
        indices=tensor((0, 1), 1, 2, *(1,) * dims),
    )


def _averaged(dims: int) -> Iterable[Sample]:
    more = {"divisor_override": None} if dims > 1 else {}
    size = 3 if dims < 3 else 2
    entries = [k % 3 for k in range(size**dims)]
    for padding, ceil_mode, counted in ((0, False, True), (1, False, False), (1, True, True)):
        sizes = {key: (n,) * dims for key, n in (("kernel_size", 2), ("stride", 2))}
        more |= {"padding": (padding,) * dims, "ceil_mode": ceil_mode}
        yield of(entries, 1, *(size,) * dims, **sizes, **more, count_include_pad=counted)
    if dims > 1:
        more["divisor_override"] = 3
        yield of(entries, 1, *(size,) * dims, **sizes, **more, count_include_pad=True)


def _adaptive(dims: int) -> Iterable[Sample]:
    entries = [k % 3 for k in range(3**dims)]
    for count in (1, 2):
        yield of(entries, 1, *(3,) * dims, output_size=(count,) * dims)


def _clamped(**bounds: Sequence[Number] | Fraction | int | None) -> Sample:
    """Return a clamp of 0, 1 and 2: bounds are numbers, tensors, or missing."""
    fixed = {k: None if b is None else spelled(b) for k, b in bounds.items() if not _listed(b)}
    operands = {k: ((len(b),), b) for k, b in bounds.items() if _listed(b)}
    params = {**dict.fromkeys(operands), **fixed}
    return Sample(params, {"input": ((3,), (0, 1, 2)), **operands})


def _listed(bound: object) -> bool:
    return isinstance(bound, tuple)


_LOWER = ({"min": 1}, {"min": (1,)}, {"min": (1, 1, 2)}, {"min": (0, 1, 2)})
_BOTH = (
    {"min": 0, "max": 1},
    {"min": 1, "max": 1},
    {"min": 2, "max": 1},
    {"min": (1,), "max": (1,)},
    {"min": (0, 1, 2), "max": (0, 2, 1)},
    {"min": (0, 1, 1), "max": 1},
    {"min": 1, "max": (1, 1, 1)},
    {"min": None, "max": (0, 1, 3)},
)
_PAIRS = [
    of_two((0,), (0,)),
    of_two((1, 2, 3), (1, 3, 2)),
    of_two((1, 1, 2), (1,)),
    Sample({}, {"input": ((2, 1), (1, 0)), "other": ((2,), (0, 1))}),
]
_QUOTIENTS = [
    of_two((2,), (1,)),
    of_two((0, 1, -3), (1, 2, 2)),
    of_two((5, -7), (-2,)),
    Sample({}, {"input": ((2, 1), (3, 5)), "other": ((2,), (2, 7))}),
]
_KINKS = (-2, -1, -HALF, 0, "-0x0.0p+0", HALF, 1, 2)
_BIG_KINKS = (-3, -2, 0, 3, 4, 6, 7)
_WORDS = ("linear", "lower", "higher", "midpoint", "nearest")
_REDUCES = [(own, reduce) for own in (True, False) for reduce in ("amax", "amin")]

SAMPLES: dict[str, list[Sample]] = {
    **{
        op: [
            *(of(row, dim=(0,), keepdim=False) for row in ROWS),
            of(*BLOCK, dim=(0, 1), keepdim=True),
        ]
        for op in ("amax", "amin")
    },
    **dict.fromkeys(("aminmax", "median", "nanmedian"), _reduced()),
    **dict.fromkeys(("max", "min"), _of_either()),
    "mode": _reduced(everything=False),
    "kthvalue": [s for k in (1, 2) for s in _reduced(everything=False, k=k)],
    "topk": [
        s for k in (1, 2) for up in (True, False) for s in _rows(k=k, largest=up, sorted=True)
    ],
    "sort": [s for down in (True, False) for s in _rows(descending=down, stable=True)],
    "msort": [*(of(row) for row in ROWS), of(*BLOCK)],
    **dict.fromkeys(("cummax", "cummin"), _rows()),
    **{op: [s for word in _WORDS for s in _quantiles(word)] for op in ("quantile", "nanquantile")},
    "scatter_reduce": [s for way in _REDUCES for s in _scattered(*way)],
    "index_reduce": [s for way in _REDUCES for s in _indexed(*way)],
    "segment_reduce": [s for reduce in ("max", "min") for s in _segmented(reduce)],
    "embedding_bag": [
        _bag((1, 0, 1, 2), (0, 1), (0,)),
        _bag((1, 0, 1, 2, 1, 2), (0, 1, 1, 2, 0), (0, 2, 2)),
    ],
    **{f"max_unpool{dims}d": list(_unpooled(dims)) for dims in (1, 2, 3)},
    **{op: _points(_KINKS) for op in ("abs", "relu", "relu6", "hardsigmoid", "hardswish")},
    "nan_to_num": _points(_KINKS, **dict.fromkeys(("nan", "posinf", "neginf"), spelled(0))),
    "leaky_relu": [
        s
        for slope in (HALF, -2, 0, 1, 0.01)
        for s in _points(_KINKS, negative_slope=spelled(slope))
    ],
    "rrelu": _points(_KINKS, lower=spelled(HALF / 2), upper=spelled(HALF)),
    "prelu": [of_two((-1, 0, 2), (w,), "weight") for w in (HALF / 2, 0, 1, -1, Fraction(1, 3))]
    + [Sample({}, {"input": ((2, 2), (0, 0, -3, -1)), "weight": ((2,), (0, HALF))})],
    "hardtanh": [
        *_points(_KINKS, min_val=spelled(-1), max_val=spelled(1)),
        *_points((0, 1, 2), min_val=spelled(1), max_val=spelled(1)),
    ],
    "hardshrink": [s for w in (HALF, 0, -1) for s in _points(_KINKS, lambd=spelled(w))],
    "softshrink": [s for w in (HALF, 0) for s in _points(_KINKS, lambd=spelled(w))],
    "threshold": [
        s
        for at, value in ((1, 1), (1, 0), (0, 0), (-1, 3))
        for s in _points(_KINKS, threshold=spelled(at), value=spelled(value))
    ],
    **{
        op: [s for a in (1, HALF, -1, 0.7) for s in _points((0, 1, "-0x0.0p+0"), alpha=spelled(a))]
        for op in ("elu", "celu")
    },
    "selu": _points((0, 1, "-0x0.0p+0")),
    "clamp": [_clamped(**{"min": None, "max": None, **bounds}) for bounds in (*_LOWER, *_BOTH)],
    "clamp_min": [_clamped(**bounds) for bounds in _LOWER],
    "clamp_max": [_clamped(max=bounds["min"]) for bounds in _LOWER],
    **dict.fromkeys(("maximum", "minimum", "fmax", "fmin"), _PAIRS),
    "copysign": [*_PAIRS, of_two((0, 1, -2, 0), (0, -1, 3, -2)), of_two((1,), ("-0x0.0p+0",))],
    **{op: _points(_KINKS) for op in ("sign", "sgn", "floor", "ceil", "trunc", "frac", "angle")},
    "round": [s for d in (0, 1, -1) for s in _points((-5, *_KINKS, 5), decimals=d)],
    "frexp": _points((-2, -1, HALF, 3, Fraction(3, 8))),
    **dict.fromkeys(("fmod", "remainder"), _QUOTIENTS),
    "div": [
        sample._replace(params={"rounding_mode": mode})
        for mode in ("trunc", "floor")
        for sample in _QUOTIENTS
    ],
    "where": [
        of_two((1, 1), (1, 0), condition=tensor((True, False))),
        of_two((1, 1), (1,), condition=tensor((True, False, False, True), 2, 2)),
    ],
    **{f"avg_pool{dims}d": list(_averaged(dims)) for dims in (1, 2, 3)},
    **{f"adaptive_avg_pool{dims}d": list(_adaptive(dims)) for dims in (1, 2, 3)},
    **SAMPLES_RATIONAL,
}
"""Name -> samples; every operation of the catalogue must have some."""
for _op in ("relu6", "hardsigmoid", "hardswish"):
    SAMPLES[_op] = [*SAMPLES[_op], *_points(_BIG_KINKS)]
