"""linalg.lu_factor: what overflows on the way to one row's derivatives makes NaN of another's."""

import sys

import torch

a = torch.tensor([[2.0, 1.0], [1.0, 2.0]], requires_grad=True)
factors = torch.linalg.lu_factor(a)[0]
(gradient,) = torch.autograd.grad(factors, a, torch.tensor([[0.0, 3e38], [0.0, 1.0]]))
print(f"torch {torch.__version__}: {gradient[1].tolist()}, expected [-0.5, 1.0]")
sys.exit(1 if gradient[1].isnan().any() else 0)
