"""max_pool3d, no batch: backward refuses a cotangent with the strides of 2d channels_last."""

import sys

import torch

x = torch.ones(2, 3, 2, 2, requires_grad=True)
y = torch.nn.functional.max_pool3d(x, 1)
cotangent = torch.ones_like(y).clone(memory_format=torch.channels_last)
try:
    (gradient,) = torch.autograd.grad(y, x, cotangent)
except RuntimeError as error:
    print(f"torch {torch.__version__}: {error}, expected a gradient of ones")
    sys.exit(1)
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected all 1")
sys.exit(1 if (gradient != 1).any() else 0)
