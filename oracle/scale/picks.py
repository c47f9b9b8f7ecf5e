"""A layer that chooses among entries of several operands: the pass, and the core for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.asking import WHOLE, ask_entries, ask_parts, different, entries_of, leave
from oracle.scale.averaging import Open
from oracle.scale.bits import numbers_of, values_of
from oracle.scale.broadcasting import Broadcasting
from oracle.scale.dividing import STEADY, pass_divisions
from oracle.scale.giving import EVEN, FIRST, LAST, NANS, WRONG
from oracle.scale.passing import count_nans
from oracle.scale.picking import ALL_RULES, Room, Tally, hold_sums, pass_picks, sums_of
from oracle.scale.program_layer import Places, ProgramLayer
from oracle.scale.rows import FREE, SHARES
from oracle.scale.sayings import Sayings, count_wrong
from oracle.scale.slots import FLAGS, SIGNS, SLOTS, Named, Slots, axes_of, places_of, slots_of


class _Passed(NamedTuple):
    """What a pass says.

    Attributes:
        sayings: Its counts.
        open: The first open outputs.
        left: How many outputs are open beyond these.
        ruled: Whether a rule of the layer takes part.
        unproved: Operand that is broadcast -> whether its entries are open.
    """

    sayings: Sayings
    open: Places
    left: int
    ruled: bool
    unproved: Mapping[str, NDArray[np.bool_]]

    @property
    def done(self) -> bool:
        """Whether nothing is open."""
        return not self.open.size and not any(open_.any() for open_ in self.unproved.values())


class PickCheck:
    """The check of such a layer.

    Args:
        layer: The layer.
        named: The names of its slots.
    """

    def __init__(self, layer: ProgramLayer, named: Named) -> None:
        self._layer, self._named = layer, named
        self._slots: Slots = slots_of(layer, named)
        self._axes = axes_of(layer, named)

    def run(self) -> Sayings:
        """Return what is proved."""
        passed = self._passed(EVEN)
        for rule in (FIRST, LAST):
            if passed.ruled and not passed.done:
                other = self._passed(rule)
                passed = other if other.done else passed
        layer, sayings = self._layer, passed.sayings
        if passed.done:
            return sayings
        if not passed.unproved:
            ask_entries(sayings, passed.open, counted=True, locate=self._locate)
            leave(sayings, passed.left * len(layer.gradients), counted=True)
            return sayings
        if layer.numbers(layer.whole) <= WHOLE:
            sayings = Sayings(layer=layer)
            ask_parts(sayings, [layer.whole])
            return sayings
        full = [name for name in layer.gradients if name not in passed.unproved]
        leave(sayings, passed.left * len(full), counted=True)
        steady = STEADY.get(self._named.kind, ())
        Broadcasting(sayings, full, passed.unproved, self._locate, steady).ask(passed.open)
        return sayings

    def _locate(self, name: str, outputs: Places) -> Places:
        slot = FLAGS if name == "condition" else self._named.names.index(name)
        return places_of(self._axes, slot, outputs)

    def _passed(self, rule: int) -> _Passed:
        layer, slots = self._layer, self._slots
        sayings, sums = Sayings(layer=layer, sees_outputs=True), sums_of(slots)
        numbers, values = numbers_of(layer.format, flushes=layer.flushes), values_of(layer.format)
        tally = Tally(
            counts=sayings.counts,
            ratio=np.zeros(1),
            open=np.zeros(layer.budget.entries, np.int64),
            rules=np.array([ALL_RULES, 0, 0, 0]),
        )
        tensors = (slots, self._axes, layer.cotangent, layer.output, sums, numbers, values)
        room = Room(np.zeros(SLOTS + 1, np.int64), np.zeros(SLOTS))
        nothing = np.zeros(0, np.int64)
        doubts = Open(nothing, np.zeros(layer.budget.entries, np.int64), np.zeros(2, np.int64))
        if self._named.kind < SIGNS:
            pass_picks(*tensors, rule, room, tally)
        else:
            pass_divisions(*tensors, room, tally, doubts)
            shared = (sums.tally[:, SHARES] > 0) & (sums.tally[:, FREE] == 0)
            tally.rules[0] &= 1 << EVEN if shared.any() else ALL_RULES
        unproved = {}
        for slot, name in enumerate(self._named.names):
            if slots.moving & ~slots.full & 1 << slot:
                gradient, open_ = slots.gradients[slot], np.zeros(layer.gradients[name].size, bool)
                hold_sums(gradient, sums.base[slot], sums, numbers, values, tally, open_)
                unproved[name] = open_
        rules, ruled, left, _ = tally.rules.tolist()
        sayings.ratio = float(tally.ratio[0])
        sayings.follow_bits(rules)
        sayings.wrong = int(sayings.counts[WRONG]) + self._wrong_among(doubts)
        for tensor in layer.operands.values():
            sayings.counts[NANS] += count_nans(tensor, numbers)
        return _Passed(
            sayings, tally.open[:left], max(left - tally.open.size, 0), ruled > 0, unproved
        )

    def _wrong_among(self, doubts: Open) -> int:
        """Return how many outputs are wrong of those that a pass has not proved to be right.

        Those beyond the budget are said to be wrong.
        """
        found, left = 0, int(doubts.left[1])
        known = doubts.outputs[:left]
        columns = [self._layer.output[known]]
        columns += [x[self._locate(name, known)] for name, x in self._layer.operands.items()]
        first, counts = different(np.stack(columns, axis=1))
        for output, count in zip(known[first].tolist(), counts.tolist(), strict=True):
            part = entries_of(self._layer, np.array([output]), self._locate)
            found += count * count_wrong(self._layer.case(part))
        return found + left - known.size
