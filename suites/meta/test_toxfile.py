"""What `TORCH` may be, and that `tox -e gpu` refuses at once where there is no CUDA device."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def toxfile(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("TORCH_REQUIREMENT", "")
    spec = importlib.util.spec_from_file_location("toxfile", ROOT / "toxfile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("2.14.1", "torch==2.14.1"),
        ("2.15.0.dev20261101+cpu", "torch==2.15.0.dev20261101+cpu"),
        ("torch>=2.14,<2.15", "torch>=2.14,<2.15"),
        ("wheels/torch-2.14.1-cp311-cp311-linux_x86_64.whl",) * 2,
        ("--pre torch", "--pre\ntorch"),
        (
            "--pre --index-url https://example.org/simple torch",
            "--pre\n--index-url https://example.org/simple\ntorch",
        ),
    ],
)
def test_torch_is_a_version_or_any_pip_requirement(
    toxfile: ModuleType, text: str, lines: str
) -> None:
    assert toxfile.requirement(text) == lines


def test_gpu_without_a_device_fails_at_once_and_says_so(
    toxfile: ModuleType, tmp_path: Path
) -> None:
    if toxfile.cuda_devices():
        pytest.skip("this machine has a CUDA device, so `tox -e gpu` would run")
    command = [sys.executable, "-m", "tox", "run", "-e", "gpu", "--workdir", str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    said = [line for line in done.stdout.splitlines() if "CUDA device" in line]
    assert len(said) == 1
    assert "tox -e cpu" in said[0]
    assert not list(tmp_path.rglob("torch"))
