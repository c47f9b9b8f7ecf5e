"""copysign beside NaN: outputs that do not read it have NaN, not 0, along it."""

import sys

import torch

x = torch.tensor([1.0, float("nan")])
rows = torch.func.jacrev(lambda x: torch.copysign(x, torch.ones(2)))(x).tolist()
print(f"torch {torch.__version__}: row of the first output {rows[0]}, expected [1.0, 0.0]")
sys.exit(0 if rows[0] == [1.0, 0.0] else 1)
