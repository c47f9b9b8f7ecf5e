"""A layer of windows that are lists of their own: the pass, and the exact core for the rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from oracle.programs import signature
from oracle.scale.asking import ask_parts, leave
from oracle.scale.bits import Keys, numbers_of, values_of
from oracle.scale.collecting import pass_lists
from oracle.scale.giving import GRADE, NANS, UNPROVEN, WRONG
from oracle.scale.lists import Listed, lists_of
from oracle.scale.passing import Layer, count_nans
from oracle.scale.program_layer import Part, Places, ProgramLayer
from oracle.scale.ranking import Held, desk_of
from oracle.scale.sayings import Sayings


class CollectCheck:
    """The check of such a layer.

    Args:
        layer: The layer.
        listed: Its windows.
    """

    def __init__(self, layer: ProgramLayer, listed: Listed) -> None:
        self._layer, self._listed = layer, listed

    def run(self) -> Sayings:
        """Return what is proved."""
        layer, listed = self._layer, self._listed
        sayings = Sayings(layer=layer, sees_outputs=True)
        open_ = self._passed(sayings)
        asked = open_[: layer.budget.entries]
        ask_parts(sayings, [*map(self._part, asked.tolist())], counted=True)
        left = open_[layer.budget.entries :].tolist()
        leave(sayings, sum(layer.coordinates(self._part(w)) for w in left), counted=True)
        if listed.source in layer.gradients:
            self._hold_unread(sayings)
        return sayings

    def _passed(self, sayings: Sayings) -> Places:
        """Return the outputs whose windows are open behind the pass."""
        layer = self._layer
        numbers, values = numbers_of(layer.format, flushes=layer.flushes), values_of(layer.format)
        held = Held(sayings.counts, np.zeros(1), np.zeros(layer.windows, bool), np.full(1, 7))
        x, v = self._joined(layer.operands), self._joined(layer.gradients)
        pass_lists(
            Layer(x, layer.cotangent, v, layer.output),
            lists_of(layer, self._listed),
            desk_of(1, x),
            numbers,
            values,
            held,
        )
        sayings.counts[NANS] += count_nans(x, numbers)
        sayings.wrong = int(sayings.counts[WRONG])
        sayings.ratio = float(held.ratio[0])
        sayings.follow_bits(int(held.rules[0]))
        return np.flatnonzero(held.open)

    def _joined(self, tensors: Mapping[str, Keys]) -> Keys:
        """Return the numbers of the own entries and those of the source, 0 where there are none."""
        layer, names = self._layer, [self._listed.own, self._listed.source]
        parts = [tensors.get(name, np.zeros_like(layer.operands[name])) for name in names if name]
        return np.concatenate(parts)

    def _part(self, output: int) -> Part:
        return self._cut(self._listed.entries(output), np.array([output]))

    def _cut(self, entries: Places, outputs: Places) -> Part:
        """Return one window, or none and entries of the source, as an operation of its own."""
        shapes, listed = self._layer.shapes, self._listed
        read = entries.size if outputs.size else 0
        replaced = {
            "index": {"shape": [read], "data": [0] * read},
            "lengths": [read] * outputs.size,
            "dim": 0,
        }
        if shapes.op == "index_reduce":
            replaced["index"] = [0] * read
        params = {key: replaced.get(key, value) for key, value in shapes.params.items()}
        places = {listed.own: outputs} if listed.own else {}
        places[listed.source] = entries
        sizes = {name: one.shape for name, one in places.items()}
        return Part(signature(shapes.op, params, sizes, shapes.constants), places, outputs)

    def _hold_unread(self, sayings: Sayings) -> None:
        """Hold the entries that no window reads against 0."""
        unread = self._listed.unread
        bits = self._layer.gradients[self._listed.source][unread]
        mask = (1 << self._layer.format.width - 1) - 1
        wrong = unread[(bits & mask) != 0]
        sayings.counts[GRADE] += unread.size - wrong.size
        sayings.counts[UNPROVEN] += wrong.size
        nothing = np.zeros(0, np.int64)
        parts = (self._cut(wrong[k : k + 1], nothing) for k in range(wrong.size))
        ask_parts(sayings, [*parts], counted=True)
