"""clamp, Tensor bounds that are equal, an input below them: the cotangent goes nowhere."""

import sys

import torch

x, low, high = (torch.tensor([v], requires_grad=True) for v in (0.0, 1.0, 1.0))
y = torch.clamp(x, low, high)
gradients = torch.autograd.grad(y, (x, low, high), torch.ones_like(y))
x_, low_, high_ = (gradient.item() for gradient in gradients)
print(f"torch {torch.__version__}: {x_}, {low_}, {high_}, expected 1 in all for the two bounds")
sys.exit(1 if low_ + high_ != 1 else 0)
