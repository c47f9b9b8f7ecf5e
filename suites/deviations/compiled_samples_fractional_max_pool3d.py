"""fractional_max_pool3d, compiled: the samples of the first and the last dimension are swapped."""

import sys

import torch

samples = torch.tensor([[[0.75, 0.5, 0.0]]])


def pool(x):
    return torch.nn.functional.fractional_max_pool3d(
        x, 1, output_size=(3, 1, 3), _random_samples=samples
    )


x = torch.arange(72.0).view(1, 1, 6, 2, 6)
expected = pool(x).flatten().tolist()
maxima = torch.compile(pool, fullgraph=True)(x).flatten().tolist()
print(f"torch {torch.__version__}: {maxima}, expected {expected} as without the compiler")
sys.exit(1 if maxima != expected else 0)
