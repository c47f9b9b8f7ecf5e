"""Which module is being called, by the name that it has in the model."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Any, Self

from torch import nn
from torch.nn.modules import module as hooks


class ModuleNames:
    """A context in which `layer(op)` names where a call is made."""

    def __init__(self, model: nn.Module) -> None:
        self._names = {id(module): name for name, module in model.named_modules()}
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
        self._handles = [
            hooks.register_module_forward_pre_hook(self._begin),
            hooks.register_module_forward_hook(self._end, always_call=True),
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

    def _begin(self, module: nn.Module, _: Any) -> None:
        name = self._names.get(id(module), type(module).__name__)
        self._stack.append(name or "model")

    def _end(self, *_: Any) -> None:
        if self._stack:
            self._stack.pop()
