"""grid_sample where the grid is NaN, which is documented to stand for -1."""

import sys

import torch

grid = torch.tensor([[[[float("nan"), 0.0]]]])
y = torch.nn.functional.grid_sample(torch.tensor([[[[5.0, 7.0]]]]), grid, align_corners=False)
print(f"torch {torch.__version__}: {y.item()}, expected 2.5")
sys.exit(1 if y.isnan().any() else 0)
