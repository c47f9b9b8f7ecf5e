"""From the call of a sample input to the arguments by name, as the framework binds them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.catalogue import CATALOGUE
from oracle.programs import PROGRAMS
from suites.frameworks.drawn import Sample

ANY = "any value"
"""The default of an argument that changes neither the output nor the gradient."""


class NotACaseError(ValueError):
    """A sample that no case of ours says; the text is the reason."""


def refused(error: ValueError) -> NotACaseError:
    """Return what is said where a definition refuses a call, long numbers left out."""
    return NotACaseError(f"refused: {_LONG.sub('…', str(error))}")


_LONG = re.compile(r"-?\d{5,}(/\d+)?")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function of the framework takes.

    Attributes:
        names: All its arguments, in the order of their positions.
        defaults: Argument -> its default, of those that have one.
    """

    names: Sequence[str]
    defaults: Mapping[str, object]

    def bound(self, sample: Sample) -> dict[str, Any]:
        """Return all arguments of a call by name.

        Raises:
            NotACaseError: The function takes others.
        """
        if len(sample.arguments) > len(self.names):
            msg = f"{len(sample.arguments)} arguments by position, expected {len(self.names)}"
            raise NotACaseError(msg)
        given = dict(zip(self.names, sample.arguments, strict=False))
        unknown = [key for key in sample.options if key in given or key not in self.names]
        if unknown:
            msg = f"the argument {unknown[0]}, which the definition does not have"
            raise NotACaseError(msg)
        found = {**self.defaults, **given, **sample.options}
        missing = [name for name in self.names if name not in found]
        if missing:
            msg = f"{missing[0]} is not given, and its default is not known"
            raise NotACaseError(msg)
        return found


def arguments(*required: str, **defaults: object) -> Arguments:
    """Return the arguments of a function: those without a default, then those with one."""
    return Arguments((*required, *defaults), defaults)


def bound(operator: str, op: str, sample: Sample) -> dict[str, Any]:
    """Return the arguments of a sample by name, those of the definition and no others.

    Args:
        operator: The operator of the framework's database.
        op: The operation that covers it.
        sample: Its call.

    Raises:
        NotACaseError: The call has an argument that the definition does not have.
    """
    if operator in _OTHERWISE:
        raise NotACaseError(_OTHERWISE[operator])
    takes = _OF_OPERATOR.get(operator) or _OF_OPERATION.get(op) or _as_defined(op)
    found = takes.bound(sample)
    known = _defined(op)
    for name, value in found.items():
        default = takes.defaults.get(name)
        if name in known or name in _REWRITTEN.get(op, ()) or default is ANY or value == default:
            continue
        msg = f"the argument {name}, which the definition does not have"
        raise NotACaseError(msg)
    return found


def _defined(op: str) -> Sequence[str]:
    """Return operands and parameters of a definition."""
    if op in PROGRAMS:
        return (*PROGRAMS[op].operands, *PROGRAMS[op].checks)
    return ("input", *CATALOGUE[op].parameters)


def _as_defined(op: str) -> Arguments:
    return arguments(*dict.fromkeys(_defined(op)))


