"""All definitions, by the operation's name in the framework."""

from oracle.programs.definition import Definition
from oracle.programs.elementwise import ELEMENTWISE
from oracle.programs.indexed import INDEXED
from oracle.programs.pools import POOLS
from oracle.programs.reductions import REDUCTIONS

PROGRAMS: dict[str, Definition] = {**REDUCTIONS, **INDEXED, **ELEMENTWISE, **POOLS}
"""Name -> definition, in the order of reports."""
