"""Puts the page together."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from reports.outcomes import LETTERS, MEANINGS
from reports.page.figures import figures
from reports.page.issues import issues
from reports.page.tables import by_requirement, overview, place
from reports.text import counted, counts, number, plain, rational, share

_ADDRESS = re.compile(r"https?://[\w./?=&%#~+-]+")
_FILE = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*")


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a report."""
    style, script = _own("page.css"), _own("page.js")
    return _TEMPLATE.render(
        sections=[
            _view(section, prefix=f"r{place}-")
            for place, section in enumerate(document["runs"], start=1)
        ],
        letters=LETTERS,
        meanings=MEANINGS,
        style=Markup(style),  # this project's own file
        script=Markup(script),  # this project's own file
        policy=_policy(style, script),
    )


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


def _view(section: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
    return {
        **section,
        "prefix": prefix,
        "new": told(section),
        "issues": issues(section),
        "overview": overview(section["matrix"]),
        "grids": by_requirement(section["matrix"]),
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


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates/page"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=True,
    )
    filters = (address, beside, counted, counts, line, number, place, rational, share)
    environment.filters.update({function.__name__: function for function in filters})
    return environment


_TEMPLATE = _environment().get_template("page.html.j2")
