"""What all kinds of records have in common."""

from __future__ import annotations

import dataclasses
from typing import ClassVar


class Kind:
    """A record; each kind is a data class."""

    kind: ClassVar[str]

    def document(self) -> dict[str, object]:
        """Return the JSON object of the record."""
        return {"kind": self.kind} | {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]  # each kind is one
        }
