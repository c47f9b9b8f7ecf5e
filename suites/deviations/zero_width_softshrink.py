"""softshrink with a width of 0 is the identity, but its gradient at 0 is 0."""

import sys

import torch

x = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
y = torch.nn.functional.softshrink(x, 0.0)
(gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
print(f"torch {torch.__version__}: of {y.tolist()} {gradient.tolist()}, expected all 1")
sys.exit(1 if torch.equal(x, y) and (gradient != 1).any() else 0)
