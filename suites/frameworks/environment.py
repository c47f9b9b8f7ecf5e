"""What a run depends on beside the cases: versions, processor, device and math flags."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from suites.frameworks import device

_PROCESSORS = Path("/proc/cpuinfo")


def describe(where: str) -> dict[str, object]:
    """Return the facts of this process, for the header of a run file."""
    return {
        "torch": str(torch.__version__),  # its own class would not load without torch
        "torch_git": torch.version.git_version,
        "torch_debug": torch.version.debug,
        "python": platform.python_version(),
        "python_implementation": sys.implementation.name,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "processor": _processor(),
        "cxx": _compiler(),
        "threads": torch.get_num_threads(),
        "default_dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "flushes_subnormals": _flushes_subnormals(where),
        "matmul_precision": torch.get_float32_matmul_precision(),
        "tf32_matmul": torch.backends.cuda.matmul.allow_tf32,
        "tf32_cudnn": torch.backends.cudnn.allow_tf32,
        **device.facts(where),
    }


def _processor() -> str:
    """Return the processor's model, which `platform` does not know on Linux."""
    lines = _PROCESSORS.read_text().splitlines() if _PROCESSORS.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _compiler() -> str | None:
    """Return the C++ compiler's first line about itself; None where there is none."""
    try:
        said = subprocess.run(
            (os.environ.get("CXX", "g++"), "--version"), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.stdout.partition("\n")[0]


def _flushes_subnormals(where: str) -> bool:
    """Measure whether a sum of two binary32 subnormals becomes 0."""
    smallest = device.copied(np.ones(1, np.int32), where).view(torch.float32)
    doubled = (smallest + smallest).view(torch.int32)
    return int(doubled.item()) == 0
