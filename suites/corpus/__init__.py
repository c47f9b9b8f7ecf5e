"""The corpus: a fixed, versioned set of distinct cases; everything that a report counts is here.

It never looks at a framework, and it leaves nothing to chance: exhaustive lattices, structured
worst cases, and draws of a counter-based generator that is keyed by what they are for.
"""

from suites.corpus.assembly import (
    OPS as OPS,
    POOLING as POOLING,
    PROFILES as PROFILES,
    CorpusError as CorpusError,
    corpus_hash as corpus_hash,
    stacks as stacks,
)
from suites.corpus.draws import CORPUS_VERSION as CORPUS_VERSION
from suites.corpus.stack import Stack as Stack
