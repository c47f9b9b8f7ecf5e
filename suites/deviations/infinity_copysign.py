"""copysign of an infinity: the gradient is NaN, the slope of the absolute value is 1."""

import sys

import torch

x = torch.tensor([float("inf")], requires_grad=True)
y = torch.copysign(x, torch.ones(1))
(gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
print(f"torch {torch.__version__}: {gradient.item()}, expected 1")
sys.exit(1 if gradient.isnan().any() else 0)
