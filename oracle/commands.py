"""The judge's command line: cases in, one verdict a line out; exit statuses as documented."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from oracle.case import Case, CaseError, read_case
from oracle.check import RefusedError, check
from oracle.check.verdict import SCHEMA, Verdict

Judge: TypeAlias = Callable[[Case], dict[str, Any]]

BAD, REFUSED, UNDECIDED, HOLDS = 2, 1, 3, 0

_encode = json.JSONEncoder(separators=(", ", ": "), allow_nan=False).encode


class BadInputError(ValueError):
    """Input that is not what it should be; the message is one line."""


def judge_files(files: Sequence[str], judge: Judge) -> int:
    """Judge files, folders and standard input (`-`); return the exit status.

    2 if any case was bad, else 1 if any gradient or output is wrong, else 3 if any is undecided.
    """
    found: set[int] = set()
    for file in files:
        source = _judge_stream(judge) if file == "-" else _judge_path(Path(file), judge)
        found.update(source)
    return next((status for status in (BAD, REFUSED, UNDECIDED) if status in found), HOLDS)


def _judge_stream(judge: Judge) -> Iterator[int]:
    """Judge JSON lines; a bad one gives an error record in its place."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        name = None
        try:
            document = _parse(line)
            stated = document.get("name") if isinstance(document, dict) else None
            name = stated if isinstance(stated, str) else None
            verdict = judge(read_case(document))
        except ValueError as error:
            message = " ".join(str(error).split())
            _print({"schema": "error/1", "name": name, "where": f"line {number}", "error": message})
            yield BAD
        else:
            _print(verdict)
            yield _status(verdict)


def _judge_path(path: Path, judge: Judge) -> Iterator[int]:
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        try:
            verdict = judge(read_case(_parse(_read(file))))
        except ValueError as error:
            _complain(f"{file}: {error}")
            yield BAD
        else:
            _print(verdict)
            yield _status(verdict)


def _status(verdict: dict[str, Any]) -> int:
    if verdict["verdict"] in ("conservative", "outside") or verdict["output_exact"] is False:
        return REFUSED
    return UNDECIDED if verdict["verdict"] == "undecided" else HOLDS


def check_files(case_file: str, verdict_file: str) -> int:
    """Check a verdict file against a case file; return the exit status."""
    try:
        case = read_case(_parse(_read(Path(case_file))))
        document = _read_verdict(Path(verdict_file))
        check(case, document)
    except RefusedError as error:
        _complain(f"refused: {error}")
        return REFUSED
    except CaseError as error:
        _complain(f"{case_file}: {error}")
        return BAD
    except BadInputError as error:
        _complain(str(error))
        return BAD
    return UNDECIDED if document["verdict"] == "undecided" else HOLDS


def _read_verdict(path: Path) -> dict[str, Any]:
    document = _parse(_read(path))
    keys = {"schema", *Verdict.__slots__}
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        msg = f"{path}: this is no {SCHEMA} object"
        raise BadInputError(msg)
    if document.keys() != keys:
        wrong = sorted(document.keys() ^ keys)
        msg = f"{path}: the keys {wrong} are missing or unknown in a {SCHEMA} object"
        raise BadInputError(msg)
    return document


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path}: {error.strerror}"
        raise BadInputError(msg) from error


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        msg = f"this is no JSON: {error}"
        raise BadInputError(msg) from error


def _refuse_constant(name: str) -> None:
    """Refuse the NaN and Infinity that Python's reader would let pass."""
    msg = f"{name} is no JSON value"
    raise ValueError(msg)


def _print(document: dict[str, Any]) -> None:
    sys.stdout.write(_encode(document) + "\n")
    sys.stdout.flush()


def _complain(message: str) -> None:
    sys.stderr.write(" ".join(message.split()) + "\n")


def quiet_on_closed_pipe(run: Callable[[], int]) -> int:
    """Run a command; where its reader has gone away, end without a traceback."""
    try:
        return run()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD
