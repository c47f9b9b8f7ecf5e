"""index_reduce without its own input: where this equals the result, half a cotangent is lost."""

import sys

import torch

x, source = (torch.ones(1, requires_grad=True) for _ in range(2))
y = torch.index_reduce(x, 0, torch.tensor([0]), source, "amax", include_self=False)
gradients = torch.autograd.grad(y, (x, source), torch.ones_like(y))
own, of_source = (gradient.item() for gradient in gradients)
print(f"torch {torch.__version__}: {own} and {of_source}, expected 0 and 1: y is the source alone")
sys.exit(1 if of_source != 1 else 0)
