"""A user's own file of operations, called exactly as PyTorch's are."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from suites.frameworks.library import LEADING, Function, NotRunError, bound
from suites.frameworks.protocol import FrameworkError, one_line

_DEFAULTS: dict[str, object] = {
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "output_ratio": None,
    "return_indices": False,
}


class Implementation:
    """The public functions of a file whose names are operations.

    Args:
        path: The file; its folder can be imported from.
        operations: The names that count.

    Raises:
        FrameworkError: It can't be imported, or has no such function.
    """

    def __init__(self, path: Path, operations: tuple[str, ...]) -> None:
        module = _load(path)
        self._module = module
        self._file = path.name
        self._functions = {
            op: function
            for op in operations
            if callable(function := getattr(module, op, None)) and not isinstance(function, type)
        }
        self.operations = frozenset(self._functions)
        if not self.operations:
            msg = f"{self._file} defines no known operation, expected {', '.join(operations)}"
            raise FrameworkError(msg)

    def bind(self, op: str, arguments: Mapping[str, object]) -> Function:
        """Return the file's function with the arguments that its signature has.

        Raises:
            NotRunError: The file lacks the function, or the function an argument whose value is not
                PyTorch's default.
        """
        if op not in self._functions:
            msg = f"{self._file} defines no {op}"
            raise NotRunError(msg)
        function = self._functions[op]
        names, anything = _parameters(function)
        taken = {
            name: value
            for name, value in arguments.items()
            if anything or name in names or name in LEADING
        }
        for name in arguments.keys() - taken.keys():
            if not _is_default(name, arguments):
                msg = f"{op}({', '.join(names)}) takes no argument `{name}`"
                raise NotRunError(msg)
        return bound(function, taken)

    def function(self, op: str, dotted: str) -> Function:
        """Return the file's function of an operation; what it can't be called with is not run."""
        del dotted  # the framework's own function is not under test
        if op not in self._functions:
            msg = f"{self._file} defines no {op}"
            raise NotRunError(msg)
        function = self._functions[op]

        def called(*arguments: object, **keywords: object) -> object:
            names, anything = _parameters(function)
            missing = [name for name in keywords if not (anything or name in names)]
            if missing:
                msg = f"{op}({', '.join(names)}) takes no argument `{missing[0]}`"
                raise NotRunError(msg)
            return function(*arguments, **keywords)

        return called

    def method(self, name: str) -> Function:
        """Return the file's function of that name: the framework's method is not under test."""

        def called(*arguments: object, **keywords: object) -> object:
            function = getattr(self._module, name, None)
            if function is None:
                msg = f"{self._file} defines no {name}"
                raise NotRunError(msg)
            return function(*arguments, **keywords)

        return called


def _is_default(name: str, arguments: Mapping[str, object]) -> bool:
    """Return whether leaving the argument out means the same to PyTorch."""
    value = arguments[name]
    if name == "stride":
        return value == arguments["kernel_size"]
    values = value if isinstance(value, tuple | list) else (value,)
    return name in _DEFAULTS and all(entry == _DEFAULTS[name] for entry in values)


def _parameters(function: Function) -> tuple[list[str], bool]:
    """Return the names that can be passed by keyword, and whether any other can."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        # a compiled function need not tell
        return [], True
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = [parameter.name for parameter in parameters if parameter.kind in named]
    return names, any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("implementation", path)
    if spec is None or spec.loader is None:
        msg = f"{path} can't be imported: it is no Python file, expected FILE.py"
        raise FrameworkError(msg)
    module = importlib.util.module_from_spec(spec)
    # as for a module on the path: its classes can be found by name, its neighbours imported
    sys.modules["implementation"] = module
    sys.path.append(str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        msg = f"{path} can't be imported: {one_line(error)}"
        raise FrameworkError(msg) from error
    return module
