"""The options of `pytest suites`: how they are spelled, and what they come to."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.record import RUN_FILE
from suites import rows
from suites.again import stack_of
from suites.corpus import PROFILES, Stack
from suites.frameworks.device import DEVICES
from suites.frameworks.protocol import MODES
from suites.resuming import Earlier, earlier
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
from suites.sharding import Shard

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
        shard: Which part of the run is wanted, or None.
        earlier: What is there of a run that is to be finished, or None.
    """

    selection: Selection
    names_ops: bool
    run_file: Path | None
    deviations: Path
    seed: int | str
    cell_timeout: float
    implementation: Path | None
    shard: Shard | None = None
    earlier: Earlier | None = None


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
    add(
        "--run", metavar="RUN", help="take the case from a finding of this run file, not the corpus"
    )
    add("--run-file", metavar="PATH", help="default: a new folder in reports/out")
    add("--deviations", metavar="PATH", help="the known deviations; default suites/deviations.toml")
    add(
        "--shard",
        metavar="I/N",
        help="run the I-th of N parts; `python -m reports merge` joins them",
    )
    add(
        "--resume",
        metavar="RUN",
        help="finish the run of this run file; what it selects is in it, so no option says it",
    )
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
    if given.resume is not None:
        return _resumed(given)
    profile = one_of("--profile", given.profile, PROFILES)
    own = _own_stack(given)
    return Options(
        selection=Selection(
            profile=profile,
            device=one_of("--device", given.device, DEVICES),
            ops=_operations(given) if own is None else (own.op,),
            formats=_formats(given, own),
            stack=own,
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
        shard=Shard.parsed(given.shard),
    )


def _resumed(given: argparse.Namespace) -> Options:
    """Return the options of a run that is to be finished: those of its beginning."""
    named = [option for option in _SELECTING if getattr(given, _key(option)) is not None]
    if named:
        msg = f"--resume: {named[0]} is in the run file, expected without it"
        raise SelectionError(msg)
    there = Path(given.resume).absolute()
    begun = earlier(there / RUN_FILE if there.is_dir() else there)
    header, lists = begun.header, begun.header.options
    implementation = _existing("--implementation", given.implementation)
    if header.implementation is not None and implementation is None:
        msg = f"--resume: the run is of {header.implementation}, expected --implementation, too"
        raise SelectionError(msg)
    shard = header.shard
    return Options(
        selection=Selection(
            profile=one_of("--resume, the profile", header.profile, PROFILES),
            device=one_of("--resume, the device", header.device, DEVICES),
            ops=_listed_in(lists, "ops", OPERATIONS),
            formats=_listed_in(lists, "formats", FORMAT_NAMES),
            modes=_listed_in(lists, "modes", MODES),
            layouts=_listed_in(lists, "layouts", LAYOUTS),
            case=str(lists["case"]) if lists.get("case") is not None else None,
        ),
        names_ops=False,
        run_file=begun.path,
        deviations=_existing("--deviations", given.deviations) or rows.PATH,
        seed=CORPUS_SEED if header.seed is None else header.seed,
        cell_timeout=_seconds(given.cell_timeout),
        implementation=implementation,
        shard=Shard(index=shard["index"], of=shard["of"]) if shard else None,
        earlier=begun,
    )


_SELECTING = (
    *("--ops", "--formats", "--modes", "--layouts", "--case", "--run", "--run-file", "--shard"),
)


def _key(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _listed_in(
    options_of: Mapping[str, object], key: str, known: tuple[str, ...]
) -> tuple[str, ...]:
    entries = options_of.get(key)
    text = ",".join(map(str, entries)) if isinstance(entries, list) else None
    return listed(f"--resume, {key}", text, known)


def _own_stack(given: argparse.Namespace) -> Stack | None:
    if given.run is None:
        return None
    if given.case is None:
        msg = "--run: expected --case ID beside it, of a finding in the run file"
        raise SelectionError(msg)
    path = Path(given.run)
    return stack_of(path / RUN_FILE if path.is_dir() else path, given.case)


def _formats(given: argparse.Namespace, own: Stack | None) -> tuple[str, ...]:
    return listed("--formats", given.formats, FORMAT_NAMES) if own is None else (own.format,)


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
