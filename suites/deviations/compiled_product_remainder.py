"""remainder, compiled: a rounded product is taken off, so that what is left is another number."""

import sys

import torch

x, y = torch.full((4,), 6.0), torch.full((4,), 1.9999999)
found = torch.compile(torch.remainder, fullgraph=True)(x, y)[0].item()
expected = x[0].item() - 3 * y[0].item()  # exact in binary64
print(f"torch {torch.__version__}: {found}, expected {expected}")
sys.exit(1 if found != expected else 0)
