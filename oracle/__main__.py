"""`python -m oracle judge FILE...` and `python -m oracle check CASE VERDICT`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from oracle import commands
from oracle.case import Case


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status (2 for bad input)."""
    options = _parser().parse_args(arguments)
    if options.command == "check":
        return commands.check_files(options.case, options.verdict)
    return commands.judge_files(options.files, _judge_by(options.by))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__)
    subcommands = parser.add_subparsers(dest="command", required=True)
    judge = subcommands.add_parser("judge", help="print a verdict for each case, one a line")
    judge.add_argument("files", nargs="+", metavar="FILE", help="case files, folders, or -")
    judge.add_argument(
        "--by",
        choices=("proof", "limits"),
        default="proof",
        help="the exact oracle with certificates (default), or the independent one by limits",
    )
    check = subcommands.add_parser("check", help="accept or refuse a verdict by its certificate")
    check.add_argument("case", metavar="CASE")
    check.add_argument("verdict", metavar="VERDICT")
    return parser


def _judge_by(way: str) -> Callable[[Case], dict[str, Any]]:
    """Return the oracle; each is imported only where it is used."""
    if way == "limits":
        from oracle.limits import limits_verdict  # noqa: PLC0415  only where it is asked for

        return limits_verdict
    from oracle.judge import judge  # noqa: PLC0415  likewise

    return lambda case: judge(case).document()


if __name__ == "__main__":
    sys.exit(commands.quiet_on_closed_pipe(main))
