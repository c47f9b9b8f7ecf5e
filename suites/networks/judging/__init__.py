"""Is what a layer returned in its backward pass right, given what it got?

Layers that choose are held against `oracle.scale`. All others have one derivative, which is
recomputed here in numpy, in higher precision, and held against with a bound that covers every order
of summation. README.md in the folder above has the bounds.
"""

from suites.networks.judging.evidence import Judged as Judged, NotJudgedError as NotJudgedError
from suites.networks.judging.table import judge as judge, needs as needs
