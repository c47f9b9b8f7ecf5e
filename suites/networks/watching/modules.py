"""Which module is being called, by the name that it has in the model."""

from __future__ import annotations

from collections import Counter
from functools import partial
from types import TracebackType
from typing import Any, Self

from torch import nn


class ModuleNames:
    """A context in which `layer(op)` names where a call is made."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._stack: list[str] = []
        self._seen: Counter[str] = Counter()
        self._handles: list[Any] = []

    def layer(self, op: str) -> str:
        """Return a name for a call of `op`: the module's, or the module's and the call's."""
        where = self._stack[-1] if self._stack else ""
        self._seen[f"{where}/{op}"] += 1
        count = self._seen[f"{where}/{op}"]
        call = op if count == 1 else f"{op}-{count}"
        return f"{where or 'loss'}:{call}"

    def __enter__(self) -> Self:
        for name, module in self._model.named_modules():
            begin, end = partial(self._begin, name or "model"), self._end
            self._handles += [
                module.register_forward_pre_hook(begin),
                module.register_forward_hook(end, always_call=True),
            ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def _begin(self, name: str, *_: Any) -> None:
        self._stack.append(name)

    def _end(self, *_: Any) -> None:
        if self._stack:
            self._stack.pop()
