"""How numbers and foreign words are spelled in a report."""

from __future__ import annotations

from fractions import Fraction

_LONGEST = 400  # characters of a framework's message that a table or a summary can bear


def plain(text: str, limit: int = _LONGEST) -> str:
    """Return `text` as one printable line: controls, colours and line breaks can't act in it."""
    line = " ".join(text.split())
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def number(count: int) -> str:
    """Return a count with its thousands marked."""
    return f"{count:,}"


def share(part: int, whole: int) -> str:
    """Return `part of whole (rate)`, the rate rounded down so that only all is 100 %."""
    if not whole:
        return f"{number(part)} of {number(whole)}"
    tenths = part * 1000 // whole
    return f"{number(part)} of {number(whole)} ({tenths // 10}.{tenths % 10} %)"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun in the right number."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def counts(words: dict[str, int], separator: str = " · ") -> str:
    """Return `word count` for each word."""
    return separator.join(f"{word} {number(count)}" for word, count in words.items())


def rational(text: str) -> str:
    """Return a rational `p/q`, with a decimal approximation unless it is an integer.

    A text that is no rational (an infinity, say) is returned as it is.
    """
    try:
        exact = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return plain(text)
    if exact.denominator == 1 and abs(exact) < 10**6:
        return str(exact)
    try:
        return f"{exact} ({float(exact):.6g})"
    except OverflowError:
        return str(exact)
