"""The forward pass: each operator's call, under the number of its node in the graph."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from suites.networks.watching import memory
from suites.networks.watching.calls import Call, Shape, named
from suites.networks.watching.memory import MemoryLimitError
from suites.networks.watching.modules import ModuleNames

Needs = Callable[[str], tuple[Sequence[str], Sequence[int]]]
"""Operator -> the arguments and the outputs whose tensors its judge needs."""


class _Keeping(NamedTuple):
    """Keeps a tensor that is wanted, a copy where it is written to, or else its shape."""

    is_wanted: bool
    is_written: bool
    versions: list[tuple[Tensor, int]]

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self(entry) for entry in value]
        if not isinstance(value, Tensor):
            return value
        if not self.is_wanted:
            return Shape(tuple(value.shape), value.dtype, value.requires_grad)
        # itself, with its history: what detaches it here would lose count of what is written to it
        kept = value.detach().clone() if self.is_written else value
        self.versions.append((kept, kept._version))  # noqa: SLF001
        return kept


class ForwardWatch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """A mode that keeps, for each node, the calls that were made for it.

    A node's number is given out just before its operator is called, and calls that are not
    differentiated get none: they are filed under the last number, behind the node's own. Only what
    a judge needs is kept; much of it the graph keeps anyway.
    """

    def __init__(self, names: ModuleNames, needs: Needs, limit: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: defaultdict[int, list[Call]] = defaultdict(list)
        self.owners: dict[int, int] = {}
        """Number of a node -> the place, among its calls, of the one that returned its output."""
        self._names = names
        self._needs = needs
        self._limit = limit
        self._held: dict[int, int] = {}
        self._open: tuple[int, int, Any] | None = None
        self._aside: list[Call] | None = None

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the operator and note it."""
        del types
        self.close()
        number = torch._C._autograd._get_sequence_nr() - 1  # noqa: SLF001, there is no public one
        arguments = named(func, args, kwargs or {})
        op = func.overloadpacket.__name__
        wanted, returned = self._needs(op)
        call = Call(op=op, layer=self._names.layer(op), arguments={})
        for name, value in arguments.items():
            keep = _Keeping(name in wanted, _written(func, name), call.versions)
            call.arguments[name] = keep(value)
        result = func(*args, **(kwargs or {}))
        outputs = result if isinstance(result, tuple | list) else (result,)
        call.outputs = tuple(
            _Keeping(place in returned, is_written=False, versions=call.returned)(value)
            for place, value in enumerate(outputs)
        )
        if self._aside is not None:
            self._aside.append(call)
            return result
        self.calls[number].append(call)
        self._open = (number, len(self.calls[number]) - 1, outputs[0] if outputs else None)
        self._count(outputs, call.layer)
        return result

    @contextlib.contextmanager
    def aside(self) -> Iterator[list[Call]]:
        """Collect calls that belong to no node."""
        self._aside = []
        try:
            yield self._aside
        finally:
            self._aside = None

    def is_known(self, op: str) -> bool:
        """Return whether an operator's judge needs something: those that only move need nothing."""
        return any(self._needs(op))

    def file(self, call: Call, node: Any, output: Tensor) -> None:
        """File a call under a node that was made out of sight."""
        number = int(node._sequence_nr())  # noqa: SLF001, there is no public one
        call.outputs = (output, *call.outputs[1:])
        call.returned = [(output, output._version)]  # noqa: SLF001
        self.calls[number] = [call]
        self.owners[number] = 0

    def close(self) -> None:
        """Note whose output the last call's is: its history is set after the call has returned."""
        if self._open is None:
            return
        number, place, output = self._open
        self._open = None
        node = output.grad_fn if isinstance(output, Tensor) else None
        if node is not None and node._sequence_nr() == number:  # noqa: SLF001
            self.owners[number] = place

    def _count(self, outputs: Sequence[Any], layer: str) -> None:
        """Add up the memory of what is returned; what is kept in it stays until the end."""
        for tensor in outputs:
            if isinstance(tensor, Tensor) and tensor.device.type != "meta":
                storage = tensor.untyped_storage()
                self._held[storage.data_ptr()] = storage.nbytes()
        total = sum(self._held.values())
        if total > self._limit:
            msg = (
                f"the batch does not fit: at {layer} the forward pass has made "
                f"{memory.text(total)}, and {memory.text(self._limit)} may be used; "
                "take fewer or smaller images"
            )
            raise MemoryLimitError(msg)


def _written(func: Any, name: str) -> bool:
    """Return whether an operator writes to an argument."""
    for argument in func._schema.arguments:  # noqa: SLF001
        if argument.name == name:
            return argument.alias_info is not None and argument.alias_info.is_write
    return False
