"""What is run, in which order: for every stack of the corpus its base cell, then its variants."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from oracle.case import FLUSH_FLAG, Case, Tensor, case_id
from oracle.formats import format_named
from suites.corpus import Stack, stacks
from suites.flushing import Flushing
from suites.frameworks.protocol import Call
from suites.selection import Selection, SelectionError
from suites.variants import VARIANTS, Variant, applies, stacked

_NO_FLUSHING = Flushing()


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """The cells of one stack on one device; their bits are compared with each other.

    Attributes:
        stack: The cases.
        device: Where they run.
        flushes: Whether subnormal numbers may become zero there.
    """

    stack: Stack
    device: str
    flushes: bool = False

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the cases."""
        return [case_id(self.case(i), family) for i, family in enumerate(self.stack.families)]

    @cached_property
    def writes_astray(self) -> bool:
        """Whether a window reads nothing, so that a wrong backward pass writes anywhere."""
        return not all(self.stack.geometry.windows)

    def case(
        self, position: int, output: Tensor | None = None, gradient: Tensor | None = None
    ) -> Case:
        """Return a case of the stack with what came back for it."""
        shapes = self.stack.geometry
        return Case(
            geometry=shapes,
            format=format_named(self.stack.format),
            input=Tensor(shapes.input_shape, self.stack.inputs[position].ravel().tolist()),
            cotangent=Tensor(shapes.output_shape, self.stack.cotangents[position].ravel().tolist()),
            output=output,
            gradient=gradient,
            metadata={"flags": [FLUSH_FLAG]} if self.flushes else None,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """One framework call."""

    group: Group
    mode: str
    variant: Variant

    @cached_property
    def id(self) -> str:
        """`<op>/<stack>/<format>/<mode>/<variant>/<device>`."""
        stack = self.group.stack
        parts = (stack.op, stack.name, stack.format, self.mode, self.variant.name)
        return "/".join((*parts, self.group.device))

    @property
    def cases(self) -> int:
        """The number of cases."""
        return len(self.group.stack)

    def call(self, *, isolated: bool) -> Call:
        """Return the call, in a process of its own if it may write where it must not."""
        stack = self.group.stack
        primal, cotangent = stacked(stack)
        return Call(
            op=stack.op,
            params=stack.params,
            format=stack.format,
            input=primal,
            cotangent=cotangent,
            layout=self.variant.input_layout,
            cotangent_layout=self.variant.cotangent_layout,
            return_indices=self.variant.indices,
            mode=self.mode,
            device=self.group.device,
            cases=self.cases,
            isolated=isolated or self.group.writes_astray,
        )


def planned(selection: Selection, flushing: Flushing = _NO_FLUSHING) -> Iterator[Cell]:
    """Yield the cells of a selection, those of one stack after each other.

    Args:
        selection: What is to be run.
        flushing: Where subnormal numbers may become zero.

    Raises:
        SelectionError: The selection names a case that the corpus does not have, or has no cell.
    """
    cells = itertools.chain.from_iterable(
        _cells(
            Group(
                stack=stack,
                device=selection.device,
                flushes=flushing.declared(stack.op, stack.format),
            ),
            selection,
        )
        for stack in _selected(selection)
    )
    first = next(cells, None)
    if first is None:
        raise SelectionError(_nothing(selection))
    yield first
    yield from cells


def count_cases(cells: Iterable[Cell]) -> int:
    """Return the number of distinct cases in the cells."""
    groups = {id(cell.group): cell.cases for cell in cells}
    return sum(groups.values())


def corpus_digest(cells: Sequence[Cell]) -> str:
    """Return the SHA-256 of the cases in the cells, in their order."""
    digest = hashlib.sha256()
    for group in dict.fromkeys(cell.group for cell in cells):
        digest.update(group.stack.name.encode())
        for case in group.stack.digests():
            digest.update(case)
    return digest.hexdigest()


def _cells(group: Group, selection: Selection) -> Iterator[Cell]:
    for mode in selection.modes:
        for variant in VARIANTS:
            if variant.layout in selection.layouts and applies(variant, group.stack):
                yield Cell(group=group, mode=mode, variant=variant)


def _selected(selection: Selection) -> Iterator[Stack]:
    for op in selection.ops:
        for format_name in selection.formats:
            for stack in stacks(selection.profile, op, format_name):
                yield from (stack,) if selection.case is None else _only(stack, selection.case)


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
