"""aminmax of a row with NaN: the gradient is NaN at every input of the row, not at NaN alone."""

import sys

import torch

x = torch.tensor([[float("nan"), 0.0, 1.0]], requires_grad=True)
y = torch.aminmax(x, dim=1).max
(gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
print(f"torch {torch.__version__}: {gradient.tolist()}, expected [[1, 0, 0]]")
sys.exit(1 if gradient[0, 1:].isnan().any() else 0)
