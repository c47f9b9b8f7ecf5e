"""Which part of the suites is to be run: the command line's lists, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS
from suites.corpus import Stack
from suites.frameworks.protocol import MODES

OPERATIONS = tuple(CATALOGUE)
FORMAT_NAMES = tuple(FORMATS)
LAYOUTS = ("contiguous", "channels-last", "transposed", "sliced", "expanded")


class SelectionError(ValueError):
    """A selection that can't be run; one line that says what can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is to be run.

    Attributes:
        profile: Name of the corpus profile.
        device: `cpu` or `cuda`.
        ops: Operations.
        formats: Formats.
        modes: Modes.
        layouts: Layouts of `LAYOUTS`.
        case: The id of the only case, or None for all.
        stack: That case, where a run file has it and not the corpus.
    """

    profile: str
    device: str
    ops: tuple[str, ...] = OPERATIONS
    formats: tuple[str, ...] = FORMAT_NAMES
    modes: tuple[str, ...] = MODES
    layouts: tuple[str, ...] = LAYOUTS
    case: str | None = None
    stack: Stack | None = None

    @property
    def whole(self) -> bool:
        """Whether every case of its profile is run in its base cell."""
        everything = (OPERATIONS, FORMAT_NAMES, None)
        return (
            (self.ops, self.formats, self.case) == everything
            and "eager" in self.modes
            and "contiguous" in self.layouts
        )

    def document(self) -> dict[str, object]:
        """Return the JSON object for the header of a run file."""
        return {
            "ops": list(self.ops),
            "formats": list(self.formats),
            "modes": list(self.modes),
            "layouts": list(self.layouts),
            "profile": self.profile,
            "case": self.case,
        }


def default_modes(profile: str) -> tuple[str, ...]:
    """Return the modes of a profile: the small one compiles nothing, that takes too long."""
    return ("eager",) if profile == "smoke" else MODES


def listed(option: str, text: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the entries of a comma-separated list, in the order of `known`; None names all.

    Raises:
        SelectionError: An entry is not known, or there is none.
    """
    if text is None:
        return known
    entries = [entry.strip() for entry in text.split(",")]
    for entry in entries:
        one_of(option, entry, known)
    return tuple(entry for entry in known if entry in entries)


def one_of(option: str, value: str, known: Iterable[str]) -> str:
    """Return `value` if it is known.

    Raises:
        SelectionError: It is not.
    """
    known = tuple(known)
    if value not in known:
        msg = f"{option}: {value!r} is unknown, expected one of {', '.join(known)}"
        raise SelectionError(msg)
    return value
