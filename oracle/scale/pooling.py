"""A layer of windows: planes that a rule explains, and the others, component by component."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oracle.check.bound import GRADES
from oracle.formats import Format
from oracle.scale.bits import numbers_of, values_of
from oracle.scale.counting import special_of
from oracle.scale.cutting import Plane
from oracle.scale.deciding import Decisions, decide
from oracle.scale.giving import (
    CLARKE,
    COUNTS,
    EVEN,
    FIRST,
    FREED,
    GRADE,
    LAST,
    TIED,
    UNPROVEN,
    WRONG,
)
from oracle.scale.mixing import explain
from oracle.scale.mixtures import Mixed, mixtures
from oracle.scale.passing import FREE_MARK, Layer, Seen
from oracle.scale.planes import Made, Stored, Whole, Windows
from oracle.scale.result import WORDS, Budget, LayerResult
from oracle.scale.rows import rows_of
from oracle.scale.slabs import LONG, Slabs, Sliding
from oracle.scale.tables import Spans, tables_of
from oracle.windows import Geometry
from oracle.windows.geometry import WINDOW_RULES
from oracle.windows.rule import Layout

_RULES = {"first-index": FIRST, "last-index": LAST, "even-split": EVEN}
Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Planes with the same windows.

    Attributes:
        planes: Their numbers.
        spans: Their windows.
        windows: The same for compiled code.
    """

    planes: NDArray[np.int64]
    spans: Spans
    windows: Windows


@dataclass(frozen=True, kw_only=True, eq=False)
class Pass:
    """What a rule explains of all planes.

    Attributes:
        counts: Plane -> counts, as `giving` names them.
        ratios: Plane -> the largest ratio.
        done: Plane -> whether it was looked at.
    """

    counts: Counts
    ratios: NDArray[np.float64]
    done: NDArray[np.bool_]

    @property
    def explained(self) -> NDArray[np.bool_]:
        """Plane -> whether the rule explains it."""
        explained: NDArray[np.bool_] = self.done & (self.counts[:, UNPROVEN] == 0)
        return explained


