"""The Python expression that calls an operation: foreign text, taken apart and spelled anew.

In it `f` is the function, operands have their names, and everything else is a literal or one of a
few functions of the framework that hold literals or put outputs together.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Collection

_LONGEST = 100_000  # characters: tables of indices are long
_TOGETHER = ("stack", "cat", "tensor", "sort")  # of the framework, beside `f`
_FOLDERS = ("torch", "torch.nn.functional", "torch.special", "torch.linalg")
_OF_LITERALS = (
    "long",
    "reshape",
)  # methods of what `torch.tensor` returns: an empty one needs them
_NO_OPERATIONS = ("load", "save", "from_file")  # of `torch`: they read and write files
_WORD = re.compile(r"[a-z0-9_-]{0,40}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST = 2**63
_OF_SCRIPTS = frozenset(
    (
        *(
            "f",
            "g",
            "y",
            "x",
            "call",
            "pull",
            "unit",
            "part",
            "column",
            "columns",
            "sizes",
            "block",
        ),
        *("rows", "parts", "batch", "pulled", "blocks", "total", "Fraction", "taken", "module"),
        *("operands", "gradient", "jacobian", "reverse", "first", "second", "bits", "numbers"),
        *(
            "got",
            "allowed",
            "changed",
            "direction",
            "limit",
            "value",
            "low",
            "high",
            "room",
            "runs",
        ),
        *("torch", "float", "print", "tuple", "sum", "zip", "enumerate", "len", "list"),
        *("range", "int", "any", "spec", "sys", "importlib", "wanted", "tangents", "samples"),
    )
)
"""Names that a script uses itself, beside those that begin with `w_`."""


class NotAnExpressionError(ValueError):
    """Text that is no call of an operation; nothing else may get into a script."""


def parsed(text: str, operands: Collection[str]) -> ast.expr:
    """Return the tree of an expression that calls `f` on operands of these names.

    Raises:
        NotAnExpressionError: It is something else.
    """
    for name in operands:
        taken = keyword.iskeyword(name) or name in _OF_SCRIPTS or name.startswith("w_")
        if not _NAME.fullmatch(name) or taken:
            msg = f"{_brief(name)} is no name that an operand can have in a script"
            raise NotAnExpressionError(msg)
    try:
        tree = ast.parse(text[: _LONGEST + 1], mode="eval").body
        _check(tree, operands)
        called = [node for node in ast.walk(tree) if calls_f(node)]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        msg = f"{_brief(text)} is no call of an operation: {_brief(error)}"
        raise NotAnExpressionError(msg) from error
    if not called:
        msg = f"{_brief(text)} does not call f, expected a call of the operation"
        raise NotAnExpressionError(msg)
    return tree


def function(dotted: str) -> str:
    """Return the dotted name of a function of the framework.

    Raises:
        NotAnExpressionError: It is none that an operation can be.
    """
    folder, _, name = dotted.rpartition(".")
    if folder not in _FOLDERS or not _NAME.fullmatch(name) or name in _NO_OPERATIONS:
        msg = f"{_brief(dotted)} is no function, expected one in {', '.join(_FOLDERS)}"
        raise NotAnExpressionError(msg)
    return dotted


def _brief(value: object) -> str:
    return ascii(str(value))[:80]


def calls_f(node: ast.AST) -> bool:
    """Return whether a part of an expression calls the operation."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "f"


def _check(node: ast.expr, operands: Collection[str]) -> None:
    """Go through an expression.

    Raises:
        ValueError: There is something in it that an operation's call does not need.
    """
    if isinstance(node, ast.Constant):
        _check_constant(node.value)
    elif isinstance(node, ast.Name):
        if node.id not in operands:
            msg = f"{node.id} is no operand"
            raise ValueError(msg)
    elif isinstance(node, ast.Call):
        _check_function(node, operands)
        for part in (*node.args, *(told.value for told in node.keywords)):
            _check(part, operands)
    else:
        for part in _parts(node):
            _check(part, operands)


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return what an expression without a name of its own is made of."""
    if isinstance(node, ast.Tuple | ast.List):
        return node.elts
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [node.operand]
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return [node.value, node.slice]
    msg = f"a {type(node).__name__} is in it"
    raise ValueError(msg)


def _check_constant(value: object) -> None:
    if value is None or isinstance(value, bool | float):
        return
    if isinstance(value, int) and abs(value) < _LARGEST:
        return
    if isinstance(value, str) and _WORD.fullmatch(value):
        return
    msg = f"{_brief(value)} is no number, word, True, False or None"
    raise ValueError(msg)


def _check_function(call: ast.Call, operands: Collection[str]) -> None:
    told = call.func
    fits = isinstance(told, ast.Name) and told.id in ("f", "float")
    if isinstance(told, ast.Attribute) and isinstance(told.value, ast.Name):
        owner = told.value.id
        fits = (owner == "torch" and told.attr in _TOGETHER) or (
            owner in operands and told.attr == "new_tensor"
        )
    elif isinstance(told, ast.Attribute) and isinstance(told.value, ast.Call):
        fits = told.attr in _OF_LITERALS and ast.unparse(told).startswith("torch.tensor(")
        _check(told.value, operands)
    if not fits:
        msg = f"{_brief(ast.unparse(told))} is called"
        raise ValueError(msg)
    if any(argument.arg is None for argument in call.keywords):
        msg = "arguments are unpacked"
        raise ValueError(msg)
