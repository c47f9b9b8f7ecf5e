"""Verifies a model: one real forward and backward pass, each layer judged on what it got."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import Node
from torch.nn import functional

from suites.networks.judging import Judged, NotJudgedError, judge, needs
from suites.networks.judging.comparing import compare, identical
from suites.networks.judging.evidence import Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.linear import operand_roundoff
from suites.networks.judging.numbers import bits, format_of, numbers
from suites.networks.judging.sums import plain_sum
from suites.networks.judging.table import entry
from suites.networks.result import CONFORMS, NOT_JUDGED, LayerVerdict, Verification
from suites.networks.watching import (
    Call,
    CompiledLayers,
    ForwardWatch,
    MemoryLimitError,
    Step,
    memory,
    watched_backward,
)
from suites.networks.watching.backward import is_users
from suites.networks.watching.calls import belongs
from suites.networks.watching.modules import ModuleNames

Batch: TypeAlias = Tensor | tuple[Tensor, Tensor]
Loss: TypeAlias = Callable[[Any, Any], Any]

_OUTCOMES = {
    "outside": "deviates",
    "conservative": "conservative",
    "undecided": "undecided",
    "clarke": CONFORMS,
    "smooth": CONFORMS,
}


class VerifyError(ValueError):
    """A model or a batch that can't be verified; the message is one line."""


def verify(
    model: nn.Module,
    batch: Batch,
    *,
    loss: Loss | None = None,
    autocast: torch.dtype | None = None,
    scaler: torch.amp.GradScaler | None = None,
    memory_limit: int | None = None,
) -> Verification:
    """Return the verdict on each layer of one forward and backward pass.

    The model is run as it is, in training or not, once. Its gradients, buffers and the state of
    random numbers are as before when it returns.

    Args:
        model: Any module.
        batch: Inputs and labels, or inputs alone.
        loss: A function of the model's output and the labels (None without) that returns one
            number; by default the cross entropy, and without labels the sum of the outputs.
        autocast: The type that `torch.autocast` computes in, if it is to be used.
        scaler: What scales the loss, as in training with mixed precision.
        memory_limit: Bytes that the forward pass may make; by default what is free.

    Raises:
        CompiledError: More than single layers of the model are compiled.
        VerifyError: Nothing in the model is differentiated, or subnormal numbers are flushed.
        MemoryLimitError: The batch does not fit the memory.
    """
    inputs, labels = batch if isinstance(batch, tuple) else (batch, None)
    limit = memory.free(inputs.device) if memory_limit is None else memory_limit
    names = ModuleNames(model)
    watch = ForwardWatch(names, needs, limit)
    layers = CompiledLayers(model, watch)
    _refuse_flushing(inputs.device)
    with _unchanged(model, inputs), _fitting(inputs), np.errstate(all="ignore"):
        with layers, names, watch, _casting(inputs.device, autocast):
            result: Any = (_loss if loss is None else loss)(model(inputs), labels)
            result = result if scaler is None else scaler.scale(result)
        watch.close()
        if not isinstance(result, Tensor) or result.numel() != 1 or result.grad_fn is None:
            msg = "nothing is differentiated: expected a loss of one number, and a parameter or "
            msg += "an input that requires a gradient"
            raise VerifyError(msg)
        seeing = _Seeing(model, watch)
        watched_backward(result, seeing.see)
    return seeing.verification()


def _loss(output: Tensor, labels: Tensor | None) -> Tensor:
    if labels is None:
        return output.float().sum() if output.dtype.itemsize < 4 else output.sum()
    return functional.cross_entropy(output, labels)


def _refuse_flushing(device: torch.device) -> None:
    """Refuse a processor that flushes subnormal numbers: the bounds hold without that."""
    smallest = torch.full((8,), 2.0**-126, device=device)
    if not (smallest * 0.5).all():
        msg = "subnormal numbers are flushed to zero, and no bound holds then; "
        raise VerifyError(msg + "call torch.set_flush_denormal(False) first")


