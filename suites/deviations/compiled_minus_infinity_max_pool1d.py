"""max_pool1d, compiled: of a window of padding and -inf, the index is that of the padding."""

import sys

import torch


def pool(x):
    return torch.nn.functional.max_pool1d(x, 2, stride=1, padding=1)


x = torch.tensor([[[-torch.inf, 0.0]]], requires_grad=True)
y = torch.compile(pool, fullgraph=True)(x)
try:
    # the first window is the padding and input 0
    (gradient,) = torch.autograd.grad(y, x, torch.tensor([[[1.0, 0.0, 0.0]]]))
except RuntimeError as error:
    print(f"torch {torch.__version__}: {error}, expected the gradient [1, 0]")
    sys.exit(1)
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected [1, 0]")
sys.exit(1 if gradient.flatten().tolist() != [1, 0] else 0)
