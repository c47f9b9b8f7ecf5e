"""grid_sample with a position that is NaN and clipped: the backward pass writes out of bounds."""

import sys

import torch


def backward():
    plane = torch.zeros(1, 1, 3, 3, requires_grad=True)
    grid = torch.tensor([[[[float("nan"), 0.0]]]], requires_grad=True)
    sample = torch.nn.functional.grid_sample
    sample(plane, grid, padding_mode="border", align_corners=False).sum().backward()


process = torch.multiprocessing.get_context("fork").Process(target=backward)
process.start()
process.join()
print(f"torch {torch.__version__}: the process ended with {process.exitcode}, expected 0")
sys.exit(int(process.exitcode != 0))
