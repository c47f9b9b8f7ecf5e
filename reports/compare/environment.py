"""What is not the same beside the results: build, suites, machine. It never counts as a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.compare.sides import Side

_SUITES = ("profile", "commit", "corpus", "seed", "implementation")
_BUILD = ("torch", "torch_git", "torch_debug", "cuda")
_MISSING = "not said"
_PER_RUN = ("torch",)  # the framework's version says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A fact that is another one.

    Attributes:
        of: `build`, `suites` or `machine`.
        what: Its name.
        old: What it was.
        new: What it is.
    """

    of: str
    what: str
    old: str
    new: str


def differences(old: Side, new: Side) -> list[Difference]:
    """Return the facts of two runs that are not the same."""
    return [
        Difference(of=of, what=what, old=was, new=now)
        for (of, what), (was, now) in _facts(old, new).items()
        if was != now
    ]


def _facts(old: Side, new: Side) -> dict[tuple[str, str], tuple[str, str]]:
    before, after = dict(_listed(old)), dict(_listed(new))
    return {
        key: (before.get(key, _MISSING), after.get(key, _MISSING)) for key in {**before, **after}
    }


def _listed(side: Side) -> Iterator[tuple[tuple[str, str], str]]:
    header = side.header
    yield ("build", "framework"), " ".join(header.framework.values())
    for key, value in header.environment.items():
        if key not in _PER_RUN:
            yield ("build" if key in _BUILD else "machine", key), str(value)
    yield ("machine", "device"), header.device
    for key in _SUITES:
        yield ("suites", key), str(getattr(header, key))
    for key, value in header.options.items():
        yield ("suites", f"options: {key}"), _text(value)
    yield ("suites", "known deviations in force"), f"{len(header.deviations)} rows"
    for key, count in header.planned.items():
        yield ("suites", f"planned {key}"), f"{count:,}"


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(entry)}" for key, entry in value.items())
    return str(value)
