"""Examples of what changed, from the findings of a run: a case's numbers, and what came back.

A run keeps few findings, and counts the rest. What one of them says of a case in one cell is as
true of the cells with the same bits; and of a valid change any finding will do that has the
gradient, whatever it was kept for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from reports.compare.place import Place
from reports.compare.sides import At, Side
from reports.record import Finding, Stacked
from reports.ways import WHOLE

_DERIVATIVES = ("gradient", "jacobian")


class Examples:
    """The findings of a run, by what they can show.

    Args:
        side: The run.
    """

    def __init__(self, side: Side) -> None:
        self._places = side.places
        self._at: dict[At, Finding] = {}
        self._of_case: dict[str, list[Finding]] = defaultdict(list)
        for finding in side.shown:
            self._at.setdefault(At(finding.cell, finding.requirement, finding.case), finding)
            self._of_case[finding.case].append(finding)

    def at(self, cell: str, requirement: str, case: str) -> Finding | None:
        """Return the finding of a case in a cell, by a requirement, if one was kept."""
        return self._at.get(At(cell, requirement, case))

    def of_miss(self, place: Place, i: int, requirement: str, case: str) -> Finding | None:
        """Return a finding that a case of a cell does not meet a requirement, if there is one.

        Args:
            place: The cell.
            i: The case's place in its stack.
            requirement: The requirement.
            case: The case's id.
        """
        found = self.at(place.cell, requirement, case)
        if found is not None or place.base is None or not _has_the_bits_of_its_base(place, i):
            return found
        like = self.at(place.base, requirement, case)
        return like and _moved(like, place, i)

    def of_choice(self, place: Place, i: int, words: tuple[str, str], case: str) -> Finding | None:
        """Return a finding that shows the gradient of a case in a cell, if there is one.

        Args:
            place: The cell.
            i: The case's place in its stack.
            words: The requirement that it is to stand under, and what the case is by it.
            case: The case's id.
        """
        requirement, word = words
        found = self.at(place.cell, requirement, case)
        if found is not None:
            return found
        shown = next(self._showing(place, i, case), None)
        return shown and replace(
            shown,
            requirement=requirement,
            outcome="differs",
            known=False,
            fails_run=False,
            cause=word,
            expected=None,
            distance_ulps=None,
            message=None,
        )

    def _showing(self, place: Place, i: int, case: str) -> Iterator[Finding]:
        base = place.base or place.cell
        as_base = place.base is None or _has_the_bits_of_its_base(place, i)
        for finding in self._of_case.get(case, ()):
            had = finding.got or {}
            if finding.cell == place.cell:
                if any(had.get(name) for name in _DERIVATIVES):
                    yield finding
            elif as_base and finding.cell == base and had.get("gradient"):
                yield _moved(finding, place, i)
            elif as_base and self._is_held_against(finding, base):
                yield _moved(_of_base(finding), place, i)

    def _is_held_against(self, finding: Finding, base: str) -> bool:
        """Return whether a finding has the gradient of a cell that its own is compared with."""
        cell = self._places.get(finding.cell)
        has = (finding.expected or {}).get("base_gradient") is not None
        return has and cell is not None and cell.base == base


def _has_the_bits_of_its_base(place: Place, i: int) -> bool:
    """Return whether a cell's output and gradient of a case are those of its base."""
    return place.mode not in WHOLE and place.agreement[i : i + 1] == "="


def _of_base(finding: Finding) -> Finding:
    """Return a finding of other bits with those of the base in the place of its own."""
    bits = finding.expected or {}
    got: dict[str, list[str] | None] = {
        "output": _listed(bits.get("base_output")),
        "gradient": _listed(bits.get("base_gradient")),
    }
    return replace(finding, got=dict.fromkeys(finding.got or {}) | got, verdict=None)


def _listed(value: object) -> list[str] | None:
    return [str(entry) for entry in value] if isinstance(value, list) else None


def _moved(finding: Finding, place: Place, i: int) -> Finding:
    """Return a finding as that of place `i` in another cell of its stack, with the same bits."""
    together = finding.stacked is not None and place.cases > 1
    return replace(
        finding,
        cell=place.cell,
        mode=place.mode,
        variant=place.variant,
        stacked=Stacked(place=i, cases=place.cases) if together else None,
    )
