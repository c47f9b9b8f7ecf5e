"""max_pool3d, compiled: one channel of transposed strides gets the gradient of other strides."""

import sys

import torch


def pool(x):
    return torch.nn.functional.max_pool3d(x, 3, stride=1, padding=1)


x = torch.tensor([[1.0, 3.0], [2.0, 4.0]]).t().view(1, 1, 1, 2, 2).requires_grad_()
y = torch.compile(pool, fullgraph=True)(x)
# every window holds all inputs, so that the largest, the last, gets the whole cotangent
(gradient,) = torch.autograd.grad(y, x, torch.tensor([[[[[1.0, 2.0], [4.0, 8.0]]]]]))
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected [0, 0, 0, 15]")
sys.exit(1 if gradient.flatten().tolist() != [0, 0, 0, 15] else 0)
