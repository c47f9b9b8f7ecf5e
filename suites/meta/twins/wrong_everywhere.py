"""Is an eighth off everywhere, and 1 where it should be 0: the twin of what has no kink."""

import torch

from suites.meta.twins._moving import operations


def blend(here: torch.Tensor, up: torch.Tensor, down: torch.Tensor) -> torch.Tensor:
    return torch.where(here == 0, 1, here * 1.125)


globals().update(operations(blend))
