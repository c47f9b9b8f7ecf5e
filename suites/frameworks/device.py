"""The one place that knows where calls run: on the CPU or on a CUDA device.

The parent process asks only for the names and the start method, so the framework is imported in
the functions that a child calls.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from suites.frameworks.protocol import FrameworkError, one_line

if TYPE_CHECKING:
    import torch

DEVICES = ("cpu", "cuda")
LOST = 86
"""Exit status of a child whose device answers no more."""

_DRIVER = Path("/proc/driver/nvidia/version")


def start_method(device: str) -> str:
    """Return how child processes start.

    A fork server has the framework loaded once for all children; CUDA does not survive a fork, so
    there each child starts from nothing.
    """
    return "spawn" if device == "cuda" else "forkserver"


def prepare(device: str) -> None:
    """Make the device ready in this process.

    Raises:
        FrameworkError: There is no such device, or it is of no use.
    """
    import torch

    torch.set_num_threads(1)
    if device == "cpu":
        return
    if not torch.cuda.is_available():
        built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "a CPU-only build"
        msg = (
            f"no CUDA device: torch {torch.__version__} ({built}) finds none; "
            "check nvidia-smi and the wheel, or run on the CPU with --device cpu"
        )
        raise FrameworkError(msg)
    try:
        torch.empty(1, device=device)  # the device's own start must not count as a call's time
    except RuntimeError as error:
        msg = f"the CUDA device can't be used: {one_line(error)}"
        raise FrameworkError(msg) from error


def copied(integers: NDArray[Any], device: str) -> torch.Tensor:
    """Return a tensor on the device, in memory of the framework's own."""
    import torch

    return torch.tensor(integers, device=device)


def responds(device: str) -> bool:
    """Return whether the device still works: an illegal access ends a CUDA context for good."""
    import torch

    if device == "cpu":
        return True
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return False
    return True


def facts(device: str) -> dict[str, object]:
    """Return what identifies the device, for the header of a run file."""
    import torch

    found: dict[str, object] = {
        "device": device,
        "instruction_set": torch.backends.cpu.get_cpu_capability(),
        "cuda": torch.version.cuda,
        "device_name": None,
        "driver": None,
        "compute_capability": None,
        "atomics_flush_subnormals": None,
    }
    if device == "cuda":
        major, minor = torch.cuda.get_device_capability()
        found["device_name"] = torch.cuda.get_device_name()
        found["driver"] = _driver()
        found["compute_capability"] = f"{major}.{minor}"
        found["atomics_flush_subnormals"] = atomics_flush(device)
    return found


def atomics_flush(device: str) -> bool:
    """Measure whether 0 stays 0 when a binary32 subnormal is added to it as atomics do."""
    import torch

    smallest = torch.ones(1, dtype=torch.int32, device=device).view(torch.float32)
    place = torch.zeros(1, dtype=torch.int64, device=device)
    # on CUDA this adds with global atomics, unless deterministic algorithms are asked for
    total = torch.zeros(1, device=device).scatter_add_(0, place, smallest)
    return not total.view(torch.int32).item()


def _driver() -> str | None:
    """Return the driver's first line about itself, where the kernel module shows it."""
    return _DRIVER.read_text().splitlines()[0] if _DRIVER.exists() else None
