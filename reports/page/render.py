"""Puts the page together."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from reports.ledger import how_often, tied
from reports.outcomes import LETTERS, MEANINGS
from reports.page.figures import figures
from reports.page.issues import issues
from reports.text import counted, counts, number, plain, rational, share
from reports.together import spelled
from reports.views import names, view

_ADDRESS = re.compile(r"https?://[\w./?=&%#~+-]+")
_NUMBERS = 64  # of an example
_FILE = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*")


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a report."""
    called = names([section["run"] for section in document["runs"]])
    return _TEMPLATE.render(
        sections=[
            _view(section, name, prefix=f"r{place}-")
            for place, (section, name) in enumerate(zip(document["runs"], called, strict=True), 1)
        ],
        document=document,
        letters=LETTERS,
        meanings=MEANINGS,
        **frame(),
    )


def frame() -> dict[str, str]:
    """Return what every page has: its style sheet, its script, and what may be loaded."""
    style, script = _own("page.css"), _own("page.js")
    return {
        "style": Markup(style),  # this project's own file
        "script": Markup(script),  # this project's own file
        "policy": _policy(style, script),
    }


def line(text: object) -> str:
    """Return `text` on one line, in which nothing acts."""
    return plain(str(text), 2000)


def address(text: object) -> str | None:
    """Return `text` if it is a plain address, which a page may link to."""
    found = plain(str(text))
    return found if _ADDRESS.fullmatch(found) else None


def beside(text: object) -> str | None:
    """Return `text` if it is a plain name of a file beside the page."""
    found = plain(str(text))
    return found if _FILE.fullmatch(found) else None


def by_family(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return the rows of each family, which stand together."""
    groups = itertools.groupby(rows, key=lambda row: str(row["family"]))
    return [(name, list(listed)) for name, listed in groups]


def numbers(texts: Sequence[str]) -> str:
    """Return numbers as one text, the first ones of many."""
    left = len(texts) - _NUMBERS
    more = f" … and {counted(left, 'more number')}" if left > 0 else ""
    return " ".join(texts[:_NUMBERS]) + more


def told(section: Mapping[str, Any]) -> str:
    """Return what is new, as a sentence."""
    failing = sum(failure["fails"] for failure in section["failures"])
    known = sum(failure["known"] for failure in section["failures"])
    if failing:
        return f"{counted(failing, 'distinct failure')} that no known deviation covers."
    whole = section["answer"]["word"] != "unhealthy"
    nothing = "Nothing is new" if whole else "Nothing is new as far as the run can tell"
    if known:
        covered = "is" if known == 1 else "are all"
        return f"{nothing}: {counted(known, 'distinct failure')} {covered} known."
    return f"{nothing}: no failure was found."


def _view(section: Mapping[str, Any], name: str, *, prefix: str) -> dict[str, Any]:
    return {
        **section,
        **view(section),
        "prefix": prefix,
        "name": name,
        "new": told(section),
        "issues": issues(section),
        "figures": {
            name: Markup(svg)  # made from numbers and plain names
            for name, svg in figures(section, prefix).items()
        },
    }


def _policy(style: str, script: str) -> str:
    """Return a content security policy under which nothing is loaded and nothing foreign runs."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _own(name: str) -> str:
    return (resources.files("reports.page") / name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    """Return what fills templates of pages."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates/page"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=True,
    )
    filters = (
        *(address, beside, by_family, counted, counts, how_often, line, number, numbers),
        *(rational, share, spelled, tied),
    )
    found.filters.update({function.__name__: function for function in filters})
    return found


_TEMPLATE = environment().get_template("page.html.j2")
