"""clamp, Tensor bounds of more dimensions than the input: backward refuses what forward took."""

import sys

import torch

x, low, high = (torch.zeros(n, requires_grad=True) for n in (2, (2, 1), 2))
y = torch.clamp(x, low, high)
try:
    torch.autograd.grad(y, (x, low, high), torch.ones_like(y))
except RuntimeError as error:
    print(f"torch {torch.__version__}: {error}, expected gradients")
    sys.exit(1)
print(f"torch {torch.__version__}: no error")
sys.exit(0)
