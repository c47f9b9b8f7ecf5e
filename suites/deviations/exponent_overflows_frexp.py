"""frexp of large numbers: the power of two is had in binary32, where it overflows."""

import sys

import torch

x = torch.tensor([0.75 * 2.0**200, 0.75 * 2.0**-200], dtype=torch.float64, requires_grad=True)
mantissa, _ = torch.frexp(x)
(gradient,) = torch.autograd.grad(mantissa, x, torch.ones_like(x))
expected = [2.0**-200, 2.0**200]
print(f"torch {torch.__version__}: {gradient.tolist()}, expected {expected}")
sys.exit(1 if gradient.tolist() == [0.0, float("inf")] else 0)
