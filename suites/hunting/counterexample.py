"""A counterexample as a case file: ready to be judged, sent on, or added to the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from oracle.case import Tensor, write_case
from reports.record import Finding
from suites.frameworks.protocol import Bits
from suites.hunting.hunt import MODE
from suites.hunting.trials import Trial

_FOLDER = "counterexamples"


def counterexample(
    trial: Trial, finding: Finding, provenance: Mapping[str, object]
) -> tuple[str, dict[str, object]]:
    """Return the place of a case file beside the run file, and its document.

    Output and gradient are in it if there are some.

    Args:
        trial: What failed.
        finding: How.
        provenance: Framework, version and device.
    """
    group, reply = trial.cell.group, trial.reply
    shapes = group.stack.geometry
    case = group.case(
        0,
        output=_tensor(shapes.output_shape, reply.output),
        gradient=_tensor(shapes.input_shape, reply.gradient),
    )
    said = {
        "name": finding.case,
        "comment": f"{finding.requirement}: {finding.outcome} ({finding.cause})",
        "source": finding.cell,
        "provenance": {**provenance, "mode": MODE, "layout": trial.cell.variant.name},
    }
    document = write_case(replace(case, metadata={**(case.metadata or {}), **said}))
    return f"{_FOLDER}/{finding.case.replace('/', '-')}.json", document


def _tensor(shape: tuple[int, ...], bits: Bits | None) -> Tensor | None:
    return None if bits is None else Tensor(shape, bits.ravel().tolist())
