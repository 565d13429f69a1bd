"""From ``define`` statements to single operations.

    "y = exp(sin(x^2))"   becomes   v1 = x^2,  v2 = sin(v1),  y = exp(v2)

A nested statement is split into one operation a step, left to right and innermost first; intermediates without
a name of their own are called v1, v2, ..., skipping names in use.  What is constant is worked out here, once.
Nothing is merged: a value that the author writes twice is computed twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.specs import Operation
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import (
    ArithmeticSyntaxError,
    Call,
    Name,
    Node,
    Number,
    is_reserved,
    parse_expression,
    postorder,
)

__all__ = ["MOST_OPERATIONS", "StatementProblem", "compile_statements", "name_problem"]

#: Operations of an expression: each is a variable with a row of its own in every pane.
MOST_OPERATIONS = 20_000

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class StatementProblem:
    """What is wrong with statement ``index``, at ``column`` of its text."""

    index: int
    column: int
    message: str


def name_problem(name: str) -> str:
    """Why a name can not be used, or "".  What can be a name can be typed in an expression."""
    if not (name.isidentifier() and _NAME.fullmatch(name)):
        return f'"{name}" is no name; a name is letters, digits and _, not starting with a digit'
    if is_reserved(name):
        return f'"{name}" is reserved for bpstep\'s own use; another name is needed'
    return ""


def compile_statements(
    statements: Sequence[str], inputs: Sequence[str]
) -> tuple[list[Operation], list[StatementProblem]]:
    """The operations of all statements, in order, and everything that is wrong with them."""
    compiler = _Compiler(statements, inputs)
    for index, text in enumerate(statements):
        compiler.statement(index, text)
        if len(compiler.operations) > MOST_OPERATIONS:
            compiler.wrong(index, 0, f"more than {MOST_OPERATIONS:,} operations in all; expected fewer")
            break
    return compiler.operations, compiler.problems


class _Compiler:
    def __init__(self, statements: Sequence[str], inputs: Sequence[str]) -> None:
        self.defined = set(inputs)
        self.later = {text.partition("=")[0].strip() for text in statements}
        self.taken = self.defined | self.later
        self.counter = 0
        self.operations: list[Operation] = []
        self.problems: list[StatementProblem] = []

    def statement(self, index: int, text: str) -> None:
        """One ``name = expression``."""
        left, equals, right = text.partition("=")
        name, shift = left.strip(), len(left) + 1
        if not equals:
            self.wrong(index, 0, 'expected a statement such as "y = sin(x)"')
            return
        if problem := name_problem(name):
            self.wrong(index, 0, problem)
        elif name in self.defined:
            self.wrong(index, 0, f'"{name}" is defined twice')
        try:
            tree = parse_expression(right, names=self.taken)
        except ArithmeticSyntaxError as error:
            self.wrong(index, shift + error.column, str(error))
        else:
            if self.names_are_known(index, shift, tree):
                self.flatten(index, shift, name, tree)
        self.defined.add(name)

    def wrong(self, index: int, column: int, message: str) -> None:
        self.problems.append(StatementProblem(index, column, message))

    def names_are_known(self, index: int, shift: int, tree: Node) -> bool:
        unknown = [n for n in postorder(tree) if isinstance(n, Name) and n.name not in self.defined]
        for node in unknown:
            when = "before it is defined" if node.name in self.later else "but never defined"
            self.wrong(index, shift + node.column, f'"{node.name}" is used {when}')
        return not unknown

    def flatten(self, index: int, shift: int, name: str, tree: Node) -> None:
        """Operations for a tree, operands first; the last one gets the statement's name."""
        stack: list[str | float] = []
        for node in postorder(tree):
            if isinstance(node, Number):
                stack.append(node.value)
            elif isinstance(node, Name):
                stack.append(node.name)
            elif isinstance(node, Call):
                operands = tuple([stack.pop() for _ in node.operands][::-1])
                constants = [o for o in operands if isinstance(o, float)]
                if len(constants) < len(operands):
                    stack.append(self.operation(node, operands, name if node is tree else None))
                else:
                    stack.append(value := _constant(node, constants))
                    if not math.isfinite(value) and all(map(math.isfinite, constants)):
                        self.wrong(
                            index, shift + node.column, f"this constant is {value}; expected a finite one"
                        )
        result = stack[-1]
        if isinstance(result, float):
            if math.isfinite(result):
                self.wrong(
                    index, 0, f'"{name}" is a constant; give it a value in [expression.inputs] instead'
                )
        elif not isinstance(tree, Call):
            self.operations.append(Operation(name, "linear", (result,)))

    def operation(self, node: Call, operands: tuple[str | float, ...], name: str | None) -> str:
        """An operation, by its name or by the next free one."""
        made = name if name is not None else self.fresh()
        self.operations.append(Operation(made, node.function, operands))
        return made

    def fresh(self) -> str:
        """The next free one of v1, v2, ..."""
        while True:
            self.counter += 1
            name = f"v{self.counter}"
            if name not in self.taken:
                self.taken.add(name)
                return name


def _constant(node: Call, operands: Sequence[float]) -> float:
    """The value of an operation on constants, which is worked out once, as a step would."""
    with np.errstate(all="ignore"):
        return float(FUNCTIONS[node.function].value(*(np.array([value]) for value in operands))[0])
