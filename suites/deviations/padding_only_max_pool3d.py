"""max_pool3d: a window that lies in the padding altogether sends its cotangent somewhere."""

import sys

import torch

x = torch.tensor([[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]], requires_grad=True)
# kernel cells at columns -1 and 2 of a row of 2: neither is an input
y = torch.nn.functional.max_pool3d(x, (1, 1, 2), stride=1, padding=(0, 0, 1), dilation=(1, 1, 3))
# 0 for the second channel: what goes astray there would leave the tensor
(gradient,) = torch.autograd.grad(y, x, torch.tensor([[[[[1.0]]], [[[0.0]]]]]))
print(f"torch {torch.__version__}: gradient {gradient.tolist()}, expected all 0")
sys.exit(1 if gradient.any() else 0)
