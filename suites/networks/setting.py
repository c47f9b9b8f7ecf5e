"""One verification of a named network: what is built, on which images, in which format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from reports.text import counted
from suites.frameworks.tensors import FLOATS
from suites.networks.architectures import Parts, build
from suites.networks.architectures.parts import max_pooling
from suites.networks.data import Images, load, shipped
from suites.networks.result import Verification
from suites.networks.rules import Rule, RuledMaxPool2d, RuledReLU
from suites.networks.verifying import verify

_SMALL = 10
_IMAGENET = 1000


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is verified.

    Attributes:
        network: Name of the network.
        pixels: Height and width of its images.
        batch_norm: Whether it is normalized.
        rule: The rule of its max-pooling layers at ties; None for the framework's own layers.
        at_zero: The derivative of its ReLUs at 0; None for the framework's own.
        images: How many images.
        data: The folder that they come from; None for those that packages ship.
        format: The format; with `mixed` that of autocast, parameters being binary32.
        mixed: Whether precision is mixed, with a scaled loss.
        device: Where it runs.
        seed: The seed of parameters and dropout.
    """

    network: str
    pixels: int
    batch_norm: bool = False
    rule: Rule | None = None
    at_zero: float | None = None
    images: int = 8
    data: Path | None = None
    format: str = "binary32"
    mixed: bool = False
    device: str = "cpu"
    seed: int = 0

    @property
    def name(self) -> str:
        """What it is called in a run file."""
        parts = [self.network, *(["bn"] if self.batch_norm else []), str(self.pixels)]
        mixed = ["mixed"] if self.mixed else []
        return "/".join(["network", "-".join(parts), self.format, *mixed, self.device])

    def pictures(self) -> Images:
        """Return the images.

        Raises:
            DataError: They are missing or broken.
        """
        if self.data is None:
            return shipped(self.images, pixels=self.pixels)
        return load(self.data, self.images, pixels=self.pixels)

    def title(self, images: Images) -> str:
        """Return what is verified, in words."""
        norm = " with batch normalization" if self.batch_norm else ""
        mixed = "mixed precision, " if self.mixed else ""
        rule = f", {self.rule.spelled}" if self.rule else ""
        at_zero = f", relu'(0) = {self.at_zero!r}" if self.at_zero is not None else ""
        return (
            f"{self.network}{norm} at {self.pixels} pixels, {mixed}{self.format}{rule}{at_zero}, "
            f"{counted(len(images.pixels), 'image')} of {images.name}"
        )

    def run(self, images: Images) -> Verification:
        """Build the network and verify it.

        Raises:
            NetworkError: There is no such network.
            VerifyError: It can't be verified.
            MemoryLimitError: The batch does not fit.
        """
        dtype = FLOATS[self.format]
        stored = torch.float32 if self.mixed else dtype
        model = self.model(images).to(self.device, stored)
        inputs, labels = self.batch(images)
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            return verify(
                model,
                (inputs.to(self.device, stored), labels.to(self.device)),
                autocast=dtype if self.mixed else None,
                scaler=torch.amp.GradScaler(self.device) if self.mixed else None,
            )

    def model(self, images: Images) -> nn.Module:
        """Return the network, its parameters in binary32."""
        parts = Parts(
            pixels=self.pixels,
            channels=images.pixels.shape[1],
            classes=self._classes,
            batch_norm=self.batch_norm,
            pooling=max_pooling if self.rule is None else partial(RuledMaxPool2d, rule=self.rule),
            activation=nn.ReLU if self.at_zero is None else partial(RuledReLU, self.at_zero),
        )
        return build(self.network, parts, seed=self.seed)

    def batch(self, images: Images) -> tuple[Tensor, Tensor]:
        """Return images as numbers from 0 to 1, and their labels (0 where there is none)."""
        inputs = torch.from_numpy(images.pixels.copy()).float() / 255
        if images.labels is None:
            return inputs, torch.zeros(len(inputs), dtype=torch.int64)
        return inputs, torch.from_numpy(images.labels % self._classes)

    @property
    def _classes(self) -> int:
        return _IMAGENET if self.pixels > 64 else _SMALL
