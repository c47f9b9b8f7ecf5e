"""The run file `run/1`: what a run wrote down, one JSON object a line.

A header, then each cell or search followed by its findings, what was asked of the whole run, then
a footer. Written line by line and flushed, so that a killed run loses at most the line in flight;
read strictly, so that a foreign or edited file is refused with one clear line.
"""

from reports.record.beside import (
    Agreement as Agreement,
    Completeness as Completeness,
    Search as Search,
)
from reports.record.gates import of_totals as of_totals
from reports.record.kinds import (
    SCHEMA as SCHEMA,
    CellRecord as CellRecord,
    Finding as Finding,
    Footer as Footer,
    Header as Header,
)
from reports.record.network import (
    LAYER_OUTCOMES as LAYER_OUTCOMES,
    NETWORK_OUTCOMES as NETWORK_OUTCOMES,
    Network as Network,
    NetworkLayer as NetworkLayer,
)
from reports.record.parts import (
    CELL_OUTCOMES as CELL_OUTCOMES,
    COMPLETENESS_OUTCOMES as COMPLETENESS_OUTCOMES,
    RULES as RULES,
    SEARCH_OUTCOMES as SEARCH_OUTCOMES,
    VERDICTS as VERDICTS,
    Compiled as Compiled,
    Crash as Crash,
    Numbers as Numbers,
    OperandShape as OperandShape,
    Requirement as Requirement,
    ShardOf as ShardOf,
    Stacked as Stacked,
    TiedExample as TiedExample,
    Totals as Totals,
)
from reports.record.reader import (
    RUN_FILE as RUN_FILE,
    Run as Run,
    RunFileError as RunFileError,
    content_of as content_of,
    read_run as read_run,
    record_of as record_of,
)
from reports.record.tally import Tally as Tally
from reports.record.writer import RunWriter as RunWriter
