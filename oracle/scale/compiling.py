"""How functions are compiled, and where the code is kept."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Return the function compiled, without fast-math: IEEE 754 rounds every operation.

    It allocates nothing, so that numba has no references to count.
    """
    return _made(function, forceinline=False)


def inlined(function: _Function) -> _Function:
    """Return a small function compiled into each of its callers."""
    return _made(function, forceinline=True)


def _made(function: _Function, *, forceinline: bool) -> _Function:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
    config: Any = numba.config
    kept, config.CACHE_DIR = config.CACHE_DIR, _folder()
    try:
        made: _Function = numba.njit(
            function, cache=bool(_folder()), forceinline=forceinline, **options
        )
    finally:
        config.CACHE_DIR = kept
    return made


@functools.cache
def _folder() -> str:
    """Return the folder for compiled code, named by the sources of all of it; "" for none.

    numba looks at the file of a function alone, not at those of the functions that it calls: after
    a change in one file the others would go on with the old code.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(here.glob("*.py")):
        digest.update(source.read_bytes())
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or here / "__pycache__")
    folder = root / f"scale-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""
