"""Arithmetic as people type it: one safe parser for formulas and for expressions over cells.

    y = exp(sin(x^2))                    a definition in a scenario file
    w[h1->o1] * delta[o1] < 0.01         an expression over cells, at the prompt or in a script

Nothing here is ever evaluated by Python.  The text is cut into tokens, the tokens become a tree of frozen
nodes, and `evaluate` walks that tree.  Precedence and associativity are Python's (``-x^2`` is ``-(x^2)``,
``a^b^c`` is ``a^(b^c)``).  A text may have at most 20,000 characters and nest 100 levels deep; a long chain such
as ``1 + 1 + 1 + ...`` is one level, and makes a tree that is walked without recursion to its depth.

Every error knows its column, and says what was expected there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpstep.engine import cells as names_of
from bpstep.engine.cells import CLOCK_KINDS, Cell

__all__ = [
    "CONSTANTS",
    "FUNCTION_NAMES",
    "RESERVED",
    "STEP_KINDS",
    "ArithmeticSyntaxError",
    "Call",
    "CellRef",
    "Compare",
    "Name",
    "Node",
    "Number",
    "cells_of",
    "evaluate",
    "evaluate_all",
    "parse_cell",
    "parse_expression",
    "postorder",
]

#: One number, or an array of them.
Numbers = Any

MOST_CHARACTERS = 20_000
MOST_LEVELS = 100

#: What may be called, and the row of the function table that it means.
FUNCTION_NAMES = {
    "exp": "exp", "ln": "ln", "log": "ln", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh",
    "cosh": "cosh", "tanh": "tanh", "sqrt": "sqrt", "abs": "abs", "sigmoid": "sigmoid", "relu": "relu",
    "softplus": "softplus", "max": "max", "min": "min",
}  # fmt: skip
CONSTANTS = {"pi": float(np.pi)}

#: What the step that was done last says of itself: its cell's value after and before, which contribution it was.
STEP_KINDS = ("value", "was", "part")

#: Names that a scenario may not use for its variables.
RESERVED = frozenset([*FUNCTION_NAMES, *CONSTANTS, *CLOCK_KINDS, "loss", "cost"])

_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow", "**": "pow"}
_COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
_INDEXED = {"y": names_of.y, "e": names_of.e, "b": names_of.b, "t": names_of.t}
_WRAPPING = {"dot": names_of.dot, "m": names_of.m, "v": names_of.v}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>->|→|\*\*|<=|>=|==|!=|[-+*/^(),<>\[\]])"
    r"|(?P<other>\S))"
)


class ArithmeticSyntaxError(ValueError):
    """A text that is no arithmetic.  ``column`` is the place, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression; ``column`` is where it begins in the text."""

    column: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable in a definition."""

    name: str


@dataclass(frozen=True, slots=True)
class CellRef(Node):
    """A cell."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A row of the function table and its operands: ``a + b`` is a call of ``add``."""

    function: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison, or ``and``, ``or``, ``not``: 1 where it holds, else 0."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    if len(text) > MOST_CHARACTERS:
        raise ArithmeticSyntaxError(
            f"an expression has at most {MOST_CHARACTERS} characters", MOST_CHARACTERS
        )
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        token = _Token(kind, match.group(kind), match.start(kind))
        if kind == "other":
            raise ArithmeticSyntaxError(f"unexpected character {token.text!a}", token.column)
        found.append(token)
    found.append(_Token("end", "", len(text)))
    return found


