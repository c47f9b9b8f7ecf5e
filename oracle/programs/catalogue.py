"""All definitions, by the operation's name in the framework."""

from oracle.programs.activations import ACTIVATIONS
from oracle.programs.definition import Definition
from oracle.programs.elementwise import ELEMENTWISE
from oracle.programs.factoring import FACTORING
from oracle.programs.indexed import INDEXED
from oracle.programs.jumps import JUMPS
from oracle.programs.pools import POOLS
from oracle.programs.quantiles import QUANTILES
from oracle.programs.reductions import REDUCTIONS
from oracle.programs.sampling import SAMPLING

PROGRAMS: dict[str, Definition] = {
    **REDUCTIONS,
    **QUANTILES,
    **INDEXED,
    **ELEMENTWISE,
    **ACTIVATIONS,
    **JUMPS,
    **POOLS,
    **SAMPLING,
    **FACTORING,
}
"""Name -> definition, in the order of reports."""
