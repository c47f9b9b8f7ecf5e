"""Pages in a headless Chromium, which is asked questions in JavaScript."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium here: install one (apt-get install chromium) to look at pages",
)

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--dump-dom"),
)
_ANSWER = re.compile(r'data-answer="([^"]*)"')


def ask(page: Path, question: str, *flags: str, width: int | None = None, virtual: int = 0) -> Any:
    """Return what the body of a JavaScript function, `question`, returns in a page.

    The page's own policy lets no foreign script run, so it is told this one's digest.

    Args:
        page: The page.
        question: Run after the page's own script; may await.
        flags: More of Chromium's command line.
        width: Of a frame that the page is shown in; a window can't be as narrow as a telephone.
        virtual: Milliseconds that pass at once, for what waits; 0 where times are measured.
    """
    script = (
        f"(async () => {{ {question} }})().then((found) => "
        "{ top.document.documentElement.dataset.answer = JSON.stringify(found); })"
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = page.read_text(encoding="utf-8")
    asked = text.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    asked = asked.replace("</body>", f"<script>{script}</script>\n</body>")
    if width is not None:
        asked = f'<!doctype html><iframe width="{width}" height="900" srcdoc="{escape(asked)}">'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(asked, encoding="utf-8")
        more = [f"--virtual-time-budget={virtual}"] if virtual else []
        text = _dumped(path, Path(folder), "--window-size=1280,900", *more, *flags)
    answer = _ANSWER.search(text)
    assert answer is not None, "the page gave no answer"
    return json.loads(unescape(answer.group(1)))


def _dumped(path: Path, folder: Path, *flags: str) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        (CHROMIUM, *_FLAGS, f"--user-data-dir={folder / 'user'}", *flags, path.as_uri()),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout
