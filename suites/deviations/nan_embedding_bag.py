"""embedding_bag, max: a NaN counts where it comes first in the bag, and nowhere else."""

import sys

import torch

weight = torch.tensor([[0.0], [float("nan")]])
bags = [torch.tensor(rows) for rows in ([0, 1], [1, 0])]
first = torch.tensor([0])
values = [torch.nn.functional.embedding_bag(b, weight, first, mode="max").item() for b in bags]
print(f"torch {torch.__version__}: {values}, expected NaN whatever the order is")
sys.exit(1 if any(value == value for value in values) else 0)
