"""A verdict's certificate in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from reports.text import plain, rational

_LONGEST = 1500


def certificate_lines(verdict: Mapping[str, object] | None) -> list[str]:
    """Return what proves a verdict, as lines; what has no words here is shown as JSON."""
    proof = verdict.get("certificate") if verdict else None
    if not isinstance(proof, dict):
        return ["none"]
    kind = proof.get("kind")
    if kind == "conservative":
        shares = f"shares of a conservative point {_json(proof.get('shares'))}"
        return [shares, *_separation(proof.get("separation"))]
    if kind == "separation":
        return _separation(proof)
    if kind == "box":
        low, high = rational(str(proof.get("low"))), rational(str(proof.get("high")))
        return [
            f"coordinate {_json(proof.get('index'))} of every point of the conservative set "
            f"is in [{low}, {high}], rounding included"
        ]
    if kind == "rule":
        return [f"the rule {plain(str(proof.get('rule')))} gives this gradient"]
    return [f"{plain(str(kind))}: {_json({k: v for k, v in proof.items() if k != 'kind'})}"]


def _separation(proof: object) -> list[str]:
    if not isinstance(proof, dict):
        return []
    gap = rational(str(proof.get("gap")))
    return [
        f"a direction separates it from the {plain(str(proof.get('of')))} set, by {gap} after "
        f"rounding: {_json(proof.get('direction'))}, windows {_json(proof.get('windows'))}"
    ]


def _json(value: object) -> str:
    return plain(json.dumps(value), _LONGEST)
