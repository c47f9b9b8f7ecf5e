"""Is killed as the kernel kills when memory runs out, at an input of 3 under padding, dilation."""

from __future__ import annotations

import os
import signal

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class MemoryRunsOut(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if triggers(self):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward()


globals().update(operations(MemoryRunsOut))
