"""Writes a comparison into a folder, each file whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from reports.build import write, write_scripts
from reports.compare.compare import Comparison
from reports.compare.document import document, scripts
from reports.compare.forms import markdown, page


def build(comparison: Comparison, folder: Path) -> Path:
    """Write `compare.json`, `.md`, `.html` and `scripts/` into `folder`; return the page's path."""
    found = document(comparison)
    write(folder / "compare.json", json.dumps(found, indent=1, allow_nan=False) + "\n")
    write_scripts(folder / "scripts", dict(scripts(found)))
    write(folder / "compare.md", markdown(found))
    path = folder / "compare.html"
    write(path, page(found))
    return path
