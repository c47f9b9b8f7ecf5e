"""nanquantile at a rank that is whole: the infinity that stands there comes back as NaN."""

import sys

import torch

x = torch.tensor([1.0, float("inf"), float("inf")])
value = torch.nanquantile(x, 0.5).item()
print(f"torch {torch.__version__}: {value}, expected inf")
sys.exit(1 if value != value else 0)
