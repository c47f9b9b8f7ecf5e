"""adaptive_max_pool3d, compiled, channels_last_3d: indices are read as if they were contiguous."""

import sys

import torch


def pool(x):
    return torch.nn.functional.adaptive_max_pool3d(x, (1, 1, 2))


x = torch.arange(4.0).view(1, 2, 1, 1, 2).to(memory_format=torch.channels_last_3d)
y = torch.compile(pool, fullgraph=True)(x.requires_grad_())
# each window is one input, so that the gradient is the cotangent
(gradient,) = torch.autograd.grad(y, x, torch.tensor([1.0, 2.0, 4.0, 8.0]).view_as(y))
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected [1, 2, 4, 8]")
sys.exit(1 if gradient.flatten().tolist() != [1, 2, 4, 8] else 0)
