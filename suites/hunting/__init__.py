"""Hunts for counterexamples: draws examples, runs and judges them as cells are, shrinks failures.

A hunt is one operation, format, mode and device. It ends in a `search` record, its findings, and
a case file for each counterexample. It makes none of a report's numbers: that is the corpus' part.
"""

from suites.hunting.hunt import EXAMPLES as EXAMPLES, Hunt as Hunt, hunts as hunts
from suites.hunting.hunting import Ground as Ground, hunted as hunted, not_hunted as not_hunted
from suites.hunting.notes import Hunted as Hunted
from suites.hunting.pack import Equipment as Equipment, Pack as Pack
