"""What an example has: the kinds of windows, of numbers and of layouts that a search reaches."""

from __future__ import annotations

import itertools
import math

import numpy as np

from oracle.catalogue import CATALOGUE
from oracle.formats import format_named
from oracle.windows import Geometry
from suites.corpus import Stack
from suites.corpus.palettes import DTYPES
from suites.corpus.ties import sort_keys, ties
from suites.strategies.example import Example


def features(example: Example) -> tuple[str, ...]:
    """Return what an example has, layouts last; all names are those that records show."""
    stack, variant = example.stack, example.variant
    assert isinstance(stack.geometry, Geometry)
    found = {**_of_windows(stack.geometry), **_of_shape(stack), **_of_numbers(stack)}
    found["indices"] = variant.indices
    found[variant.input_layout] = variant.input_layout != "contiguous"
    found[f"{variant.cotangent_layout} cotangent"] = variant.cotangent_layout != "dense"
    return tuple(name for name, has in found.items() if has)


def _of_windows(shapes: Geometry) -> dict[str, bool]:
    params, windows = shapes.params, shapes.windows
    reads = list(itertools.chain.from_iterable(windows))
    distinct = len(set(reads))
    return {
        "overlap": len(reads) > distinct,
        "gaps": distinct < math.prod(shapes.input_shape),
        "padding": any(params.get("padding", ())),
        "dilation": any(
            min(kernel, step) > 1
            for kernel, step in zip(
                params.get("kernel_size", ()), params.get("dilation", ()), strict=False
            )
        ),
        "ceil mode": params.get("ceil_mode", False),
        "nothing read": not all(windows),
        "rounded windows": not shapes.is_exact,
    }


def _of_shape(stack: Stack) -> dict[str, bool]:
    dims = CATALOGUE[stack.op].dims
    shape, outputs = stack.case_shape, stack.geometry.output_shape
    *samples, channels = shape[:-dims]
    return {
        "several samples": samples > [1],
        "several channels": channels > 1,
        "unbatched": not samples,
        "no sample": samples == [0],
        "no output": 0 in outputs[-dims:],
        "vast": math.prod(shape[-dims:]) > 2**16,
    }


def _of_numbers(stack: Stack) -> dict[str, bool]:
    fmt, found = format_named(stack.format), ties(stack)
    numbers = np.concatenate([stack.inputs.ravel(), stack.cotangents.ravel()])
    magnitudes = numbers & DTYPES[fmt.width](fmt.sign_bit - 1)
    keys = np.unique(sort_keys(stack.inputs, stack.format))
    upstream = sort_keys(stack.cotangents, stack.format)
    return {
        "tie": bool(found.tied[0]),
        "near-tie": bool((np.diff(keys) == 1).any()),
        "contested tie": bool(found.contested[0]),
        "mixed signs": bool((upstream > 0).any() and (upstream < 0).any()),
        "zero cotangent": bool((upstream == 0).any()),
        "signed zeros": bool((stack.inputs == 0).any() and (stack.inputs == fmt.sign_bit).any()),
        "subnormal": bool(((magnitudes > 0) & (magnitudes < 1 << fmt.precision - 1)).any()),
        "largest": bool((magnitudes == fmt.infinity_bits - 1).any()),
        "special": bool((magnitudes >= fmt.infinity_bits).any()),
    }
