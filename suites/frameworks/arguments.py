"""The arguments of a call, as the framework takes them: lists of sizes, floats, and tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from oracle.formats import format_named
from suites.frameworks.protocol import Call, bits_dtype
from suites.frameworks.tensors import laid_out


def arguments(call: Call) -> dict[str, object]:
    """Return all arguments of a call but the input, by name."""
    found: dict[str, Any] = {**call.params, "return_indices": call.return_indices}
    if found.get("output_ratio") is not None:
        found["output_ratio"] = tuple(map(float.fromhex, found["output_ratio"]))
    if "_random_samples" in found:
        found["_random_samples"] = _samples(found["_random_samples"], call)
    return found


def _samples(samples: Mapping[str, Any], call: Call) -> torch.Tensor:
    """Return the samples of a case, once for each of the cases that the input holds."""
    bits_of = format_named(call.format).bits_of
    bits = np.array([bits_of[text] for text in samples["data"]], dtype=bits_dtype(call.format))
    of_case = bits.reshape(samples["shape"])
    stacked = np.tile(of_case, (call.cases, 1, 1))
    return laid_out(stacked, "contiguous", call.format, call.device)
