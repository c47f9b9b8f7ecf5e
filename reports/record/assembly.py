"""Do the records of a run file fit together?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import singledispatchmethod

from reports.record.beside import (
    Agreement,
    Completeness,
    Search,
)
from reports.record.kinds import (
    SCHEMA,
    CellRecord,
    Finding,
    Footer,
    Header,
    Record,
)
from reports.record.network import NETWORK_OUTCOMES, Network
from reports.record.parts import (
    CELL_OUTCOMES,
    COMPLETENESS_OUTCOMES,
    SEARCH_OUTCOMES,
    Numbers,
    TiedExample,
)
from reports.record.tally import Tally
from reports.record.typed import brief


@dataclass
class Assembly:
    """A run that is being put together, record by record."""

    header: Header | None = None
    cells: dict[str, CellRecord] = field(default_factory=dict)
    searches: dict[str, Search] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    agreements: dict[tuple[str, ...], Agreement] = field(default_factory=dict)
    completeness: Completeness | None = None
    networks: dict[str, Network] = field(default_factory=dict)
    footer: Footer | None = None
    tally: Tally = field(default_factory=Tally)
    _last: CellRecord | None = None
    _since: int = 0

    def add(self, record: Record) -> str | None:
        """Take the next record; return what is wrong with it in this place, or None."""
        if isinstance(record, Header):
            return self._add_header(record)
        if self.header is None:
            return f"a {record.kind} comes before the header"
        if self.footer is not None:
            return f"a {record.kind} comes after the footer"
        if isinstance(record, Finding):
            self._since += 1
            return self._add_part(record)
        flaw = self._flaw_of_findings()
        self._last, self._since = record if isinstance(record, CellRecord) else None, 0
        return flaw or self._add_part(record)

    def _flaw_of_findings(self) -> str | None:
        """Return that findings of the last cell are missing, or too many, if so."""
        last = self._last
        if last is None or last.findings is None or last.findings == self._since:
            return None
        return f"{self._since} findings follow {brief(last.cell)}, expected {last.findings}"

    @singledispatchmethod
    def _add_part(self, record: Record) -> str | None:
        """Take a record of the run itself."""
        msg = f"a {type(record).__name__}, expected a record that a run consists of"
        raise TypeError(msg)

    def _add_header(self, header: Header) -> str | None:
        if self.header is not None:
            return "there is a second header"
        if header.schema != SCHEMA:
            return f"schema is {brief(header.schema)}, expected {SCHEMA!r}"
        self.header = header
        return None

    @_add_part.register
    def _add_cell(self, cell: CellRecord) -> str | None:
        if cell.cell in self.cells:
            return f"cell {brief(cell.cell)} is there twice"
        if cell.outcome not in CELL_OUTCOMES:
            words = ", ".join(CELL_OUTCOMES)
            return f"outcome is {brief(cell.outcome)}, expected one of {words}"
        for key in ("ids", "verdicts", "rules", "agreement"):
            length = len(getattr(cell, key))
            if length not in (0, cell.cases):
                return f"{key} has {length} entries, expected {cell.cases}, one a case, or none"
        flaw = _flaw_of_misses(cell)
        if flaw:
            return flaw
        if cell.worst_ratio is not None and not _is_float(cell.worst_ratio):
            return f"worst_ratio is {brief(cell.worst_ratio)}, expected a C99 hexadecimal float"
        self.cells[cell.cell] = cell
        self.tally.add(cell)
        return None

    @_add_part.register
    def _add_search(self, search: Search) -> str | None:
        if search.search in self.searches:
            return f"search {brief(search.search)} is there twice"
        if search.outcome not in SEARCH_OUTCOMES:
            words = ", ".join(SEARCH_OUTCOMES)
            return f"outcome is {brief(search.outcome)}, expected one of {words}"
        self.searches[search.search] = search
        return None

    @_add_part.register
    def _add_finding(self, finding: Finding) -> str | None:
        if finding.cell not in self.cells and finding.cell not in self.searches:
            return f"a finding of {brief(finding.cell)}, which is not among the lines before"
        for key in ("input", "cotangent"):
            tensor: Numbers = getattr(finding, key)
            shape, length = tensor["shape"], len(tensor["data"])
            if math.prod(shape) != length:
                return f"{key} has {length} numbers, expected {math.prod(shape)} for shape {shape}"
        numbers = sum(math.prod(operand["shape"]) for operand in finding.operands)
        if finding.operands and numbers != len(finding.input["data"]):
            length = len(finding.input["data"])
            return f"input has {length} numbers, expected {numbers} for the shapes of its operands"
        self.findings.append(finding)
        return None

    @_add_part.register
    def _add_agreement(self, agreement: Agreement) -> str | None:
        place = (agreement.name, agreement.format, agreement.device)
        if place in self.agreements:
            return f"agreement {brief(' '.join(place))} is there twice"
        grouped = Counter(name for group in agreement.groups for name in group)
        for name, times in grouped.items():
            if name not in agreement.functions:
                return f"groups has {brief(name)}, expected one of its functions"
            if times > 1:
                return f"groups has {brief(name)} {times} times, expected once"
        self.agreements[place] = agreement
        return _flaw_of_example(agreement.functions, agreement.example)

    @_add_part.register
    def _add_completeness(self, completeness: Completeness) -> str | None:
        if self.completeness is not None:
            return "there is a second record of completeness"
        if completeness.outcome not in COMPLETENESS_OUTCOMES:
            words = ", ".join(COMPLETENESS_OUTCOMES)
            return f"outcome is {brief(completeness.outcome)}, expected one of {words}"
        self.completeness = completeness
        return None

    @_add_part.register
    def _add_network(self, network: Network) -> str | None:
        if network.network in self.networks:
            return f"network {brief(network.network)} is there twice"
        if network.outcome not in NETWORK_OUTCOMES:
            words = ", ".join(NETWORK_OUTCOMES)
            return f"outcome is {brief(network.outcome)}, expected one of {words}"
        self.networks[network.network] = network
        return None

    @_add_part.register
    def _add_footer(self, footer: Footer) -> str | None:
        for key, counted in self.tally.totals().items():
            said = _without_zeros(footer.totals[key])  # type: ignore[literal-required]
            if said != counted:
                return f"totals.{key} is {brief(said)}, but the cells add up to {brief(counted)}"
        self.footer = footer
        return None


def _flaw_of_misses(cell: CellRecord) -> str | None:
    """Return where the places of cases contradict the counts of a requirement, if they do."""
    for requirement, places in (cell.misses or {}).items():
        listed = [place for found in places.values() for place in found]
        words = cell.requirements.get(requirement, {})
        expected = sum(words.values()) - words.get("conforms", 0)
        if len(set(listed)) != expected or len(listed) != expected:
            return f"misses.{requirement} has {len(listed)} places, but {expected} are counted"
        if any(not 0 <= place < cell.cases for place in listed):
            return f"misses.{requirement} has a place outside of the {cell.cases} cases"
    return None


def _flaw_of_example(functions: list[str], example: TiedExample | None) -> str | None:
    unknown = sorted(set(example["gradients"]).difference(functions)) if example else []
    return f"example has {brief(unknown[0])}, expected one of its functions" if unknown else None


def _without_zeros(value: object) -> object:
    if not isinstance(value, dict):
        return value
    found = {key: _without_zeros(entry) for key, entry in value.items()}
    return {key: entry for key, entry in found.items() if entry not in (0, {})}


def _is_float(text: str) -> bool:
    try:
        float.fromhex(text)
    except (ValueError, OverflowError):
        return False
    return True
