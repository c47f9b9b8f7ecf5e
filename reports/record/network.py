"""The record of a network that was run whole and judged layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypedDict

from reports.record.kind import Kind

NETWORK_OUTCOMES = ("conforms", "deviates", "incomplete", "unsupported", "crashed", "not run")
"""`incomplete`: less than 95 % of the parameters or of the backward pass's time was judged."""

LAYER_OUTCOMES = ("conforms", "conservative", "deviates", "undecided", "not judged")


class NetworkLayer(TypedDict):
    """One layer's backward pass.

    Attributes:
        layer: The module, and the call in it.
        op: The operator.
        format: The format of its cotangent.
        outcome: One of `LAYER_OUTCOMES`.
        detail: What is wrong, or why it was not judged; else empty.
        verdicts: Word -> entries of its gradients.
        rule: The rule at ties, `none` where nothing is tied.
        windows: How many choices it made.
        tied: How many of them between equal inputs.
        worst_ratio: The largest error as a share of its bound, C99 hexadecimal; None if missed.
        sensitivity: The smallest relative error of a gradient that would have shown, likewise.
        vacuous: Entries of which the bound says nothing, and nothing better does.
        special: Whether NaN or infinite values take part.
        assumed: What the library was allowed, beyond plain sums.
        seconds: How long its backward pass took.
    """

    layer: str
    op: str
    format: str
    outcome: str
    detail: str
    verdicts: dict[str, int]
    rule: str
    windows: int
    tied: int
    worst_ratio: str | None
    sensitivity: str | None
    vacuous: int
    special: bool
    assumed: list[str]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Network(Kind):
    """A network's forward and backward pass on real images, each layer judged.

    Attributes:
        network: What was run, once in a run: `network/vgg11-32/binary32/cpu`.
        architecture: Name of the network.
        pixels: Height and width of the images.
        batch_norm: Whether it is normalized.
        rule: Pooling's rule at ties, where it is not the framework's own; else None.
        at_zero: The derivative of its ReLUs at 0, likewise.
        data: What the images are; a known set's name only where the checksum is its own.
        images: How many.
        format: The format; where precision is mixed, that of autocast.
        mixed: Whether it is mixed, the parameters being binary32 and the loss scaled.
        seed: Of parameters and dropout.
        outcome: One of `NETWORK_OUTCOMES`.
        message: Why it was not run, or None.
        parameters: How many there are.
        judged_parameters: Those whose gradients come from judged layers alone.
        seconds: How long the backward pass took.
        judged_seconds: How much of it judged layers took.
        moves: Layers that only move or collect gradients, and conform to the bit.
        layers: All others, in the order of the backward pass.
    """

    kind: ClassVar[str] = "network"
    network: str
    architecture: str
    pixels: int
    batch_norm: bool
    rule: str | None
    at_zero: str | None
    data: str
    images: int
    format: str
    mixed: bool
    device: str
    seed: int
    outcome: str
    message: str | None
    parameters: int
    judged_parameters: int
    seconds: float
    judged_seconds: float
    moves: int
    layers: list[NetworkLayer]

    @property
    def fails(self) -> bool:
        """Whether it fails the run: a layer deviates, or the process died."""
        return self.outcome in ("deviates", "crashed")

    @property
    def answer(self) -> str:
        """What came of it."""
        if self.message is not None:
            return f"{self.outcome}: {self.message}"
        wrong = (one for one in self.layers if one["outcome"] in ("deviates", "conservative"))
        first = next((f"; first {one['layer']}: {one['detail']}" for one in wrong), "")
        judged = f"{self.judged_parameters:,} of {self.parameters:,} parameters judged"
        return f"{self.outcome}, {judged}{first}"

    @property
    def windows(self) -> int:
        """How many choices its layers made."""
        return sum(layer["windows"] for layer in self.layers)

    @property
    def tied(self) -> int:
        """How many of them were between equal inputs."""
        return sum(layer["tied"] for layer in self.layers)
