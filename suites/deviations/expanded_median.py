"""median along a dimension: of an expanded input (stride 0) it returns other numbers."""

import sys

import torch

x = torch.tensor([[1.0], [0.0]])
same = (x.expand(2, 2), x.expand(2, 2).contiguous())
expanded, contiguous = (torch.median(each, 1).values.tolist() for each in same)
print(f"torch {torch.__version__}: {expanded}, expected {contiguous}")
sys.exit(1 if expanded != contiguous else 0)
