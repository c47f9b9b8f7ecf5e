"""fractional_max_pool3d, bfloat16: a sample of 1/2 places a window outside of the input."""

import sys

import torch

x = torch.arange(588.0).view(1, 1, 2, 2, 147).to(torch.bfloat16)
samples = torch.full((1, 1, 3), 0.5, dtype=torch.bfloat16)
pool = torch.nn.functional.fractional_max_pool3d
try:
    y = pool(x, (1, 1, 2), output_size=(1, 1, 135), _random_samples=samples)
except RuntimeError as error:
    print(f"torch {torch.__version__}: {str(error).splitlines()[0]}; expected 135 maxima")
    sys.exit(1)
print(f"torch {torch.__version__}: {y.numel()} maxima, expected 135")
sys.exit(1 if y.numel() != 135 else 0)
