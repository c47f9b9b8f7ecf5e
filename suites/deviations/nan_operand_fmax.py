"""fmax of NaN and a number is the number, and yet NaN gets the cotangent, too."""

import sys

import torch

x = torch.tensor(float("nan"), requires_grad=True)
other = torch.tensor(1.0, requires_grad=True)
gradients = torch.autograd.grad(torch.fmax(x, other), (x, other))
print(f"torch {torch.__version__}: {[g.item() for g in gradients]}, expected [0.0, 1.0]")
sys.exit(1 if gradients[0] != 0 else 0)
