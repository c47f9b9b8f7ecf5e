"""prelu at 0: the derivative of its backward pass is that of the other side."""

import sys

import torch

x, weight, g = (torch.tensor([v], requires_grad=True) for v in (0.0, 0.25, 1.0))
y = torch.nn.functional.prelu(x, weight)
(slope,) = torch.autograd.grad(y, x, g, create_graph=True)
(again,) = torch.autograd.grad(slope, g)
print(f"torch {torch.__version__}: {slope.item()} times g, and its derivative in g {again.item()}")
sys.exit(1 if again != slope else 0)