class _Parser:
    """Recursive descent, with a bound on its depth."""

    def __init__(self, text: str, *, cells: bool, names: Container[str]) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.cells, self.names = cells, names
        self.depth = 0

    # --- tokens ---------------------------------------------------------------------------------------

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> _Token | None:
        """The next token, if it is one of these; else None, and nothing is taken."""
        token = self.token
        if token.kind in ("sign", "name") and token.text in texts:
            self.at += 1
            return token
        return None

    def expect(self, text: str, where: str) -> None:
        if self.take(text) is None:
            raise self.error(f'expected "{text}" {where}')

    def error(self, expected: str) -> ArithmeticSyntaxError:
        found = f'"{self.token.text}"' if self.token.text else "the end"
        return ArithmeticSyntaxError(f"{expected}, found {found}", self.token.column)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MOST_LEVELS:
            raise ArithmeticSyntaxError(f"more than {MOST_LEVELS} levels of nesting", self.token.column)

    # --- grammar --------------------------------------------------------------------------------------

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise self.error("expected an expression")
        node = self.either() if self.cells else self.sum()
        if self.token.kind != "end":
            raise self.error("expected an operator or the end")
        return node

    def either(self) -> Node:
        return self.chained(self.both, "or")

    def both(self) -> Node:
        return self.chained(self.negation, "and")

    def chained(self, part: Callable[[], Node], word: str) -> Node:
        node = part()
        while token := self.take(word):
            node = Compare(token.column, word, (node, part()))
        return node

    def negation(self) -> Node:
        token = self.take("not")
        if token is None:
            return self.comparison()
        self.deeper()
        node = Compare(token.column, "not", (self.negation(),))
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        node = self.sum()
        if token := self.take(*_COMPARISONS):
            node = Compare(token.column, token.text, (node, self.sum()))
            if self.token.text in _COMPARISONS:
                raise self.error('expected one comparison (join two with "and")')
        return node

    def sum(self) -> Node:
        return self.left_associative(self.product, "+", "-")

    def product(self) -> Node:
        return self.left_associative(self.unary, "*", "/")

    def left_associative(self, part: Callable[[], Node], *signs: str) -> Node:
        node = part()
        while token := self.take(*signs):
            node = Call(token.column, _OPERATORS[token.text], (node, part()))
        return node

    def unary(self) -> Node:
        token = self.take("-", "+")
        if token is None:
            return self.power()
        self.deeper()
        operand = self.unary()
        self.depth -= 1
        if token.text == "+":
            return operand
        if isinstance(operand, Number):
            return Number(token.column, -operand.value)
        return Call(token.column, "neg", (operand,))

    def power(self) -> Node:
        base = self.atom()
        token = self.take("^", "**")
        if token is None:
            return base
        self.deeper()
        exponent = self.unary()
        self.depth -= 1
        return Call(token.column, "pow", (base, exponent))

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.at += 1
            value = float(token.text)
            if not np.isfinite(value):
                raise ArithmeticSyntaxError(f"the number {token.text[:40]} is too large", token.column)
            return Number(token.column, value)
        if self.take("("):
            self.deeper()
            node = self.either() if self.cells else self.sum()
            self.depth -= 1
            self.expect(")", "to close the parenthesis")
            return node
        if token.kind == "name":
            return self.named(token)
        raise self.error("expected a number, a name or a parenthesis")

    def named(self, token: _Token) -> Node:
        following = self.tokens[self.at + 1].text
        if token.text in FUNCTION_NAMES and following == "(":
            return self.call(token)
        if self.cells and token.text == "finite" and following == "(":
            return self.predicate(token)
        if token.text in CONSTANTS and token.text not in self.names:
            self.at += 1
            return Number(token.column, CONSTANTS[token.text])
        if self.cells:
            return CellRef(token.column, self.cell())
        self.at += 1
        if following == "(":
            known = ", ".join(FUNCTION_NAMES)
            raise ArithmeticSyntaxError(f'unknown function "{token.text}" (there are {known})', token.column)
        return Name(token.column, token.text)

    def call(self, token: _Token) -> Node:
        self.at += 1
        self.expect("(", f"behind {token.text}")
        self.deeper()
        operands = [self.sum()]
        while self.take(","):
            operands.append(self.sum())
        self.depth -= 1
        self.expect(")", f"to close {token.text}(...)")
        wanted = 2 if token.text in ("max", "min") else 1
        if len(operands) != wanted:
            raise ArithmeticSyntaxError(f"{token.text} takes {wanted}, not {len(operands)}", token.column)
        return Call(token.column, FUNCTION_NAMES[token.text], tuple(operands))

    def predicate(self, token: _Token) -> Node:
        """``finite(...)``: neither nan nor infinite."""
        self.at += 2
        self.deeper()
        operand = self.sum()
        self.depth -= 1
        self.expect(")", f"to close {token.text}(...)")
        return Compare(token.column, token.text, (operand,))

    # --- cells ------------------------------------------------------------------------------------------

    def cell(self) -> Cell:
        self.deeper()
        found = self.cell_inside()
        self.depth -= 1
        return found

    def cell_inside(self) -> Cell:
        token = self.token
        if token.kind != "name":
            raise self.error("expected a cell")
        self.at += 1
        kind, following = token.text, self.token.text
        if following == "[" and kind in (*_INDEXED, "w", "delta", "local"):
            return self.indexed(kind)
        if following == "(" and kind in ("d", *_WRAPPING):
            return self.wrapped(kind)
        if kind in self.names:
            return names_of.var(kind)
        if kind in (*CLOCK_KINDS, *STEP_KINDS, "cost", "loss"):
            return Cell(kind)
        raise ArithmeticSyntaxError(f'there is nothing called "{kind}"', token.column)

    def neuron(self) -> str:
        token = self.token
        if token.kind != "name":
            raise self.error("expected the name of a neuron")
        self.at += 1
        return token.text

    def indexed(self, kind: str) -> Cell:
        self.expect("[", f"behind {kind}")
        name = self.neuron()
        if kind == "w":
            if self.take("->", "→") is None:
                raise self.error('expected "->" between the two ends of a weight')
            found = names_of.w(name, self.neuron())
        elif kind == "delta":
            found = names_of.d(names_of.e(name))
        elif kind == "local":
            found = names_of.local(names_of.y(name), names_of.e(name))
        else:
            found = _INDEXED[kind](name)
        self.expect("]", f"to close {kind}[...]")
        return found

    def place(self) -> int:
        token = self.token
        if token.kind != "number" or not token.text.isdecimal() or not 1 <= int(token.text) <= 9:
            raise self.error("expected the number of a place, from 1 on")
        self.at += 1
        return int(token.text)

    def wrapped(self, kind: str) -> Cell:
        self.expect("(", f"behind {kind}")
        inner = self.cell()
        if kind == "d" and self.take(","):
            found = names_of.local(inner, self.cell(), self.place() if self.take(",") else 0)
        else:
            found = names_of.d(inner) if kind == "d" else _WRAPPING[kind](inner)
        self.expect(")", f"to close {kind}(...)")
        return found


