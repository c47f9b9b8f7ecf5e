"""A standalone script for a finding: torch alone, some ten lines, exact numbers.

The script exits with 1 if the deviation shows and with 0 if it does not. Everything in it that
comes from a run file is checked and spelled anew: a number, a name, or a comment in plain ASCII.
"""

from __future__ import annotations

from collections.abc import Mapping

import jinja2

from reports.arguments import SAMPLES, NotArgumentsError, keywords, leading, name
from reports.expectation import Check, check_of
from reports.layouts import UnknownLayoutError, statements
from reports.literals import NotNumbersError, source
from reports.neighbours import ALONE, NEIGHBOURS
from reports.record import Finding, Header
from reports.text import plain

_DTYPES = {
    "binary16": "torch.float16",
    "bfloat16": "torch.bfloat16",
    "binary32": "torch.float32",
    "binary64": "torch.float64",
}
_MODES = ("eager", "inductor")


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
            x=_tensor(finding.input),
            g=_tensor(finding.cotangent),
            samples=_samples(finding.params),
            graph=finding.mode == "inductor",
            near=NEIGHBOURS.get(finding.variant, ALONE),
            layout=_layout(finding),
            indices=_returns_indices(finding, check),
            check=check,
        )
    except (NotArgumentsError, NotNumbersError, UnknownLayoutError) as error:
        raise NoScriptError(str(error)) from error


def _check(finding: Finding) -> Check:
    if finding.mode not in _MODES:
        msg = f"its mode is {plain(finding.mode, 60)}, expected one of {', '.join(_MODES)}"
        raise NoScriptError(msg)
    if finding.format not in _DTYPES:
        msg = f"its format is {plain(finding.format, 60)}, expected one of {', '.join(_DTYPES)}"
        raise NoScriptError(msg)
    check = check_of(finding)
    if check is None:
        msg = f"nothing in it can be checked for {plain(finding.requirement, 60)}"
        raise NoScriptError(msg)
    if check.kind == "layout" and finding.mode == "eager" and finding.variant == "contiguous":
        msg = f"{plain(finding.requirement, 60)} compares it with more than another call"
        raise NoScriptError(msg)
    return check


def _tensor(numbers: Mapping[str, object]) -> dict[str, object]:
    """Return source for numbers and a shape.

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


def _samples(params: Mapping[str, object]) -> dict[str, object] | None:
    samples = params.get(SAMPLES)
    return None if samples is None else _tensor(samples if isinstance(samples, dict) else {})


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


_TEMPLATE = jinja2.Environment(
    loader=jinja2.PackageLoader("reports"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # source code: every value is checked before it gets here
).get_template("script.py.j2")
