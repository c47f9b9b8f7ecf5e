"""min of everything, forward mode: beside a NaN the derivative along every input is NaN."""

import sys

import torch

x = torch.tensor([float("nan"), 0.0, 1.0])
along = torch.tensor([0.0, 1.0, 0.0])
derivative = torch.func.jvp(torch.min, (x,), (along,))[1].item()
print(f"torch {torch.__version__}: {derivative}, expected 0: the result is the NaN, not the 0")
sys.exit(1 if derivative != 0 else 0)
