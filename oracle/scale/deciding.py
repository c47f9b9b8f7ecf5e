"""What the filter leaves open, decided by the exact core, component by component."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.check import Verdict, problem_of
from oracle.formats import Format
from oracle.judge import judge
from oracle.scale.cutting import Plane, cut
from oracle.scale.mixing import WILD
from oracle.scale.passing import Layer
from oracle.scale.result import Budget, Finding
from oracle.scale.showing import out_of_box

_FEW = 1  # windows of a component that the core decides at once


@dataclass(kw_only=True)
class Decisions:
    """What the core has said of a layer so far.

    Attributes:
        layer: The tensors.
        format: Their format.
        flushes: Whether subnormal numbers may be flushed to zero.
        budget: What may be asked.
        asked: Components that were asked about.
        words: Word -> number of inputs, judged here.
        open: Inputs that neither filter nor core decided, among those with the word `undecided`.
        overflow: Inputs whose NaN or infinity overflow explains.
        ratio: The largest ratio of what conforms.
        findings: What does not.
    """

    layer: Layer
    format: Format
    flushes: bool
    budget: Budget
    asked: int = 0
    words: Counter[str] = field(default_factory=Counter)
    overflow: int = 0
    ratio: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def component(
        self,
        plane: Plane,
        inputs: Sequence[int],
        windows: Sequence[int],
        wild: Sequence[int],
        *,
        count: int,
    ) -> None:
        """Decide a component of a plane.

        Args:
            plane: The plane.
            inputs: The inputs that its windows choose among, numbered in the plane; those first
                that are most likely wrong.
            windows: Its windows.
            wild: The windows with a NaN or infinite cotangent that choose among them, too.
            count: How many of the inputs something is asked of.
        """
        found = self._decided(plane, inputs, windows, wild)
        case, verdict = found if found is not None else (None, None)
        word = verdict.verdict if verdict is not None else "undecided"
        self.words[word] += count
        if word in ("smooth", "clarke") and verdict is not None:
            self.overflow += verdict.overflow
            self.ratio = max(self.ratio, verdict.worst_ratio or 0.0)
        elif len(self.findings) < self.budget.findings:
            self.findings.append(_finding(word, plane, inputs, windows, case, verdict))

    def _decided(
        self, plane: Plane, inputs: Sequence[int], windows: Sequence[int], wild: Sequence[int]
    ) -> tuple[Case, Verdict] | None:
        """Return a case with what the core says of it; None beyond the budget."""
        if self.asked >= self.budget.components:
            return None
        self.asked += 1
        if len(windows) > _FEW:
            shown = self._beyond(plane, inputs, windows, wild)
            if shown is not None:
                return shown
        if not self._fits(plane, [*windows, *wild]):
            return None
        case, _ = self._cut(plane, inputs, [*windows, *wild])
        return case, judge(case)

    def _cut(
        self, plane: Plane, inputs: Sequence[int], windows: Sequence[int]
    ) -> tuple[Case, tuple[int, ...]]:
        return cut(self.layer, self.format, plane, inputs, windows, flushes=self.flushes)

    def _fits(self, plane: Plane, windows: Sequence[int]) -> bool:
        if len(windows) > self.budget.windows:
            return False
        return sum(map(plane.cell_count, windows)) <= self.budget.cells

    def _beyond(
        self, plane: Plane, inputs: Sequence[int], windows: Sequence[int], wild: Sequence[int]
    ) -> tuple[Case, Verdict] | None:
        """Return the proof that a component of many windows is outside, if one input shows it.

        The interval that holds a coordinate of all conservative points follows from the windows
        that choose among it; so these windows alone are cut out.
        """
        around: dict[int, list[int]] = {i: [] for i in inputs[: self.budget.inputs]}
        for w in [*windows, *wild]:
            for i in plane.cells(w):
                if i in around:
                    around[i].append(w)
        for i, near in around.items():
            # an interval takes time in proportion to the cells, however many windows they are of
            if sum(map(plane.cell_count, near)) <= self.budget.cells:
                case, read = self._cut(plane, [i], near)
                problem = problem_of(case)
                verdict = out_of_box(problem, read.index(i))
                if verdict is not None:
                    return case, verdict
        return None


def _finding(
    word: str,
    plane: Plane,
    inputs: Sequence[int],
    windows: Sequence[int],
    case: Case | None,
    verdict: Verdict | None,
) -> Finding:
    x, g = plane.number * plane.inputs, plane.number * plane.windows
    return Finding(
        word=word,
        inputs=tuple(x + int(i) for i in inputs),
        windows=tuple(g + int(w) for w in windows),
        case=case,
        verdict=verdict,
    )


def decide(
    decisions: Decisions,
    plane: Plane,
    parent: NDArray[np.int32],
    owner: NDArray[np.int32],
    proved: NDArray[np.uint8],
    open_: NDArray[np.bool_],
    free: NDArray[np.bool_],
) -> int:
    """Decide the open components of a plane, and its open inputs that are in none.

    Args:
        decisions: Where they go.
        plane: The plane.
        parent: Input -> the input that stands for its component, or -1.
        owner: Window -> the input that stands for its component, or less.
        proved: Input -> the rules that explain it, as bits.
        open_: Input -> whether its component is open, or it itself.
        free: Input -> whether nothing is asked of it.

    Returns:
        The number of tied inputs in them of which something is asked.
    """
    inputs, windows = _grouped(parent, open_), _grouped(owner, None)
    wild = np.flatnonzero(owner == WILD).tolist()
    for i in np.flatnonzero(open_ & (parent < 0)).tolist():
        decisions.component(plane, [i], [], [], count=1)
    tied = 0
    for root, members in inputs.items():
        near = _touching(plane, wild, set(members)) if wild else []
        count = len(members) - int(free[members].sum())
        members.sort(key=lambda i: int(proved[i]).bit_count())
        decisions.component(plane, members, windows.get(root, []), near, count=count)
        tied += count if len(members) > 1 else 0
    return tied


def _grouped(roots: NDArray[np.int32], chosen: NDArray[np.bool_] | None) -> dict[int, list[int]]:
    """Return root -> what it stands for, ascending."""
    wanted = roots >= 0 if chosen is None else (roots >= 0) & chosen
    numbers = np.flatnonzero(wanted)
    order = np.argsort(roots[numbers], kind="stable")
    numbers = numbers[order]
    found, starts = np.unique(roots[numbers], return_index=True)
    parts = np.split(numbers, starts[1:]) if found.size else []
    return {int(root): part.tolist() for root, part in zip(found, parts, strict=True)}


def _touching(plane: Plane, windows: Sequence[int], inputs: set[int]) -> list[int]:
    return [w for w in windows if not inputs.isdisjoint(plane.cells(w))]
