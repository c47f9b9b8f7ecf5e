"""An operation on operands of certain shapes; and its outputs at stored numbers."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from oracle.formats import Format
from oracle.programs.catalogue import PROGRAMS
from oracle.programs.errors import ProgramError
from oracle.programs.extended import INFINITY, NAN, Extended
from oracle.programs.operands import Grid, Operand, Shape
from oracle.programs.scalar import Scalar


@dataclass(frozen=True, kw_only=True)
class Signature:
    """An operation, its parameters and the shapes of its operands.

    The entries of all operands are numbered one operand after the other, each row-major: these
    numbers are the inputs of certificates.

    Attributes:
        op: Name of the operation.
        params: Its parameters, checked; lists as tuples.
        operands: What it is applied to.
        output_shape: The output's shape.
        constants: Names of the operands that it is not differentiated with respect to.
    """

    op: str
    params: dict[str, Any]
    operands: tuple[Operand, ...]
    output_shape: Shape
    constants: tuple[str, ...] = ()

    @property
    def differentiated(self) -> tuple[Operand, ...]:
        """The operands that are no constants."""
        return tuple(one for one in self.operands if one.name not in self.constants)

    @property
    def input_shape(self) -> Shape:
        """The shape of the only operand; of several, the number of all their entries."""
        if len(self.operands) == 1:
            return self.operands[0].shape
        return (sum(operand.size for operand in self.operands),)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The number of each operand's first entry, and of all entries."""
        found = [0]
        for operand in self.operands:
            found.append(found[-1] + operand.size)
        return tuple(found)

    @property
    def selects(self) -> bool:
        """Whether every output is one of the inputs."""
        return PROGRAMS[self.op].selects

    def outputs(self, bits: Sequence[int], fmt: Format) -> Sequence[Scalar]:
        """Return the outputs at stored numbers, row-major.

        Args:
            bits: All entries, in the order of their numbers.
            fmt: Their format.

        Raises:
            ProgramError: An output is no rational number, so that no bound is known for it, or too
                many pieces meet in it.
        """
        entries = variables(bits, fmt)
        grids = {}
        for operand, first in zip(self.operands, self.offsets, strict=False):
            own = entries[first : first + operand.size]
            if operand.name in self.constants:
                own = [entry.fixed() for entry in own]
            grids[operand.name] = Grid(operand.shape, own, fmt)
        return [y.tidied() for y in PROGRAMS[self.op].outputs(self.params, grids)]


def variables(bits: Sequence[int], fmt: Format) -> list[Scalar]:
    """Return stored numbers as scalars, numbered from 0."""
    return [_variable(i, pattern, fmt) for i, pattern in enumerate(bits)]


@functools.lru_cache(maxsize=1 << 16)
def _variable(i: int, bits: int, fmt: Format) -> Scalar:
    return Scalar.variable(i, _exact(bits, fmt), negative_zero=bits == fmt.sign_bit)


def _exact(bits: int, fmt: Format) -> Extended:
    units = fmt.units_of[bits]
    if units is None:
        return NAN
    if abs(units) == fmt.infinity:
        return INFINITY if units > 0 else -INFINITY
    number = units * fmt.eta
    return int(number) if number.denominator == 1 else number


def signature(
    op: object, params: object, shapes: Mapping[str, Sequence[int]], constants: object = ()
) -> Signature:
    """Return the checked signature of `op` with `params` on operands of these shapes.

    Args:
        op: The operation's name.
        params: All its parameters.
        shapes: Operand -> its shape.
        constants: A list of operands that it is not differentiated with respect to.

    Raises:
        ProgramError: The operation, a parameter, an operand or a shape is unknown or refused.
    """
    sizes = tuple((name, tuple(shape)) for name, shape in shapes.items())
    try:
        text = json.dumps(params, sort_keys=True)
        read = _read(op, text, sizes)
    except TypeError:  # what JSON does not have; the checks say so
        read = _signature(op, params, dict(sizes))
    fixed = _constants(constants, read)
    return replace(read, constants=fixed) if fixed else read


def _constants(names: object, shapes: Signature) -> tuple[str, ...]:
    operands = [operand.name for operand in shapes.operands]
    listed = list(names) if isinstance(names, list | tuple) else [None]
    if len(set(map(str, listed))) < len(listed) or not set(listed) < set(operands):
        msg = f"constants is {names!r:.60}, expected some of {', '.join(operands)}, but not all"
        raise ProgramError(msg)
    return tuple(name for name in operands if name in listed)


@functools.lru_cache(maxsize=64)
def _read(op: object, params: str, shapes: tuple[tuple[str, Shape], ...]) -> Signature:
    return _signature(op, json.loads(params), dict(shapes))


def _signature(op: object, params: object, shapes: Mapping[str, Shape]) -> Signature:
    if not isinstance(op, str) or op not in PROGRAMS:
        msg = f"op is {op!r}, expected one of {', '.join(PROGRAMS)}"
        raise ProgramError(msg)
    definition = PROGRAMS[op]
    known = definition.operands
    needed = [name for name in known if name not in definition.optional]
    if not set(needed) <= shapes.keys() <= set(known):
        msg = f"the operands of {op} are {', '.join(shapes)}, expected {_named(known, needed)}"
        raise ProgramError(msg)
    ordered = {name: shapes[name] for name in known if name in shapes}
    if not isinstance(params, Mapping) or set(params) != set(definition.checks):
        got = sorted(params) if isinstance(params, Mapping) else params
        msg = (
            f"params of {op} are {got!r}, expected exactly {', '.join(definition.checks) or 'none'}"
        )
        raise ProgramError(msg)
    checked = {key: check(key, params[key], ordered) for key, check in definition.checks.items()}
    return Signature(
        op=op,
        params=checked,
        operands=tuple(Operand(name, shape) for name, shape in ordered.items()),
        output_shape=definition.output_shape(checked, ordered),
    )


def _named(known: Sequence[str], needed: Sequence[str]) -> str:
    return ", ".join(name if name in needed else f"perhaps {name}" for name in known)
