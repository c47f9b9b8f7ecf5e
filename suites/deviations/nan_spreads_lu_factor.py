"""linalg.lu_factor: a NaN in the cotangent of u_12 reaches the row that u_12 does not read."""

import sys

import torch

a = torch.tensor([[2.0, 1.0], [1.0, 2.0]], requires_grad=True)
factors = torch.linalg.lu_factor(a)[0]
cotangent = torch.tensor([[0.0, float("nan")], [0.0, 0.0]])
(gradient,) = torch.autograd.grad(factors, a, cotangent)
print(f"torch {torch.__version__}: {gradient[1].tolist()}, expected [0.0, 0.0]")
sys.exit(1 if gradient[1].isnan().any() else 0)
