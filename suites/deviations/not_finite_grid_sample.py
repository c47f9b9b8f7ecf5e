"""grid_sample where the grid is NaN, documented to stand for -1, or infinite, out of bounds."""

import sys

import torch

wrong = False
for x, expected in ((float("nan"), 2.5), (float("inf"), 0.0)):
    grid = torch.tensor([[[[x, 0.0]]]])
    y = torch.nn.functional.grid_sample(torch.tensor([[[[5.0, 7.0]]]]), grid, align_corners=False)
    print(f"torch {torch.__version__}: at {x} {y.item()}, expected {expected}")
    wrong |= y.item() != expected
sys.exit(1 if wrong else 0)
