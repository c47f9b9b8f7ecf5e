"""Judges the cells of a stack: each case once, the other cells where their bits differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oracle.case import Tensor
from oracle.catalogue import CATALOGUE
from oracle.check import Verdict
from oracle.formats import format_named
from oracle.judge import judge
from suites.alternatives import Alternatives, Returned
from suites.comparing import differing, rows
from suites.frameworks.protocol import JACOBIANS, Bits, Reply
from suites.jacobians import JacobianJudge
from suites.judgment import WORST_FIRST, Judgment, Miss, Remark
from suites.ledger import remarks
from suites.passes import same_gradient
from suites.plan import Cell, Group
from suites.program_indices import index_judge


class Judge:
    """Judges the cells of one stack, in the order in which it is given them."""

    def __init__(self, group: Group, reference: Judgment | None = None) -> None:
        self._group = group
        self._format = format_named(group.stack.format)
        self._indices = index_judge(group)
        self._reference = reference
        self._passes: dict[tuple[int, bytes, bytes], bool] = {}
        self._alternatives = Alternatives(group)

    def of_part(self, part: Group) -> Judge:
        """Return the judge of some of the cases, which are compared with what was seen here."""
        reference = self._reference
        return Judge(part, reference.of_cases(part.positions) if reference else None)

    def starts_with(self, cell: Cell) -> bool:
        """Return whether the bits of the cell, if it runs, are those of the others' reference."""
        return self._reference is None and cell.mode not in JACOBIANS

    def judge(self, cell: Cell, reply: Reply) -> Judgment:
        """Return the judgment on a reply that ran."""
        if cell.mode in JACOBIANS:
            output = rows(_there(reply.output, cell), cell.cases, self._format)
            return JacobianJudge(self._group, self._reference).judge(cell, reply, output)
        returned = self._returned(cell, reply)
        output, gradient = returned.output, returned.gradient
        changed = self._changed(output, gradient)
        earlier = self._reference.windows if self._reference else {}
        verdicts = self._verdicts(output, gradient, changed.union(earlier))
        misses = _verdict_misses(verdicts, cell)
        if returned.second is not None:
            misses += self._second_misses(gradient, returned.second)
        different = changed if self._reference else frozenset()
        fresh = changed
        if returned.indices is not None:
            found = self._indices.judge(returned.indices)
            misses += found.misses
            different |= found.different
            fresh |= found.fresh
        fitting = self._alternatives.fitting({i for i, _ in misses}, returned)
        if fitting:
            misses = [(i, miss) for i, miss in misses if i not in fitting]
            verdicts = [fitting[i][1] if i in fitting else v for i, v in enumerate(verdicts)]
        judgment = Judgment(
            cell=cell,
            reply=reply,
            output=output,
            gradient=gradient,
            verdicts=verdicts,
            misses=_by_requirement(misses, verdicts),
            reference=self._reference,
            different=different,
            judged=changed,
            fresh=fresh,
            windows={i: name for i, (name, _) in fitting.items()},
            remarks=self._remarks(cell, gradient, verdicts),
        )
        self._reference = self._reference or judgment
        return judgment

    def _remarks(
        self, cell: Cell, gradient: Bits, verdicts: Sequence[Verdict]
    ) -> Mapping[str, Remark]:
        """Return what is said beside right and wrong: once for each stack."""
        first = self._reference is None and cell.mode == "eager"
        return remarks(self._group, gradient, verdicts) if first else {}

    def _returned(self, cell: Cell, reply: Reply) -> Returned:
        """Return what came back, one row a case, NaNs alike."""
        twice = cell.passes > 1
        output, gradient, *second = (
            rows(_there(bits, cell), cell.cases, self._format)
            for bits in (reply.output, reply.gradient, *[reply.second_gradient] * twice)
        )
        indices = None if reply.indices is None else reply.indices.reshape(cell.cases, -1)
        return Returned(
            output=output, gradient=gradient, second=second[0] if second else None, indices=indices
        )

    def _changed(self, output: Bits, gradient: Bits) -> frozenset[int]:
        """Return the cases with another output or gradient than the reference: all in the first."""
        if self._reference is None:
            return frozenset(range(len(output)))
        first = self._reference
        return differing(output, first.output) | differing(gradient, first.gradient)

    def _verdicts(self, output: Bits, gradient: Bits, anew: frozenset[int]) -> Sequence[Verdict]:
        known = self._reference.verdicts if self._reference else []
        if self._reference and not anew:
            return known
        return [
            self._verdict(i, output[i], gradient[i]) if i in anew else known[i]
            for i in range(len(output))
        ]

    def _verdict(self, i: int, output: Bits, gradient: Bits) -> Verdict:
        shapes = self._group.stack.geometry
        return judge(
            self._group.case(
                i,
                output=Tensor(shapes.output_shape, output.tolist()),
                gradient=Tensor(shapes.input_shape, gradient.tolist()),
            )
        )

    def _second_misses(self, gradient: Bits, second: Bits) -> list[tuple[int, Miss]]:
        miss = Miss(word="deviates", cause="another gradient", part="second-backward")
        return [
            (i, miss)
            for i in sorted(differing(gradient, second))
            if not self._is_same_gradient(i, gradient[i], second[i])
        ]

    def _is_same_gradient(self, i: int, gradient: Bits, second: Bits) -> bool:
        """Return whether two passes agree, judged once where several cells have the same two."""
        key = (i, gradient.tobytes(), second.tobytes())
        if key not in self._passes:
            first = Tensor(self._group.stack.geometry.input_shape, gradient.tolist())
            case = self._group.case(i, gradient=first)
            self._passes[key] = same_gradient(case, second.tolist())
        return self._passes[key]


def _there(bits: Bits | None, cell: Cell) -> Bits:
    if bits is None:
        msg = f"the reply of {cell.id} ran but lacks an output or a gradient"
        raise ValueError(msg)
    return bits


def _verdict_misses(verdicts: Sequence[Verdict], cell: Cell) -> list[tuple[int, Miss]]:
    composed = CATALOGUE[cell.group.stack.op].composition
    found = []
    for i, verdict in enumerate(verdicts):
        if not verdict.output_exact:
            found.append((i, Miss(word="deviates", cause=_not_the_value(cell), part="output")))
        if verdict.verdict in _WORDS and not (composed and verdict.verdict == "conservative"):
            found.append((i, _gradient_miss(verdict)))
    return found


def _not_the_value(cell: Cell) -> str:
    return "not the maximum" if cell.group.windowed else "not the value"


_WORDS = {"outside": "deviates", "conservative": "conservative", "undecided": "undecided"}


def _gradient_miss(verdict: Verdict) -> Miss:
    cause = verdict.certificate["kind"] if verdict.certificate else "beyond the budget"
    return Miss(word=_WORDS[verdict.verdict], cause=cause, part="gradient")


def _by_requirement(
    misses: Sequence[tuple[int, Miss]], verdicts: Sequence[Verdict]
) -> Mapping[str, Mapping[int, Miss]]:
    """Group misses by requirement; of a special case's, which has one only, the worst stays."""
    found: dict[str, dict[int, Miss]] = {}
    for i, miss in misses:
        requirement = "special" if verdicts[i].special else miss.part
        missed = found.setdefault(requirement, {})
        if i not in missed or _rank(miss) < _rank(missed[i]):
            missed[i] = miss
    return found


def _rank(miss: Miss) -> int:
    return WORST_FIRST.index(miss.word)
