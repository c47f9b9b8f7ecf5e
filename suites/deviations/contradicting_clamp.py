"""clamp of one number, twice: the ties of the two outputs are decided in ways that contradict."""

import sys

import torch

x, low, high = (torch.tensor(v, requires_grad=True) for v in ([0.0], [[0.0], [-1.0]], [0.0]))
y = torch.clamp(x, low, high)
# min(x, high) - min(max(x, low), high) falls along x nowhere
(gradient,) = torch.autograd.grad(y, x, torch.tensor([[-1.0], [1.0]]))
print(f"torch {torch.__version__}: {gradient.item()}, expected from 0 to 1")
sys.exit(1 if gradient < 0 else 0)
