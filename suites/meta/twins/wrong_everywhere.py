"""Is an eighth off everywhere: operations without a kink have no other twin."""

import torch

from suites.meta.twins._moving import operations


def blend(here: torch.Tensor, up: torch.Tensor, down: torch.Tensor) -> torch.Tensor:
    return here * 1.125


globals().update(operations(blend))
