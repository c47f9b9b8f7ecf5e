"""The report as Markdown.

Whatever stands in a run file is text here: it is one line, in code or with each character that
Markdown gives a meaning replaced, so that it can't end a table, a fence or a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import jinja2

from reports.certificate import certificate_lines
from reports.outcomes import LETTERS, MEANINGS
from reports.text import counted, counts, number, plain, rational, share

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
    return _TEMPLATE.render(document, letters=LETTERS, meanings=MEANINGS)


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


def tables(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the matrix as a table for each requirement: operation and format by variant."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(entry["requirement"], []).append(entry)
    return [{"requirement": name} | _table(group) for name, group in groups.items()]


def _table(entries: list[Mapping[str, Any]]) -> dict[str, Any]:
    columns = sorted({_column(entry) for entry in entries}, key=_column_rank)
    rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for entry in entries:
        rows.setdefault((entry["op"], entry["format"]), {})[_column(entry)] = entry
    return {
        "columns": columns,
        "rows": [
            {"op": op, "format": name, "entries": [places.get(column) for column in columns]}
            for (op, name), places in rows.items()
        ],
    }


def smallest_case(failure: Mapping[str, Any]) -> str:
    """Return the smallest case of a failure as readable text."""
    finding = failure["smallest"]
    params = ", ".join(f"{key}={_parameter(value)}" for key, value in finding["params"].items())
    lines = [
        ("case", finding["case"]),
        ("cell", finding["cell"]),
        ("call", f"{finding['op']}({params})"),
        ("input", _tensor(finding["input"])),
        ("cotangent", _tensor(finding["cotangent"])),
        *_got(finding["got"]),
        *(("allowed", line) for line in failure["allowed"]),
    ]
    if finding["distance_ulps"] is not None:
        lines.append(("distance", f"{rational(finding['distance_ulps'])} ulp"))
    if finding["verdict"] is not None:
        lines.append(("verdict", str(finding["verdict"].get("verdict"))))
        lines += [("certificate", line) for line in certificate_lines(finding["verdict"])]
    return "\n".join(f"{label:<16} {plain(text, 4000)}" for label, text in lines)


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


def _column(entry: Mapping[str, Any]) -> str:
    mode = "" if entry["mode"] == "eager" else f"{entry['mode']} "
    return f"{mode}{entry['variant']}"


def _column_rank(column: str) -> tuple[bool, str]:
    return not column.startswith("contiguous"), column


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        # each value passes one of the filters below: HTML's escapes are not enough for Markdown
        autoescape=False,
    )
    filters = (code, prose, address, fenced, tables, smallest_case, counts, counted, number, share)
    environment.filters.update({function.__name__: function for function in filters})
    environment.filters["rational"] = rational
    return environment


_TEMPLATE = _environment().get_template("report.md.j2")
