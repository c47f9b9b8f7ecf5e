"""Networks that were run whole: what was judged, what deviates, how much is tied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.measures import Row
from reports.record import Run
from reports.text import counts, number, share


def networks(run: Run) -> list[Row]:
    """Return the networks, each with what is said of it and the sums over its layers."""
    return [
        {key: value for key, value in record.document().items() if key != "kind"}
        | {"answer": record.answer, "windows": record.windows, "tied": record.tied}
        for record in run.networks
    ]


def shown(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of networks with numbers as they are read, layers in the forward order."""
    return [
        dict(row)
        | {
            "layers": [
                dict(layer)
                | {
                    "ratio": _decimal(layer["worst_ratio"], "missed"),
                    "would_show": _decimal(layer["sensitivity"], ""),
                }
                for layer in reversed(row["layers"])
            ]
        }
        for row in rows
    ]


def _decimal(text: str | None, missing: str) -> str:
    return missing if text is None else f"{float.fromhex(text):.3g}"


def in_short(run: Run) -> str:
    """Return what came of all networks, on one line."""
    words: dict[str, int] = {}
    for record in run.networks:
        words[record.outcome] = words.get(record.outcome, 0) + 1
    windows = sum(record.windows for record in run.networks)
    tied = sum(record.tied for record in run.networks)
    return (
        f"{number(len(run.networks))} judged layer by layer: {counts(words)}; "
        f"{share(tied, windows)} windows tied"
    )
