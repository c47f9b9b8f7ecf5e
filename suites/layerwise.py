"""Full network layers: networks that are run whole, in processes of their own, and judged there.

`suites.networks` does that; here is which of them a run has, and what came back.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reports.record import Network
from suites.provenance import ROOT
from suites.selection import Selection

_SECONDS = 1800.0  # that one network may take
_PLANE = ("plane", 4480, False)
_STANDARD = (
    *(("lenet5", 28, False), ("vgg11", 32, False), ("resnet18", 32, True)),
    _PLANE,
)
_SMALL = ("lenet5", "vgg11", "vgg13", "vgg16", "vgg19", "resnet18", "resnet50", "densenet121")
_NARROW = ("binary16", "bfloat16")
_PIXELS = (28, 32, 224)
_IMAGES = {28: 8, 32: 6, 224: 1, 4480: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """A network that is to be run.

    Attributes:
        architecture: Name of the network.
        pixels: Height and width of its images.
        batch_norm: Whether it is normalized.
        format: The format.
        mixed: Whether precision is mixed.
        device: Where it runs.
    """

    architecture: str
    pixels: int
    batch_norm: bool
    format: str
    mixed: bool
    device: str

    @property
    def name(self) -> str:
        """What it is called in a run file."""
        norm = "-bn" if self.batch_norm else ""
        mixed = "/mixed" if self.mixed else ""
        where = f"{self.format}{mixed}/{self.device}"
        return f"network/{self.architecture}{norm}-{self.pixels}/{where}"

    def arguments(self, folder: Path) -> list[str]:
        """Return the arguments of the command."""
        return [
            *("verify", "--network", self.architecture, "--pixels", str(self.pixels)),
            *("--formats", self.format, "--images", str(_IMAGES[self.pixels])),
            *("--device", self.device, "--output", str(folder)),
            *(["--batch-norm"] if self.batch_norm else []),
            *(["--mixed"] if self.mixed else []),
        ]


def network_plans(selection: Selection) -> Iterator[NetworkPlan]:
    """Yield the networks of a selection: none in part of a profile, nor in the smoke profile."""
    if not selection.whole or selection.profile == "smoke":
        return
    for architecture, pixels, batch_norm in _kinds(selection.profile):
        for name in selection.formats:
            for mixed in _mixed(architecture, name):
                yield NetworkPlan(
                    architecture=architecture,
                    pixels=pixels,
                    batch_norm=batch_norm,
                    format=name,
                    mixed=mixed,
                    device=selection.device,
                )


def _kinds(profile: str) -> Iterator[tuple[str, int, bool]]:
    if profile != "deep":
        yield from _STANDARD
        return
    yield _PLANE
    for architecture in _SMALL:
        for pixels in _PIXELS:
            yield architecture, pixels, False
            yield architecture, pixels, True


def _mixed(architecture: str, name: str) -> tuple[bool, ...]:
    """Return whether precision is mixed: both where the format is narrow and layers are many."""
    return (False, True) if name in _NARROW and architecture != "plane" else (False,)


def judged(plan: NetworkPlan, seconds: float = _SECONDS) -> Network:
    """Return what came of a network, whatever its process did."""
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "suites.networks", *plan.arguments(Path(folder)))
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return _without(plan, "crashed", f"it took more than {seconds:.0f} s")
        written = Path(folder, "networks.jsonl")
        lines = written.read_text(encoding="utf-8").splitlines() if written.exists() else []
    if lines:
        document = json.loads(lines[0])
        document.pop("kind")
        return Network(**document)
    if done.returncode == 2:
        return _without(plan, "not run", _last(done.stdout).removeprefix("error: "))
    said = _last(done.stderr)
    return _without(plan, "crashed", f"exit status {done.returncode}: {said}")


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "nothing was said"


def _without(plan: NetworkPlan, outcome: str, message: str) -> Network:
    return Network(
        network=plan.name,
        architecture=plan.architecture,
        pixels=plan.pixels,
        batch_norm=plan.batch_norm,
        rule=None,
        at_zero=None,
        data="",
        images=0,
        format=plan.format,
        mixed=plan.mixed,
        device=plan.device,
        seed=0,
        outcome=outcome,
        message=message,
        parameters=0,
        judged_parameters=0,
        seconds=0.0,
        judged_seconds=0.0,
        moves=0,
        layers=[],
    )
