"""The backward pass: what arrives at each node, what it returns, and how long it takes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import Node

Grads = tuple[Tensor | None, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A node's turn in the backward pass.

    Attributes:
        node: The node.
        number: Its number; the higher, the later in the forward pass. Leaves have -1.
        arriving: For each output of the node, what its consumers returned for it.
        consumers: The nodes that returned it.
        cotangents: For each output, what the node got.
        gradients: For each input, what the node returned.
        seconds: How long it took.
    """

    node: Node
    number: int
    arriving: list[list[Tensor]]
    consumers: list[Node]
    cotangents: Grads
    gradients: Grads
    seconds: float


def nodes(root: Node) -> list[Node]:
    """Return a graph's nodes, each once."""
    found: dict[Node, None] = {root: None}
    waiting = [root]
    while waiting:
        for node, _ in waiting.pop().next_functions:
            if node is not None and node not in found:
                found[node] = None
                waiting.append(node)
    return list(found)


def number_of(node: Node) -> int:
    """Return a node's number in the order of the forward pass; -1 for a leaf's."""
    number = int(node._sequence_nr())  # noqa: SLF001, there is no public one
    return -1 if number >= 1 << 63 else number


def is_users(node: Node) -> bool:
    """Return whether a node is a user's `torch.autograd.Function`."""
    return isinstance(node, torch.autograd.function.BackwardCFunction)


def watched_backward(loss: Tensor, see: Callable[[Step], None]) -> None:
    """Run the backward pass of `loss`, calling `see` after each node.

    What `see` raises ends the pass. What a node returned is kept until those that it was returned
    to have had their turn, and no longer.
    """
    root = loss.grad_fn
    assert root is not None  # the caller has seen to it
    waiting: defaultdict[tuple[Node, int], list[Tensor]] = defaultdict(list)
    consumers: defaultdict[Node, list[Node]] = defaultdict(list)
    started: dict[Node, tuple[float, Grads]] = {}
    waiting[root, 0].append(torch.ones_like(loss).detach())

    def hooks(node: Node) -> Iterator[Any]:
        def before(cotangents: Grads) -> None:
            _settle(cotangents)
            started[node] = (time.perf_counter(), cotangents)

        def after(gradients: Grads, _: Grads) -> None:
            _settle(gradients)
            ended = time.perf_counter()
            begun, cotangents = started.pop(node)
            arriving = [waiting.pop((node, k), []) for k in range(len(cotangents))]
            for (target, place), gradient in zip(node.next_functions, gradients, strict=True):
                if target is not None and gradient is not None:
                    waiting[target, place].append(gradient)
                    consumers[target].append(node)
            see(
                Step(
                    node=node,
                    number=number_of(node),
                    arriving=arriving,
                    consumers=consumers.pop(node, []),
                    cotangents=cotangents,
                    gradients=gradients,
                    seconds=ended - begun,
                )
            )

        yield node.register_prehook(before)
        yield node.register_hook(after)

    handles = [handle for node in nodes(root) for handle in hooks(node)]
    try:
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
    finally:
        for handle in handles:
            handle.remove()


def _settle(tensors: Grads) -> None:
    """Wait for a device that computes behind the clock's back."""
    if any(tensor is not None and tensor.is_cuda for tensor in tensors):
        torch.cuda.synchronize()
