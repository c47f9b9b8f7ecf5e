"""The report as Markdown.

Whatever stands in a run file is text here: it is one line, in code or with each character that
Markdown gives a meaning replaced, so that it can't end a table, a fence or a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import jinja2

from reports.certificate import certificate_lines
from reports.ledger import how_often, tied
from reports.outcomes import LETTERS, MEANINGS
from reports.places import Column, Place
from reports.text import counted, counts, number, plain, rational, share
from reports.together import spelled
from reports.views import names, view

_PLAIN_CODE = re.compile(r"[^`|\\]*[^`|\\ ][^`|\\]*")
_MEANINGFUL = re.compile(
    r"""[!"#$%&*<>?@\[\\\]^`{|}~]
    | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])  # not within a word: there it is no emphasis
    | :(?=\S) | (?<=www)\.  # where it can make an address
    | ^[-+=] | (?<=^\d)[.)]  # where it can begin a list or underline a heading
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What Markdown may take for markup."""
_ADDRESS = re.compile(r"https?://[\w./?=&%#~+-]+")
_NUMBERS_SHOWN = 64


def markdown(document: Mapping[str, Any]) -> str:
    """Return the Markdown form of a report."""
    called = names([section["run"] for section in document["runs"]])
    sections = [
        {**section, **view(section), "name": name}
        for section, name in zip(document["runs"], called, strict=True)
    ]
    return _TEMPLATE.render({**document, "runs": sections}, letters=LETTERS, meanings=MEANINGS)


def code(text: object) -> str:
    """Return `text` as code on one line, safe in a table, too."""
    line = plain(str(text))
    if _PLAIN_CODE.fullmatch(line):
        return f"`{line}`"
    return f"<code>{_escaped(line)}</code>"


def prose(text: object) -> str:
    """Return `text` as text on one line, without any markup."""
    return _escaped(plain(str(text), 2000))


def address(text: object) -> str:
    """Return a link if `text` is a plain address, else text."""
    line = plain(str(text))
    return f"<{line}>" if _ADDRESS.fullmatch(line) else prose(line)


def fenced(text: str, language: str = "") -> str:
    """Return a fenced block, its fence longer than any within."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def column(told: Column) -> str:
    """Return what a column of a table is called."""
    mode = "" if told.mode == "eager" and told.variant else told.mode
    return " ".join(part for part in (told.requirement, told.format, mode, told.variant) if part)


def entry(place: Place | None) -> str:
    """Return a place of a table."""
    return "" if place is None else spaced(place.text)


def spaced(letters: str) -> str:
    """Return letters and numbers of a place, which are this project's own, with plain spaces."""
    return letters.replace("\u00a0", " ").replace("\u2002", " · ")


def smallest_case(failure: Mapping[str, Any]) -> str:
    """Return the smallest case of a failure as readable text."""
    finding = failure["smallest"]
    lines = [
        ("case", finding["case"]),
        ("cell", finding["cell"]),
        *_called(finding),
        ("cotangent", _tensor(finding["cotangent"])),
        *_got(finding["got"]),
        *(("allowed", line) for line in failure["allowed"]),
    ]
    if finding["distance_ulps"] is not None:
        lines.append(("distance", f"{rational(finding['distance_ulps'])} ulp"))
    if finding["verdict"] is not None:
        lines.append(("verdict", str(finding["verdict"].get("verdict"))))
        lines += [("certificate", line) for line in certificate_lines(finding["verdict"])]
    return "\n".join(f"{plain(label, 60):<16} {plain(text, 4000)}" for label, text in lines)


def _called(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the call and what it takes, each operand by itself."""
    if not finding["expression"]:
        params = ", ".join(f"{k}={_parameter(value)}" for k, value in finding["params"].items())
        return [
            ("call", f"{finding['op']}({params})"),
            ("input", _tensor(finding["input"])),
        ]
    found, start = [("call", f"{finding['expression']}, f = {finding['op']}")], 0
    for operand in finding["operands"]:
        end = start + math.prod(operand["shape"])
        numbers = {"shape": operand["shape"], "data": finding["input"]["data"][start:end]}
        found.append((operand["name"], _tensor(numbers)))
        start = end
    return found


def _parameter(value: object) -> str:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        return f"{value.get('shape')} {_numbers([str(entry) for entry in value['data']])}"
    return str(value)


def _got(got: Mapping[str, list[str] | None] | None) -> list[tuple[str, str]]:
    return [
        (key.replace("_", " "), _numbers(values))
        for key, values in (got or {}).items()
        if values is not None
    ]


def _tensor(tensor: Mapping[str, Any]) -> str:
    return f"{tensor['shape']} {_numbers(tensor['data'])}"


def _numbers(texts: list[str]) -> str:
    shown = " ".join(texts[:_NUMBERS_SHOWN])
    left = len(texts) - _NUMBERS_SHOWN
    return f"{shown} … and {counted(left, 'more number')} in report.json" if left > 0 else shown


def _escaped(line: str) -> str:
    return _MEANINGFUL.sub(lambda found: f"&#{ord(found.group())};", line)


def environment() -> jinja2.Environment:
    """Return what fills templates for Markdown."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        # each value passes one of the filters below: HTML's escapes are not enough for Markdown
        autoescape=False,
    )
    filters = (
        *(code, prose, address, fenced, smallest_case, column, entry, spaced),
        *(counts, counted, number, share, spelled, how_often, tied),
    )
    found.filters.update({function.__name__: function for function in filters})
    found.filters["rational"] = rational
    return found


_TEMPLATE = environment().get_template("report.md.j2")
