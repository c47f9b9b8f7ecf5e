"""Flushing to zero: a bound that is wider where it is declared, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
import pytest

from suites import run
from suites.corpus import stacks
from suites.flushing import Flushing
from suites.frameworks.device import atomics_flush
from suites.frameworks.protocol import Reply
from suites.judging import Judge
from suites.options import Options
from suites.plan import Cell, Group, planned
from suites.rows import PATH
from suites.selection import Selection
from suites.variants import BASE

CPU = {"device": "cpu", "flushes_subnormals": False, "atomics_flush_subnormals": None}
CUDA = {"device": "cuda", "flushes_subnormals": False, "atomics_flush_subnormals": True}


@pytest.mark.parametrize(
    ("facts", "declared"),
    [
        (CPU, set()),
        (CPU | {"flushes_subnormals": True}, {"binary16", "binary32", "binary64"}),
        (CUDA, {"binary32"}),
        (CUDA | {"atomics_flush_subnormals": False}, set()),
        (CUDA | {"atomics_flush_subnormals": False, "flushes_subnormals": True}, set()),
    ],
)
def test_flushing_is_declared_where_it_was_measured(
    facts: dict[str, object], declared: set[str]
) -> None:
    flushing = Flushing.of(facts)

    formats = ("binary16", "binary32", "binary64")
    assert {of for of in formats if flushing.declared("max_pool3d", of)} == declared


def test_the_probe_sees_gradual_underflow_on_this_processor() -> None:
    assert atomics_flush("cpu") is False


def flushed(*, declared: bool) -> tuple[Cell, Reply]:
    """Return a cell with subnormal cotangents, and the reply of a kernel that flushes them."""
    stack = next(stacks("smoke", "max_pool1d", "binary32"))
    subnormal = np.full_like(stack.cotangents[:1], 1000)
    stack = replace(stack.select([0]), cotangents=subnormal)
    cell = Cell(
        group=Group(stack=stack, device="cuda", flushes=declared), mode="eager", variant=BASE
    )
    case = cell.group.case(0)
    units = [case.format.units_of[bits] for bits in case.input.bits]
    output = [case.input.bits[max(w, key=lambda i: units[i])] for w in case.geometry.windows]
    zeros = np.zeros_like(stack.inputs[0])
    return cell, Reply(
        outcome="ran",
        output=np.array(output, np.uint32).reshape(stack.cotangents[0].shape),
        gradient=zeros,
        second_gradient=zeros,
    )


@pytest.mark.parametrize(("declared", "verdict"), [(False, "outside"), (True, "clarke")])
def test_a_flushed_gradient_is_right_only_where_flushing_is_declared(
    *, declared: bool, verdict: str
) -> None:
    cell, reply = flushed(declared=declared)

    judgment = Judge(cell.group).judge(cell, reply)

    assert judgment.verdicts[0].verdict.replace("smooth", "clarke") == verdict
    assert ("gradient" in judgment.misses) == (not declared)


def test_the_flag_is_no_part_of_a_cases_name() -> None:
    groups = [flushed(declared=declared)[0].group for declared in (False, True)]

    assert groups[0].ids == groups[1].ids
    assert [group.case(0).flushes for group in groups] == [False, True]


class FlushingRunner:
    """Stands where child processes would, on a device whose atomics flush."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None: ...

    def probe(self) -> frozenset[str]:
        """Return all operations."""
        return frozenset(self.settings["operations"])

    def describe(self) -> dict[str, object]:
        """Return the facts."""
        return CUDA | {"torch": "2.13.0"}


def test_a_run_declares_what_its_device_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "Runner", FlushingRunner)
    selection = Selection(
        profile="smoke", device="cuda", ops=("max_pool3d",), formats=("binary16", "binary32")
    )
    options = Options(
        selection=selection,
        names_ops=True,
        run_file=None,
        deviations=PATH,
        seed="corpus",
        cell_timeout=1.0,
        implementation=None,
    )
    cells = run.SuiteRun(options, only_plan=False).planned

    flags = {(cell.group.stack.format, cell.group.flushes) for cell in cells}
    assert flags == {("binary16", False), ("binary32", True)}
    assert not any(cell.group.flushes for cell in planned(selection))
