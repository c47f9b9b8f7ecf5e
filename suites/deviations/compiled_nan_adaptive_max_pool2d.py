"""adaptive_max_pool2d, compiled: another input than the NaN gets the cotangent of its window."""

import sys

import torch


def pool(x):
    return torch.nn.functional.adaptive_max_pool2d(x, (2, 1))


# the windows are the first two rows, and the last two
x = torch.tensor([[[[1.0, 2.0], [3.0, 0.0], [0.0, torch.nan]]]], requires_grad=True)
y = torch.compile(pool, fullgraph=True)(x)
(gradient,) = torch.autograd.grad(y, x, torch.tensor([[[[1.0], [2.0]]]]))
rows = gradient.view(3, 2).tolist()
print(f"torch {torch.__version__}: gradient {rows}, expected [[0, 0], [1, 0], [0, 2]]")
sys.exit(1 if rows != [[0, 0], [1, 0], [0, 2]] else 0)
