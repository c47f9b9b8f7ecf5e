"""Layers that were compiled one by one: their compiled code runs, and is judged.

A mode that sees operators keeps compiled code from running. So while a model is watched, a stand-in
takes the place of each compiled layer: it runs the original without a gradient, to see which
operator it calls, then the compiled code out of sight of the mode, whose node the call is filed
under. That needs a layer of a single operator; a graph of several shows none of them.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import _disable_current_modes

from suites.networks.watching.calls import Call
from suites.networks.watching.forward import ForwardWatch


class CompiledError(ValueError):
    """A compiled graph that can't be judged; the message is one line."""


def compiled_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Return name -> module of what torch.compile was put around."""
    return {name: module for name, module in model.named_modules() if hasattr(module, "_orig_mod")}


class CompiledLayers:
    """A context in which the compiled layers of a model are watched, too.

    Raises:
        CompiledError: The model itself is compiled, or a part of it that has parts.
    """

    def __init__(self, model: nn.Module, watch: ForwardWatch) -> None:
        self._places: list[tuple[nn.Module, str, nn.Module]] = []
        for name, module in compiled_layers(model).items():
            original = module._orig_mod  # noqa: SLF001, how torch.compile calls it
            if not name or not isinstance(original, nn.Module) or [*original.children()]:
                raise CompiledError(_refusal(name))
            parent, _, attribute = name.rpartition(".")
            self._places.append((model.get_submodule(parent), attribute, module))
        self._watch = watch

    def __enter__(self) -> Self:
        for parent, attribute, module in self._places:
            parent.add_module(attribute, _StandIn(module, self._watch))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for parent, attribute, module in self._places:
            parent.add_module(attribute, module)


def _refusal(name: str) -> str:
    return (
        f"{name or 'the model'} is compiled, and a compiled graph of several layers shows none; "
        "verify what was handed to torch.compile, its _orig_mod, or compile single layers"
    )


class _StandIn(nn.Module):
    """Runs a compiled layer, and files its operator's call under its node."""

    def __init__(self, module: nn.Module, watch: ForwardWatch) -> None:
        super().__init__()
        self._compiled = [module]  # in a list, so that it is no part of this one
        self._watch = watch

    def forward(self, x: Tensor) -> Any:
        """Return what the compiled layer returns."""
        (module,) = self._compiled
        original: Any = module._orig_mod  # noqa: SLF001
        with self._watch.aside() as calls, torch.no_grad():
            original(x)
        with _disable_current_modes():
            result = module(x)
        call = _only(calls, self._watch)
        node = result.grad_fn if isinstance(result, Tensor) else None
        if call is not None and node is not None:
            names = {id(p): name for name, p in original.named_parameters()}
            operand = "input" if "input" in call.arguments else "self"
            leaves = [getattr(edge, "variable", None) for edge, _ in node.next_functions]
            call.edges = tuple(names.get(id(leaf), operand) for leaf in leaves)
            self._watch.file(call, node, result)
        return result


def _only(calls: list[Call], watch: ForwardWatch) -> Call | None:
    """Return the only call of an operator whose derivative is a function of what it was given."""
    found = [call for call in calls if watch.is_known(call.op)]
    return found[0] if len(found) == 1 and found[0].op != "native_batch_norm" else None
