"""adaptive_max_pool3d: the forward pass takes an output size of 0, the backward pass does not."""

import sys

import torch

x = torch.ones(1, 2, 3, 2, 4, requires_grad=True)
y = torch.nn.functional.adaptive_max_pool3d(x, (0, 2, 1))
try:
    (gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
except RuntimeError as error:
    print(f"torch {torch.__version__}: {error}, expected a gradient of zeros")
    sys.exit(1)
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected all 0")
sys.exit(1 if gradient.any() else 0)
