"""May a run be read as an answer?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.record import CellRecord, Completeness, Network, Search, Totals, of_totals

_NAMED = 10
"""So many operators are named."""

_LACKS_ARGUMENT = (" takes no argument ", " defines no ")
"""What the reason says where a user's file lacks an operation or an argument."""


def reasons(
    planned: int,
    records: Sequence[CellRecord],
    totals: Totals,
    *,
    whole: bool,
    own_file: bool,
    kinks: bool = True,
) -> Iterator[str]:
    """Yield why a run has no score, if so.

    Args:
        planned: How many cells were to be run.
        records: The cells that did not run to their end.
        totals: What all recorded cells add up to.
        whole: Whether these are all cells of a profile.
        own_file: Whether a user's file was under test: what it lacks is no flaw of the run.
        kinks: Whether an operation has some; without them nothing can be tied.
    """
    yield from of_cells(planned, records, totals, own_file=own_file)
    yield from of_totals(totals, whole=whole, kinks=kinks)


def of_cells(
    planned: int, records: Sequence[CellRecord], totals: Totals, *, own_file: bool
) -> Iterator[str]:
    """Yield which cells were not run, if a run has no score for that: all that a shard is asked."""
    recorded = sum(totals["cells"].values())
    if recorded < planned:
        yield f"{recorded} of {planned} planned cells were run"
    missing = [
        record
        for record in records
        if record.outcome == "not run" and not (own_file and _is_lack(record))
    ]
    if missing:
        yield f"{len(missing)} planned cells were not run: {missing[0].message}"


def of_searches(planned: int, records: Sequence[Search], *, own_file: bool) -> Iterator[str]:
    """Yield what the searches lack, if a run has no score for that.

    Args:
        planned: How many were to be run.
        records: Those that were.
        own_file: Whether a user's file was under test.
    """
    if len(records) < planned:
        yield f"{len(records)} of {planned} planned searches were run"
    lacking = [
        record
        for record in records
        if record.message is not None and not (own_file and _is_lack(record))
    ]
    if lacking:
        yield f"{len(lacking)} searches did not run all their examples: {lacking[0].message}"


def of_agreements(planned: int, compared: int) -> Iterator[str]:
    """Yield that equal functions were not all compared, if a run has no score for that."""
    if compared < planned:
        yield f"{compared} of {planned} planned comparisons of equal functions were made"


def of_completeness(record: Completeness | None) -> Iterator[str]:
    """Yield what is not known of the release's operators, if a run has no score for that.

    Args:
        record: What was found of them; None where it was planned and not run.
    """
    if record is None:
        yield "completeness was not measured"
    elif record.outcome == "not run":
        yield f"completeness was not measured: {record.message}"
    elif record.unclassified:
        count = len(record.unclassified)
        yield f"{count} operators have no class in operators.toml: {_some(record.unclassified)}"
    elif record.samples and not any(record.samples.values()):
        reason = next(iter(next(iter(record.samples_left_out.values()), {})), "there is none")
        yield f"no sample input of a covered operator was judged: {reason}"


def of_networks(planned: int, records: Sequence[Network]) -> Iterator[str]:
    """Yield what the networks lack, if a run has no score for that.

    Args:
        planned: How many were to be run.
        records: Those that were.
    """
    if len(records) < planned:
        yield f"{len(records)} of {planned} planned networks were run"
    lacking = [record for record in records if record.outcome in ("incomplete", "not run")]
    if lacking:
        first = lacking[0].message or f"{lacking[0].network}: less than 95 % of it was judged"
        yield f"{len(lacking)} networks were not judged: {first}"


def _some(names: Sequence[str]) -> str:
    left = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {left} more" if left > 0 else "")


def _is_lack(record: CellRecord | Search) -> bool:
    return any(words in (record.message or "") for words in _LACKS_ARGUMENT)
