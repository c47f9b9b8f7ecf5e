"""Which cells are compiled, and which of them share a graph.

A graph costs seconds, so that of each operation and format only some stacks are compiled. Which
ones goes round with the format, so that over all formats nearly every geometry is: planes of more
than 65,536 inputs, windows that a hundred others overlap, odd channel counts, no batch. Cases with
NaN and infinity have cells of their own: compiled code checks its indices, and one that raises
takes all cases of its call with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS
from oracle.windows import Geometry
from suites.corpus import Stack
from suites.corpus.programs.portions import UNPLACED
from suites.variants import NEIGHBOURS, VARIANTS, Variant, applies

SPECIAL = ("nan", "infinity", UNPLACED)
"""Families whose cases are compiled apart."""

_SIDE_BY_SIDE = 4
"""Calls of one case each in a graph."""
_LARGEST = 4096
"""Inputs of a program's case that is compiled."""
_COMMON = "binary32"
"""The format in which every program is compiled."""
_PROGRAM_VARIANTS = ("contiguous", "transposed", "product", "sum", "argmax", "tanh", "norm")
"""What shares the graph of a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A part of a stack that is compiled.

    Attributes:
        variant: How it is run.
        families: `finite`, or one of `SPECIAL`.
        graph: Names the graph.
        channels: So many channels a stack has to have, at least.
        number: Tells choices apart that are alike, each of which gets another stack.
        mode: What compiles.
    """

    variant: Variant
    families: str = "finite"
    graph: str = ""
    channels: int = 1
    number: int = 0
    mode: str = "inductor"

    def positions(self, stack: Stack) -> list[int]:
        """Return the cases of the stack that are meant.

        Where each case is a call of its own, the graph has all of them side by side, so that only a
        few are.
        """
        meant = [
            position
            for position, family in enumerate(stack.families)
            if (family if family in SPECIAL else "finite") == self.families
        ]
        return meant if stack.together else meant[:: max(1, -(-len(meant) // _SIDE_BY_SIDE))]

    def part(self, stack: Stack) -> str:
        """Return the name of the part of the stack that is meant."""
        return self.families if stack.together else f"{self.families}-few"

    def suits(self, stack: Stack) -> bool:
        """Return whether the stack has such cases, and the variant makes a difference for them.

        Where a window reads nothing, eager code writes beyond its memory: what shares the graph, or
        the process, must not suffer from it.
        """
        positions = self.positions(stack)
        if stack.operands:
            return (
                bool(positions)
                and stack.inputs[0].size <= _LARGEST
                and applies(self.variant, stack.select(positions))
            )
        shapes = stack.geometry
        assert isinstance(shapes, Geometry)
        return (
            bool(positions)
            and stack.case_shape[-1 - CATALOGUE[stack.op].dims] >= self.channels
            and all(shapes.windows)
            and applies(self.variant, stack.select(positions))
        )


def choices(
    stacks: Sequence[Stack], profile: str, modes: Sequence[str] = ("inductor",)
) -> Mapping[str, Sequence[Choice]]:
    """Return what is compiled of the stacks of one operation and format: stack name -> choices.

    The deep profile compiles each stack in every variant.

    Args:
        stacks: All of them, in the corpus's order.
        profile: Name of the profile.
        modes: What compiles.
    """
    found: dict[str, dict[tuple[Variant, str, str], Choice]] = {}
    asked = [choice for choice in _asked(stacks) if choice.mode in modes]
    for stack, choice in (_all if profile == "deep" else _some)(stacks, asked):
        graph = f"{stack.op}/{stack.format}/{choice.mode}/{choice.graph}"
        part = (choice.variant, choice.families, choice.mode)
        found.setdefault(stack.name, {}).setdefault(part, replace(choice, graph=graph))
    return {name: list(chosen.values()) for name, chosen in found.items()}


def _asked(stacks: Sequence[Stack]) -> Sequence[Choice]:
    """Return what is compiled of an operation: programs in two formats by Inductor."""
    if not stacks or not stacks[0].operands:
        return CHOICES
    formats = _formats(stacks[0].op)
    return [
        choice
        for choice in PROGRAM_CHOICES
        if choice.mode != "inductor" or stacks[0].format in formats
    ]


def _formats(op: str) -> tuple[str, str]:
    """Return the formats of a program that Inductor compiles: one for all, one in turn."""
    others = [name for name in FORMATS if name != _COMMON]
    # by its name alone, so that another operation moves none to another format
    return _COMMON, others[sum(op.encode()) % len(others)]


def _some(stacks: Sequence[Stack], asked: Sequence[Choice]) -> Iterator[tuple[Stack, Choice]]:
    """Yield of each choice the stack that was chosen least often, here and in formats before."""
    # beside a neighbour many cases are worth more than an odd geometry
    large = max(map(len, stacks), default=0) // 10
    suited = {
        choice: [
            stack
            for stack in stacks
            if (len(stack) >= large or not choice.variant.neighbour)
            # of what is traced there is one stack alone, which has to have outputs
            and (choice.mode == "inductor" or stack.cotangents.size)
            and choice.suits(stack)
        ]
        for choice in asked
    }
    chosen: Counter[str] = Counter()
    for format_name in FORMATS:
        for choice, candidates in suited.items():
            if candidates:
                stack = min(candidates, key=lambda stack: chosen[stack.name])
                chosen[stack.name] += 1
                if stack.format == format_name:
                    yield stack, choice


def _all(stacks: Sequence[Stack], asked: Sequence[Choice]) -> Iterator[tuple[Stack, Choice]]:
    for stack in stacks:
        for choice in asked:
            if choice.suits(stack):
                yield stack, replace(choice, graph=f"{choice.graph}/{stack.name}")


def _choices() -> Iterator[Choice]:
    by_name = {variant.name: variant for variant in (*VARIANTS, *NEIGHBOURS)}
    shares = {
        "contiguous": ("contiguous", "contiguous"),
        "channels-last": ("channels-last",),
        "views": ("transposed", "sliced", "expanded"),
        "neighbours": tuple(variant.name for variant in NEIGHBOURS),
    }
    for graph, names in shares.items():
        for number, name in enumerate(names):
            yield Choice(variant=by_name[name], graph=graph, number=number)
    channels_last = by_name["channels-last"]
    for number in range(2):
        # a single channel lies in memory as if it were contiguous
        yield Choice(variant=channels_last, graph=channels_last.name, channels=2, number=number)
    for families, name in (
        ("nan", "contiguous"),
        ("infinity", "contiguous"),
        ("infinity", "channels-last"),
    ):
        yield Choice(variant=by_name[name], families=families, graph="special")
    yield Choice(variant=by_name["contiguous"], graph="traced", mode="aot_eager")


def _program_choices() -> Iterator[Choice]:
    """Yield what is compiled of a program: one graph of Inductor's, and one that is traced."""
    by_name = {variant.name: variant for variant in (*VARIANTS, *NEIGHBOURS)}
    for number, name in enumerate(_PROGRAM_VARIANTS):
        yield Choice(variant=by_name[name], graph="all", number=number)
    yield Choice(variant=by_name["contiguous"], graph="traced", mode="aot_eager")


CHOICES = tuple(_choices())
"""What is compiled of max pooling, of each operation and format in standard, each in another stack:
five graphs of Inductor's, or four where there is no channels-last, 152 in all; and one traced."""

PROGRAM_CHOICES = tuple(_program_choices())
"""The same of a program."""
