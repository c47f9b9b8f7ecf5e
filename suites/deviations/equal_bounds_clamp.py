"""clamp between two equal bounds is constant, but its gradient on the bounds is 1."""

import sys

import torch

x = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
y = torch.clamp(x, 0.0, 0.0)
(gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
print(f"torch {torch.__version__}: of {y.tolist()} {gradient.tolist()}, expected all 0")
sys.exit(1 if gradient.any() else 0)
