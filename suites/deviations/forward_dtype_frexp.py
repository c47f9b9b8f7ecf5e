"""frexp of half precision: in forward mode its derivative is in single precision."""

import sys

import torch

x = torch.ones(1, dtype=torch.float16)
mantissa, tangent = torch.func.jvp(lambda x: torch.frexp(x)[0], (x,), (x,))
print(f"torch {torch.__version__}: {tangent.dtype}, expected {mantissa.dtype}")
sys.exit(1 if tangent.dtype is torch.float32 else 0)
