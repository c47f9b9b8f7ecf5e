"""What the runner's processes do to the terminal and to the machine, seen from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

ROOT = Path(__file__).parents[2]

MAIN = """
import sys
from pathlib import Path
import numpy as np
from suites.frameworks.protocol import Call, FrameworkError
from suites.frameworks.runner import Runner

if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    numbers = np.zeros((1, 1, 2), np.uint32)
    call = Call(op="max_pool1d", params={"kernel_size": (2,)}, format="binary32",
                input=numbers, cotangent=numbers[..., :1])
    with Runner(operations=["max_pool1d"], implementation=file) as runner:
        try:
            print(runner.probe())
            print(runner.submit(call).result())
        except FrameworkError as error:
            print(error)
    print("torch" in sys.modules)
"""


def started(
    folder: Path, implementation: str | None = None, path: Path = ROOT
) -> subprocess.Popen[str]:
    """Start a script that makes one call; `path` is where modules come from before all others."""
    (folder / "main.py").write_text(MAIN)
    arguments = [sys.executable, str(folder / "main.py")]
    if implementation is not None:
        (folder / "own.py").write_text(implementation)
        arguments.append(str(folder / "own.py"))
    return subprocess.Popen(
        arguments,
        env={**os.environ, "PYTHONPATH": f"{path}:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def crash() -> str:
    return (
        "import os, sys, warnings\n"
        "def max_pool1d(input, kernel_size):\n"
        "    print('out'); warnings.warn('careful'); print('err', file=sys.stderr)\n"
        "    os.system('echo shell'); os.abort()\n"
    )


def test_a_crashing_child_prints_nothing_and_the_parent_never_loads_torch(
    tmp_path: Path, crash: str
) -> None:
    out, err = started(tmp_path, crash).communicate(timeout=60)
    assert err == ""
    operations, reply, loaded = out.splitlines()
    assert operations == "frozenset({'max_pool1d'})"
    assert "outcome='crashed'" in reply
    assert "signal='SIGABRT'" in reply
    assert loaded == "False"


def test_a_missing_framework_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('No module named torch')\n")
    out, err = started(tmp_path, path=tmp_path).communicate(timeout=60)
    assert err == ""
    assert out.splitlines()[0] == (
        "PyTorch can't be imported: ImportError: No module named torch; "
        "install it with pip install torch"
    )


def test_a_call_that_hangs_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent = started(
        tmp_path,
        "import os, pathlib, time\n"
        "def max_pool1d(input, kernel_size):\n"
        "    pathlib.Path(__file__).with_name('pid').write_text(f'{os.getpid()} ')\n"
        "    while True: pass\n",
    )
    written = tmp_path / "pid"
    pid = int(_eventually(lambda: written.exists() and written.read_text()) or 0)
    parent.kill()
    parent.communicate()
    assert _eventually(lambda: not Path(f"/proc/{pid}").exists())


def _eventually(condition: Callable[[], T], seconds: float = 30.0) -> T:
    """Return what the condition comes to, once that is true or the time is up."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
