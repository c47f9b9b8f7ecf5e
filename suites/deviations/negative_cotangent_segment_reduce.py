"""segment_reduce: a positive cotangent is shared between equal inputs, a negative one is not."""

import sys

import torch

x = torch.ones(2, requires_grad=True)
y = torch.segment_reduce(x, "max", lengths=torch.tensor([2]))
up, down = (torch.autograd.grad(y, x, g * torch.ones(1), retain_graph=True)[0] for g in (1, -1))
print(f"torch {torch.__version__}: {up.tolist()}, {down.tolist()}, expected sums of 1 and -1")
sys.exit(1 if up.sum() != 1 or down.sum() != -1 else 0)
