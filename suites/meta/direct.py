"""Runs of a user's file in this process: planned, judged and written down as ever, in a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.record import RUN_FILE, RunWriter, read_run
from suites.conductor import Conductor
from suites.frameworks import torch_adapter
from suites.frameworks.implementation import Implementation
from suites.frameworks.library import Library
from suites.frameworks.protocol import Graph, Reply
from suites.known import Known
from suites.meta.runs import Done
from suites.meta.test_record import a_header
from suites.plan import Cell, planned
from suites.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """The replies of cells, each computed when it is asked for.

    Attributes:
        library: What is called.
    """

    library: Library

    def reply(self, cell: Cell) -> tuple[Reply, float]:
        """Return the reply of a cell, and no seconds."""
        (reply,) = torch_adapter.run(Graph(calls=(cell.call(isolated=False),)), self.library)
        return reply, 0.0


def conductor_of(
    selection: Selection, plan: Sequence[Cell], replies: Any, writer: RunWriter, **more: Any
) -> Conductor:
    """Return what runs the cells of a plan, and nothing beside them, as of a user's file."""
    return Conductor(
        selection=selection,
        plan=plan,
        searches=0,
        questions=0,
        surveys=False,
        whole_plan=True,
        own_file=True,
        replies=replies,
        known=Known([], "2.13.0", selection.device),
        writer=writer,
        **more,
    )


def conducted(folder: Path, file: Path, selection: Selection) -> Done:
    """Run a part of the suites on a file; the run file goes into `folder`."""
    replies: Any = Direct(library=Implementation(file, selection.ops))
    plan = list(planned(selection))
    path = folder / RUN_FILE
    with RunWriter(path) as writer:
        writer.append(a_header())
        conductor = conductor_of(selection, plan, replies, writer)
        for cell in plan:
            conductor.run(cell)
        ending = conductor.finish(interrupted=False)
    return Done(run=read_run(path), status=ending.exit_status, text="\n".join(ending.unhealthy))
