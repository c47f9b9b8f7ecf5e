"""The differentiable operators of the installed release, from its own database, and their kinks.

The database is what the framework's own tests run on.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping

from suites.frameworks.drawn import SampleOperator
from suites.frameworks.kinks import kink
from suites.frameworks.palettes import PALETTES
from suites.frameworks.protocol import one_line
from suites.frameworks.questions import Answer, Listed, ListOperators, Probed, Question
from suites.frameworks.sample_calls import drawn
from suites.frameworks.sampled import Entry, functions, unfit


def answer(question: Question) -> Answer:
    """Return the answer to a question."""
    if isinstance(question, ListOperators):
        return listed()
    try:
        entry = _database()[question.name]
    except Exception as error:  # noqa: BLE001  # whatever another release's internals raise
        return question.unanswered(one_line(error))
    if isinstance(question, SampleOperator):
        return drawn(question.name, entry)
    return probed(question.name, entry)


def listed() -> Listed:
    """Return the names of the differentiable operators."""
    try:
        return Listed(names=tuple(sorted(_database())))
    except Exception as error:  # noqa: BLE001  # whatever another release's internals raise
        return Listed(refusal=f"the database of operators can't be imported: {one_line(error)}")


def probed(name: str, entry: Entry) -> Probed:
    """Return what probing an operator comes to."""
    try:
        sampled = list(functions(entry))
    except Exception as error:  # noqa: BLE001  # whatever drawing samples raises
        return Probed(name=name, reason=f"no samples: {one_line(error)}")
    if not sampled:
        return Probed(name=name, reason=unfit(entry))
    points, skipped, refusal = 0, 0, ""
    kinks: list[str] = []
    for (number, function), (title, palette) in itertools.product(sampled, PALETTES.items()):
        try:
            found = kink(function.line(palette))
        except Exception as error:  # noqa: BLE001  # whatever an operator refuses its input with
            skipped, refusal = skipped + 1, one_line(error)
            continue
        points += 1
        if found is not None:
            kinks.append(f"sample {number}, {title}: {found}")
    return Probed(
        name=name,
        points=points,
        skipped=skipped,
        kinks=len(kinks),
        first=kinks[0] if kinks else "",
        reason=None if points else f"defined at no point of the probe: {refusal}",
    )


@functools.cache
def _database() -> Mapping[str, Entry]:
    """Return the differentiable operators of the release by name."""
    from torch.testing._internal.common_methods_invocations import op_db

    return {_title(entry): entry for entry in op_db if entry.supports_autograd}


def _title(entry: Entry) -> str:
    variant = entry.variant_test_name
    return f"{entry.name}.{variant}" if variant else str(entry.name)
