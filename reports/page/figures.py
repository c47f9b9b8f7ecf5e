"""The plots of a run: error as a share of its bound, verdicts, ties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports.families import family, in_order
from reports.outcomes import FORMATS
from reports.page.svg import COLOURS, STYLE, inline
from reports.text import counted, number, plain, share
from reports.together import together

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 8.2  # inches
_ROW = 0.42
_FRAME = 1.1  # inches that axis and legend take
_LINEAR = 1.25  # ratios up to here need no logarithm
_MANY = 16  # operations; of more than these, a plot has a row for each family


def figures(section: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """Return name -> SVG of the plots that the numbers of a run allow."""
    ops = {row["op"] for row in section["verdicts_by_op"]}
    by_family = len(ops) > _MANY
    families = section["run"]["families"]
    drawn: dict[str, tuple[Callable[[Axes, Any], None], list[Any], str]] = {
        "ratios": (
            _ratios,
            section["worst_ratios"],
            "The largest error as a share of its bound, for each format",
        ),
        "verdicts": (
            _verdicts,
            [row for row in section["verdicts_by_op"] if any(row["counts"].values())],
            "Numbers of cases by verdict",
        ),
        "ties": (
            _ties,
            [row for row in section["ties"] if row["windows"]],
            "The share of windows with several tied inputs",
        ),
    }
    return {
        name: _drawn(
            draw,
            _of_families(rows, families, added=name != "ratios") if by_family else rows,
            name=f"{prefix}{name}",
            title=f"{title}, {'by family' if by_family else 'by operation'}",
        )
        for name, (draw, rows, title) in drawn.items()
        if rows
    }


def _of_families(
    rows: Sequence[Mapping[str, Any]], families: Mapping[str, str], *, added: bool
) -> list[dict[str, Any]]:
    """Return rows with the family in the operation's place; where `added`, one of each family."""
    places = {op: place for place, op in enumerate(in_order(families, (r["op"] for r in rows)))}
    found = [
        {**row, "op": family(families, row["op"])}
        for row in sorted(rows, key=lambda row: places[row["op"]])
    ]
    if not added:
        return found
    names = {row["op"]: row["op"] for row in found}
    return together([{**row, "format": ""} for row in found], names, lambda _: None)


def _drawn(draw: Callable[[Axes, Any], None], rows: list[Any], *, name: str, title: str) -> str:
    # half a second to import, and nothing but this page needs it
    from matplotlib import style  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    names = _operations(rows)
    with style.context(["default", STYLE]):  # whatever the user of this machine has set
        figure = Figure(figsize=(_WIDTH, _FRAME + _ROW * len(names)), layout="constrained")
        axes = figure.add_subplot()
        axes.set_yticks(range(len(names)), [_label(op) for op in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.tick_params(length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        draw(axes, rows)
        return inline(figure, name=name, title=title)


def _ratios(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    place = {op: k for k, op in enumerate(_operations(rows))}
    names = sorted({row["format"] for row in rows}, key=_format_rank)
    for k, name in enumerate(names):
        points = [
            (ratio, place[row["op"]] + 0.16 * (k - (len(names) - 1) / 2))
            for row in rows
            if row["format"] == name and math.isfinite(ratio := float.fromhex(row["ratio"]))
        ]
        colour = COLOURS.get(name, COLOURS["other"])[0]
        xs, ys = zip(*points, strict=True) if points else ((), ())
        axes.plot(xs, ys, _MARKERS[k % len(_MARKERS)], color=colour, label=_label(name), ms=5)
    largest = max((x for line in axes.lines for x in _finite(line.get_xdata())), default=1.0)
    axes.axvline(1, color=COLOURS["bound"][0], linewidth=1.2, label="the bound", zorder=1)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    if largest > _LINEAR:
        axes.set_xscale("symlog", linthresh=1)
        axes.xaxis.set_major_formatter("{x:g}")  # powers of ten would come as mathematics
    axes.set_xlim(0, max(1.08, largest * 1.04))
    axes.set_xlabel("largest error / derived bound")
    _legend(axes, len(names) + 1)


def _verdicts(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    starts = [0] * len(rows)
    for word in ("smooth", "clarke", "conservative", "outside", "undecided"):
        counts = [row["counts"].get(word, 0) for row in rows]
        places = range(len(rows))
        axes.barh(places, counts, 0.62, left=starts, color=COLOURS[word][0], label=word)
        starts = [start + count for start, count in zip(starts, counts, strict=True)]
    for k, row in enumerate(rows):
        wrong = [f"{number(n)} {word}" for word, n in row["counts"].items() if n and word in _SAID]
        text = " · ".join([counted(starts[k], "case"), *wrong])
        axes.annotate(text, (starts[k], k), (6, 0), textcoords="offset points", va="center")
    axes.set_xlim(0, max(starts) * 1.45)
    axes.set_xlabel("cases")
    axes.xaxis.set_major_formatter(lambda x, _: number(round(x)))
    _legend(axes, 5)


def _ties(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    shares = [100 * row["tied"] / row["windows"] for row in rows]
    axes.barh(range(len(rows)), shares, 0.62, color=COLOURS["tied"][0])
    for k, row in enumerate(rows):
        text = share(row["tied"], row["windows"])
        axes.annotate(text, (shares[k], k), (6, 0), textcoords="offset points", va="center")
    axes.set_xlim(0, 145)
    axes.set_xticks(range(0, 101, 25))
    axes.set_xlabel("tied windows, in percent of all windows")


_MARKERS = ("o", "s", "D", "^")
_SAID = ("conservative", "outside", "undecided")


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=columns,
        frameon=False,
        handletextpad=0.4,
        columnspacing=1.4,
        borderaxespad=0.2,
    )


def _operations(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["op"] for row in rows))


def _label(text: str) -> str:
    """Return a name in ASCII: the fonts that a label is measured with have it."""
    return ascii(plain(text, 40))[1:-1]


def _format_rank(name: str) -> tuple[int, str]:
    return (FORMATS.index(name) if name in FORMATS else len(FORMATS)), name


def _finite(values: Any) -> list[float]:
    return [float(value) for value in values]
