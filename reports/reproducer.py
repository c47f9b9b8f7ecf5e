"""A standalone script for a finding: torch alone, some ten lines, exact numbers.

The script exits with 1 if the deviation shows and with 0 if it does not. Everything in it that
comes from a run file is checked and spelled anew: a number, a name, or a comment in plain ASCII.
"""

from __future__ import annotations

import jinja2

from reports.arguments import NotArgumentsError, keywords, leading, name
from reports.expectation import Check, check_of
from reports.layouts import UnknownLayoutError, statements
from reports.literals import NotNumbersError, source
from reports.record import Finding, Header
from reports.text import plain

_DTYPES = {
    "binary16": "torch.float16",
    "bfloat16": "torch.bfloat16",
    "binary32": "torch.float32",
    "binary64": "torch.float64",
}


class NoScriptError(ValueError):
    """A finding for which no script can be written; the message says why."""


def script(finding: Finding, header: Header) -> str:
    """Return the source of the script that shows `finding` by itself.

    Raises:
        NoScriptError: The finding can't be shown by a script of this kind.
    """
    check = _check(finding)
    by_file = header.implementation is not None
    try:
        return _TEMPLATE.render(
            title=_title(finding, header),
            function=_function(finding.op, by_file=by_file),
            by_file=by_file,
            leading=leading(finding.params),
            keywords=keywords(finding.params, defaults=by_file),
            dtype=_DTYPES[finding.format],
            device=', device="cuda"' if finding.device == "cuda" else "",
            x={"numbers": source(finding.input["data"]), "shape": finding.input["shape"]},
            g={"numbers": source(finding.cotangent["data"]), "shape": finding.cotangent["shape"]},
            layout=_layout(finding),
            indices=_returns_indices(finding, check),
            check=check,
        )
    except (NotArgumentsError, NotNumbersError, UnknownLayoutError) as error:
        raise NoScriptError(str(error)) from error


def _check(finding: Finding) -> Check:
    if finding.mode != "eager":
        msg = f"its mode is {plain(finding.mode, 60)}, and scripts run eager mode"
        raise NoScriptError(msg)
    if finding.format not in _DTYPES:
        msg = f"its format is {plain(finding.format, 60)}, expected one of {', '.join(_DTYPES)}"
        raise NoScriptError(msg)
    check = check_of(finding)
    if check is None:
        msg = f"nothing in it can be checked for {plain(finding.requirement, 60)}"
        raise NoScriptError(msg)
    return check


def _returns_indices(finding: Finding, check: Check) -> bool:
    asked = finding.variant.endswith("+indices") or finding.requirement == "indices"
    return asked or check.kind == "indices"


def _layout(finding: Finding) -> list[str]:
    lines = []
    for part in finding.variant.removesuffix("+indices").split("+"):
        layout = part.removeprefix("cotangent-")
        if layout == part:
            lines += statements("x", layout, finding.input)
        else:
            lines += statements("g", layout, finding.cotangent)
    return lines


def _function(op: str, *, by_file: bool) -> str:
    if by_file:
        return f"module.{name(op)}"
    return f"{'torch.nn.functional' if 'pool' in op else 'torch'}.{name(op)}"


def _title(finding: Finding, header: Header) -> list[str]:
    framework = " ".join(header.framework.values())
    words = (finding.format, finding.mode, finding.variant, finding.device, framework)
    lines = [
        f"{finding.op}, {finding.requirement}: {finding.outcome} ({finding.cause})",
        f"seen in {', '.join(words)}",
        f"case {finding.case}",
    ]
    if header.implementation is not None:
        lines.append(f"run as: python SCRIPT {header.implementation}")
    return [ascii(plain(line, 200))[1:-1] for line in lines]


_TEMPLATE = jinja2.Environment(
    loader=jinja2.PackageLoader("reports"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # source code: every value is checked before it gets here
).get_template("script.py.j2")
