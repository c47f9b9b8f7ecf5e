"""What the suite must find in each implementation: `catalogue.toml`, read."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One implementation; the keys of `catalogue.toml`.

    Attributes:
        file: Its file's name in this folder.
        right: Whether it may not be accused of anything.
        fails: Requirements that must fail, each in at least one case.
        passes: Requirements that must not fail.
        outcomes: What its cases, or its cells, must be called beside `conforms`.
        variants: The cells in which the fault shows.
        formats: The only formats in which it shows; empty for all.
        ops: The only operations in which it shows; empty for all.
        rule: The rule that a right one follows, where that can be told.
    """

    file: str
    right: bool
    fails: tuple[str, ...]
    passes: tuple[str, ...]
    outcomes: tuple[str, ...]
    variants: tuple[str, ...]
    formats: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    rule: str | None = None

    @property
    def path(self) -> Path:
        """The file, for `--implementation`."""
        return FOLDER / self.file

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def sentence(self) -> str:
        """What it does, as its own docstring says."""
        return ast.get_docstring(ast.parse(self.path.read_text())) or ""


def entries() -> tuple[Entry, ...]:
    """Return all implementations, in the order of the catalogue."""
    rows = tomllib.loads((FOLDER / "catalogue.toml").read_text())["implementation"]
    return tuple(Entry(**{key: _frozen(value) for key, value in row.items()}) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
