"""A result as lines of text: how much was judged, the first layer that deviates, a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from suites.networks.result import CONFORMS, NOT_JUDGED, LayerVerdict, Verification

_SHOWN = 8  # layers that were not judged, or are wrong


def lines(found: Verification) -> Iterator[str]:
    """Yield a result, line by line; the first says how much of it was judged."""
    yield headline(found)
    wrong = [layer for layer in found.layers if layer.is_wrong]
    if wrong:
        yield f"the first layer that deviates: {wrong[0].layer} ({wrong[0].op}): {wrong[0].detail}"
        yield from _several("deviates, too", wrong[1:])
    missed = [layer for layer in found.layers if layer.outcome not in (CONFORMS, *_WRONG)]
    yield from _several("", missed)
    if not found.choosing:
        yield "no layer chooses: there is no kink at which a gradient could be wrong"
    yield from table(found)


_WRONG = ("deviates", "conservative")


def headline(found: Verification) -> str:
    """Return how much was judged, and what came of it."""
    return (
        f"{found.outcome}: {found.judged_parameters:,} of {found.parameters:,} parameters "
        f"({found.parameter_share:.1%}) and {found.time_share:.1%} of {found.seconds:.3g} s of the "
        "backward pass were judged"
    )


def _several(word: str, layers: Sequence[LayerVerdict]) -> Iterator[str]:
    for layer in layers[:_SHOWN]:
        yield f"{word or layer.outcome}: {layer.layer} ({layer.op}): {layer.detail}"
    if len(layers) > _SHOWN:
        yield f"... and {len(layers) - _SHOWN} more"


def table(found: Verification) -> Iterator[str]:
    """Yield a table of the layers in the order of the forward pass, its columns aligned."""
    shown = [layer for layer in reversed(found.layers) if not layer.moves or layer.is_wrong]
    rows = [_HEAD, *map(_row, shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < _TEXT else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    moving = [layer for layer in found.layers if layer.moves]
    right = sum(layer.outcome == CONFORMS for layer in moving)
    yield f"and {right} of {len(moving)} that only move or collect gradients, to the bit"


_HEAD = (
    *("layer", "format", "verdict", "rule"),
    *("entries", "tied", "of", "error/bound", "would show", "ms"),
)
_TEXT = 4  # columns of text


def _row(layer: LayerVerdict) -> tuple[str, ...]:
    special = " special" if layer.special else ""
    assumed = f" assumed {','.join(layer.assumed)}" if layer.assumed else ""
    return (
        layer.layer,
        layer.format,
        verdict(layer) + special + assumed,
        layer.rule if layer.rule != "none" else "",
        f"{sum(layer.verdicts.values()):,}",
        f"{layer.tied:,}" if layer.windows else "",
        f"{layer.windows:,}" if layer.windows else "",
        _ratio(layer),
        "" if layer.sensitivity is None else f"{layer.sensitivity:.1e}",
        f"{layer.seconds * 1e3:.2f}",
    )


def verdict(layer: LayerVerdict) -> str:
    """Return a layer's worst word, with how many entries it has where it is not all."""
    if layer.outcome == NOT_JUDGED:
        return NOT_JUDGED
    for word in ("outside", "conservative", "undecided", "clarke"):
        if layer.verdicts.get(word):
            return word if word == "clarke" else f"{word} ({layer.verdicts[word]:,})"
    return "smooth" if layer.windows else "right"


def _ratio(layer: LayerVerdict) -> str:
    if layer.outcome == NOT_JUDGED:
        return ""
    vacuous = f" ({layer.vacuous:,} vacuous)" if layer.vacuous else ""
    return ("missed" if layer.worst_ratio is None else f"{layer.worst_ratio:.3g}") + vacuous
