"""Numbers of a run file as short Python source that gives exactly these numbers again.

The source calls `numbers(text)`, which a script defines as the floats of the words in `text`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

_LITERAL = 200  # up to so many numbers stand there as they are
_A_LINE = 8  # numbers on a line of a long literal
_NUMBER = re.compile(r"[+-]?0x[0-9a-f]+(?:\.[0-9a-f]*)?p[+-]?[0-9]{1,6}|-?inf|nan", re.IGNORECASE)


class NotNumbersError(ValueError):
    """Texts that are not the numbers of a run file; nothing else may get into a script."""


def is_number(text: str) -> bool:
    """Return whether `text` is a C99 hexadecimal number, an infinity or NaN."""
    return _NUMBER.fullmatch(text) is not None


def source(texts: Sequence[str]) -> str:
    """Return an expression for the list of floats that `texts` spell.

    Raises:
        NotNumbersError: One of them is no C99 hexadecimal number, infinity or NaN.
    """
    for position, text in enumerate(texts):
        if not is_number(text):
            msg = f"number {position} is {ascii(text)[:60]}, expected C99 hexadecimal, inf or nan"
            raise NotNumbersError(msg)
    if len(texts) <= _LITERAL:
        return _literal(texts)
    return min(_literal(texts), _runs(texts), _tiles(texts), key=len)


def tensor(numbers: Mapping[str, object]) -> dict[str, object]:
    """Return source for the `numbers` of a tensor, and its `shape`.

    Raises:
        NotNumbersError: They are none.
    """
    texts, shape = numbers.get("data"), numbers.get("shape")
    if not isinstance(texts, list) or not isinstance(shape, list):
        msg = f"{ascii(numbers)[:60]} is no tensor, expected its shape and data"
        raise NotNumbersError(msg)
    if any(type(size) is not int for size in shape):
        msg = f"a shape is {ascii(shape)[:60]}, expected integers"
        raise NotNumbersError(msg)
    return {"numbers": source([str(text) for text in texts]), "shape": shape}


def _literal(texts: Sequence[str]) -> str:
    if len(texts) <= _A_LINE:
        return f'numbers("{" ".join(texts)}")'
    lines = [" ".join(texts[k : k + _A_LINE]) for k in range(0, len(texts), _A_LINE)]
    return 'numbers("""\n    ' + "\n    ".join(lines) + '\n""")'


def _runs(texts: Sequence[str]) -> str:
    runs = [(text, len(list(run))) for text, run in itertools.groupby(texts)]
    terms = [f'numbers("{text}") * {length}' for text, length in runs]
    return "(\n    " + "\n    + ".join(terms) + "\n)"


def _tiles(texts: Sequence[str]) -> str:
    """Return the shortest prefix that gives all of `texts` when it is repeated, repeated."""
    period = _period(texts)
    times = -(-len(texts) // period)
    return f"({_literal(texts[:period])} * {times})[:{len(texts)}]"


def _period(texts: Sequence[str]) -> int:
    """Return the smallest period, by the failure function of [Knuth, Morris, Pratt 1977]."""
    borders = [0] * len(texts)
    length = 0
    for k in range(1, len(texts)):
        while length and texts[k] != texts[length]:
            length = borders[length - 1]
        length += texts[k] == texts[length]
        borders[k] = length
    return len(texts) - borders[-1]
