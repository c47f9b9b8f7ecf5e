"""One forward and one backward pass, watched: every layer with the tensors that it really got.

Forward, a dispatch mode sees each operator below automatic differentiation, whoever called it:
modules, functional calls and user code alike. Backward, hooks on every node of the graph see what
arrives at it and what it returns, whether it is the framework's or a user's
`torch.autograd.Function`, so that nothing that is differentiated escapes. The two meet in the
node's number, which the framework gives out just before it calls the operator.

Considered and not taken: hooks of modules alone (blind for functional calls), a dispatch mode in
the backward pass (it sees the calls inside a user's backward function, not what that function
claims to be the derivative of), and the tensors that nodes save (ReLU saves its output, which
doesn't tell 0 from what is below).
"""

from suites.networks.watching.backward import Step as Step, watched_backward as watched_backward
from suites.networks.watching.calls import Call as Call
from suites.networks.watching.compiled import (
    CompiledError as CompiledError,
    CompiledLayers as CompiledLayers,
)
from suites.networks.watching.forward import ForwardWatch as ForwardWatch
from suites.networks.watching.memory import MemoryLimitError as MemoryLimitError
