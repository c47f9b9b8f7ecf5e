"""A layer of rectifiers with slopes of their own: the pass, and the exact core for the rest."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from oracle.scale.asking import WHOLE, ask_parts, entries_of, leave
from oracle.scale.averaging import Open
from oracle.scale.bits import numbers_of, values_of
from oracle.scale.broadcasting import Broadcasting
from oracle.scale.giving import FIRST, LAST, NANS, TIED
from oracle.scale.leaking import Slopes, pass_leaking
from oracle.scale.passing import Layer, count_nans
from oracle.scale.picking import ALL_RULES, Tally, empty_sums, hold_sums
from oracle.scale.program_layer import Places, ProgramLayer
from oracle.scale.sayings import Sayings, count_wrong

_WEIGHT = "weight"


class LeakCheck:
    """The check of such a layer.

    Args:
        layer: The layer.
    """

    def __init__(self, layer: ProgramLayer) -> None:
        self._layer = layer
        shape = layer.shapes.operands[0].shape
        self._inner = math.prod(shape[2:])
        self._channels = layer.operands[_WEIGHT].size

    def run(self) -> Sayings:
        """Return what is proved."""
        layer, sayings = self._layer, Sayings(layer=self._layer, sees_outputs=True)
        numbers, values = numbers_of(layer.format, flushes=layer.flushes), values_of(layer.format)
        weight, empty = layer.operands[_WEIGHT], layer.cotangent[:0]
        places = np.zeros((2, layer.budget.components), np.int64)
        open_ = Open(places[0], places[1], np.zeros(2, np.int64))
        tally = Tally(
            sayings.counts, np.zeros(1), np.zeros(0, np.int64), np.array([ALL_RULES, 0, 0, 0])
        )
        sums, moving = empty_sums(self._channels), _WEIGHT in layer.gradients
        sums.products[:] = 1
        pass_leaking(
            Layer(
                layer.operands["input"],
                layer.cotangent,
                layer.gradients.get("input", empty),
                layer.output,
            ),
            Slopes(weight, int(moving), self._inner),
            sums, numbers, values, tally, open_,
        )  # fmt: skip
        sayings.counts[NANS] += count_nans(weight, numbers)
        unproved = np.zeros(weight.size, bool)
        if moving:
            gradient = layer.gradients[_WEIGHT]
            hold_sums(gradient, 0, sums, numbers, values, tally, unproved)
        sayings.ratio = float(tally.ratio[0])
        if sayings.counts[TIED]:
            rules = int(tally.rules[0])
            sayings.rule = (
                "first-index"
                if rules >> FIRST & 1
                else "last-index"
                if rules >> LAST & 1
                else "other"
            )
        inputs, outputs = (min(int(n), places.shape[1]) for n in open_.left)
        if open_.left[0] or unproved.any():
            sayings = self._asked(sayings, open_.inputs[:inputs], int(open_.left[0]), unproved)
        if sayings.sees_outputs:
            sayings.wrong = int(open_.left[1]) - outputs
            sayings.wrong += sum(map(self._is_wrong, open_.outputs[:outputs].tolist()))
        return sayings

    def _asked(
        self, sayings: Sayings, open_: Places, left: int, unproved: NDArray[np.bool_]
    ) -> Sayings:
        """Ask the core about what is open."""
        layer = self._layer
        if layer.numbers(layer.whole) <= WHOLE:
            whole = Sayings(layer=layer)
            ask_parts(whole, [layer.whole])
            return whole
        leave(sayings, left - open_.size, counted=True)
        if _WEIGHT in layer.gradients:
            full = [name for name in layer.gradients if name != _WEIGHT]
            Broadcasting(sayings, full, {_WEIGHT: unproved}, self._locate).ask(open_)
        else:
            one = [_WEIGHT]
            parts = (
                entries_of(layer, open_[k : k + 1], self._locate, single=one)
                for k in range(open_.size)
            )
            ask_parts(sayings, list(parts), counted=True)
        return sayings

    def _locate(self, name: str, outputs: Places) -> Places:
        return outputs // self._inner % self._channels if name == _WEIGHT else outputs

    def _is_wrong(self, output: int) -> bool:
        part = entries_of(self._layer, np.array([output]), self._locate, single=[_WEIGHT])
        return count_wrong(self._layer.case(part)) > 0
