"""A standalone script for a finding: torch alone, some ten lines, exact numbers.

The script exits with 1 if the deviation shows and with 0 if it does not. Everything in it that
comes from a run file is checked and spelled anew: a number, a name, or a comment in plain ASCII.
"""

from __future__ import annotations

import jinja2

from reports import calls
from reports.arguments import NotArgumentsError, keywords, leading, name
from reports.checks import Check
from reports.expectation import check_of
from reports.expressions import NotAnExpressionError
from reports.layouts import UnknownLayoutError, statements
from reports.literals import NotNumbersError, tensor
from reports.neighbours import ALONE, NEIGHBOURS
from reports.record import Finding, Header
from reports.surroundings import MEETING_OTHERS
from reports.text import plain
from reports.ways import MATRICES, WAYS

_DTYPES = {
    "binary16": "torch.float16",
    "bfloat16": "torch.bfloat16",
    "binary32": "torch.float32",
    "binary64": "torch.float64",
}
_POOLING = ("eager", "inductor")
"""The modes in which an operation without an expression is called by its keywords."""


class NoScriptError(ValueError):
    """A finding for which no script can be written; the message says why."""


def script(finding: Finding, header: Header) -> str:
    """Return the source of the script that shows `finding` by itself.

    Raises:
        NoScriptError: The finding can't be shown by a script of this kind.
    """
    check = _check(finding)
    by_keywords = (
        not finding.expression
        and finding.mode in _POOLING
        and check.kind not in ("reverse", "sides")
        and finding.variant not in MEETING_OTHERS
    )
    parts, template = (_pooling, _SCRIPT) if by_keywords else (_program, _PROGRAM)
    try:
        return template.render(
            title=_title(finding, header),
            by_file=header.implementation is not None,
            dtype=_DTYPES[finding.format],
            device=', device="cuda"' if finding.device == "cuda" else "",
            g=tensor(finding.cotangent),
            samples=calls.samples_of(finding),
            check=check,
            **parts(finding, header, check),
        )
    except _NO_SCRIPT as error:
        raise NoScriptError(str(error)) from error


_NO_SCRIPT = (
    NotAnExpressionError,
    NotArgumentsError,
    NotNumbersError,
    UnknownLayoutError,
    calls.NotShownError,
)


def _pooling(finding: Finding, header: Header, check: Check) -> dict[str, object]:
    """Return what the script of an operation shows that is called by its keywords."""
    by_file = header.implementation is not None
    return {
        "function": _function(finding.op, by_file=by_file),
        "leading": leading(finding.params),
        "keywords": keywords(finding.params, defaults=by_file),
        "x": tensor(finding.input),
        "graph": finding.mode == "inductor",
        "near": NEIGHBOURS.get(finding.variant, ALONE),
        "layout": _layout(finding),
        "indices": _returns_indices(finding, check),
    }


def _program(finding: Finding, header: Header, check: Check) -> dict[str, object]:
    return calls.parts(finding, header, check, _DTYPES[finding.format])


def _check(finding: Finding) -> Check:
    if finding.mode not in WAYS:
        msg = f"its mode is {plain(finding.mode, 60)}, expected one of {', '.join(WAYS)}"
        raise NoScriptError(msg)
    if finding.format not in _DTYPES:
        msg = f"its format is {plain(finding.format, 60)}, expected one of {', '.join(_DTYPES)}"
        raise NoScriptError(msg)
    check = check_of(finding)
    if check is None:
        msg = f"nothing in it can be checked for {plain(finding.requirement, 60)}"
        raise NoScriptError(msg)
    if check.kind == "layout" and _met_others(finding):
        msg = f"beside {finding.variant} it meets other numbers than a call that it is alone in"
        raise NoScriptError(msg)
    if check.kind == "layout" and finding.mode in MATRICES:
        return Check(kind="reverse")
    if check.kind == "layout" and finding.mode == "eager" and finding.variant == "contiguous":
        msg = f"{plain(finding.requirement, 60)} compares it with more than another call"
        raise NoScriptError(msg)
    return check


def _met_others(finding: Finding) -> bool:
    """Return whether the operation met other numbers than those that it is compared on."""
    own = {
        "tanh": ("met_input", finding.input["data"]),
        "norm": ("met_cotangent", finding.cotangent["data"]),
    }
    key, numbers = own.get(finding.variant, ("", None))
    return numbers is not None and (finding.got or {}).get(key) != numbers


def _returns_indices(finding: Finding, check: Check) -> bool:
    asked = finding.variant.endswith("+indices") or finding.requirement == "indices"
    return asked or check.kind == "indices"


def _layout(finding: Finding) -> list[str]:
    if finding.variant in NEIGHBOURS:
        return []
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


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("reports"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # source code: every value is checked before it gets here
)
_SCRIPT = _ENVIRONMENT.get_template("script.py.j2")
_PROGRAM = _ENVIRONMENT.get_template("program.py.j2")
