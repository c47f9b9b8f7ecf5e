"""Goes at a kink beyond the gradients of both sides; elsewhere it is right."""

import torch

from suites.meta.twins._moving import operations, unlike


def blend(here: torch.Tensor, up: torch.Tensor, down: torch.Tensor) -> torch.Tensor:
    beyond = (up + 3 * (up - down)).to(here.dtype)
    return torch.where(unlike(up, down), beyond, here)


globals().update(operations(blend))
