"""Results as they are written down: a record of the run file, one JSON object for each."""

from __future__ import annotations

from typing import Any

from reports.record import Network, NetworkLayer
from suites.networks.result import CONFORMS, LayerVerdict, Verification
from suites.networks.setting import Setting


def record(setting: Setting, data: str, found: Verification) -> Network:
    """Return the record of a result; numbers that are evidence are strings."""
    moving = [layer for layer in found.layers if layer.moves and layer.outcome == CONFORMS]
    return Network(
        **_asked(setting, data),
        outcome=found.outcome,
        message=None,
        parameters=found.parameters,
        judged_parameters=found.judged_parameters,
        seconds=found.seconds,
        judged_seconds=found.judged_seconds,
        moves=len(moving),
        layers=[_layer(layer) for layer in found.layers if layer not in moving],
    )


def without_result(setting: Setting, data: str, outcome: str, message: str) -> Network:
    """Return the record of a network that could not be run."""
    return Network(
        **_asked(setting, data),
        outcome=outcome,
        message=message,
        parameters=0,
        judged_parameters=0,
        seconds=0.0,
        judged_seconds=0.0,
        moves=0,
        layers=[],
    )


def _asked(setting: Setting, data: str) -> dict[str, Any]:
    """Return what was asked for: the first keys of a record."""
    return {
        "network": setting.name,
        "architecture": setting.network,
        "pixels": setting.pixels,
        "batch_norm": setting.batch_norm,
        "rule": None if setting.rule is None else setting.rule.spelled,
        "at_zero": None if setting.at_zero is None else setting.at_zero.hex(),
        "data": data,
        "images": setting.images,
        "format": setting.format,
        "mixed": setting.mixed,
        "device": setting.device,
        "seed": setting.seed,
    }


def _layer(layer: LayerVerdict) -> NetworkLayer:
    return NetworkLayer(
        layer=layer.layer,
        op=layer.op,
        format=layer.format,
        outcome=layer.outcome,
        detail=layer.detail,
        verdicts=dict(layer.verdicts),
        rule=layer.rule,
        windows=layer.windows,
        tied=layer.tied,
        worst_ratio=None if layer.worst_ratio is None else layer.worst_ratio.hex(),
        sensitivity=None if layer.sensitivity is None else layer.sensitivity.hex(),
        vacuous=layer.vacuous,
        special=layer.special,
        assumed=list(layer.assumed),
        seconds=layer.seconds,
    )
