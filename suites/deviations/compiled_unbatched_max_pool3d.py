"""max_pool3d, no batch, compiled: backward refuses strides of 2d channels_last."""

import sys

import torch


def pool(x):
    return torch.nn.functional.max_pool3d(x, 1)


x = torch.ones(2, 3, 2, 2).to(memory_format=torch.channels_last).requires_grad_()
y = torch.compile(pool, fullgraph=True)(x)
try:
    (gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
except RuntimeError as error:
    print(f"torch {torch.__version__}: {error}, expected a gradient of ones")
    sys.exit(1)
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected all 1")
sys.exit(1 if (gradient != 1).any() else 0)
