"""Cases that an implementation got right with the windows of other arithmetic than the format's.

Where windows are computed in floating point, a kernel may do so in a wider format. A case conforms
if output, indices and gradients all fit one choice of windows; which one is a question of
consistency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from oracle.case import Case, Tensor
from oracle.check import Verdict
from oracle.judge import judge
from suites.frameworks.protocol import Bits
from suites.indices import IndexJudge, Indices
from suites.passes import same_gradient
from suites.plan import Group


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Returned:
    """What came back for a stack, one row a case; None for what was not asked for."""

    output: Bits
    gradient: Bits
    second: Bits | None
    indices: Indices | None


class Alternatives:
    """Judges the cases of a stack by the other windows that it may have."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._indices: dict[str, IndexJudge] = {}
        self._verdicts: dict[tuple[str, int, bytes, bytes], Verdict] = {}

    def fitting(
        self, suspects: Iterable[int], returned: Returned
    ) -> dict[int, tuple[str, Verdict]]:
        """Return case -> the arithmetic by whose windows it conforms, and the verdict."""
        names = self._group.windowed.alternatives if self._group.windowed else {}
        found: dict[int, tuple[str, Verdict]] = {}
        for i in sorted(suspects) if names else ():
            verdicts = ((name, self._fitting(name, i, returned)) for name in names)
            fits = next(((name, verdict) for name, verdict in verdicts if verdict), None)
            if fits:
                found[i] = fits
        return found

    def _fitting(self, name: str, i: int, returned: Returned) -> Verdict | None:
        """Return the verdict on a case by other windows if all that came back conforms."""
        group = replace(self._group, arithmetic=name)
        output, gradient = returned.output[i], returned.gradient[i]
        shapes = group.geometry
        case = group.case(
            i,
            output=Tensor(shapes.output_shape, output.tolist()),
            gradient=Tensor(shapes.input_shape, gradient.tolist()),
        )
        key = (name, i, output.tobytes(), gradient.tobytes())
        verdict = self._verdicts.get(key) or self._verdicts.setdefault(key, judge(case))
        right = verdict.output_exact and verdict.verdict in {"smooth", "clarke"}
        return verdict if right and self._rest_fits(group, i, case, returned) else None

    def _rest_fits(self, group: Group, i: int, case: Case, returned: Returned) -> bool:
        """Return whether indices and the second gradient fit the windows, too."""
        if returned.indices is not None:
            name = group.arithmetic
            judging = self._indices.get(name) or self._indices.setdefault(name, IndexJudge(group))
            if judging.miss(i, returned.indices[i].tolist()) is not None:
                return False
        return returned.second is None or same_gradient(case, returned.second[i].tolist())
