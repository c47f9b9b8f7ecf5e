"""Strict reading of what a certificate holds: one spelling for each thing, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from oracle.check.question import Question
from oracle.check.verdict import RefusedError

Certificate: TypeAlias = Mapping[str, Any]

_RATIONAL = re.compile(r"-?(0|[1-9][0-9]*)/[1-9][0-9]*", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)


def rational(number: int | Fraction) -> str:
    """Return "p/q", as certificates write real numbers."""
    return f"{number.numerator}/{number.denominator}"


def number(text: object) -> Fraction:
    """Return the rational number that a certificate spells "p/q"."""
    if not isinstance(text, str) or not _RATIONAL.fullmatch(text):
        msg = f"{text!r} is no rational number 'p/q'"
        raise RefusedError(msg)
    return Fraction(text)


def positive(text: object) -> Fraction:
    """Return a positive rational number."""
    weight = number(text)
    if weight <= 0:
        msg = f"the weight {text} is not positive"
        raise RefusedError(msg)
    return weight


def expect_one(weights: Iterable[Fraction]) -> None:
    """Refuse weights that do not sum to 1."""
    total = sum(weights)
    if total != 1:
        msg = f"the weights sum to {total}, expected 1"
        raise RefusedError(msg)


def expect_keys(entry: Certificate, *keys: str) -> None:
    """Refuse an object with other keys."""
    if not isinstance(entry, dict) or entry.keys() != set(keys):
        msg = f"{entry!r:.60} is not an object of {', '.join(keys)}"
        raise RefusedError(msg)


def entry_list(value: object) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        msg = f"{value!r:.60} is not a list"
        raise RefusedError(msg)
    return value


def input_index(problem: Question, i: object) -> int:
    """Return the number of an input of the case."""
    if type(i) is not int or not 0 <= i < problem.inputs:
        msg = f"{i!r} is no input of the case"
        raise RefusedError(msg)
    return i


def coordinate(problem: Question, i: object) -> int:
    """Return the number of a coordinate of the gradient."""
    if type(i) is not int or not 0 <= i < len(problem.gradient):
        msg = f"{i!r} is no coordinate of the gradient"
        raise RefusedError(msg)
    return i


def active_windows(problem: Question, value: object) -> list[int]:
    """Return distinct numbers of windows with a finite nonzero cotangent and a tied set."""
    windows = entry_list(value)
    for w in windows:
        if type(w) is not int or w not in problem.active:
            msg = f"{w!r} is no window that takes part"
            raise RefusedError(msg)
    if len(set(windows)) < len(windows):
        msg = f"the windows {windows} are not distinct"
        raise RefusedError(msg)
    return windows


def choices(problem: Question, windows: Sequence[int], value: object) -> tuple[int, ...]:
    """Return what a selection chooses in each of `windows`: of pooling, one of its tied inputs."""
    numbers = entry_list(value)
    if len(numbers) != len(windows):
        msg = f"the selection {numbers} does not choose once in each of {windows}"
        raise RefusedError(msg)
    return tuple(problem.choice(w, number) for w, number in zip(windows, numbers, strict=True))


def numbered(
    problem: Question, entries: object, read: Callable[[Question, object], int]
) -> dict[int, Fraction]:
    """Return an object from the numbers of inputs, or of coordinates, to rational numbers."""
    if not isinstance(entries, dict) or not all(_INDEX.fullmatch(key) for key in entries):
        msg = f"{entries!r:.60} is not an object from inputs to numbers"
        raise RefusedError(msg)
    return {read(problem, int(key)): number(text) for key, text in entries.items()}
