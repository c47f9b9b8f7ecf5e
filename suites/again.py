"""A case of a finding, as a stack of its own: it is run again under the installed release."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from oracle.case import case_id
from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS, format_named
from oracle.programs.operands import Operand
from reports.record import Finding, Run, RunFileError, read_run
from suites.corpus import Stack
from suites.plan import Group
from suites.selection import SelectionError, one_of

_SHOWN = 3  # cases that a message names


def stack_of(path: Path, case: str) -> Stack:
    """Return the case that a run file has a finding of, as a stack of its own.

    Raises:
        SelectionError: The file is no run file, has no finding of the case, or that is none.
    """
    try:
        run = read_run(path)
    except RunFileError as error:
        msg = f"--run: {error}"
        raise SelectionError(msg) from error
    finding = next((found for found in run.findings if found.case == case), None)
    if finding is None:
        raise SelectionError(_missing(run, case))
    one_of("--case, the operation", finding.op, CATALOGUE)
    one_of("--case, the format", finding.format, FORMATS)
    try:
        stack = _stack(finding)
        (found_id,) = [case_id(Group(stack=stack, device="").case(0), stack.families[0])]
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        msg = f"--case: the finding of {case} in {path} can't be read: {error}"
        raise SelectionError(msg) from error
    if found_id != case:
        msg = f"--case: the numbers in {path} are those of {found_id}, not of {case}"
        raise SelectionError(msg)
    return stack


def _stack(finding: Finding) -> Stack:
    fmt = format_named(finding.format)
    bits = {
        key: np.array([fmt.bits_of[text] for text in numbers["data"]], dtype=f"uint{fmt.width}")
        for key, numbers in (("input", finding.input), ("cotangent", finding.cotangent))
    }
    shape = tuple(finding.input["shape"])
    return Stack(
        op=finding.op,
        params=dict(finding.params),
        format=finding.format,
        case_shape=shape,
        inputs=bits["input"].reshape(1, *shape),
        cotangents=bits["cotangent"].reshape(1, *finding.cotangent["shape"]),
        families=(finding.case.partition("/")[2].rpartition("-")[0],),
        name=finding.cell.split("/")[1],
        operands=tuple(Operand(o["name"], tuple(o["shape"])) for o in finding.operands),
        together=not finding.operands,
    )


def _missing(run: Run, case: str) -> str:
    cases = list(dict.fromkeys(finding.case for finding in run.findings))
    some = ", ".join(cases[:_SHOWN])
    beside = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
    there = f"it has {some}{beside}" if cases else "it has no finding"
    return f"--case: {run.path} has no finding of {case!r}; {there}"
