"""Which cells are compiled: the budget, what is covered, what shares a graph."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from oracle.formats import FORMATS
from suites.corpus import POOLING, Stack, stacks
from suites.frameworks.protocol import COMPILED, CallError, Graph
from suites.graphs import CHOICES, PROGRAM_CHOICES, SPECIAL, choices
from suites.lookahead import graphs
from suites.meta.corpora import corpus
from suites.plan import Cell, count_cases, planned
from suites.selection import LAYOUTS, Selection, default_modes
from suites.variants import NEIGHBOURS, VARIANTS, applies

BUDGET = 160
"""Compiled graphs of max pooling in standard: docs of the profiles."""


def stacks_of(op: str, format_name: str) -> list[Stack]:
    return [stack for stack in corpus("standard", format_name) if stack.op == op]


@pytest.fixture(scope="module")
def compiled() -> Sequence[Cell]:
    """Return the compiled cells of the standard profile."""
    return list(
        planned(Selection(profile="standard", device="cpu", ops=POOLING, modes=("inductor",)))
    )


def test_the_graphs_keep_to_the_budget(compiled: Sequence[Cell]) -> None:
    made = graphs(compiled)

    assert len(made) <= BUDGET
    assert sum(map(len, made.values())) == len(compiled)


def test_every_operation_format_and_layout_is_compiled(compiled: Sequence[Cell]) -> None:
    found = {(c.group.stack.op, c.group.stack.format, c.variant.layout) for c in compiled}
    possible = {
        (op, format_name, variant.layout)
        for op, format_name, variant in itertools.product(POOLING, FORMATS, VARIANTS)
        if any(applies(variant, stack) for stack in stacks_of(op, format_name))
    }

    assert found == possible
    assert {layout for _, _, layout in found} == set(LAYOUTS)


def test_every_neighbour_is_compiled_with_many_cases(compiled: Sequence[Cell]) -> None:
    for op, format_name, variant in itertools.product(POOLING, FORMATS, NEIGHBOURS):
        cells = [
            cell
            for cell in compiled
            if (cell.group.stack.op, cell.group.stack.format) == (op, format_name)
            and cell.variant == variant
        ]
        assert sum(cell.cases for cell in cells) >= 100, (op, format_name, variant.name)


def test_over_all_formats_most_geometries_are_compiled(compiled: Sequence[Cell]) -> None:
    for op in POOLING:
        wholes = [c.group.whole or c.group for c in compiled if c.group.stack.op == op]
        names = {group.stack.name for group in wholes}
        there = {s.name for s in stacks_of(op, "binary32") if all(s.geometry.windows)}

        assert names <= there
        assert len(names) >= 0.75 * len(there)


def test_special_cases_are_compiled_apart(compiled: Sequence[Cell]) -> None:
    kinds = [set(cell.group.stack.families) for cell in compiled]

    assert all(len(kind) == 1 for kind in kinds if kind & set(SPECIAL))
    assert {family for kind in kinds for family in kind} >= {"nan", "infinity"}
    for name, members in graphs(compiled).items():
        special = [bool(set(cell.group.stack.families) & set(SPECIAL)) for cell in members]
        assert set(special) == {name.endswith("/special")}


def test_nothing_is_compiled_that_writes_beyond_its_memory(compiled: Sequence[Cell]) -> None:
    assert not any(cell.group.writes_astray for cell in compiled)


def test_a_part_knows_where_its_cases_stand(compiled: Sequence[Cell]) -> None:
    """In one format: names of cases are digests, and take their time."""
    groups = [cell.group for cell in compiled if cell.group.stack.format == "bfloat16"]
    parts = [group for group in groups if group.whole is not None]

    assert parts
    for part in parts:
        whole = part.whole
        assert whole is not None
        assert part.ids == [whole.ids[i] for i in part.positions]


def test_no_cell_is_there_twice_and_no_graph_has_two_operations() -> None:
    cells = list(
        planned(Selection(profile="standard", device="cpu", ops=POOLING, formats=("bfloat16",)))
    )
    ids = [cell.id for cell in cells]
    eager = [cell for cell in cells if not cell.graph]

    assert len(ids) == len(set(ids))
    assert count_cases(cells) == count_cases(eager)
    for members in graphs(cells).values():
        assert len({(cell.group.stack.op, cell.group.stack.format) for cell in members}) == 1


def test_the_deep_profile_compiles_every_stack() -> None:
    stacks = stacks_of("max_pool1d", "binary16")
    chosen = choices(stacks, "deep")

    assert set(chosen) == {stack.name for stack in stacks if all(stack.geometry.windows)}
    for stack in stacks:
        variants = {choice.variant.name for choice in chosen.get(stack.name, ())}
        suited = {choice.variant.name for choice in CHOICES if choice.suits(stack)}
        assert variants == suited


def test_the_small_profile_compiles_only_if_asked() -> None:
    assert default_modes("smoke") == ("eager",)
    asked = Selection(profile="smoke", device="cpu", ops=("max_pool1d",), modes=("inductor",))
    assert graphs(planned(asked))


def test_eager_calls_are_made_one_by_one(compiled: Sequence[Cell]) -> None:
    eager = next(planned(Selection(profile="smoke", device="cpu", modes=("eager",))))
    calls = (eager.call(isolated=False), compiled[0].call(isolated=False))

    with pytest.raises(CallError, match="can't be made together"):
        Graph(calls=calls)
    with pytest.raises(CallError, match="can't be made together"):
        Graph(calls=(calls[0], calls[0]))
    assert Graph(calls=(calls[1], calls[1])).isolated is False


@pytest.mark.parametrize("op", ["relu", "maximum", "scatter_reduce", "sort"])
def test_a_program_is_compiled_in_two_formats_and_traced_in_all(op: str) -> None:
    """What is traced is one stack, which has outputs also where smoke leaves little of it."""
    chosen = {fmt: choices(list(stacks("smoke", op, fmt)), "smoke", COMPILED) for fmt in FORMATS}
    modes = {
        fmt: [choice.mode for of_stack in found.values() for choice in of_stack]
        for fmt, found in chosen.items()
    }
    wanted = len([choice for choice in PROGRAM_CHOICES if choice.mode == "inductor"])
    counts = [modes[fmt].count("inductor") for fmt in FORMATS]
    assert sorted(bool(count) for count in counts) == [False, False, True, True]
    assert max(counts) <= wanted
    assert modes["binary32"].count("inductor") >= wanted - 1
    graphs_made = {
        choice.graph for found in chosen.values() for of in found.values() for choice in of
    }
    assert len(graphs_made) == 2 + len(FORMATS)
    for fmt, found in chosen.items():
        assert modes[fmt].count("aot_eager") == 1
        traced = {name for name, of in found.items() for c in of if c.mode == "aot_eager"}
        assert all(s.cotangents.size for s in stacks("smoke", op, fmt) if s.name in traced)
