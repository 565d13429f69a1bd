"""A tree back as a text: what a message calls a part of a statement.

>>> from bpstep.scenario.parsing import parse_expression
>>> unparsed(parse_expression("tanh(U@x1 + (b - c)) * 2")), unparsed(parse_expression("-(a*b)^2"))
('tanh(U @ x1 + b - c) * 2', '-(a * b)^2')
"""

from __future__ import annotations

from bpstep.engine.functions import FUNCTIONS, constant_text
from bpstep.scenario.nodes import Call, Index, Indexed, Name, Node, Number, postorder

__all__ = ["SIGNS", "unparsed"]

#: Of what is longer, only that there is something is told.
_LONGEST = 40

#: How operators are written, and how tightly they bind.
SIGNS = {
    "add": ("+", 5), "sub": ("-", 5), "mul": ("*", 6), "div": ("/", 6), "matmul": ("@", 6), "pow": ("^", 8),
}  # fmt: skip
_SIGN, _ATOM = 7, 9


def unparsed(tree: Node) -> str:
    """The text of a tree, with spaces and parentheses where they belong; parts that are long are left out."""
    stack: list[tuple[str, int]] = []
    for node in postorder(tree):
        if isinstance(node, Number):
            stack.append((constant_text(node.value), _SIGN if node.value < 0.0 else _ATOM))
        elif isinstance(node, Name):
            stack.append((node.name, _ATOM))
        elif isinstance(node, Call | Indexed):
            operands = [stack.pop() for _ in node.operands][::-1]
            stack.append(_indexed(node, operands) if isinstance(node, Indexed) else _called(node, operands))
    return stack[-1][0]


def _called(node: Call, operands: list[tuple[str, int]]) -> tuple[str, int]:
    if node.function in SIGNS:
        sign, binds = SIGNS[node.function]
        power = node.function == "pow"
        left = _within(operands[0], binds + power)
        right = _within(operands[1], binds + (node.function in ("sub", "div", "matmul", "mul")))
        return (f"{left}^{right}" if power else f"{left} {sign} {right}"), binds
    if node.function == "neg":
        return f"-{_within(operands[0], _SIGN)}", _SIGN
    if node.function == "transpose":
        return f"{_within(operands[0], _ATOM)}.T", _ATOM
    row = FUNCTIONS.get(node.function)
    name = row.call if row is not None else node.function
    given = [_short(text) for text, _ in operands]
    given += [f"{setting}={constant_text(value)}" for setting, value in node.settings]
    return f"{name}({', '.join(given)})", _ATOM


def _indexed(node: Indexed, operands: list[tuple[str, int]]) -> tuple[str, int]:
    return f"{_within(operands[0], _ATOM)}[{', '.join(map(_index, node.indices))}]", _ATOM


def _index(index: Index) -> str:
    if isinstance(index, int):
        return str(index)
    return f"{index.first or ''}..{index.last or ''}"


def _within(operand: tuple[str, int], binds: int) -> str:
    """An operand of an operator, in parentheses where it binds less tightly."""
    text, own = operand
    if len(text) > _LONGEST:
        return "(...)"
    return text if own >= binds else f"({text})"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else "..."
