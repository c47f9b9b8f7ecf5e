"""Programs that are made for a test, and cases of programs that can be worked by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from oracle.case import Case, Tensor, matrix_shape
from oracle.check import check
from oracle.formats import BINARY32, Format
from oracle.judge import judge
from oracle.programs import PROGRAMS, Scalar
from oracle.programs.definition import Definition
from suites.meta.cases import Document, Number, stored, through_json
from suites.meta.programs import of, program_case

_NUMBERS = itertools.count()

Outputs = Callable[..., Scalar | Sequence[Scalar]]
"""From the entries of one operand to one output or several."""


def craft(monkeypatch: pytest.MonkeyPatch, outputs: Outputs, count: int = 1, **more: Any) -> str:
    """Return the name of a new operation on one row, which is forgotten after the test."""

    def listed(params: object, grids: Any) -> Sequence[Scalar]:
        del params  # it has none
        made = outputs(*grids["input"].entries)
        return [made] if isinstance(made, Scalar) else list(made)

    name = f"crafted_{next(_NUMBERS)}"
    definition = Definition(
        operands=("input",),
        checks={},
        output_shape=lambda _, __: (count,),
        outputs=listed,
        **more,
    )
    monkeypatch.setitem(PROGRAMS, name, definition)
    return name


def crafted_case(
    op: str, x: Sequence[Number], g: Sequence[Number], v: Sequence[Number], fmt: Format = BINARY32
) -> Case:
    """Return a case of an operation on one row without parameters."""
    return program_case(op, of(x), g, v, fmt)


def with_matrix(case: Case, matrix: Sequence[Number]) -> Case:
    """Return the case with a Jacobian in place of its gradient."""
    jacobian = Tensor(matrix_shape(case.geometry), stored(case.format, matrix))
    return replace(case, gradient=None, jacobian=jacobian)


def verdict_of(case: Case) -> Document:
    """Return the verdict as another program reads it, accepted by the checker."""
    document = through_json(judge(case).document())
    check(case, document)
    return document


def word(op: str, x: Sequence[Number], g: Sequence[Number], v: Sequence[Number]) -> str:
    """Return the verdict's word on a case of an operation on one row."""
    return str(verdict_of(crafted_case(op, x, g, v))["verdict"])
