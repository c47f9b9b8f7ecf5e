"""Reads a run file, strictly."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import gzip
import hashlib
import json
import lzma
import typing
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.record.assembly import Assembly
from reports.record.beside import (
    Agreement,
    Completeness,
    Search,
)
from reports.record.kinds import (
    CellRecord,
    Finding,
    Footer,
    Header,
    Record,
)
from reports.record.network import Network
from reports.record.parts import Totals
from reports.record.tally import Tally
from reports.record.typed import brief, predicate, spelled

RUN_FILE = "run.jsonl"
"""Name of the run file in a run's folder."""

_KINDS: dict[str, type[Record]] = {
    kind.kind: kind
    for kind in (Header, CellRecord, Search, Finding, Agreement, Completeness, Network, Footer)
}
_HINTS = {
    kind: {key: hint for key, hint in typing.get_type_hints(kind).items() if key != "kind"}
    for kind in _KINDS.values()
}
_TESTS = {
    kind: [(key, predicate(hint)) for key, hint in hints.items()] for kind, hints in _HINTS.items()
}
_LATER = {
    kind: {field.name for field in dataclasses.fields(kind) if field.metadata.get("later")}
    for kind in _KINDS.values()
}
_PACKED: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
"""What a packed file begins with -> what unpacks it."""


class RunFileError(ValueError):
    """A file that is no run file; the message is one line that names the file and its line."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run wrote down.

    Attributes:
        path: The run file.
        header: What was run.
        cells: The cells, in the order in which they ended.
        searches: The searches for counterexamples.
        findings: The findings, each after its cell or its search.
        agreements: Equal functions, and which of them agree at ties.
        completeness: Whether every operator is accounted for; None where it was not asked.
        networks: Networks that were judged layer by layer.
        footer: None where the run was cut off.
    """

    path: Path
    header: Header
    cells: tuple[CellRecord, ...]
    searches: tuple[Search, ...]
    findings: tuple[Finding, ...]
    agreements: tuple[Agreement, ...]
    completeness: Completeness | None
    footer: Footer | None
    networks: tuple[Network, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the run came to its end."""
        return self.footer is not None

    @property
    def totals(self) -> Totals:
        """What the cells add up to."""
        tally = Tally()
        for cell in self.cells:
            tally.add(cell)
        return tally.totals()


def read_run(path: Path) -> Run:
    """Return the run in a run file, or in the run file of a folder.

    A last line that was cut short, or a missing footer, is a run that was cut off: it is read as
    far as it goes.

    Raises:
        RunFileError: The file can't be read, or is no run file as it was written.
    """
    path = path / RUN_FILE if path.is_dir() else path
    with _uncollected():
        assembly = _assembled(path, content_of(path).split(b"\n"))
    if assembly.header is None:
        raise RunFileError(_message(path, 1, "there is no whole header"))
    return Run(
        path=path,
        header=assembly.header,
        cells=tuple(assembly.cells.values()),
        searches=tuple(assembly.searches.values()),
        findings=tuple(assembly.findings),
        agreements=tuple(assembly.agreements.values()),
        completeness=assembly.completeness,
        footer=assembly.footer,
        networks=tuple(assembly.networks.values()),
    )


def _assembled(path: Path, lines: list[bytes]) -> Assembly:
    assembly = Assembly()
    for number, record in _records(path, lines):
        problem = assembly.add(record)
        if not problem and isinstance(record, Footer):
            problem = _flaw_of_digest(record, lines[: number - 1])
        if problem:
            raise RunFileError(_message(path, number, problem))
    return assembly


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Let no garbage be sought meanwhile: all that is made here stays, and there are millions."""
    sought = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if sought:
            gc.enable()


def content_of(path: Path) -> bytes:
    """Return the content of a file, unpacked if it is packed with gzip or xz.

    Raises:
        RunFileError: It can't be read or unpacked.
    """
    try:
        content = path.read_bytes()
        for magic, unpack in _PACKED.items():
            if content.startswith(magic):
                return unpack(content)
        return content
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        msg = f"{path}: {error}; the packed file is damaged, run again"
        raise RunFileError(msg) from error
    except OSError as error:
        msg = f"{path}: {error.strerror}, expected a run file, or a folder with {RUN_FILE}"
        raise RunFileError(msg) from error


def _flaw_of_digest(footer: Footer, lines: list[bytes]) -> str | None:
    if footer.digest is None:
        return None
    found = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    if found == footer.digest:
        return None
    return f"digest is {brief(footer.digest)}, but the lines before have {brief(found)}"


def _records(path: Path, lines: list[bytes]) -> Iterator[tuple[int, Record]]:
    *whole, last = lines
    for number, line in enumerate(whole, start=1):
        yield number, _record(path, number, line)
    try:
        json.loads(last)
    except (ValueError, RecursionError):
        return  # the line in flight when the run was cut off
    yield len(lines), _record(path, len(lines), last)


def _record(path: Path, number: int, line: bytes) -> Record:
    try:
        document = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        problem = f"{brief(line.decode(errors='replace'))} is no JSON object"
        raise RunFileError(_message(path, number, problem)) from None
    record = record_of(document)
    if isinstance(record, str):
        raise RunFileError(_message(path, number, record))
    return record


def record_of(document: Any) -> Record | str:
    """Return the record of a JSON object, or what is wrong with its keys and types."""
    flaw = _problem(document)
    if flaw:
        return flaw
    kind = _KINDS[document["kind"]]
    return kind(**{key: value for key, value in document.items() if key != "kind"})


def _problem(document: object) -> str | None:
    """Return what is wrong with the keys and types of a record, or None."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(kind, str) or kind not in _KINDS:
        return f"{brief(document)} is no record, expected one of kind {', '.join(_KINDS)}"
    hints, later = _HINTS[_KINDS[kind]], _LATER[_KINDS[kind]]
    for key, fits in _TESTS[_KINDS[kind]]:
        if key not in document:
            if key in later:
                continue
            return f"{key} is missing, expected in every {kind}"
        if not fits(document[key]):
            return f"{key} is {brief(document[key])}, expected {spelled(hints[key])}"
    unknown = sorted(document.keys() - hints.keys() - {"kind"})
    return f"{unknown[0]!r} is no key of a {kind}" if unknown else None


def _message(path: Path, number: int, problem: str) -> str:
    return f"{path}, line {number}: {problem}; the file is damaged or not a run file, run again"


def _refuse_constant(text: str) -> float:
    msg = f"{text} is no number of JSON"
    raise ValueError(msg)