def _casting(device: torch.device, dtype: torch.dtype | None) -> Any:
    if dtype is None:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=dtype)


@contextlib.contextmanager
def _unchanged(model: nn.Module, inputs: Tensor) -> Iterator[None]:
    """Leave gradients, buffers and random numbers as they were."""
    leaves = [leaf for leaf in (*model.parameters(), inputs) if leaf.is_leaf]
    gradients = [(leaf, leaf.grad) for leaf in leaves]
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    try:
        for leaf, _ in gradients:
            leaf.grad = None
        with torch.random.fork_rng(), torch.enable_grad():
            yield
    finally:
        for leaf, gradient in gradients:
            leaf.grad = gradient
        with torch.no_grad():
            for buffer, values in buffers:
                buffer.copy_(values)


@contextlib.contextmanager
def _fitting(inputs: Tensor) -> Iterator[None]:
    """Say in one line that the memory is exhausted."""
    try:
        yield
    except MemoryLimitError:
        raise
    except (MemoryError, RuntimeError) as error:
        text = " ".join(str(error).split())
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and (
            "allocate memory" not in text
        ):
            raise
        msg = f"the batch of {len(inputs)} does not fit the memory: {text}; take fewer or smaller"
        raise MemoryLimitError(msg) from error


class _Seeing:
    """Judges each node's turn as it ends, and lets go of its tensors."""

    def __init__(self, model: nn.Module, watch: ForwardWatch) -> None:
        self._names = {id(p): name for name, p in model.named_parameters() if p.requires_grad}
        self._sizes = {id(p): p.numel() for p in model.parameters() if p.requires_grad}
        self._watch = watch
        self._layers: list[LayerVerdict] = []
        self._sound: set[Node] = set()
        self._judged = 0

    def see(self, step: Step) -> None:
        """Judge a node's turn."""
        leaf = getattr(step.node, "variable", None)
        call, missing = (None, "") if leaf is not None else _call_of(step, self._watch)
        reason = None
        tally = Tally()
        try:
            _judge_arriving(step, tally)
            if leaf is not None:
                _judge_leaf(step, leaf, tally)
            elif call is None:
                raise NotJudgedError(missing)
            else:
                tally.add(judge(Layer(call, step, _operands(step))))
        except NotJudgedError as error:
            reason = " ".join(str(error).split())
        self._watch.calls.pop(step.number, None)
        self._note(step, call, tally.total(), reason)

    def _note(self, step: Step, call: Call | None, judged: Judged, reason: str | None) -> None:
        leaf = getattr(step.node, "variable", None)
        found = entry(call.op) if call else None
        moves = leaf is not None or (found is not None and found.moves)
        outcome = _OUTCOMES[judged.verdict]
        if reason is not None and outcome == CONFORMS:
            outcome = NOT_JUDGED
        is_judged = outcome != NOT_JUDGED
        carried = all(node in self._sound for node in step.consumers)
        if is_judged and (carried or not moves):
            self._sound.add(step.node)
            self._judged += self._sizes.get(id(leaf), 0)
        self._layers.append(
            LayerVerdict(
                layer=self._name(step, call, leaf),
                op=call.op if call else step.node.name().rpartition("::")[2],
                format=_format(step),
                outcome=outcome,
                detail=judged.detail or reason or "",
                moves=moves,
                chooses=found is not None and found.chooses,
                verdicts=judged.verdicts,
                rule=judged.rule,
                windows=judged.windows,
                tied=judged.tied,
                worst_ratio=judged.worst_ratio,
                sensitivity=judged.sensitivity,
                vacuous=judged.vacuous,
                special=judged.special,
                assumed=judged.assumed,
                seconds=step.seconds,
            )
        )

    def _name(self, step: Step, call: Call | None, leaf: Tensor | None) -> str:
        if leaf is not None:
            return f"{self._names.get(id(leaf), 'a leaf')}:accumulation"
        if call is not None:
            return call.layer
        calls = self._watch.calls.get(step.number)
        where = calls[0].layer.partition(":")[0] if calls else "?"
        return f"{where}:{step.node.name()}"

    def verification(self) -> Verification:
        """Return what was found."""
        judged = [layer for layer in self._layers if layer.outcome != NOT_JUDGED]
        return Verification(
            layers=tuple(self._layers),
            parameters=sum(self._sizes.values()),
            judged_parameters=self._judged,
            seconds=math.fsum(layer.seconds for layer in self._layers),
            judged_seconds=math.fsum(layer.seconds for layer in judged),
        )


