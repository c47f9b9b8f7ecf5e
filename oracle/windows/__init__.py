"""Which inputs each window of an operation reads.

A geometry is an operation, its parameters and an input shape; from these follow the output shape
and, for every output in row-major order, the flat indices that its window reads. Padding is not an
input, so a window may read nothing at all. Accepted is what PyTorch 2.13.0's forward pass accepts;
everything else raises `GeometryError`, which names the parameter.
"""

from oracle.windows.arithmetic import ARITHMETICS as ARITHMETICS
from oracle.windows.geometry import Geometry as Geometry, geometry as geometry
from oracle.windows.parameters import GeometryError as GeometryError
from oracle.windows.rule import Params as Params, Window as Window
