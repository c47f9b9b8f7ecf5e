"""Operations whose pieces are polynomials or quotients: sampling of planes, factorizations."""

from __future__ import annotations

from oracle.catalogue.calls import plain
from oracle.catalogue.entry import Convention, Entry
from oracle.formats import FORMATS

_LAYOUTS = ("channels-last", "transposed", "sliced", "expanded")
_DOCS = "https://docs.pytorch.org/docs/stable/generated/torch."

# The page says where positions lie and what stands beyond the border, and nothing of derivatives
# where a position meets a pixel's centre.
_SAMPLING = Convention(rule=None, quote="", source=f"{_DOCS}nn.functional.grid_sample.html")
_FACTORING = Convention(
    rule=None,
    quote=(
        "The LU decomposition is almost never unique, as often there are different permutation "
        "matrices that can yield different LU decompositions."
    ),
    source=f"{_DOCS}linalg.lu_factor.html",
)

RATIONAL_ENTRIES = (
    Entry(
        name="grid_sample",
        family="sampling",
        function="torch.nn.functional.grid_sample",
        formats=tuple(FORMATS),
        layouts=_LAYOUTS,
        convention=_SAMPLING,
        # each position adds to the pixels that it reads
        cuda_atomics=True,
        spelling=plain(),
    ),
    Entry(
        name="lu_factor",
        family="factorizations",
        function="torch.linalg.lu_factor",
        formats=tuple(FORMATS),
        layouts=_LAYOUTS,
        convention=_FACTORING,
        cuda_atomics=False,
        spelling=plain(index="[0]"),
    ),
)
