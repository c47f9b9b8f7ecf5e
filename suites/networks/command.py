"""The command line: what is asked for, and where the answer goes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from oracle.formats import FORMATS
from reports.record import Network
from suites.frameworks import device
from suites.frameworks.device import DEVICES
from suites.frameworks.protocol import FrameworkError
from suites.networks.architectures import NETWORKS, PIXELS, PLANE, NetworkError, check
from suites.networks.data import DataError, Images
from suites.networks.picture import picture
from suites.networks.printing import lines
from suites.networks.record import record, without_result
from suites.networks.result import DEVIATES_STATUS, INCOMPLETE_STATUS, Verification
from suites.networks.rules import RuleError, rule_named
from suites.networks.setting import Setting
from suites.networks.verifying import VerifyError
from suites.networks.watching import MemoryLimitError
from suites.provenance import OUT, now

USAGE = 2
_ERRORS = (
    *(DataError, FrameworkError, MemoryLimitError, NetworkError, RuleError, VerifyError),
    OSError,
)
_DEFAULT_PIXELS = {"lenet5": 28, "plane": PLANE}


def _pixels() -> str:
    sizes = ", ".join(map(str, PIXELS))
    return f"{sizes}; default 28 for lenet5, else 32; {PLANE} for plane"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    found = _Parser(prog="python -m suites.networks", description=__doc__)
    verify = found.add_subparsers(dest="command", required=True, metavar="verify").add_parser(
        "verify", help="judge each layer of one forward and backward pass on real images"
    )
    add = verify.add_argument
    add("--network", required=True, help=", ".join(NETWORKS))
    add("--pixels", type=int, help=_pixels())
    add("--batch-norm", action="store_true", help="with batch normalization")
    add("--data", type=Path, help="folder of MNIST, CIFAR-10, SVHN or images; see README.md")
    add("--images", type=int, default=8, help="how many images; default 8")
    add("--formats", default="binary32", help=f"comma-separated, of {', '.join(FORMATS)}")
    add("--mixed", action="store_true", help="autocast to the format, and a scaled loss")
    add("--rule", help="pooling's rule at ties: first-index, last-index, even-split, beta=NUMBER")
    add("--relu-at-zero", type=float, help="the derivative of ReLU at 0")
    add("--device", default="cpu", choices=DEVICES, help="where it runs; default cpu")
    add("--seed", type=int, default=0, help="of parameters and dropout; default 0")
    add("--output", type=Path, help="folder for record and pictures; default in reports/out")
    return found


def settings(given: argparse.Namespace) -> list[Setting]:
    """Return what is to be verified, for each format.

    Raises:
        NetworkError: A format is none.
        RuleError: The rule is none.
    """
    pixels = given.pixels or _DEFAULT_PIXELS.get(given.network, 32)
    check(given.network, pixels)
    names = given.formats.split(",")
    for name in names:
        if name not in FORMATS:
            msg = f"--formats has {name!r}, expected some of {', '.join(FORMATS)}"
            raise NetworkError(msg)
    return [
        Setting(
            network=given.network,
            pixels=pixels,
            batch_norm=given.batch_norm,
            rule=rule_named(given.rule) if given.rule else None,
            at_zero=given.relu_at_zero,
            images=given.images,
            data=given.data,
            format=name,
            mixed=given.mixed,
            device=given.device,
            seed=given.seed,
        )
        for name in names
    ]


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status, the first of 2, 1 and 3 that some format has."""
    given = parser().parse_args(arguments)
    try:
        found = set(_verified(given))
    except BrokenPipeError:
        raise
    except _ERRORS as error:
        _say(f"error: {' '.join(str(error).split())}")
        return USAGE
    return next((status for status in (DEVIATES_STATUS, INCOMPLETE_STATUS) if status in found), 0)


def _verified(given: argparse.Namespace) -> Iterator[int]:
    asked = settings(given)
    device.prepare(given.device)
    images = asked[0].pictures()
    folder = given.output or OUT / f"{now().strftime('%Y%m%dT%H%M%SZ')}-networks-{given.network}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "networks.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        for setting in asked:
            found, written = _one(setting, images)
            stream.write(json.dumps(written.document(), allow_nan=False) + "\n")
            stream.flush()
            if found is not None:
                drawn = folder / f"{setting.network}-{setting.format}.svg"
                drawn.write_text(picture(found, setting.title(images)), encoding="utf-8")
                yield found.exit_status
    _say(f"record and pictures: {folder}")


def _one(setting: Setting, images: Images) -> tuple[Verification | None, Network]:
    """Verify in one format, say what came of it, and return that and its record."""
    _say(setting.title(images))
    try:
        found = setting.run(images)
    except RuntimeError as error:
        text = " ".join(str(error).split())
        if "not implemented for" not in text:
            raise
        _say(f"unsupported: {text}")
        return None, without_result(setting, images.name, "unsupported", text)
    for line in (*lines(found), ""):
        _say(line)
    return found, record(setting, images.name, found)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
