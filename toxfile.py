"""What tox.ini cannot say: the release to test, and no download where it could not run."""

from __future__ import annotations

import ctypes
import os
import re
import shlex

from tox.plugin import impl
from tox.tox_env.api import ToxEnv
from tox.tox_env.errors import Fail

DEFAULT_TORCH = "2.13.0"


def requirement(text: str) -> str:
    """Return pip requirement lines for `TORCH`: a plain version, or whatever pip takes.

    Options stand on lines of their own (`--pre torch` becomes two lines).
    """
    if re.fullmatch(r"[0-9][0-9A-Za-z.+-]*", text):
        return f"torch=={text}"
    lines: list[str] = []
    for word in shlex.split(text):
        follows_option = lines and lines[-1].startswith("--") and " " not in lines[-1]
        if follows_option and lines[-1] not in ("--pre", "--no-index"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


os.environ["TORCH_REQUIREMENT"] = requirement(os.environ.get("TORCH") or DEFAULT_TORCH)


def cuda_devices() -> int:
    """Return how many CUDA devices the NVIDIA driver sees; 0 without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


@impl
def tox_on_install(tox_env: ToxEnv, arguments: object, section: str, of_type: str) -> None:
    """Refuse a `gpu` environment before anything is downloaded."""
    del arguments, section, of_type
    if "gpu" in tox_env.conf.name.split("-") and not cuda_devices():
        msg = "needs a CUDA device, and the NVIDIA driver sees none; `tox -e cpu` runs without"
        raise Fail(msg)
