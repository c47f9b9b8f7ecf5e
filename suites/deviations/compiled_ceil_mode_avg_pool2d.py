"""avg_pool2d, compiled: backward divides the window that overhangs in ceil_mode by its area."""

import sys

import torch


@torch.compile(fullgraph=True)
def pooled(x):
    return torch.nn.functional.avg_pool2d(x, (1, 2), 2, ceil_mode=True)


x = torch.ones(1, 1, 1, 3, requires_grad=True)
(gradient,) = torch.autograd.grad(pooled(x).sum(), x)
print(f"torch {torch.__version__}: {gradient.flatten().tolist()}, expected [0.5, 0.5, 1.0]")
sys.exit(1 if gradient[..., 2] != 1 else 0)
