"""The classes of operators, as `operators.toml` states them."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

PATH = Path(__file__).with_name("operators.toml")
CLASSES = ("covered", "smooth", "later", "out of scope")
GROUPS = ("losses", "norms and distances", "rounding bounds")
"""What may come later."""

_KEYS = {
    "covered": {"nonsmooth", "entries"},
    "smooth": {"names"},
    "later": {"group", "names"},
    "out of scope": {"nonsmooth", "names"},
}
"""Class -> the keys of its rows, beside `class`, `reason` and perhaps `versions`."""


class ClassesError(ValueError):
    """A file of classes that can't be used; one line that names the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An operator of the framework's database, and its class.

    Attributes:
        name: Its name, with that of its variant.
        kind: One of `CLASSES`.
        reason: Why.
        nonsmooth: Whether it has a kink or a jump; None where the class says enough.
        entries: The entries of the catalogue that cover it.
        group: One of `GROUPS`, for what comes later, else "".
        versions: The releases that have it, a version specifier; "" for all.
    """

    name: str
    kind: str
    reason: str
    nonsmooth: bool | None = None
    entries: tuple[str, ...] = ()
    group: str = ""
    versions: str = ""

    def of(self, version: str) -> bool:
        """Return whether a release of that version has it."""
        return SpecifierSet(self.versions).contains(version, prereleases=True)


def read_operators(path: Path = PATH) -> list[Operator]:
    """Return the operators of a file of classes.

    Raises:
        ClassesError: It is none, or names an operator twice.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path.name} can't be read: {error}"
        raise ClassesError(msg) from error
    rows = document.pop("operators", [])
    if document or not isinstance(rows, list):
        msg = f"{path.name} holds {sorted(document)}, expected tables [[operators]] alone"
        raise ClassesError(msg)
    found = [
        operator
        for number, row in enumerate(rows, start=1)
        for operator in _operators(f"{path.name}, row {number}", row)
    ]
    twice = [name for name, times in Counter(each.name for each in found).items() if times > 1]
    if twice:
        msg = f"{path.name} names {', '.join(twice)} twice, expected each operator once"
        raise ClassesError(msg)
    return found


def _operators(where: str, row: Mapping[str, Any]) -> Iterator[Operator]:
    """Yield the operators of a row."""
    flaw = _flaw(row)
    if flaw:
        msg = f"{where}, {_named(row)}: {flaw}"
        raise ClassesError(msg)
    entries = row.get("entries", {})
    for name in row.get("names", entries):
        yield Operator(
            name=name,
            kind=row["class"],
            reason=row["reason"],
            nonsmooth=row.get("nonsmooth"),
            entries=tuple(entries.get(name, ())),
            group=row.get("group", ""),
            versions=row.get("versions", ""),
        )


def _flaw(row: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a row, or None."""
    kind = row.get("class")
    if kind not in CLASSES:
        return f"class is {kind!r}, expected one of {', '.join(CLASSES)}"
    expected = {"class", "reason"} | _KEYS[kind]
    if expected != row.keys() - {"versions"}:
        return (
            f"the keys are {', '.join(sorted(row))}, expected {', '.join(sorted(expected))} "
            f"of a row that is {kind}, and versions where only some releases have it"
        )
    return next((flaw for key, flaw in _values(row) if not _is_right(key, row[key])), None)


def _values(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys of a row whose values are to be tested, each with what is said of a flaw."""
    words = {
        "reason": "a clause",
        "nonsmooth": "true or false",
        "group": f"one of {', '.join(GROUPS)}",
        "versions": "a version specifier",
        "names": "a list of names",
        "entries": "the names of operators, each with a list of entries of the catalogue",
    }
    for key, expected in words.items():
        if key in row:
            yield key, f"{key} is {row[key]!r}, expected {expected}"


def _is_right(key: str, value: object) -> bool:
    if key == "nonsmooth":
        return isinstance(value, bool)
    if key == "names":
        return _is_names(value)
    if key == "entries":
        return isinstance(value, dict) and bool(value) and all(map(_is_names, value.values()))
    if key == "group":
        return value in GROUPS
    if key == "versions":
        return _is_specifier(value)
    return isinstance(value, str) and bool(value.strip())


def _is_names(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(entry, str) and entry for entry in value)
    )


def _is_specifier(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(str(SpecifierSet(value)))
    except InvalidSpecifier:
        return False


def _named(row: Mapping[str, Any]) -> str:
    """Return the first operator that a row names, for a message."""
    for key in ("names", "entries"):
        if isinstance(row.get(key), list | dict):
            return next(map(str, row[key]), "without an operator")
    return "without an operator"
