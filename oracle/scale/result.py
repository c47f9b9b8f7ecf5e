"""What is found about a layer, and what may be spent on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oracle.case import Case
from oracle.check import Verdict

WORDS = ("outside", "conservative", "undecided", "clarke", "smooth")
"""The verdicts, worst first."""


class ScaleError(ValueError):
    """Tensors or parameters that are no layer; one clear line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the exact core may be asked, in counts, so that verdicts depend on no machine.

    Attributes:
        components: Components that go to the core, at most, in one layer.
        windows: Windows of one such component, at most.
        cells: Inputs that the windows of one such component read, each as often as it is read.
        inputs: Of a component of more than a few windows, inputs whose windows alone are asked
            first, whether they show that it is outside.
        branches: Choices of all outputs of a part of a program that the core decides; of one with
            more it is asked whether a coordinate, or a component's sum, shows that it is outside.
        entries: Of an operation that works entry by entry, different entries that go to the core.
        findings: Findings that are kept with their cases and certificates.
    """

    components: int = 256
    windows: int = 512
    cells: int = 65_536
    inputs: int = 256
    branches: int = 512
    entries: int = 65_536
    findings: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """Special values that take part.

    Attributes:
        nan_inputs: Inputs that are NaN.
        infinite_windows: Windows whose largest value is infinite (padding alone is none).
        wild_cotangents: Cotangents that are NaN or infinite.
        wild_gradients: Entries of the gradient that are NaN or infinite.
        free: Inputs of which nothing is asked: a NaN or infinite cotangent may reach them.
    """

    nan_inputs: int = 0
    infinite_windows: int = 0
    wild_cotangents: int = 0
    wild_gradients: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A component that does not conform, cut out so that it can be checked by itself.

    Attributes:
        word: `outside`, `conservative` or `undecided`.
        inputs: Flat indices of the component's inputs in the layer's input, row-major.
        windows: Flat indices of its outputs.
        case: The component as a small case; None where it is beyond the budget.
        verdict: The core's verdict on it, with its certificate; None without a case.
    """

    word: str
    inputs: tuple[int, ...]
    windows: tuple[int, ...]
    case: Case | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerResult:
    """What is proved about a layer's gradient, and its output.

    A word belongs to a component, and so to each of its inputs; inputs are what is counted. One
    that no tied window chooses among is `smooth` by itself.

    Attributes:
        op: Name of the operation.
        params: Its parameters, checked.
        format: Name of the format.
        verdict: The worst word, the one that `oracle.judge` has for the whole: `smooth` only if
            nothing is tied.
        rule: `none` (nothing is tied), `first-index`, `last-index` or `even-split`, where one of
            them explains the whole tensor, the first that does; else `other`.
        output_exact: Whether every output is right; None without one.
        wrong_outputs: Number of those that are not.
        verdicts: Word -> number of inputs; free ones are counted in `special` alone.
        worst_ratio: An upper bound of the largest `|error| / B_i`, tight to 2^-20 where a rule
            explains the whole tensor: relative to it, and of 1 where shares are no numbers of
            binary64; None if something does not conform.
        grades: Inputs per accuracy grade, in planes that a rule explains; where a share is no
            number of binary64, perhaps a worse one.
        overflow: Inputs whose NaN or infinity overflow explains.
        elements: Inputs.
        windows: Windows (outputs).
        tied: Windows with more than one tied input.
        proved: Inputs that the filter proved.
        decided: Inputs that the exact core decided.
        undecided: Inputs that neither did.
        components: Components that the core was asked about.
        special: The special values that take part.
        findings: The first components that do not conform.
    """

    op: str
    params: Mapping[str, Any]
    format: str
    verdict: str
    rule: str
    output_exact: bool | None
    wrong_outputs: int
    verdicts: Mapping[str, int]
    worst_ratio: float | None
    grades: Mapping[str, int]
    overflow: int
    elements: int
    windows: int
    tied: int
    proved: int
    decided: int
    undecided: int
    components: int
    special: Special
    findings: tuple[Finding, ...] = field(default=())

    @property
    def conforms(self) -> bool:
        """Whether the gradient is right over the reals, and the output with it."""
        return self.verdict in ("smooth", "clarke") and self.output_exact is not False

    @property
    def is_special(self) -> bool:
        """Whether a NaN, an infinite value or an infinite cotangent takes part."""
        seen = self.special
        return bool(seen.nan_inputs or seen.infinite_windows or seen.wild_cotangents)
