"""What is run, in which order: for every stack of the corpus its base cell, then its variants."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from oracle.case import FLUSH_FLAG, WINDOWS_FLAGS, Case, Tensor, case_id
from oracle.catalogue import CATALOGUE
from oracle.formats import format_named
from oracle.programs import Signature
from oracle.windows import ARITHMETICS, Geometry
from suites.corpus import Stack, stacks
from suites.flushing import Flushing
from suites.frameworks.protocol import JACOBIANS, Bits, Call
from suites.graphs import Choice, choices
from suites.selection import FORMAT_NAMES, Selection, SelectionError
from suites.variants import BASE, VARIANTS, Variant, applies, stacked
from suites.ways import Way, ways

LINEAR = "double-backward"
"""The mode whose Jacobian has to be that of the reverse pass: it is its derivative."""

_NO_FLUSHING = Flushing()


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """The cells of one stack on one device; their bits are compared with each other.

    Attributes:
        stack: The cases.
        device: Where they run.
        flushes: Whether subnormal numbers may become zero there.
        arithmetic: How the windows are evaluated, where that makes a difference.
        whole: The group of the whole stack, where this is a part of it.
        positions: Where the cases of a part stand in the whole stack.
    """

    stack: Stack
    device: str
    flushes: bool = False
    arithmetic: str = ARITHMETICS[0]
    whole: Group | None = None
    positions: Sequence[int] = ()

    def part(self, positions: Sequence[int], name: str) -> Group:
        """Return the group of some of the cases; all of them are this group itself."""
        if len(positions) == len(self.stack):
            return self
        stack = replace(self.stack.select(positions), name=f"{self.stack.name}-{name}")
        return replace(self, stack=stack, whole=self, positions=positions)

    def meeting(self, inputs: Bits | None, cotangents: Bits | None) -> Group:
        """Return the group of the same cases with other numbers, a row each; None for the same."""
        stack = self.stack
        changed = replace(
            stack,
            inputs=stack.inputs if inputs is None else inputs.reshape(stack.inputs.shape),
            cotangents=(
                stack.cotangents
                if cotangents is None
                else cotangents.reshape(stack.cotangents.shape)
            ),
        )
        return replace(self, stack=changed)

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the cases."""
        return [case_id(self.case(i), family) for i, family in enumerate(self.stack.families)]

    @cached_property
    def geometry(self) -> Geometry | Signature:
        """The shapes of one case, and its windows or its outputs."""
        shapes = self.stack.geometry
        if isinstance(shapes, Signature):
            return shapes
        return shapes.alternatives.get(self.arithmetic, shapes)

    @property
    def windowed(self) -> Geometry | None:
        """The windows of one case; None of a program."""
        return self.geometry if isinstance(self.geometry, Geometry) else None

    @cached_property
    def writes_astray(self) -> bool:
        """Whether a window reads nothing, so that a wrong backward pass writes anywhere."""
        return self.windowed is not None and not all(self.windowed.windows)

    @property
    def expression(self) -> str:
        """How a program is called, as an expression of `f` and its operands; "" for pooling."""
        if not isinstance(self.geometry, Signature):
            return ""
        names = [operand.name for operand in self.geometry.operands]
        return CATALOGUE[self.stack.op].expression(self.geometry.params, names)

    def case(
        self, position: int, output: Tensor | None = None, gradient: Tensor | None = None
    ) -> Case:
        """Return a case of the stack with what came back for it."""
        shapes = self.geometry
        arithmetic = self.windowed.arithmetic if self.windowed else ARITHMETICS[0]
        flags = [flag for flag, name in WINDOWS_FLAGS.items() if name == arithmetic]
        flags += [FLUSH_FLAG] if self.flushes else []
        return Case(
            geometry=shapes,
            format=format_named(self.stack.format),
            input=Tensor(shapes.input_shape, self.stack.inputs[position].ravel().tolist()),
            cotangent=Tensor(shapes.output_shape, self.stack.cotangents[position].ravel().tolist()),
            output=output,
            gradient=gradient,
            metadata={"flags": flags} if flags else None,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """One framework call.

    Attributes:
        group: The cells of its stack.
        mode: How it is run.
        variant: How it differs from the base cell.
        graph: Names the graph that it is compiled in, perhaps with other cells; "" if it is not.
    """

    group: Group
    mode: str
    variant: Variant
    graph: str = ""

    @cached_property
    def id(self) -> str:
        """`<op>/<stack>/<format>/<mode>/<variant>/<device>`."""
        stack = self.group.stack
        parts = (stack.op, stack.name, stack.format, self.mode, self.variant.name)
        return "/".join((*parts, self.group.device))

    @property
    def passes(self) -> int:
        """How often the backward pass is run; compiled code may give its memory away in it."""
        return 2 if self.mode == "eager" else 1

    @property
    def expression(self) -> str:
        """How a program is called, as an expression of `f` and its operands; "" for pooling.

        With indices all that comes back is returned, not the values alone.
        """
        spelled = self.group.expression
        return spelled.removesuffix("[0]") if self.variant.indices else spelled

    @property
    def derivative(self) -> str:
        """The requirement that its derivative is held to."""
        if self.mode == LINEAR:
            return "linear"
        return "jacobian" if self.mode in JACOBIANS else "gradient"

    @property
    def cases(self) -> int:
        """The number of cases."""
        return len(self.group.stack)

    def call(self, *, isolated: bool) -> Call:
        """Return the call, in a process of its own if it may write where it must not."""
        stack = self.group.stack
        primal, cotangent = stacked(stack)
        return Call(
            **self._program(),
            op=stack.op,
            params=stack.params,
            format=stack.format,
            input=primal,
            cotangent=cotangent,
            layout=self.variant.input_layout,
            cotangent_layout=self.variant.cotangent_layout,
            return_indices=self.variant.indices,
            mode=self.mode,
            neighbour=self.variant.neighbour,
            device=self.group.device,
            cases=self.cases,
            isolated=isolated or self.group.writes_astray,
        )

    def _program(self) -> dict[str, Any]:
        """Return how a program is called; nothing for pooling."""
        shapes = self.group.geometry
        if not isinstance(shapes, Signature):
            return {}
        entry = CATALOGUE[shapes.op]
        return {
            "operands": tuple((operand.name, operand.shape) for operand in shapes.operands),
            "output_shape": shapes.output_shape,
            "function": entry.function,
            "expression": self.expression,
            "together": self.group.stack.together,
            "inplace": entry.inplace,
        }


def planned(selection: Selection, flushing: Flushing = _NO_FLUSHING) -> Iterator[Cell]:
    """Yield the cells of a selection, those of one stack after each other.

    Args:
        selection: What is to be run.
        flushing: Where subnormal numbers may become zero.

    Raises:
        SelectionError: The selection names a case that the corpus does not have, or has no cell.
    """
    cells = itertools.chain.from_iterable(
        _of_stacks(stacks_of_one, selection, flushing) for stacks_of_one in _selected(selection)
    )
    first = next(cells, None)
    if first is None:
        raise SelectionError(_nothing(selection))
    yield first
    yield from cells


def count_cases(cells: Iterable[Cell]) -> int:
    """Return the number of distinct cases in the cells."""
    seen: dict[Group, set[int]] = {}
    for group in {cell.group for cell in cells}:
        if group.whole is None:
            seen[group] = set(range(len(group.stack)))
        else:
            seen.setdefault(group.whole, set()).update(group.positions)
    return sum(map(len, seen.values()))


def corpus_digest(cells: Sequence[Cell]) -> str:
    """Return the SHA-256 of the cases in the cells, in their order."""
    digest = hashlib.sha256()
    for group in dict.fromkeys(cell.group.whole or cell.group for cell in cells):
        digest.update(group.stack.name.encode())
        for case in group.stack.digests():
            digest.update(case)
    return digest.hexdigest()


def _of_stacks(found: Sequence[Stack], selection: Selection, flushing: Flushing) -> Iterator[Cell]:
    """Yield the cells of the stacks of one operation and format."""
    compiled = choices(found, selection.profile, selection.modes)
    others = ways(found, selection.modes, selection.device)
    parts: dict[str, Group] = {}
    for number, stack in enumerate(found):
        flushes = flushing.declared(stack.op, stack.format)
        group = Group(stack=stack, device=selection.device, flushes=flushes)
        for cell in (
            *_eager(group, selection, number),
            *_compiled(group, parts, compiled.get(stack.name, ())),
            *_otherwise(group, parts, others.get(stack.name, ())),
        ):
            if cell.variant.layout in selection.layouts:
                yield cell


def _eager(group: Group, selection: Selection, number: int) -> Iterator[Cell]:
    """Yield the eager cells of the stack with a number among those of its operation and format.

    How a tensor lies in memory has little to do with its format: the smoke profile runs each stack
    in each layout in two of the four formats, which go round. A case asked for has all of them.
    """
    if "eager" not in selection.modes:
        return
    thinned = selection.profile == "smoke" and selection.case is None
    turn = number + FORMAT_NAMES.index(group.stack.format)
    for place, variant in enumerate(VARIANTS):
        everywhere = variant is BASE or (variant.indices and variant.input_layout == "contiguous")
        passed_over = thinned and not everywhere and (turn + place) % 2
        if not passed_over and applies(variant, group.stack):
            yield Cell(group=group, mode="eager", variant=variant)


def _compiled(group: Group, parts: dict[str, Group], chosen: Sequence[Choice]) -> Iterator[Cell]:
    for choice in chosen:
        part = _part(parts, group, choice.positions(group.stack), choice.part(group.stack))
        yield Cell(group=part, mode=choice.mode, variant=choice.variant, graph=choice.graph)


def _otherwise(group: Group, parts: dict[str, Group], chosen: Sequence[Way]) -> Iterator[Cell]:
    for way in chosen:
        part = _part(parts, group, way.positions, way.name)
        yield Cell(group=part, mode=way.mode, variant=BASE)


def _part(parts: dict[str, Group], group: Group, positions: Sequence[int], name: str) -> Group:
    """Return the group of some of the cases, the same one for the same cases."""
    part = group.part(positions, name)
    return parts.setdefault(part.stack.name, part)


def _selected(selection: Selection) -> Iterator[list[Stack]]:
    """Yield the stacks of each operation and format."""
    if selection.stack is not None:
        yield [selection.stack]
        return
    for op in selection.ops:
        for format_name in selection.formats:
            found = stacks(selection.profile, op, format_name)
            if selection.case is None:
                yield list(found)
            else:
                wanted = selection.case
                yield [only for stack in found for only in _only(stack, wanted)]


def _only(stack: Stack, wanted: str) -> Iterator[Stack]:
    """Yield the stack of the one case with the id `wanted`, if the stack has it."""
    family = wanted.removeprefix(f"{stack.op}/").rpartition("-")[0]
    group = Group(stack=stack, device="")
    for position, of in enumerate(stack.families):
        if of == family and case_id(group.case(position), family) == wanted:
            yield stack.select([position])


def _nothing(selection: Selection) -> str:
    if selection.case is not None:
        return f"--case: the {selection.profile} corpus has no {selection.case!r} in the selection"
    return (
        f"--layouts: {', '.join(selection.layouts)} applies to no case of "
        f"{', '.join(selection.ops)} in the {selection.profile} corpus"
    )
