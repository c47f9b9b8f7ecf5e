"""Where a run comes from and where it goes: time, commit, folder."""

from __future__ import annotations

import datetime as dt
import subprocess
import tempfile
from pathlib import Path

from reports.record import RUN_FILE

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "reports" / "out"
LATEST = "latest"


def now() -> dt.datetime:
    """Return the time, UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def commit() -> str | None:
    """Return the project's commit, with `-dirty` where files were changed; None outside of git."""
    head = _git("rev-parse", "HEAD")
    if head is None:
        return None
    return f"{head}-dirty" if _git("status", "--porcelain") else head


def new_run_file(framework: str, version: str, device: str) -> Path:
    """Return the run file of a new folder in `reports/out`, and let `latest` point there."""
    stamp = now().strftime("%Y%m%dT%H%M%SZ")
    OUT.mkdir(parents=True, exist_ok=True)
    name = f"{stamp}-{framework}-{version}-{device}"
    # two runs may begin within one second
    names = (name, *(f"{name}-{number}" for number in range(2, 100)))
    folder = next(folder for folder in map(OUT.joinpath, names) if _made(folder))
    _point(OUT / LATEST, folder.name)
    return folder / RUN_FILE


def _made(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _point(link: Path, target: str) -> None:
    """Make `link` a symbolic link to `target`, replacing another one in a single step."""
    with tempfile.TemporaryDirectory(dir=link.parent, prefix=".") as folder:
        new = Path(folder, link.name)
        new.symlink_to(target)
        new.replace(link)


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
