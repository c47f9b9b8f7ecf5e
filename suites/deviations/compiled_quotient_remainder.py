"""remainder, compiled: its slope in the divisor is the floor of the rounded quotient."""

import sys

import torch

x, y = torch.tensor([6.0000005]), torch.tensor([2.0000002], requires_grad=True)
slopes = []
for remainder in (torch.compile(torch.remainder, fullgraph=True), torch.remainder):
    (slope,) = torch.autograd.grad(remainder(x, y), y)
    slopes.append(slope.item())
print(f"torch {torch.__version__}: slope {slopes[0]}, expected {slopes[1]}")
sys.exit(1 if slopes[0] != slopes[1] else 0)
