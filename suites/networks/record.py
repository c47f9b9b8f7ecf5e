"""Results as they are written down: one JSON object for each, `network/1`."""

from __future__ import annotations

import dataclasses
import platform

import torch

from suites.networks.data import Images
from suites.networks.result import Verification
from suites.networks.setting import Setting
from suites.provenance import commit, now

SCHEMA = "network/1"


def document(setting: Setting, images: Images, found: Verification) -> dict[str, object]:
    """Return the JSON object of a result; numbers that are evidence are strings."""
    rule = setting.rule
    return {
        "schema": SCHEMA,
        "finished": now().isoformat(),
        "commit": commit(),
        "framework": {"name": "torch", "version": torch.__version__},
        "platform": platform.platform(),
        "network": setting.network,
        "pixels": setting.pixels,
        "batch_norm": setting.batch_norm,
        "rule": None if rule is None else rule.name,
        "beta": None if rule is None else str(rule.beta),
        "at_zero": None if setting.at_zero is None else setting.at_zero.hex(),
        "data": images.name,
        "images": len(images.pixels),
        "format": setting.format,
        "mixed": setting.mixed,
        "device": setting.device,
        "seed": setting.seed,
        "outcome": found.outcome,
        "parameters": found.parameters,
        "judged_parameters": found.judged_parameters,
        "seconds": found.seconds,
        "judged_seconds": found.judged_seconds,
        "layers": [_layer(dataclasses.asdict(layer)) for layer in found.layers],
    }


def _layer(layer: dict[str, object]) -> dict[str, object]:
    """Return a layer's object, with numbers of C99 in the place of floats that are evidence."""
    for key in ("worst_ratio", "sensitivity"):
        value = layer[key]
        if isinstance(value, float):
            layer[key] = value.hex()
    return layer
