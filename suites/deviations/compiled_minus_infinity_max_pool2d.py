"""max_pool2d, compiled: of a window of padding and -inf, the index is that of the padding."""

import sys

import torch


def pool(x):
    return torch.nn.functional.max_pool2d(x, (1, 2), stride=1, padding=(0, 1))


x = torch.tensor([[[[0.0, 5.0], [-torch.inf, 0.0]]]], requires_grad=True)
y = torch.compile(pool, fullgraph=True)(x)
try:
    # the window at the left of the second row is the padding and its first input
    (gradient,) = torch.autograd.grad(y, x, torch.tensor([[[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]]]))
except RuntimeError as error:
    print(f"torch {torch.__version__}: {error}, expected the gradient [0, 0, 1, 0]")
    sys.exit(1)
print(f"torch {torch.__version__}: gradient {gradient.flatten().tolist()}, expected [0, 0, 1, 0]")
sys.exit(1 if gradient.flatten().tolist() != [0, 0, 1, 0] else 0)