_ALONG = {"dim": None, "keepdim": False}
_MASKED = arguments("input", dim=(), keepdim=False, dtype=None, mask=None)
_EXTREME = arguments("input", dim=(), keepdim=False)
_SELECTING = arguments("input", **_ALONG)
_OF_TWO = arguments("input", "other", **_ALONG)
_QUANTILE = arguments("input", "q", **_ALONG, interpolation="linear")
_SLIDING = arguments(
    "input",
    "kernel_size",
    stride=None,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=ANY,
)
_ADAPTIVE = arguments("input", "output_size", return_indices=ANY)
_AVERAGE = {"stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True}
_UNPOOLING = arguments("input", "indices", "kernel_size", stride=None, padding=0, output_size=None)

_OF_OPERATOR = {
    "masked.amax": _MASKED,
    "masked.amin": _MASKED,
    "masked.median": arguments("input", dim=-1, keepdim=False, dtype=None, mask=None),
    "max.binary": _OF_TWO,
    "min.binary": _OF_TWO,
    "__rmod__": arguments("other", "input"),
    "grid_sampler_2d": arguments("input", "grid", "mode", "padding_mode", "align_corners"),
    "grid_sampler_3d": arguments("input", "grid", "mode", "padding_mode", "align_corners"),
    "linalg.lu_factor_ex": arguments("A", pivot=True, check_errors=ANY),
    "lu": arguments("A", pivot=True, get_infos=ANY),
}
"""Operators that are called in another way than the operation that covers them."""

_OTHERWISE = {
    "linalg.lu": "the operator returns its factors apart",
    "max_pool2d_with_indices_backward": "the operator is a backward pass, and so is its output",
    "nn.functional.fractional_max_pool2d": "the operator draws the places of its windows itself",
    "nn.functional.fractional_max_pool3d": "the operator draws the places of its windows itself",
}
"""Operators whose calls are no cases, and why."""

_OF_OPERATION = {
    **dict.fromkeys(("amax", "amin"), _EXTREME),
    **dict.fromkeys(("aminmax", "max", "min", "median", "nanmedian"), _SELECTING),
    "mode": arguments("input", dim=-1, keepdim=False),
    "kthvalue": arguments("input", "k", dim=-1, keepdim=False),
    "topk": arguments("input", "k", dim=-1, largest=True, sorted=True),
    "sort": arguments("input", dim=-1, descending=False, stable=False),
    **dict.fromkeys(("quantile", "nanquantile"), _QUANTILE),
    "scatter_reduce": arguments("input", "dim", "index", "src", "reduce", include_self=True),
    "index_reduce": arguments("input", "dim", "index", "source", "reduce", include_self=True),
    "segment_reduce": arguments(
        "data", "reduce", lengths=None, offsets=None, axis=0, unsafe=ANY, initial=None
    ),
    "embedding_bag": arguments(
        "weight",
        "input",
        offsets=None,
        max_norm=None,
        norm_type=ANY,
        scale_grad_by_freq=False,
        mode="mean",
        sparse=ANY,
        per_sample_weights=None,
        include_last_offset=False,
        padding_idx=None,
    ),
    **{f"max_unpool{dims}d": _UNPOOLING for dims in (1, 2, 3)},
    "clamp": arguments("input", min=None, max=None),
    "clamp_min": arguments("input", "min"),
    "clamp_max": arguments("input", "max"),
    "nan_to_num": arguments("input", nan=0.0, posinf=None, neginf=None),
    "where": arguments("input", "condition", "other"),
    "leaky_relu": arguments("input", negative_slope=0.01),
    "rrelu": arguments("input", lower=1 / 8, upper=1 / 3, training=False),
    "hardtanh": arguments("input", min_val=-1.0, max_val=1.0),
    **dict.fromkeys(("hardshrink", "softshrink"), arguments("input", lambd=0.5)),
    **dict.fromkeys(("elu", "celu"), arguments("input", alpha=1.0)),
    "round": arguments("input", decimals=0),
    "div": arguments("input", "other", rounding_mode=None),
    "avg_pool1d": arguments("input", "kernel_size", **_AVERAGE),
    **{
        f"avg_pool{dims}d": arguments("input", "kernel_size", **_AVERAGE, divisor_override=None)
        for dims in (2, 3)
    },
    **{f"max_pool{dims}d": _SLIDING for dims in (1, 2, 3)},
    **{f"adaptive_max_pool{dims}d": _ADAPTIVE for dims in (1, 2, 3)},
    "grid_sample": arguments(
        "input", "grid", mode="bilinear", padding_mode="zeros", align_corners=False
    ),
    "lu_factor": arguments("A", pivot=True),
}
"""Operation -> what it takes; any other takes what its definition does, in that order."""

_REWRITTEN = {"segment_reduce": ("offsets",), "embedding_bag": ("include_last_offset",)}
"""Operation -> arguments that the definition does not have, but says by others."""
