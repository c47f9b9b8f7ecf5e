"""The functions under test: PyTorch's own, or whatever is called as they are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

import torch

Function: TypeAlias = Callable[..., object]

LEADING = ("kernel_size", "output_size")
"""The parameters that are passed by position, after the input."""


class NotRunError(Exception):
    """A call that can't be made; the text is the reason."""


class Library(Protocol):
    """Functions that are called as those of `torch.nn.functional` are."""

    @property
    def operations(self) -> frozenset[str]:
        """The operations there are."""

    def bind(self, op: str, arguments: Mapping[str, object]) -> Function:
        """Return the function of an operation with all its arguments but the input.

        Raises:
            NotRunError: There is none, or an argument can't be passed to it.
        """

    def function(self, op: str, dotted: str) -> Function:
        """Return the function of a program, to be called as its expression spells.

        Args:
            op: The operation.
            dotted: The name of the framework's own function.

        Raises:
            NotRunError: There is none. The function raises it where it lacks an argument.
        """

    def method(self, name: str) -> Function:
        """Return the method of a tensor that is called with that tensor first.

        The function raises `NotRunError` where there is none.
        """


class TorchLibrary:
    """PyTorch's own functions, by their dotted names."""

    def __init__(self, operations: tuple[str, ...]) -> None:
        self._functions = {
            op: function
            for op in operations
            if (function := getattr(torch.nn.functional, op, getattr(torch, op, None))) is not None
        }
        self.operations = frozenset(self._functions)

    def function(self, op: str, dotted: str) -> Function:
        """Return the function of a dotted name in `torch`."""
        del op  # the dotted name says it
        try:
            found: Any = functools.reduce(getattr, dotted.split(".")[1:], torch)
        except AttributeError:
            msg = f"torch {torch.__version__} has no {dotted}"
            raise NotRunError(msg) from None
        function: Function = found
        return function

    def method(self, name: str) -> Function:
        """Return a method of tensors."""

        def called(first: torch.Tensor, *arguments: object, **keywords: object) -> object:
            return getattr(first, name)(*arguments, **keywords)

        return called

    def bind(self, op: str, arguments: Mapping[str, object]) -> Function:
        """Return `torch.nn.functional.<op>` with its arguments."""
        if op not in self._functions:
            msg = f"torch {torch.__version__} has no {torch.nn.functional.__name__}.{op}"
            raise NotRunError(msg)
        return bound(self._functions[op], arguments)


def bound(function: Function, arguments: Mapping[str, object]) -> Function:
    """Return `function` with its arguments: by keyword, but for what follows the input."""
    leading = [arguments[name] for name in LEADING if name in arguments]
    keywords = {name: value for name, value in arguments.items() if name not in LEADING}
    return lambda primal: function(primal, *leading, **keywords)
