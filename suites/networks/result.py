"""What is found about a model: each layer, how much was judged, and the first that deviates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ENOUGH = 0.95
"""The share of parameters and of backward time from which on a result is complete."""

CONFORMS, DEVIATES, CONSERVATIVE, UNDECIDED, NOT_JUDGED = (
    *("conforms", "deviates", "conservative", "undecided"),
    "not judged",
)
DEVIATES_STATUS, INCOMPLETE_STATUS = 1, 3


@dataclass(frozen=True, kw_only=True)
class LayerVerdict:
    """The verdict on one layer's backward pass; the fields are the record's keys.

    Attributes:
        layer: The module it was called in, and the call: `features.3:max_pool2d_with_indices`.
        op: The operator, or the kind of node where none was seen.
        format: The format of its cotangent.
        outcome: `conforms`, `conservative`, `deviates`, `undecided` or `not judged`.
        detail: What is wrong, or why it was not judged.
        moves: Whether it only moves or adds up what others computed.
        chooses: Whether it has kinks.
        verdicts: Word -> entries of its gradients.
        rule: The rule at ties, where something is tied.
        windows: How many choices it made.
        tied: How many of them between equal inputs.
        worst_ratio: The largest error as a share of its bound.
        sensitivity: The smallest relative error of a gradient that would have shown.
        vacuous: Entries of which the bound says nothing, and nothing better does.
        special: Whether NaN or infinite values take part.
        assumed: What the library was allowed, beyond plain sums.
        seconds: How long its backward pass took.
    """

    layer: str
    op: str
    format: str
    outcome: str
    detail: str = ""
    moves: bool = False
    chooses: bool = False
    verdicts: Mapping[str, int]
    rule: str = "none"
    windows: int = 0
    tied: int = 0
    worst_ratio: float | None = 0.0
    sensitivity: float | None = None
    vacuous: int = 0
    special: bool = False
    assumed: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_wrong(self) -> bool:
        """Whether it is proved wrong over the reals."""
        return self.outcome in (DEVIATES, CONSERVATIVE)


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The verdict on a model's backward pass.

    Attributes:
        layers: Its layers in the order of the backward pass.
        parameters: How many parameters there are.
        judged_parameters: Those whose gradient comes from judged layers alone, all the way.
        seconds: How long the backward pass took.
        judged_seconds: How much of it the judged layers took.
    """

    layers: tuple[LayerVerdict, ...]
    parameters: int
    judged_parameters: int
    seconds: float
    judged_seconds: float

    @property
    def parameter_share(self) -> float:
        """The share of the parameters whose gradients were judged."""
        return self.judged_parameters / self.parameters if self.parameters else 1.0

    @property
    def time_share(self) -> float:
        """The share of the backward pass's time that was judged."""
        return self.judged_seconds / self.seconds if self.seconds else 1.0

    @property
    def complete(self) -> bool:
        """Whether enough was judged for the result to be one of the model."""
        return min(self.parameter_share, self.time_share) >= ENOUGH

    @property
    def first_wrong(self) -> LayerVerdict | None:
        """The first layer of the backward pass that is wrong."""
        return next((layer for layer in self.layers if layer.is_wrong), None)

    @property
    def choosing(self) -> tuple[LayerVerdict, ...]:
        """The layers that choose, in the order of the forward pass."""
        return tuple(layer for layer in reversed(self.layers) if layer.chooses)

    @property
    def exit_status(self) -> int:
        """1 if a layer is wrong; 3 if too little was judged or something is undecided; else 0."""
        if self.first_wrong is not None:
            return DEVIATES_STATUS
        undecided = any(layer.outcome == UNDECIDED for layer in self.layers)
        return INCOMPLETE_STATUS if undecided or not self.complete else 0

    @property
    def outcome(self) -> str:
        """The result in a word."""
        words = {DEVIATES_STATUS: DEVIATES, INCOMPLETE_STATUS: "incomplete"}
        return words.get(self.exit_status, CONFORMS)
