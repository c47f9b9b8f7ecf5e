"""Operations that are piecewise programs: reductions, indexed, entry by entry, jumps, averages."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.catalogue import calls
from oracle.catalogue.calls import Spelling, plain
from oracle.catalogue.entry import Convention, Entry
from oracle.catalogue.pooling import MINIMUM_NORM
from oracle.formats import FORMATS

_LAYOUTS = ("channels-last", "transposed", "sliced", "expanded")
_DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."

_EVEN = Convention(
    rule="even-split",
    quote=(
        "Both amax/amin evenly distribute gradients between equal values when there are multiple "
        "input elements with the same minimum or maximum value."
    ),
    source=f"{_DOCS}amax.html",
)
_FIRST_OR_EVEN = Convention(
    rule=None,
    quote=(
        "If reduce over all dimensions(no dim specified), gradients evenly distribute between "
        "equally max/min values. [...] If there are multiple maximal values in a reduced row then "
        "the indices of the first maximal value are returned."
    ),
    source=f"{_DOCS}max.html",
)
_SUBGRADIENT = Convention(
    rule=None,
    quote="This function produces deterministic (sub)gradients unlike median(dim=0)",
    source=f"{_DOCS}median.html",
)
_UNSTABLE = Convention(
    rule=None,
    quote=(
        "When using torch.topk, the indices of tied elements are not guaranteed to be stable and "
        "may vary across different invocations."
    ),
    source=f"{_DOCS}topk.html",
)
_STABLE = Convention(
    rule=None,
    quote=(
        "If stable is True then the sorting routine becomes stable, preserving the order of "
        "equivalent elements."
    ),
    source=f"{_DOCS}sort.html",
)
_NOTHING = Convention(
    rule=None,
    quote="",
    source="https://docs.pytorch.org/docs/stable/notes/autograd.html",
)

_REDUCTIONS: Mapping[str, tuple[Spelling, Convention]] = {
    "amax": (plain("dim"), _EVEN),
    "amin": (plain("dim"), _EVEN),
    "aminmax": (calls.stacked, MINIMUM_NORM),
    "max": (calls.reducing, _FIRST_OR_EVEN),
    "min": (calls.reducing, _FIRST_OR_EVEN),
    "median": (calls.reducing, _SUBGRADIENT),
    "nanmedian": (calls.reducing, _NOTHING),
    "mode": (plain("dim", index="[0]"), _NOTHING),
    "kthvalue": (plain("k", "dim", index="[0]"), _NOTHING),
    "topk": (calls.largest, _UNSTABLE),
    "sort": (plain(index="[0]"), _STABLE),
    "msort": (plain(), _NOTHING),
    "cummax": (plain("dim", index="[0]"), MINIMUM_NORM),
    "cummin": (plain("dim", index="[0]"), MINIMUM_NORM),
    "quantile": (calls.quantiles, _NOTHING),
    "nanquantile": (calls.quantiles, _NOTHING),
}
_INDEXED: Mapping[str, tuple[Spelling, Convention]] = {
    "scatter_reduce": (calls.collecting("src"), MINIMUM_NORM),
    "index_reduce": (calls.collecting("source"), MINIMUM_NORM),
    "segment_reduce": (calls.segments, MINIMUM_NORM),
    "embedding_bag": (calls.bags, MINIMUM_NORM),
    **{
        f"max_unpool{dims}d": (
            plain("indices", "kernel_size", "stride", "padding", "output_size"),
            _NOTHING,
        )
        for dims in (1, 2, 3)
    },
}
_ELEMENTWISE: Mapping[str, tuple[Spelling, Convention]] = {
    "abs": (plain(), MINIMUM_NORM),
    "relu": (plain(), MINIMUM_NORM),
    "relu6": (plain(), MINIMUM_NORM),
    "leaky_relu": (plain("negative_slope"), MINIMUM_NORM),
    "rrelu": (plain("lower", "upper", fixed="training=False"), MINIMUM_NORM),
    "prelu": (plain(), _NOTHING),
    "hardtanh": (plain("min_val", "max_val"), MINIMUM_NORM),
    "hardsigmoid": (plain(), MINIMUM_NORM),
    "hardswish": (plain(), _NOTHING),
    "hardshrink": (plain("lambd"), _NOTHING),
    "softshrink": (plain("lambd"), MINIMUM_NORM),
    "threshold": (plain("threshold", "value"), _NOTHING),
    "elu": (plain("alpha"), _NOTHING),
    "celu": (plain("alpha"), _NOTHING),
    "selu": (plain(), _NOTHING),
    "clamp": (calls.clamping, MINIMUM_NORM),
    "clamp_min": (calls.clamping, MINIMUM_NORM),
    "clamp_max": (calls.clamping, MINIMUM_NORM),
    "maximum": (plain(), MINIMUM_NORM),
    "minimum": (plain(), MINIMUM_NORM),
    "fmax": (plain(), MINIMUM_NORM),
    "fmin": (plain(), MINIMUM_NORM),
    "nan_to_num": (plain(), _NOTHING),
    "copysign": (plain(), _NOTHING),
    "where": (calls.choosing, _NOTHING),
}
_JUMPS: Mapping[str, tuple[Spelling, Convention]] = {
    "sign": (plain(), _NOTHING),
    "sgn": (plain(), _NOTHING),
    "floor": (plain(), _NOTHING),
    "ceil": (plain(), _NOTHING),
    "trunc": (plain(), _NOTHING),
    "round": (plain(), _NOTHING),
    "frac": (plain(), _NOTHING),
    "fmod": (plain(), _NOTHING),
    "remainder": (plain(), _NOTHING),
    "div": (plain(), _NOTHING),
    "frexp": (plain(index="[0]"), _NOTHING),
    "angle": (plain(), _NOTHING),
}
_AVERAGES: Mapping[str, tuple[Spelling, Convention]] = {
    **{
        f"avg_pool{dims}d": (plain("kernel_size", "stride", "padding"), _NOTHING)
        for dims in (1, 2, 3)
    },
    **{f"adaptive_avg_pool{dims}d": (plain("output_size"), _NOTHING) for dims in (1, 2, 3)},
}

_FAMILIES = {
    "reductions": _REDUCTIONS,
    "indexed": _INDEXED,
    "elementwise": _ELEMENTWISE,
    "jumps": _JUMPS,
    "averages": _AVERAGES,
}

# The functions that the framework has in `torch.nn.functional` alone.
_FUNCTIONAL = frozenset(
    (
        *("relu", "relu6", "leaky_relu", "rrelu", "prelu", "hardtanh", "hardsigmoid", "hardswish"),
        *("hardshrink", "softshrink", "threshold", "elu", "celu", "selu", "embedding_bag"),
        *(f"{name}{dims}d" for name in ("max_unpool", "avg_pool") for dims in (1, 2, 3)),
        *(f"adaptive_avg_pool{dims}d" for dims in (1, 2, 3)),
    )
)

# Operations whose backward pass adds several contributions to one place, as far as the framework's
# source tells: on CUDA with atomics.
_CUDA_ATOMICS = frozenset(
    (
        *("max", "min", "median", "nanmedian", "mode", "kthvalue", "topk", "sort", "msort"),
        *("cummax", "cummin", "quantile", "nanquantile", "embedding_bag", "segment_reduce"),
        *("scatter_reduce", "index_reduce", "avg_pool3d", "adaptive_avg_pool2d"),
        *("avg_pool2d", "adaptive_avg_pool3d"),
    )
)


def _entry(name: str, family: str, spelling: Spelling, convention: Convention) -> Entry:
    where = "torch.nn.functional" if name in _FUNCTIONAL else "torch"
    return Entry(
        name=name,
        family=family,
        function=f"{where}.{name}",
        formats=tuple(FORMATS),
        layouts=_LAYOUTS,
        convention=convention,
        cuda_atomics=name in _CUDA_ATOMICS,
        spelling=spelling,
        inplace=_inplace(name),
    )


def _inplace(name: str) -> str:
    """Return how the operation is asked to overwrite its input; "" where it can't."""
    if name in ("relu", "relu6", "leaky_relu", "rrelu", "hardtanh", "hardsigmoid", "hardswish"):
        return "argument"
    if name in ("threshold", "elu", "celu", "selu"):
        return "argument"
    if name in ("abs", "clamp", "clamp_min", "clamp_max", "nan_to_num", "copysign"):
        return "method"
    if name in _JUMPS.keys() - {"frexp", "angle"}:
        return "method"
    return "method" if name in ("scatter_reduce", "index_reduce") else ""


PROGRAM_ENTRIES = tuple(
    _entry(name, family, spelling, convention)
    for family, entries in _FAMILIES.items()
    for name, (spelling, convention) in entries.items()
)
