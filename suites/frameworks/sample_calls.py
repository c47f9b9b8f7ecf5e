"""Runs operators on their own sample inputs, as the framework's database calls them."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from suites.frameworks.drawn import Argument, Drawn, Foreign, Numbers, Returned, Sample, Whole
from suites.frameworks.protocol import Bits, one_line
from suites.frameworks.sampled import Entry
from suites.frameworks.tensors import FLOATS, bits_of

DRAWN, TAKEN = 100, 12
"""Sample inputs of an operator in a format that are drawn; of these, evenly, those that are run."""

_FORMATS = {FLOATS[name]: name for name in ("binary64", "binary32")}
_COTANGENTS = (1.0, -2.0, 3.0, -1.0, 2.0, -3.0)
_SEED = 0
_NO_BITS: Bits = np.empty(0, np.uint64)


def drawn(name: str, entry: Entry) -> Drawn:
    """Return what came of an operator's sample inputs."""
    supported = entry.supported_dtypes("cpu")
    dtypes = [dtype for dtype in _FORMATS if dtype in supported]
    if not dtypes:
        return Drawn(name=name, reason="it takes neither binary64 nor binary32 on the CPU")
    found: list[Sample] = []
    left_out: Counter[str] = Counter()
    for dtype in dtypes:
        try:
            samples = _samples(entry, dtype)
        except Exception as error:  # noqa: BLE001  # whatever drawing samples raises
            return Drawn(name=name, reason=f"no samples: {one_line(error)}")
        taken = samples[:: math.ceil(len(samples) / TAKEN) or 1]
        found += [_run(entry, sample, number, _FORMATS[dtype]) for number, sample in taken]
        left_out[f"beyond the {TAKEN} that are run of a format"] += len(samples) - len(taken)
    return Drawn(name=name, samples=tuple(found), left_out=+left_out)


def _samples(entry: Entry, dtype: torch.dtype) -> list[tuple[int, Any]]:
    # what a sample holds beside tensors may come from Python's own generator
    random.seed(_SEED)
    torch.manual_seed(_SEED)
    made: Iterable[Any] = entry.sample_inputs("cpu", dtype, requires_grad=True)
    return list(enumerate(itertools.islice(made, DRAWN)))


def _run(entry: Entry, sample: Any, number: int, format_name: str) -> Sample:
    """Return a sample's call as it was before it ran, and what came of it."""
    leaves = pytree.tree_leaves(((sample.input, *sample.args), sample.kwargs))
    operands = list({id(leaf): leaf for leaf in leaves if _is_differentiated(leaf)}.values())
    places = {id(operand): place for place, operand in enumerate(operands)}
    described = Sample(
        number=number,
        format=format_name,
        arguments=tuple(_argument(value, places) for value in (sample.input, *sample.args)),
        options={key: _argument(value, places) for key, value in sample.kwargs.items()},
    )
    try:
        outputs, gradients = _differentiated(entry, sample, operands)
    except Exception as error:  # noqa: BLE001  # whatever it raises is an outcome
        return replace(described, raised=one_line(error))
    return replace(described, outputs=outputs, gradients=gradients)


def _differentiated(
    entry: Entry, sample: Any, operands: Sequence[torch.Tensor]
) -> tuple[tuple[Returned, ...], tuple[Bits, ...]]:
    """Return the outputs with their cotangents, and the gradients of the operands."""
    torch.manual_seed(_SEED)
    returned = entry.op(sample.input, *sample.args, **sample.kwargs)
    outputs = [leaf for leaf in pytree.tree_leaves(returned) if _is_differentiated(leaf)]
    cotangents = list(_cotangents(outputs))
    gradients: Sequence[torch.Tensor | None] = ()
    if outputs and operands:
        gradients = torch.autograd.grad(outputs, operands, cotangents, allow_unused=True)
    return (
        tuple(map(_returned, outputs, cotangents)),
        tuple(map(_gradient, gradients, operands)),
    )


def _cotangents(outputs: Sequence[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Yield small integers, in turn over all outputs: which of them a share is of shows."""
    turn = itertools.cycle(_COTANGENTS)
    for output in outputs:
        numbers = torch.tensor(list(itertools.islice(turn, output.numel())), dtype=torch.float64)
        yield numbers.to(output.dtype).reshape(output.shape)


def _gradient(gradient: torch.Tensor | None, operand: torch.Tensor) -> Bits:
    """Return the bits of a gradient: 0 for an operand that the graph does not reach."""
    dense = torch.zeros_like(operand) if gradient is None else gradient.to_dense()
    return bits_of(dense, _FORMATS[operand.dtype]) if operand.dtype in _FORMATS else _NO_BITS


def _returned(output: torch.Tensor, cotangent: torch.Tensor) -> Returned:
    if output.dtype not in _FORMATS:
        return Returned(format=_word(output.dtype), bits=_NO_BITS, cotangent=_NO_BITS)
    name = _FORMATS[output.dtype]
    return Returned(format=name, bits=bits_of(output, name), cotangent=bits_of(cotangent, name))


def _argument(value: object, places: Mapping[int, int]) -> Argument:
    if isinstance(value, torch.Tensor):
        return _tensor(value, places.get(id(value)))
    if isinstance(value, list | tuple):
        return [_argument(entry, places) for entry in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return Foreign(_word(value) if isinstance(value, torch.dtype) else type(value).__name__)


def _tensor(value: torch.Tensor, place: int | None) -> Argument:
    if value.layout is not torch.strided:
        return Foreign(f"a tensor of layout {_word(value.layout)}")
    if value.dtype in _FORMATS:
        name = _FORMATS[value.dtype]
        return Numbers(format=name, bits=bits_of(value, name), operand=place)
    if _is_inexact(value):
        return Foreign(f"a tensor of {_word(value.dtype)}")
    data = tuple(value.reshape(-1).tolist())
    return Whole(dtype=_word(value.dtype), shape=tuple(value.shape), data=data)


def _is_differentiated(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad and _is_inexact(value)


def _is_inexact(value: torch.Tensor) -> bool:
    return value.is_floating_point() or value.is_complex()


def _word(name: object) -> str:
    return str(name).removeprefix("torch.")
