"""The commands of `python -m reports`: their options, and what each does."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reports import compare, history
from reports.build import build
from reports.drafts import drafts, write_drafts
from reports.merge import merge
from reports.record import RUN_FILE, read_run
from reports.summary import summary
from reports.text import plain

NO_KIND = "none"
"""What `--fail-on` is where nothing counts as worse."""


def parser(description: str) -> argparse.ArgumentParser:
    """Return the parser of the command line; `does` is what a command does."""
    found = argparse.ArgumentParser(
        prog="python -m reports",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    _add_build(commands)
    _add_compare(commands)
    _add_baseline(commands)
    _add_merge(commands)
    _add_deviations(commands)
    _add_history(commands)
    return found


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("build", help="write the report of run files")
    command.set_defaults(does=_build)
    command.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="a run file, or a run's folder"
    )
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write, if not beside the first RUN"
    )


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("compare", help="say what changed from one run to another")
    command.set_defaults(does=_compare)
    for name, which in (("old", "earlier"), ("new", "later")):
        command.add_argument(
            name,
            type=Path,
            metavar=name.upper(),
            help=f"the {which} run: a run file, packed or not, its folder, or a baseline",
        )
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write, if not beside NEW"
    )
    command.add_argument(
        "--fail-on",
        type=_kinds,
        default=compare.DEFAULT,
        metavar="LIST",
        help=(
            f"what exit status 1 is for, comma-separated: {', '.join(compare.FAIL_ON)}, or "
            f"{NO_KIND}; default {','.join(compare.DEFAULT)}"
        ),
    )


def _add_baseline(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("baseline", help="keep a run for comparisons, small")
    command.set_defaults(does=_baseline)
    command.add_argument("run", type=Path, metavar="RUN", help="a run file, or a run's folder")
    command.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help=f"default: reports/baselines/<framework>-<version>-<device>{compare.SUFFIX}",
    )


def _add_merge(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("merge", help="make one run of its shards")
    command.set_defaults(does=_merge)
    command.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="a shard's run file or folder; all of them",
    )
    command.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help=f"what to write; default: merged/{RUN_FILE} beside the first RUN's folder",
    )


def _add_deviations(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("deviations", help="draft rows for what is new in a run")
    command.set_defaults(does=_deviations)
    command.add_argument("run", type=Path, metavar="RUN", help="a run file, or a run's folder")
    command.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write deviations.toml and deviations/*.py there, not to standard output",
    )


def _add_history(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("history", help="show each operation over releases")
    command.set_defaults(does=_history)
    command.add_argument(
        "folder", type=Path, metavar="FOLDER", help="run files, their folders, and baselines"
    )
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write, if not into FOLDER"
    )


def _kinds(text: str) -> tuple[str, ...]:
    if text == NO_KIND:
        return ()
    named = tuple(entry.strip() for entry in text.split(","))
    unknown = [entry for entry in named if entry not in compare.FAIL_ON]
    if unknown:
        msg = f"{unknown[0]!r} is unknown, expected of {', '.join(compare.FAIL_ON)}, or {NO_KIND}"
        raise argparse.ArgumentTypeError(msg)
    return named


def _build(options: argparse.Namespace) -> int:
    runs = [read_run(path) for path in options.runs]
    page = build(runs, options.output or runs[0].path.parent)
    for run in runs:
        sys.stdout.write(f"{summary(run)}\n")
    sys.stdout.write(f"{page}\n")
    return 0


def _compare(options: argparse.Namespace) -> int:
    old, new = (compare.read_side(path) for path in (options.old, options.new))
    comparison = compare.compare(old, new, options.fail_on)
    page = compare.build(comparison, options.output or new.path.parent)
    sys.stdout.write(f"{compare.summary(comparison)}\n{page}\n")
    return int(bool(comparison.worse))


def _merge(options: argparse.Namespace) -> int:
    runs = [read_run(path) for path in options.runs]
    path = options.output or runs[0].path.absolute().parents[1] / "merged" / RUN_FILE
    merge(runs, path)
    sys.stdout.write(f"{path}\n")
    return 0


def _deviations(options: argparse.Namespace) -> int:
    found = drafts(read_run(options.run))
    if options.output is not None:
        sys.stdout.write(f"{write_drafts(found, options.output)}\n")
    else:
        sys.stdout.write("\n".join(draft.toml for draft in found))
    return int(bool(found))


def _history(options: argparse.Namespace) -> int:
    found = history.found_in(options.folder)
    for file, reason in found.left_out.items():
        sys.stdout.write(f"left out: {file}: {plain(reason)}\n")
    sys.stdout.write(f"{history.build(found, options.output or options.folder)}\n")
    return 0


def _baseline(options: argparse.Namespace) -> int:
    side = compare.read_side(options.run)
    path = options.output or compare.BASELINES / compare.baseline_name(side)
    compare.write_baseline(side, path)
    sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")
    return 0
