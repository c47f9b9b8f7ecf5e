"""fmod: its slope in the divisor is the integer part of the quotient rounded, perhaps up."""

import sys

import torch

x, y = torch.tensor(6.0000005), torch.tensor(2.0000002, requires_grad=True)
rest = torch.fmod(x, y)  # 2, exactly: 2 y are taken off
(slope,) = torch.autograd.grad(rest, y)
expected = -(x.item() - rest.item()) / y.item()
print(f"torch {torch.__version__}: slope {slope.item()}, expected {expected}")
sys.exit(1 if slope.item() != expected else 0)
