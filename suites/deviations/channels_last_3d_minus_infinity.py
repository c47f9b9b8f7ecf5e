"""max_pool3d, channels_last_3d: of a window of -inf, the wrong input gets the cotangent."""

import sys

import torch

x = torch.full((1, 1, 4, 1, 1), -torch.inf).to(memory_format=torch.channels_last_3d)
x = x.expand(1, 2, 4, 1, 1).clone(memory_format=torch.channels_last_3d).requires_grad_()
y = torch.nn.functional.max_pool3d(x, (2, 1, 1))
(gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
# the windows are the inputs 0 and 1, and 2 and 3: each must pass on 1
passed = gradient.view(2, 2, 2).sum(2)
print(f"torch {torch.__version__}: windows pass on {passed.tolist()}, expected 1 each")
sys.exit(1 if (passed != 1).any() else 0)
