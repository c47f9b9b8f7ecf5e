"""What the outputs of an operation are near its stored inputs: value, pieces, and where they meet.

An operation is a definition written once over the scalars of this package. From it follow, exactly,
each output's value and its **branches**: the gradients of the pieces that meet there, each with the
directions along which it is the one that counts. Nothing here knows a framework.
"""

from oracle.programs.branches import Branch as Branch, Term as Term
from oracle.programs.catalogue import PROGRAMS as PROGRAMS
from oracle.programs.conditions import (
    Ahead as Ahead,
    Condition as Condition,
    Ranked as Ranked,
)
from oracle.programs.operands import Operand as Operand
from oracle.programs.scalar import Scalar as Scalar
from oracle.programs.signature import Signature as Signature, signature as signature
