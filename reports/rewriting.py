"""Expressions that call an operation, changed to write where they are told to."""

from __future__ import annotations

import ast

from reports.expressions import calls_f


def overwriting(tree: ast.expr, dotted: str) -> str:
    """Return the source of the call that overwrites its input, with the function's own name."""
    folder, _, name = dotted.rpartition(".")
    if folder != "torch":
        told = _with_argument(tree, "inplace", ast.Constant(value=True))
        return _with_function(told, dotted)
    return _with_function(tree, f"torch.Tensor.{name}_")


def into(tree: ast.expr, name: str) -> str:
    """Return the source of the call that writes its output into the variable `name`."""
    several = isinstance(tree, ast.Subscript) and calls_f(tree.value)
    indices = "torch.empty(0, dtype=torch.int64)"
    target = f"({name}, {indices})" if several else name
    return ast.unparse(_with_argument(tree, "out", ast.parse(target, mode="eval").body))


def _with_argument(tree: ast.expr, key: str, value: ast.expr) -> ast.expr:
    copied = ast.parse(ast.unparse(tree), mode="eval").body
    for node in ast.walk(copied):
        if isinstance(node, ast.Call) and calls_f(node):
            node.keywords = [told for told in node.keywords if told.arg != key]
            node.keywords.append(ast.keyword(arg=key, value=value))
    return copied


def _with_function(tree: ast.expr, dotted: str) -> str:
    copied = ast.parse(ast.unparse(tree), mode="eval").body
    for node in ast.walk(copied):
        if isinstance(node, ast.Call) and calls_f(node):
            node.func = ast.Name(id=dotted)
    return ast.unparse(copied)
