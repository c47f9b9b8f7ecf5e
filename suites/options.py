"""The options of `pytest suites`: how they are spelled, and what they come to."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suites import rows
from suites.corpus import PROFILES
from suites.frameworks.device import DEVICES
from suites.frameworks.protocol import MODES
from suites.selection import (
    FORMAT_NAMES,
    LAYOUTS,
    OPERATIONS,
    Selection,
    SelectionError,
    default_modes,
    listed,
    one_of,
)

CORPUS_SEED = "corpus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says, checked.

    Attributes:
        selection: What is to be run.
        names_ops: Whether the operations were named, not all meant.
        run_file: Where the run file goes; None for a new folder in `reports/out`.
        deviations: The file of known deviations.
        seed: A number, or `corpus`: whatever is drawn follows from the corpus version.
        cell_timeout: Seconds that a call may take.
        implementation: The user's file under test, or None.
    """

    selection: Selection
    names_ops: bool
    run_file: Path | None
    deviations: Path
    seed: int | str
    cell_timeout: float
    implementation: Path | None


def add_to(add: Callable[..., Any]) -> None:
    """Declare the options to a function like `OptionGroup.addoption`."""
    several = "comma-separated, of "
    add("--ops", metavar="LIST", help=several + ", ".join(OPERATIONS))
    add("--formats", metavar="LIST", help=several + ", ".join(FORMAT_NAMES))
    add(
        "--modes",
        metavar="LIST",
        help=f"{several}{', '.join(MODES)}; default all, eager alone in smoke and with a file",
    )
    add("--layouts", metavar="LIST", help=several + ", ".join(LAYOUTS))
    add("--device", default="cpu", metavar="DEVICE", help=f"{', '.join(DEVICES)}; default cpu")
    add(
        "--profile",
        default="standard",
        metavar="PROFILE",
        help=f"{', '.join(PROFILES)}; default standard",
    )
    add("--case", metavar="ID", help="run this case alone, in all its cells")
    add("--run-file", metavar="PATH", help="default: a new folder in reports/out")
    add("--deviations", metavar="PATH", help="the known deviations; default suites/deviations.toml")
    add(
        "--seed",
        default=CORPUS_SEED,
        metavar="SEED",
        help="a number, random, or corpus (the default: follows the corpus version)",
    )
    add(
        "--cell-timeout",
        default="120",
        metavar="SECONDS",
        help="what a framework call may take; default 120",
    )
    add(
        "--implementation",
        metavar="FILE.py",
        help="hold the functions of this file against the oracle, not the framework's own",
    )


def options(given: argparse.Namespace) -> Options:
    """Return what the command line says.

    Raises:
        SelectionError: A value is not what it can be.
    """
    profile = one_of("--profile", given.profile, PROFILES)
    return Options(
        selection=Selection(
            profile=profile,
            device=one_of("--device", given.device, DEVICES),
            ops=_operations(given),
            formats=listed("--formats", given.formats, FORMAT_NAMES),
            modes=_modes(given, profile),
            layouts=listed("--layouts", given.layouts, LAYOUTS),
            case=given.case,
        ),
        names_ops=given.ops is not None,
        run_file=_new_file(given.run_file),
        deviations=_existing("--deviations", given.deviations) or rows.PATH,
        seed=_seed(given.seed),
        cell_timeout=_seconds(given.cell_timeout),
        implementation=_existing("--implementation", given.implementation),
    )


def _operations(given: argparse.Namespace) -> tuple[str, ...]:
    named = listed("--ops", given.ops, OPERATIONS)
    if given.case is None:
        return named
    of_case = one_of("--case, the operation", given.case.partition("/")[0], OPERATIONS)
    return tuple(op for op in named if op == of_case)


def _modes(given: argparse.Namespace, profile: str) -> tuple[str, ...]:
    if given.modes is not None:
        return listed("--modes", given.modes, MODES)
    return ("eager",) if given.implementation else default_modes(profile)


def _new_file(text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text).absolute()
    if path.is_dir() or (path.exists() and path.stat().st_size):
        msg = f"--run-file: {text} exists already, expected a new file; a run is never overwritten"
        raise SelectionError(msg)
    return path


def _existing(option: str, text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text).absolute()
    if not path.is_file():
        msg = f"{option}: there is no file {text}"
        raise SelectionError(msg)
    return path


def _seed(text: str) -> int | str:
    if text == CORPUS_SEED:
        return text
    if text == "random":
        return secrets.randbits(32)
    if not text.isdecimal():
        msg = f"--seed: {text!r} is unknown, expected a number, random or corpus"
        raise SelectionError(msg)
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        msg = f"--cell-timeout: {text!r} is unknown, expected a number of seconds above 0"
        raise SelectionError(msg)
    return seconds