def parse_expression(text: str, *, cells: bool = False, names: Container[str] = ()) -> Node:
    """The tree of an expression.

    With ``cells``, names are cells, comparisons and ``and or not`` are allowed, and ``names`` are the variables of
    the scenario, which win where they stand bare.  Raises `ArithmeticSyntaxError`.
    """
    return _Parser(text, cells=cells, names=names).whole()


def parse_cell(text: str, names: Container[str] = ()) -> Cell:
    """The cell that a text names.  Raises `ArithmeticSyntaxError`."""
    parser = _Parser(text, cells=True, names=names)
    found = parser.cell()
    if parser.token.kind != "end":
        raise parser.error("expected the end of the cell's name")
    return found


def postorder(node: Node) -> Iterator[Node]:
    """Every node, operands before what uses them, without recursion."""
    waiting: list[tuple[Node, bool]] = [(node, False)]
    while waiting:
        at, ready = waiting.pop()
        if ready or not isinstance(at, Call | Compare):
            yield at
            continue
        waiting.append((at, True))
        waiting += [(operand, False) for operand in reversed(at.operands)]


def cells_of(node: Node) -> Iterator[Cell]:
    """The cells that an expression reads, in the order of the text."""
    return (at.cell for at in postorder(node) if isinstance(at, CellRef))


def evaluate(node: Node, lookup: Callable[[Cell], float]) -> float:
    """The value of an expression: IEEE arithmetic, so 1/0 is inf and nothing raises but ``lookup``."""
    return float(evaluate_all(node, lookup))


def evaluate_all(node: Node, lookup: Callable[[Cell], Numbers]) -> Numbers:
    """The same for many moments at once: ``lookup`` may give arrays."""
    from bpstep.engine.functions import FUNCTIONS

    stack: list[Numbers] = []
    with np.errstate(all="ignore"):
        for at in postorder(node):
            if isinstance(at, Number):
                stack.append(np.float64(at.value))
            elif isinstance(at, CellRef):
                stack.append(np.asarray(lookup(at.cell), dtype=np.float64))
            elif isinstance(at, Call | Compare):
                operands = [stack.pop() for _ in at.operands][::-1]
                row = FUNCTIONS[at.function].value if isinstance(at, Call) else _COMPARED[at.operator]
                stack.append(np.asarray(row(*operands), dtype=np.float64))
    return stack[-1]


_COMPARED: dict[str, Callable[..., Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": lambda a, b: (a != 0) & (b != 0),
    "or": lambda a, b: (a != 0) | (b != 0),
    "not": lambda a: a == 0,
    "finite": np.isfinite,
}
