"""How much memory is free: what does not fit is told, before the system ends the process."""

from __future__ import annotations

import re
from pathlib import Path

import torch

_SHARE = 0.9
"""The share of the free memory that may be used."""

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


class MemoryLimitError(MemoryError):
    """A batch or a model that does not fit the memory; the message is one line."""


def free(device: torch.device) -> int:
    """Return the bytes that may be used: of the machine and of the group that the process is in."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0] * _SHARE)
    found = [_available(), *_left_in_group()]
    return int(min(found) * _SHARE)


def _available() -> int:
    """Return the machine's free memory in bytes; of an unknown system, as much as there can be."""
    if not _MEMINFO.exists():
        return 1 << 62
    match = re.search(r"^MemAvailable:\s+(\d+) kB$", _MEMINFO.read_text(), re.MULTILINE)
    return int(match[1]) * 1024 if match else 1 << 62


def _left_in_group() -> list[int]:
    """Return what is left of the limit of a container, if it has one (version 2 of cgroups)."""
    limit, used = _CGROUP / "memory.max", _CGROUP / "memory.current"
    if not (limit.exists() and used.exists()) or not limit.read_text().strip().isdecimal():
        return []
    return [int(limit.read_text()) - int(used.read_text())]


def text(size: int) -> str:
    """Return bytes as text."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
