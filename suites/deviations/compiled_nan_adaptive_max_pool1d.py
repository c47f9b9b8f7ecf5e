"""adaptive_max_pool1d, compiled: another input than the NaN gets the cotangent of its window."""

import sys

import torch


def pool(x):
    return torch.nn.functional.adaptive_max_pool1d(x, 3)


# the windows are the inputs 0 and 1, 1 and 2, 2 and 3
x = torch.tensor([[[1.0, 3.0, 0.0, torch.nan]]], requires_grad=True)
y = torch.compile(pool, fullgraph=True)(x)
(gradient,) = torch.autograd.grad(y, x, torch.tensor([[[1.0, 2.0, 4.0]]]))
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected [0, 3, 0, 4]")
sys.exit(1 if gradient.flatten().tolist() != [0, 3, 0, 4] else 0)
