"""hardsigmoid in binary64: its slope is 1/6 rounded to binary32, 2.5e-9 off."""

import sys

import torch

x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
(gradient,) = torch.autograd.grad(torch.nn.functional.hardsigmoid(x), x, torch.ones_like(x))
rounded = torch.tensor([1 / 6], dtype=torch.float32).double()
print(f"torch {torch.__version__}: {gradient.item()!r}, expected 1/6 = {1 / 6!r}")
sys.exit(1 if torch.equal(gradient, rounded) else 0)