def _format(step: Step) -> str:
    first = next((t for t in step.cotangents if t is not None), None)
    try:
        return "" if first is None else format_of(first.dtype).name
    except NotJudgedError:
        return str(first.dtype) if first is not None else ""


def _operands(step: Step) -> float:
    first = next((t for t in step.cotangents if t is not None), None)
    return operand_roundoff(first.device) if first is not None else 0.0


def _call_of(step: Step, watch: ForwardWatch) -> tuple[Call | None, str]:
    """Return the operator's call that a node is the derivative of, or why there is none."""
    calls = watch.calls.get(step.number, [])
    if is_users(step.node):
        return _call_of_user(step, watch, calls)
    if not calls or not belongs(calls[0].op, step.node.name()):
        return None, f"no operator was seen for {step.node.name()}"
    return calls[0], ""


def _call_of_user(
    step: Step, watch: ForwardWatch, calls: Sequence[Call]
) -> tuple[Call | None, str]:
    """Return the one operator that a user's function computes its output with."""
    place = watch.owners.get(step.number)
    if place is None:
        return None, f"{step.node.name()} is user code, and its output is no operator's"
    before = [call.op for call in calls[:place] if (found := entry(call.op)) and not found.moves]
    if before:
        several = ", ".join([*before, calls[place].op])
        return None, f"{step.node.name()} is user code of several operators: {several}"
    return calls[place], ""


def _judge_arriving(step: Step, tally: Tally) -> None:
    """Judge what a node got against what its consumers returned: the engine adds it up."""
    for place, (cotangent, parts) in enumerate(zip(step.cotangents, step.arriving, strict=True)):
        name = f"what arrived at output {place}"
        if cotangent is None and not parts:
            continue
        if cotangent is None or not parts:
            size = sum(part.numel() for part in parts) or 1
            detail = f"{name} is {'lost' if cotangent is None else 'not what was returned'}"
            tally.add(Judged(verdicts={"outside": size}, worst_ratio=None, detail=detail))
        elif len(parts) == 1:
            judged = identical(cotangent, bits(parts[0]), name)
            tally.add(_only_wrong(judged))
        else:
            stacked = np.stack([numbers(part) for part in parts])
            expected = plain_sum(
                lambda a: a.sum(axis=0), stacked, len(parts), format_of(cotangent.dtype)
            )
            tally.add(_only_wrong(compare(cotangent, expected, name)))


def _judge_leaf(step: Step, leaf: Tensor, tally: Tally) -> None:
    """Judge that what a leaf got is what it has."""
    (cotangent,) = step.cotangents
    if cotangent is not None and leaf.grad is not None:
        tally.add(identical(leaf.grad, bits(cotangent), "the gradient"))
    elif cotangent is not None:
        detail = "the gradient is lost"
        verdicts = {"outside": cotangent.numel()}
        tally.add(Judged(verdicts=verdicts, worst_ratio=None, detail=detail))


def _only_wrong(judged: Judged) -> Judged:
    """Return a verdict on what arrived: of a layer's entries it has only those that are wrong."""
    wrong = judged.verdicts.get("outside", 0)
    return Judged(
        verdicts={"outside": wrong} if wrong else {},
        worst_ratio=judged.worst_ratio,
        detail=judged.detail,
    )
