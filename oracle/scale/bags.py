"""A layer of bags, which may share rows: the pass, and the exact core for the rest.

What a rule leaves open goes to the core with its component: the windows that choose among the same
entries, of which the entries that they do not choose are left out. (Near the stored numbers the
output does not depend on these.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from oracle.check import problem_of
from oracle.programs import signature
from oracle.scale.asking import WHOLE, leave
from oracle.scale.bits import numbers_of, values_of
from oracle.scale.giving import EVEN, FIRST, LAST, NANS, WRONG
from oracle.scale.lists import Listed, lists_of
from oracle.scale.passing import Layer, count_nans
from oracle.scale.picking import Tally, empty_sums, hold_sums
from oracle.scale.program_layer import Part, Places, ProgramLayer
from oracle.scale.sayings import Sayings
from oracle.scale.sharing import SEVERAL, WILD, pass_bags
from oracle.scale.showing import out_of_box


class _Passed(NamedTuple):
    """What a pass says: its counts, the open entries, and what each window chooses."""

    sayings: Sayings
    open: Places
    chosen: Places


class _Component(NamedTuple):
    """Windows, what each of them chooses among, and all these entries, ascending."""

    windows: Sequence[int]
    chosen: Sequence[Places]
    entries: Places

    def around(self, i: int) -> _Component:
        """Return the windows that choose among entries of which this is one."""
        kept = [(w, own) for w, own in zip(self.windows, self.chosen, strict=True) if i in own]
        entries = np.unique(np.concatenate([own for _, own in kept]))
        return _Component([w for w, _ in kept], [own for _, own in kept], entries)


class BagCheck:
    """The check of such a layer.

    Args:
        layer: The layer.
        listed: Its bags.
    """

    def __init__(self, layer: ProgramLayer, listed: Listed) -> None:
        self._layer, self._listed = layer, listed
        self._lists = lists_of(layer, listed)

    def run(self) -> Sayings:
        """Return what is proved."""
        best = self._passed(FIRST)
        for rule in (LAST, EVEN):
            if best.open.size:
                other = self._passed(rule)
                best = other if other.open.size < best.open.size else best
        if best.open.size:
            self._ask(best)
        return best.sayings

    def _passed(self, rule: int) -> _Passed:
        layer = self._layer
        x, v = layer.operands[self._listed.source], layer.gradients[self._listed.source]
        sayings = Sayings(layer=layer, sees_outputs=True)
        numbers, values = numbers_of(layer.format, flushes=layer.flushes), values_of(layer.format)
        tally = Tally(sayings.counts, np.zeros(1), np.zeros(0, np.int64), np.zeros(3, np.int64))
        sums, chosen = empty_sums(x.size), np.zeros(layer.windows, np.int64)
        tensors = Layer(x, layer.cotangent, v, layer.output)
        pass_bags(tensors, self._lists, sums, chosen, numbers, values, rule, sayings.counts)
        open_ = np.zeros(x.size, bool)
        hold_sums(v, 0, sums, numbers, values, tally, open_)
        sayings.counts[NANS] += count_nans(x, numbers)
        sayings.ratio = float(tally.ratio[0])
        sayings.wrong = int(sayings.counts[WRONG])
        named = not open_.any() and (self._listed.ascending or rule == EVEN)
        sayings.follow_bits(1 << rule if named else 0)
        return _Passed(sayings, np.flatnonzero(open_), chosen)

    def _ask(self, passed: _Passed) -> None:
        """Ask the core about the components of open entries; of outputs the pass has said all."""
        sayings = passed.sayings
        sayings.layer = replace(self._layer, output=self._layer.output[:0])
        left = self._layer.budget.components
        for component in self._components(passed):
            asked = np.intersect1d(component.entries, passed.open)
            parts = [(component, asked)]
            if self._layer.numbers(self._cut(component)) > WHOLE:
                parts = [(component.around(i), asked[k : k + 1]) for k, i in enumerate(asked)]
            for part, entries in parts[: max(left, 0)]:
                self._say(sayings, part, entries, whole=part is component)
            leave(sayings, sum(entries.size for _, entries in parts[max(left, 0) :]), counted=True)
            left -= len(parts)
        sayings.layer = self._layer

    def _say(self, sayings: Sayings, component: _Component, asked: Places, *, whole: bool) -> None:
        """Ask about entries; of what is no whole component, whether one entry is out of its box."""
        part = self._cut(component)
        places = np.searchsorted(component.entries, asked).tolist()
        if whole:
            case, verdict = sayings.shown(part)
        else:
            case = sayings.layer.case(part)
            verdict = out_of_box(problem_of(case), places[0])
        if verdict is None:
            leave(sayings, asked.size, counted=True)
            return
        sayings.say(part, case, verdict, size=asked.size, counted=True, asked=frozenset(places))

    def _components(self, passed: _Passed) -> Iterator[_Component]:
        """Yield the components with an open entry."""
        open_, chosen = passed.open, passed.chosen
        roots: dict[int, int] = {}
        several = np.flatnonzero(chosen == SEVERAL).tolist()
        tied = {w: self._tied(w) for w in (*several, *np.flatnonzero(chosen == WILD).tolist())}
        for w in several:
            first, *others = (_root(roots, i) for i in tied[w].tolist())
            roots.update(dict.fromkeys(others, first))
        groups: dict[int, list[int]] = {_root(roots, i): [] for i in open_.tolist()}
        for w, entries in tied.items():
            for root in {_root(roots, i) for i in entries.tolist()} & groups.keys():
                groups[root].append(w)
        members: dict[int, list[int]] = {root: [] for root in groups}
        for i in {*open_.tolist(), *roots}:
            if _root(roots, i) in groups:
                members[_root(roots, i)].append(i)
        order = np.argsort(chosen, kind="stable")
        for root, windows in groups.items():
            own = np.array(sorted(members[root]))
            low, high = (np.searchsorted(chosen[order], own, side) for side in ("left", "right"))
            lone = [order[a:b] for a, b in zip(low, high, strict=True)]
            pairs = [(w, own[k : k + 1]) for k, ws in enumerate(lone) for w in ws.tolist()]
            pairs += [(w, np.intersect1d(tied[w], own)) for w in windows]
            # what no window chooses has an empty bag beside it, for a case has an output
            pairs = pairs or [(0, own[:0])]
            yield _Component([w for w, _ in pairs], [entries for _, entries in pairs], own)

    def _cut(self, component: _Component) -> Part:
        """Return a component as an operation of its own."""
        lengths = [entries.size for entries in component.chosen]
        params = {
            "input": np.searchsorted(component.entries, np.concatenate(component.chosen)).tolist(),
            "offsets": [sum(lengths[:k]) for k in range(len(lengths))],
            "mode": "max",
        }
        source = self._listed.source
        shapes = signature(self._layer.shapes.op, params, {source: (component.entries.size, 1)})
        return Part(shapes, {source: component.entries}, np.array(component.windows))

    def _tied(self, output: int) -> Places:
        """Return the entries that an output chooses among."""
        entries = self._listed.entries(output)
        bits = self._layer.operands[self._listed.source][entries].astype(np.int64)
        size = bits & ((1 << self._layer.format.width - 1) - 1)
        keys = np.where(bits < 0, -size, size)
        keys[size > self._layer.format.infinity_bits] = np.iinfo(np.int64).max
        tied: Places = entries[keys == keys.max()]
        return tied


def _root(roots: dict[int, int], i: int) -> int:
    """Return the entry that stands for a component, halving the path to it."""
    while roots.setdefault(i, i) != i:
        roots[i] = i = roots[roots[i]]
    return i
