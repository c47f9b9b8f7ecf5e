"""The rows of a deviations file: what is known to deviate, and what each row names."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from suites.plan import Cell
from suites.requirements import FAILING

PATH = Path(__file__).with_name("deviations.toml")
OUTCOMES = ("deviates", "conservative", "undecided", "errored", "crashed")

_TEXTS = ("requirement", "operation", "versions", "outcome", "reason", "link", "expiry", "script")
_LISTS = ("formats", "modes", "variants", "devices", "families")
_FLAGS = ("sometimes",)


class DeviationsError(ValueError):
    """A deviations file that can't be used; one line that names the row."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """A known deviation; an empty list names everything.

    Attributes:
        requirement: The requirement that does not hold.
        operation: Name of the operation.
        versions: The framework's versions, a version specifier.
        outcome: What its cases, or its cells, are instead of `conforms`. Of gradients that deviate
            some are `conservative` by chance, which a row of `deviates` covers, too.
        reason: What is wrong.
        link: A public issue, or "".
        expiry: A date (YYYY-MM-DD) or a version from which on the row no longer holds.
        script: File in `suites/deviations/` that shows it, with exit status 1.
        formats: Formats.
        modes: Modes.
        variants: Variants.
        devices: Devices.
        families: Families of cases.
        sometimes: Whether it need not show each time.
    """

    requirement: str
    operation: str
    versions: str
    outcome: str
    reason: str
    link: str
    expiry: str
    script: str
    formats: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    sometimes: bool = False

    @property
    def title(self) -> str:
        """How messages name the row."""
        return f"{self.operation}, {self.requirement}: {self.reason}"

    def document(self) -> dict[str, object]:
        """Return the JSON object."""
        lists = {key: list(getattr(self, key)) for key in _LISTS if getattr(self, key)}
        return {key: getattr(self, key) for key in (*_TEXTS, *_FLAGS)} | lists

    def names(self, cell: Cell) -> bool:
        """Return whether the cell, and a family of its cases, is among those named."""
        stack = cell.group.stack
        return (
            self.operation == stack.op
            and named(self.formats, stack.format)
            and named(self.modes, cell.mode)
            and named(self.variants, cell.variant.name)
            and named(self.devices, cell.group.device)
            and (not self.families or not set(self.families).isdisjoint(stack.families))
        )

    def covers(self, cell: Cell, requirement: str, outcome: str, families: Collection[str]) -> bool:
        """Return whether a deviation of the cell's cases of `families` is this one."""
        return (
            self.requirement == requirement
            and (self.outcome == outcome or (self.outcome, outcome) == ("deviates", "conservative"))
            and self.names(cell)
            and all(named(self.families, family) for family in families)
        )

    def expired(self, version: Version, today: dt.date) -> bool:
        """Return whether the row's time is over."""
        limit = _expiry(self.expiry)
        return today >= limit if isinstance(limit, dt.date) else version >= limit


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a deviations file.

    Raises:
        DeviationsError: It is none.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path.name} can't be read: {error}"
        raise DeviationsError(msg) from error
    rows = document.pop("deviation", [])
    if document or not isinstance(rows, list):
        msg = f"{path.name} holds {sorted(document)}, expected tables [[deviation]] alone"
        raise DeviationsError(msg)
    return [_row(f"{path.name}, deviation {n}", row) for n, row in enumerate(rows, start=1)]


def _row(where: str, row: dict[str, Any]) -> Row:
    unknown = sorted(row.keys() - {*_TEXTS, *_LISTS, *_FLAGS})
    missing = [key for key in _TEXTS if not isinstance(row.get(key), str)]
    lists = [key for key in _LISTS if not _is_texts(row.get(key, []))]
    if unknown or missing or lists or not isinstance(row.get("sometimes", False), bool):
        msg = (
            f"{where}: unknown keys {unknown}, texts missing {missing}, no lists of texts {lists}; "
            f"expected the texts {', '.join(_TEXTS)}, beside lists {', '.join(_LISTS)} and the "
            "flag sometimes"
        )
        raise DeviationsError(msg)
    try:
        SpecifierSet(row["versions"])
        _expiry(row["expiry"])
    except (InvalidSpecifier, InvalidVersion) as error:
        msg = f"{where}: {error}, expected a specifier in versions, a date or version in expiry"
        raise DeviationsError(msg) from error
    for key, known in (("requirement", FAILING), ("outcome", OUTCOMES)):
        if row[key] not in known:
            msg = f"{where}: {key} is {row[key]!r}, expected one of {', '.join(known)}"
            raise DeviationsError(msg)
    lists_as_tuples: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Row(**lists_as_tuples)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def named(entries: Collection[str], value: str) -> bool:
    """Return whether a row's list names a value; an empty one names all."""
    return not entries or value in entries


def _expiry(text: str) -> dt.date | Version:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return Version(text)
