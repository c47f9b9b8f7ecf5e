"""What a finding says was allowed: as lines for a reader, and as what a script checks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reports.checks import Check, Kind
from reports.record import Finding
from reports.text import plain, rational

_BY_REQUIREMENT: dict[str, Kind] = {
    "second-backward": "second",
    "consistency-layout": "layout",
    "consistency-mode": "layout",
    "consistency-repeat": "repeat",
    "adjoint": "reverse",
}
"""Requirement -> the question that needs no expected answer."""

_BOXES = {"box": "gradient", "output_box": "output"}
"""Key of what was allowed -> what has the coordinate."""
_BOTH_ZEROS = ("0x0.0p+0", "-0x0.0p+0")
_AT_MOST = 8  # positions that a script compares: the first deviating ones show it


def check_of(finding: Finding) -> Check | None:
    """Return what a script for `finding` checks; None where the finding does not say it."""
    if finding.outcome in ("errored", "crashed"):
        kind: Kind = "crashed" if finding.outcome == "crashed" else "errored"
        signal = finding.crash["signal"] if finding.crash else "the signal is not known"
        return Check(kind=kind, crash=ascii(plain(signal, 40))[1:-1])
    if finding.requirement in _BY_REQUIREMENT:
        return Check(kind=_BY_REQUIREMENT[finding.requirement])
    if (finding.got or {}).get("second_gradient") is not None:
        return Check(kind="second")
    try:
        return _of_expected(finding)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None  # an expectation of another shape: the report says so in the script's place


def describe(expected: dict[str, object] | None) -> list[str]:
    """Return readable lines for what was allowed."""
    lines = []
    for key, value in (expected or {}).items():
        if key in _BOXES and isinstance(value, dict):
            low, high = rational(str(value.get("low"))), rational(str(value.get("high")))
            lines.append(f"coordinate {value.get('index')} of the {_BOXES[key]} in [{low}, {high}]")
        elif key == "direction" and isinstance(value, dict):
            terms = " + ".join(f"({factor}) v[{index}]" for index, factor in value.items())
            limit = rational(str((expected or {}).get("limit")))
            lines.append(f"{terms} <= {limit} for a gradient v of the set, rounding included")
        elif key == "sides" and isinstance(value, list):
            lines += [f"one side of the jump has {_coordinates(side)}" for side in value]
        elif key != "limit":
            lines.append(f"{key.replace('_', ' ')}: {_listed(value)}")
    return [plain(line, 2000) for line in lines]


def _coordinates(side: object) -> str:
    numbers = side.items() if isinstance(side, dict) else ()
    return ", ".join(f"{rational(str(number))} in coordinate {k}" for k, number in numbers)


def _listed(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _of_expected(finding: Finding) -> Check | None:
    expected = finding.expected or {}
    if "output" in expected:
        return _output_check(finding, _list(expected["output"]))
    if "allowed_indices" in expected:
        return _indices_check(finding, _list(expected["allowed_indices"]))
    subject = "jacobian" if (finding.got or {}).get("jacobian") is not None else "gradient"
    for box, of in (("output_box", "y"), ("box", subject)):
        if box in expected:
            return _box(_dict(expected[box]), of)
    if "direction" in expected:
        direction = {int(k): _exact(str(v)) for k, v in _dict(expected["direction"]).items()}
        limit = _exact(str(expected["limit"]))
        return Check(kind="direction", direction=direction, limit=limit, subject=subject)
    if "sides" in expected:
        return _sides_check(_list(expected["sides"]))
    return (
        _values_check(finding, _list(expected[subject]), subject) if subject in expected else None
    )


def _box(box: dict[str, object], subject: str) -> Check:
    low, high = _exact(str(box["low"])), _exact(str(box["high"]))
    return Check(kind="box", index=_whole(box["index"]), low=low, high=high, subject=subject)


def _sides_check(sides: list[object]) -> Check | None:
    exact = [{int(k): _exact(str(v)) for k, v in _dict(side).items()} for side in sides]
    return Check(kind="sides", sides=exact) if exact else None


def _values_check(finding: Finding, wanted: list[object], subject: str) -> Check | None:
    """Return the comparison with numbers; None where no binary format has them.

    Where other numbers came back, some of these show it. Where the very numbers did, all count: a
    few of them are those of many gradients.
    """
    exact = [Fraction(str(text)) for text in wanted]
    if any(number.denominator & (number.denominator - 1) for number in exact):
        return None
    got = [float.fromhex(text) for text in (finding.got or {}).get(subject) or []]
    off = [k for k, (back, right) in enumerate(zip(got, exact, strict=False)) if back != right]
    positions = off[:_AT_MOST] or [k for k, right in enumerate(exact) if right]
    values = {k: _exact(str(exact[k])) for k in positions}
    return Check(kind="values", values=values, subject=subject, whole=not off)


def _output_check(finding: Finding, wanted: list[object]) -> Check:
    right = [float.fromhex(str(text)).hex() for text in wanted]
    got = [float.fromhex(text).hex() for text in (finding.got or {}).get("output") or []]
    pairs = list(enumerate(zip(got, right, strict=False)))
    off = [k for k, (back, best) in pairs if back not in _as_good_as(best)]
    signs = [k for k, (back, best) in pairs if back != best]
    positions: Sequence[int] = off or signs or range(len(right))
    # where signs of zeros are all that is wrong, they matter
    strict = bool(signs) and not off
    return Check(
        kind="output",
        output={k: [right[k]] if strict else _as_good_as(right[k]) for k in positions[:_AT_MOST]},
    )


def _as_good_as(best: str) -> list[str]:
    """Return what is as good as `best`: where both zeros are tied, either is right."""
    return list(_BOTH_ZEROS) if best in _BOTH_ZEROS else [best]


def _indices_check(finding: Finding, allowed: list[object]) -> Check:
    sets = [[_whole(index) for index in _list(entry)] for entry in allowed]
    got = [int(text) for text in (finding.got or {}).get("indices") or []]
    off = [k for k, (index, right) in enumerate(zip(got, sets, strict=False)) if index not in right]
    positions: Sequence[int] = off or range(len(sets))
    return Check(kind="indices", allowed={k: sets[k] for k in positions[:_AT_MOST]})


def _exact(text: str) -> str:
    """Return source for the rational or the infinity that `text` spells."""
    if text in ("inf", "-inf"):
        return f'float("{text}")'
    exact = Fraction(text)
    if exact.denominator == 1 and abs(exact) < 10**9:
        return str(exact.numerator)
    return f'Fraction("{exact}")'


def _whole(value: object) -> int:
    if type(value) is not int:
        msg = f"{value!r}, expected an integer"
        raise TypeError(msg)
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        msg = f"{value!r}, expected a list"
        raise TypeError(msg)
    return value


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        msg = f"{value!r}, expected an object"
        raise TypeError(msg)
    return value
