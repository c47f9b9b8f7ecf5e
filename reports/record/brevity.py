"""What a line of a run file leaves out: what the lines before it say already.

A cell is like its base, bits included; a finding is of the cell before it, and has the numbers that
an earlier one of the case has. What is so is not written again. Nothing is lost: `Reading` fills in
what `Writing` has left out.

- `agreement` is left out where all bits are the base's, or where there is none.
- `ids` of a stack are written as `cases_of`: family, then the 16 digits of each id, one after
  another; those of a part of a stack as `places` in its base, the ends of ranges.
- Of another operation's cells and cases nothing is remembered.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]

_ID = re.compile(r"(?P<op>[^/]+)/(?P<family>.+)-(?P<digits>[0-9a-f]{16})")
_DIGITS = 16
_OWN = ("kind", "cell", "base", "cases")
"""What each cell says for itself."""
_ALONE: Mapping[str, Any] = {
    "message": None,
    "stage": None,
    "crash": None,
    "compiled": None,
    "outcome": "ran",
    "ids": [],
    "misses": {},
    "findings": 0,
}
"""What a cell without a base is, if it does not say otherwise."""
_OF_CELL = ("cell", "op", "params", "format", "mode", "variant", "layout", "device")
"""What a finding has of its cell."""
_OF_CASE = ("input", "cotangent", "operands", "expression")
"""What a finding has of its case."""
_FINDING: Mapping[str, Any] = {
    "known": False,
    "got": None,
    "expected": None,
    "distance_ulps": None,
    "verdict": None,
    "message": None,
    "crash": None,
    "operands": [],
    "expression": "",
    "stacked": None,
}
"""What a finding is, if it does not say otherwise."""


class _Before:
    """What the lines before have said, of one operation."""

    def __init__(self) -> None:
        self._op: object = None
        self._bases: dict[str, Document] = {}
        self._cell: Document = {}
        self._cases: dict[str, Document] = {}

    def model(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a cell or a finding is, as far as it does not say otherwise."""
        if document["kind"] == "finding":
            of_cell = {key: self._cell[key] for key in _OF_CELL if key in self._cell}
            return {**_FINDING, **of_cell, **self._cases.get(document["case"], {})}
        base, cases = self._base(document), document.get("cases", 0)
        if base is None:
            return {**_ALONE, "agreement": "." * cases}
        like = {key: value for key, value in base.items() if key not in _OWN}
        return {**like, "agreement": "=" * cases, "ids": []}

    def ids(self, document: Mapping[str, Any]) -> Sequence[str]:
        """Return the ids of the cases of a cell's base."""
        base = self._base(document)
        found: Sequence[str] = base["ids"] if base else []
        return found

    def note(self, document: Document) -> None:
        """Take a whole line."""
        if document["kind"] == "finding":
            self._cases[document["case"]] = {
                key: document[key] for key in _OF_CASE if key in document
            }
        if document["kind"] == "search":
            self._cell = {}  # what it found is of no cell
        if document["kind"] != "cell":
            return
        self._cell = document
        if document.get("op") != self._op:
            self._op, self._bases, self._cases = document.get("op"), {}, {}
        if document.get("base") is None:
            self._bases[document["cell"]] = document

    def _base(self, document: Mapping[str, Any]) -> Document | None:
        return self._bases.get(document.get("base") or "")


class Writing:
    """Shortens the lines of a run file, in their order."""

    def __init__(self) -> None:
        self._before = _Before()

    def short(self, document: Document) -> Document:
        """Return the object to write."""
        if document["kind"] not in ("cell", "finding"):
            self._before.note(document)
            return document
        model = self._before.model(document)
        found = {
            key: value
            for key, value in document.items()
            if key in _OWN or key not in model or not _same(model[key], value)
        }
        if "ids" in found:
            found |= _packed(found.pop("ids"), document["op"], self._before.ids(document))
        self._before.note(document)
        return {"kind": document["kind"], **found}


class Reading:
    """Fills in what the lines of a run file leave out, in their order."""

    def __init__(self) -> None:
        self._before = _Before()

    def whole(self, document: Document) -> Document:
        """Return the object that was to be written.

        Raises:
            ValueError, KeyError, TypeError, IndexError: The line is damaged.
        """
        if document["kind"] not in ("cell", "finding"):
            self._before.note(document)
            return document
        found = {**self._before.model(document), **document}
        if "cases_of" in document:
            found["ids"] = list(_unpacked(found.pop("cases_of"), found["op"]))
        elif "places" in document:
            found["ids"] = list(_taken(found.pop("places"), self._before.ids(document)))
        self._before.note(found)
        return found


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are written alike: 1, 1.0 and true are not."""
    return one is other or (one == other and repr(one) == repr(other))


def _packed(ids: Sequence[str], op: str, of_base: Sequence[str]) -> Document:
    places = {case: k for k, case in enumerate(of_base)}
    if places and all(case in places for case in ids):
        return {"places": list(_ranges([places[case] for case in ids]))}
    found = [_ID.fullmatch(case) for case in ids]
    if any(match is None or match["op"] != op for match in found):
        return {"ids": ids}
    groups = itertools.groupby((m for m in found if m), key=lambda match: match["family"])
    return {"cases_of": [[family, "".join(m["digits"] for m in of)] for family, of in groups]}


def _unpacked(groups: Sequence[Sequence[str]], op: str) -> Iterator[str]:
    for family, digits in groups:
        for k in range(0, len(digits), _DIGITS):
            yield f"{op}/{family}-{digits[k : k + _DIGITS]}"


def _ranges(places: Sequence[int]) -> Iterator[int]:
    """Yield the first and the last of each run of successive numbers, in turn."""
    runs = itertools.groupby(enumerate(places), key=lambda pair: pair[1] - pair[0])
    for _, run in runs:
        members = [place for _, place in run]
        yield members[0]
        yield members[-1]


def _taken(ranges: Sequence[int], ids: Sequence[str]) -> Iterator[str]:
    for first, last in zip(ranges[::2], ranges[1::2], strict=True):
        for place in range(first, last + 1):
            yield ids[place]
