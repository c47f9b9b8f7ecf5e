"""What the suites hold to be an operation: one declarative entry each, and nothing that runs.

An entry names the framework's function as dotted text; nothing here imports a framework. A new
operation is a new entry.
"""

from oracle.catalogue.entry import REQUIRED as REQUIRED, Convention as Convention, Entry as Entry
from oracle.catalogue.pooling import MAX_POOLING
from oracle.catalogue.programs import PROGRAM_ENTRIES
from oracle.catalogue.rational import RATIONAL_ENTRIES

CATALOGUE: dict[str, Entry] = {
    entry.name: entry for entry in (*MAX_POOLING, *PROGRAM_ENTRIES, *RATIONAL_ENTRIES)
}
"""Name -> entry, in the order of reports."""
