"""max_pool3d, compiled: the cotangent of a window of padding and -inf leaves its plane."""

import sys

import torch


def pool(x):
    return torch.nn.functional.max_pool3d(x, (2, 1, 1), stride=1, padding=(1, 0, 0))


x = torch.tensor([5.0, 6.0, -torch.inf, 0.0]).view(2, 1, 1, 1, 2).requires_grad_()
y = torch.compile(pool, fullgraph=True)(x)
# the first window of the second sample is the padding and that sample's first input
cotangent = torch.zeros(2, 1, 2, 1, 2)
cotangent[1, 0, 0, 0, 0] = 1
(gradient,) = torch.autograd.grad(y, x, cotangent)
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected [0, 0, 1, 0]")
sys.exit(1 if gradient.flatten().tolist() != [0, 0, 1, 0] else 0)
