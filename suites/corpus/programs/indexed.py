"""Forms of reductions into places by index, into segments and into bags.

Several sources go to one place, some places have none, and whatever is there takes part or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from suites.corpus.programs.form import Form, tensor


def _form(shapes: str, role: str = "further", tag: str = "", **params: Any) -> Form:
    return Form(shapes=shapes, role=role, tag=tag, together=False, params=params)


def _ways() -> Iterator[dict[str, Any]]:
    for reduce in ("amax", "amin"):
        for included in (True, False):
            yield {"reduce": reduce, "include_self": included}


_FIRST, *_OTHERS = _ways()

_WIDE = tuple(7 * k % 5 for k in range(65))
"""Sixty-five sources for five places."""

_SCATTERED = (
    ("2,2", "one", 0, tensor("2", 0, 0)),
    ("3,3", "apart", 0, tensor("3", 2, 0, 1)),
    ("3,4", "some", 0, tensor("4", 2, 0, 2, 0)),
    ("2x2,2x2", "crossed", 0, tensor("2x2", 1, 0, 1, 1)),
    ("2x3,2x2", "crossed", 1, tensor("2x2", 2, 0, 2, 2)),
    ("2x2,3x3", "part", 1, tensor("1x3", 1, 1, 0)),
)
"""Shapes, a word, the dimension and where each source goes."""

_INDEXED = (
    ("2,2", "one", 0, (0, 0)),
    ("3,4", "some", 0, (2, 0, 2, 0)),
    ("3x2,2x2", "some", 0, (2, 2)),
    ("2x2,2x3", "all", 1, (1, 0, 1)),
    ("1x2x2,1x3x2", "some", 1, (1, 1, 1)),
)


def _collected(table: tuple[tuple[str, str, int, Any], ...]) -> Iterator[Form]:
    """Yield the first form in every way, the others in turn in one that is not the first's."""
    for number, (shapes, tag, dim, index) in enumerate(table):
        if number == 0:
            yield _form(shapes, "first", tag, dim=dim, index=index, **_FIRST)
            yield from (_form(shapes, "kinks", tag, dim=dim, index=index, **way) for way in _OTHERS)
        else:
            for turn in (number, number + 1):
                way = _OTHERS[turn % len(_OTHERS)]
                yield _form(shapes, "further", tag, dim=dim, index=index, **way)


def _scatter() -> Iterator[Form]:
    yield from _collected(_SCATTERED)
    wide = {"dim": 0, "index": tensor("65", *_WIDE)}
    yield _form("5,65", "wide", "several", **wide, **_FIRST)
    yield _form("7,65", "wide", "several", **wide, **_OTHERS[2])
    many = tensor("2100", *(k // 2 for k in range(2100)))
    yield _form("1100,2100", "large", "pairs", dim=0, index=many, **_FIRST)
    yield _form("2,2", "constant", "one", dim=0, index=tensor("2", 1, 1), **_FIRST)
    yield _form("3,0", "empty", "none", dim=0, index=tensor("0"), **_FIRST)


def _index() -> Iterator[Form]:
    yield from _collected(_INDEXED)
    yield _form("5,65", "wide", "several", dim=0, index=_WIDE, **_FIRST)
    yield _form("7x2,65x2", "wide", "several", dim=0, index=_WIDE, **_OTHERS[2])
    many = tuple(k // 2 for k in range(2100))
    yield _form("1100,2100", "large", "pairs", dim=0, index=many, **_FIRST)
    yield _form("2,2", "constant", "one", dim=0, index=(1, 1), **_FIRST)
    yield _form("3,0", "empty", "none", dim=0, index=(), **_FIRST)


def _segments() -> Iterator[Form]:
    yield _form("4", "first", "one", reduce="max", lengths=(4,), initial=None)
    yield _form("4", "kinks", "two", reduce="min", lengths=(2, 2), initial=None)
    yield _form("4", "kinks", "gaps", reduce="max", lengths=(0, 3, 0, 1), initial=0.0)
    yield _form("4", "kinks", "last", reduce="min", lengths=(1, 3, 0), initial=1.0)
    yield _form("5", tag="gap", reduce="max", lengths=(2, 0, 3), initial=None)
    yield _form("3x2", tag="two", reduce="min", lengths=(1, 2), initial=-1.0)
    yield _form("4x2", tag="two", reduce="max", lengths=(3, 1), initial=None)
    yield _form("3x2x2", tag="one", reduce="max", lengths=(3,), initial=None)
    yield _form("4x2", "constant", "one", reduce="max", lengths=(2, 2), initial=None)
    yield _form("3x2x2", "repeated", "one", reduce="max", lengths=(3,), initial=None)
    for size in (16, 32, 65):
        yield _form(str(size), "wide", "two", reduce="max", lengths=(size - 9, 9), initial=None)
    yield _form("2100x2", "large", "pairs", reduce="max", lengths=(2,) * 1050, initial=None)
    yield _form("3x0", "empty", "one", reduce="max", lengths=(3,), initial=None)


def _bags() -> Iterator[Form]:
    """Yield forms whose bags share rows, hold a row twice, or nothing."""
    yield _form("4x1", "first", "one", input=(0, 1, 2, 3), offsets=(0,), mode="max")
    yield _form("3x1", "kinks", "shared", input=(0, 1, 2, 1), offsets=(0, 2), mode="max")
    yield _form("3x1", "kinks", "twice", input=(2, 0, 2, 2), offsets=(0, 3), mode="max")
    yield _form("3x2", tag="empty", input=(0, 1, 2), offsets=(0, 0, 3), mode="max")
    yield _form("3x2", tag="last", input=(2, 1), offsets=(0, 2), mode="max")
    yield _form("4x2", tag="reversed", input=(3, 2, 1, 0, 3), offsets=(0, 3), mode="max")
    yield _form("5x1", tag="unread", input=(1, 3), offsets=(0,), mode="max")
    yield _form("2x3", tag="single", input=(0, 1, 0), offsets=(0, 1, 2), mode="max")
    for width in (16, 33, 65):
        yield _form(f"3x{width}", "wide", "shared", input=(0, 1, 2, 0), offsets=(0, 2), mode="max")
    bags = {"input": tuple(range(1050)), "offsets": tuple(range(0, 1050, 2)), "mode": "max"}
    yield _form("1050x3", "large", "pairs", **bags)
    yield _form("3x2", "constant", "one", input=(0, 1, 2), offsets=(0, 2), mode="max")
    yield _form("3x0", "empty", "none", input=(0, 1, 2), offsets=(0,), mode="max")


INDEXED: dict[str, tuple[Form, ...]] = {
    "scatter_reduce": tuple(_scatter()),
    "index_reduce": tuple(_index()),
    "segment_reduce": tuple(_segments()),
    "embedding_bag": tuple(_bags()),
}