class PoolCheck:
    """The check of a layer of pooling.

    Args:
        shapes: Its geometry.
        fmt: The format.
        layer: The tensors.
        flushes: Whether subnormal numbers may be flushed to zero.
        budget: What the exact core may be asked.
    """

    def __init__(
        self, shapes: Geometry, fmt: Format, layer: Layer, *, flushes: bool, budget: Budget
    ) -> None:
        self._shapes, self._format, self._layer = shapes, fmt, layer
        self._stored = Stored(layer, numbers_of(fmt, flushes=flushes), values_of(fmt))
        self._dims = WINDOW_RULES[shapes.op].dims
        self._sizes = shapes.input_shape[-self._dims :]
        self._groups = self._grouped()
        self._count = sum(group.planes.size for group in self._groups)
        self._passes: dict[int, Pass] = {}
        self._decisions = Decisions(layer=layer, format=fmt, flushes=flushes, budget=budget)

    def _grouped(self) -> list[Group]:
        shapes, dims = self._shapes, self._dims
        counts = shapes.output_shape[-dims:]
        planes = int(np.prod(shapes.input_shape[:-dims], dtype=np.int64))
        if not planes:
            return []
        if shapes.op == "max_pool1d" and self._sizes[0] >= LONG:
            long = Slabs(shapes, self._format.width)
            return [Group(planes=np.arange(planes), spans=(Sliding(shapes),), windows=long)]
        layout = Layout(
            params=shapes.params,
            sizes=self._sizes,
            counts=counts,
            planes=planes,
            format=shapes.format,
            arithmetic=shapes.arithmetic,
        )
        numbered = itertools.groupby(
            enumerate(WINDOW_RULES[shapes.op].spans(layout)), key=lambda pair: pair[1]
        )
        return [self._group(spans, [k for k, _ in same]) for spans, same in numbered]

    def _group(self, spans: Spans, planes: Sequence[int]) -> Group:
        tables = tables_of(spans, self._sizes)
        whole = Whole(tables, rows_of(tables, self._format.width))
        return Group(planes=np.array(planes, dtype=np.int64), spans=spans, windows=whole)

    def run(self) -> LayerResult:
        """Return what is proved."""
        everything = np.ones(self._count, dtype=bool)
        first = self._pass(FIRST, everything)
        failing = ~first.explained
        # without a tie all rules are one
        retried = failing & (first.counts[:, TIED] > 0)
        rule = "first-index" if not failing.any() else self._other_rule(failing, retried)
        by = np.full(self._count, FIRST)
        for number in (LAST, EVEN):
            if number in self._passes:
                by[failing & self._passes[number].explained & (by == FIRST)] = number
        mixed = failing & (by == FIRST)
        kept = np.zeros((self._count, COUNTS), dtype=np.int64)
        ratio = 0.0
        for number, made in self._passes.items():
            chosen = ~mixed & (by == number)
            kept[chosen] = made.counts[chosen]
            ratio = max(ratio, made.ratios[chosen].max(initial=0.0))
        for plane in np.flatnonzero(mixed).tolist():
            kept[plane] = self._mixed(plane, first.counts[plane])
        ratio = max(ratio, self._decisions.ratio)
        tied = int(first.counts[:, TIED].sum())
        return self._result(rule if tied else "none", kept.sum(axis=0), ratio)

    def _other_rule(self, failing: NDArray[np.bool_], retried: NDArray[np.bool_]) -> str:
        """Return the rule that explains all planes, `other` if none does."""
        left = retried
        for name, number in (("last-index", LAST), ("even-split", EVEN)):
            if not left.any():
                break
            made = self._pass(number, left)
            if (made.explained | ~failing).all() and (failing == retried).all():
                rest = self._pass(number, ~failing)
                if rest.explained.all():
                    return name
            left = left & ~made.explained
        return "other"

    def _pass(self, rule: int, planes: NDArray[np.bool_]) -> Pass:
        """Hold planes against a rule, those that were not yet."""
        if rule not in self._passes:
            self._passes[rule] = Pass(
                counts=np.zeros((self._count, COUNTS), np.int64),
                ratios=np.zeros(self._count),
                done=np.zeros(self._count, bool),
            )
        made = self._passes[rule]
        for group in self._groups:
            wanted = group.planes[planes[group.planes] & ~made.done[group.planes]]
            part = Made(np.zeros((wanted.size, COUNTS), np.int64), np.zeros(wanted.size))
            group.windows.hold(self._stored, wanted, rule, part)
            made.counts[wanted], made.ratios[wanted], made.done[wanted] = *part, True
        return made

    def _mixed(self, number: int, first: Counts) -> Counts:
        """Decide a plane component by component; return its counts, `UNPROVEN` what is open."""
        group = next(group for group in self._groups if number in group.planes)
        plane = Plane(shapes=self._shapes, spans=group.spans, sizes=self._sizes, number=number)
        proved, rule_proved = np.zeros((2, plane.inputs), np.uint8)
        seen = Seen(np.zeros(COUNTS, np.int64), np.zeros(1), rule_proved)
        for rule in (FIRST, LAST, EVEN):
            group.windows.hold_plane(self._stored, number, rule, seen)
            proved |= (rule_proved != 0).astype(np.uint8) << rule
        self._decisions.ratio = max(self._decisions.ratio, float(seen.ratio[0]))
        free = rule_proved == FREE_MARK
        parent = np.full(plane.inputs, -1, np.int32)
        owner = np.zeros(plane.windows, np.int32)
        group.windows.join(self._stored, number, parent, owner)
        explained = np.zeros(plane.inputs, np.uint8)
        explain(parent, proved, explained)
        open_ = explained == 0
        start, begin = number * plane.inputs, number * plane.windows
        mixture, ratio = mixtures(
            Mixed(parent, owner, open_, free),
            self._layer.gradient[start : start + plane.inputs],
            self._layer.cotangent[begin : begin + plane.windows],
            self._format,
        )
        self._decisions.ratio = max(self._decisions.ratio, ratio)
        open_ &= ~mixture
        tied = decide(self._decisions, plane, parent, owner, proved, open_, free)
        found = first.copy()
        found[UNPROVEN] = np.count_nonzero(open_ & ~free)
        found[CLARKE] -= tied
        found[GRADE:] = 0
        return found

    def _result(self, rule: str, counts: Counts, ratio: float) -> LayerResult:
        shapes, decisions = self._shapes, self._decisions
        elements = int(np.prod(shapes.input_shape, dtype=np.int64))
        free, open_, clarke = (int(counts[k]) for k in (FREED, UNPROVEN, CLARKE))
        words = Counter(decisions.words)
        words["clarke"] += clarke
        words["smooth"] += elements - free - open_ - clarke
        bad = [word for word in WORDS[:3] if words[word]]
        tied = int(counts[TIED])
        return LayerResult(
            op=shapes.op,
            params=shapes.params,
            format=self._format.name,
            verdict=bad[0] if bad else "clarke" if tied else "smooth",
            rule=rule if tied and not bad else "other" if bad else "none",
            output_exact=not counts[WRONG] if self._layer.output.size else None,
            wrong_outputs=int(counts[WRONG]),
            verdicts={word: words[word] for word in WORDS},
            worst_ratio=None if bad else ratio,
            grades=dict(zip(GRADES, counts[GRADE:].tolist(), strict=True)),
            overflow=decisions.overflow,
            elements=elements,
            windows=int(np.prod(shapes.output_shape, dtype=np.int64)),
            tied=tied,
            proved=elements - free - open_,
            decided=open_ - words["undecided"],
            undecided=words["undecided"],
            components=decisions.asked,
            special=special_of(counts),
            findings=tuple(decisions.findings),
        )
