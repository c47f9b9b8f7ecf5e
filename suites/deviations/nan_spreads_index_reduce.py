"""index_reduce of NaN: the gradient is NaN at every input of the place, not at NaN alone."""

import sys

import torch

x, source = (torch.tensor([v], requires_grad=True) for v in (float("nan"), 0.0))
y = torch.index_reduce(x, 0, torch.tensor([0]), source, "amax")
gradients = torch.autograd.grad(y, (x, source), torch.ones_like(y))
own, of_source = (gradient.item() for gradient in gradients)
print(f"torch {torch.__version__}: {own} and {of_source}, expected 1 and 0")
sys.exit(1 if of_source != 0 else 0)
