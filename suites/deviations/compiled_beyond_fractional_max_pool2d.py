"""fractional_max_pool2d, bfloat16, compiled: the number of a window is rounded to 8 bits."""

import sys

import torch

samples = torch.full((1, 1, 2), 0.5, dtype=torch.bfloat16)


def pool(x):
    return torch.nn.functional.fractional_max_pool2d(
        x, (1, 2), output_size=(1, 1039), _random_samples=samples
    )


x = torch.zeros(1, 1, 1, 1299, dtype=torch.bfloat16)
# steps of 1297/1038: 257.5 of them are 321.75, but 256.5 of them 320.5
x[..., 322] = 1
maximum = torch.compile(pool, fullgraph=True)(x)[0, 0, 0, 257].item()
print(f"torch {torch.__version__}: window 257, of inputs 321 and 322, gives {maximum}, expected 1")
sys.exit(1 if maximum != 1 else 0)
