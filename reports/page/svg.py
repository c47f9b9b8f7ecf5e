"""A figure of matplotlib as SVG that stands in a page and takes its colours from it.

The page forbids style attributes, so each declaration becomes an attribute; what matplotlib wrote
in one of the colours below follows the page's light or dark scheme.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

COLOURS = {
    "text": ("#010101", "currentColor"),
    "grid": ("#020202", "var(--line)"),
    "paper": ("#030303", "var(--paper)"),
    "binary16": ("#111101", "var(--series-1)"),
    "bfloat16": ("#111102", "var(--series-2)"),
    "binary32": ("#111103", "var(--series-3)"),
    "binary64": ("#111104", "var(--series-4)"),
    "other": ("#111105", "var(--series-5)"),
    "bound": ("#121201", "var(--bad)"),
    "tied": ("#121202", "var(--series-3)"),
    "smooth": ("#131301", "var(--smooth)"),
    "clarke": ("#131302", "var(--clarke)"),
    "conservative": ("#131303", "var(--conservative)"),
    "outside": ("#131304", "var(--outside)"),
    "undecided": ("#131305", "var(--undecided)"),
}
"""What is drawn -> the colour that stands for it in matplotlib, and in the page."""

_CSS = dict(COLOURS.values())
_KEPT = re.compile(r"fill.*|stroke.*|opacity|text-anchor|font-size|clip-path")
_REFERENCE = re.compile(r"#([\w.-]+)")

_TEXT, _GRID = COLOURS["text"][0], COLOURS["grid"][0]

STYLE: dict[str, object] = {
    "svg.fonttype": "none",  # text stays text: found, selected, read aloud
    "svg.hashsalt": "reports.page",  # otherwise the names in a file differ each time
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "font.size": 10,
    "text.color": _TEXT,
    "axes.labelcolor": _TEXT,
    "xtick.color": _TEXT,
    "ytick.color": _TEXT,
    "axes.edgecolor": _GRID,
    "grid.color": _GRID,
    "grid.linewidth": 0.6,
}
"""How matplotlib draws here, beside its own defaults."""


def inline(figure: Figure, *, name: str, title: str) -> str:
    """Return a figure as an SVG element.

    Args:
        figure: What is drawn, in the style `STYLE`.
        name: What its ids begin with; unique in the page.
        title: What it shows, for whoever can't see it.
    """
    stream = io.StringIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    root = ET.fromstring(stream.getvalue())
    _prune(root)
    _name(root, name)
    for element in root.iter():
        _attributes(element)
    _head(root, title)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


def _prune(root: ET.Element) -> None:
    """Leave out what says who drew it, and the style sheet: the page has its own."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)


def _name(root: ET.Element, name: str) -> None:
    """Let every id begin with `name`, and whatever refers to one."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif value.startswith(("#", "url(#")):
                element.set(key, _REFERENCE.sub(rf"#{name}-\1", value))


def _attributes(element: ET.Element) -> None:
    """Turn the style attribute into attributes."""
    for declaration in element.attrib.pop("style", "").split(";"):
        key, _, value = declaration.partition(":")
        if _KEPT.fullmatch(key.strip()):
            element.set(key.strip(), _CSS.get(value.strip(), value.strip()))


def _head(root: ET.Element, title: str) -> None:
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", title)
    element = ET.Element(f"{{{_SVG}}}title")
    element.text = title
    root.insert(0, element)
