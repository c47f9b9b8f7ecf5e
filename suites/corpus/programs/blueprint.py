"""What the stack of a form is to be made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from oracle.formats import Format
from oracle.programs import Operand, Signature
from suites.corpus.blueprint import Portion
from suites.corpus.programs.catalogue import FORMS
from suites.corpus.programs.form import Form
from suites.corpus.programs.portions import ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramBlueprint:
    """A form of an operation and the portions of its stack.

    Attributes:
        op: Name of the operation.
        form: The form.
        signature: The operation on the form's operands.
        smoke: 1 if the smoke profile keeps a case of each family, 0 if it leaves the stack out.
    """

    op: str
    form: Form
    signature: Signature
    smoke: int
    each: ClassVar[int] = 1

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.form.name

    @property
    def kept(self) -> tuple[str, ...]:
        """The families that the smoke profile keeps, none standing for all."""
        return ROLES[self.form.role].kept

    @property
    def growth(self) -> int:
        """How many times as many cases the deep profile asks for."""
        return ROLES[self.form.role].growth

    @property
    def portions(self) -> tuple[Portion, ...]:
        """What the standard profile has of the form."""
        made = ROLES[self.form.role].portions(self.form, math.prod(self.signature.input_shape))
        return tuple(map(self.form.adapt, made))

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The operands of one case."""
        return self.signature.operands

    def geometry(self, fmt: Format) -> Signature:
        """Return the operation on one case's operands, whichever format their numbers have."""
        del fmt  # windows of fractional pooling alone depend on it
        return self.signature


def program_blueprints(op: str) -> Iterator[ProgramBlueprint]:
    """Yield what the standard profile has of an operation that is a program."""
    seen: Counter[str] = Counter()
    for form in FORMS[op]:
        smoke = int(seen[form.role] < ROLES[form.role].smoke)
        seen[form.role] += 1
        yield ProgramBlueprint(op=op, form=form, signature=form.signature(op), smoke=smoke)
