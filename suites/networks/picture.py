"""A picture of a result: for each layer its ties, its error in bounds, its verdicts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from suites.networks.result import LayerVerdict, Verification

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 0.26  # inches that a layer takes
_FRAME = 1.5
_MANY = 60  # layers; of more, those that choose and those that are wrong are shown

# blue to red: colours that stay apart for readers with any colour vision (Okabe, Ito 2008)
_COLOURS = {
    "smooth": "#56B4E9",
    "clarke": "#009E73",
    "conservative": "#E69F00",
    "outside": "#D55E00",
    "undecided": "#999999",
}
_TIED, _RATIO = "#0072B2", "#000000"


def picture(found: Verification, title: str) -> str:
    """Return an SVG file of the layers, in the order of the forward pass, the first on top."""
    # half a second to import, and only a picture needs it
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    layers = [layer for layer in reversed(found.layers) if not layer.moves or layer.is_wrong]
    if len(layers) > _MANY:
        layers = [layer for layer in layers if layer.chooses or layer.is_wrong]
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "networks", "text.parse_math": False}):
        figure = Figure(figsize=(10, _FRAME + _ROW * len(layers)), layout="constrained")
        ties, ratios, words = figure.subplots(1, 3, sharey=True)
        figure.suptitle(title, fontsize=10)
        ties.set_yticks(range(len(layers)), [layer.layer for layer in layers], fontsize=7)
        ties.set_ylim(len(layers) - 0.5, -0.5)
        _ties(ties, layers)
        _ratios(ratios, layers)
        _words(words, layers)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Title": title})
    return stream.getvalue()


def _ties(axes: Axes, layers: Sequence[LayerVerdict]) -> None:
    shares = [layer.tied / layer.windows if layer.windows else 0.0 for layer in layers]
    axes.barh(range(len(layers)), shares, 0.7, color=_TIED)
    for place, layer in enumerate(layers):
        if layer.windows:
            axes.text(1.0, place, f"{layer.tied:,}", fontsize=6, ha="right", va="center")
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of windows that are tied")


def _ratios(axes: Axes, layers: Sequence[LayerVerdict]) -> None:
    known = [(p, layer.worst_ratio) for p, layer in enumerate(layers) if layer.worst_ratio]
    missed = [p for p, layer in enumerate(layers) if layer.worst_ratio is None]
    axes.plot([ratio for _, ratio in known], [p for p, _ in known], "o", ms=3, color=_RATIO)
    axes.plot([1.0] * len(missed), missed, "x", ms=6, color=_COLOURS["outside"])
    axes.axvline(1, color=_COLOURS["outside"], linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("largest error / bound (x: missed)")


def _words(axes: Axes, layers: Sequence[LayerVerdict]) -> None:
    totals = [max(sum(layer.verdicts.values()), 1) for layer in layers]
    starts = [0.0] * len(layers)
    for word, colour in _COLOURS.items():
        parts = [
            layer.verdicts.get(word, 0) / total for layer, total in zip(layers, totals, strict=True)
        ]
        axes.barh(range(len(layers)), parts, 0.7, left=starts, color=colour, label=word)
        starts = [start + part for start, part in zip(starts, parts, strict=True)]
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of gradient entries")
    axes.legend(fontsize=6, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
