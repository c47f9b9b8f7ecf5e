"""What strategies draw, asked as Hypothesis' own tests do: any, the smallest, all."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, Verbosity, find, given, seed, settings
from hypothesis.strategies import SearchStrategy

from suites.meta.hunts import hunt_of
from suites.strategies import Example, ordinary

Condition = Callable[[Example], bool]


def of(op: str, format_name: str = "binary32") -> SearchStrategy[Example]:
    """The ordinary examples of an operation, in every variant that it can have."""
    return ordinary(op, format_name, hunt_of(op, format_name).variants)


def find_any(examples: SearchStrategy[Example], condition: Condition, tries: int = 2000) -> Example:
    """Return an example with `condition`, as it was drawn."""
    return find(examples, condition, settings=_settings(tries, Phase.generate))


def minimal(
    examples: SearchStrategy[Example],
    condition: Condition = bool,
    tries: int = 2000,
) -> Example:
    """Return what an example with `condition` shrinks to."""
    return find(examples, condition, settings=_settings(tries, Phase.generate, Phase.shrink))


def drawn(examples: SearchStrategy[Example], count: int, number: int = 0) -> list[Example]:
    """Return the first examples that a seed draws."""
    found: list[Example] = []

    @seed(number)
    @_settings(count, Phase.generate)
    @given(examples)
    def draw(example: Example) -> None:
        found.append(example)

    draw()
    return found


def _settings(tries: int, *phases: Phase) -> settings:
    return settings(
        max_examples=tries,
        database=None,
        deadline=None,
        derandomize=True,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
