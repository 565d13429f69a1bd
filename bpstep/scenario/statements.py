"""From ``define`` statements to single operations.

    "y = exp(sin(x^2))"   becomes   v1 = x^2,  v2 = sin(v1),  y = exp(v2)

Loops are written out first (`bpstep.scenario.loops`).  A nested statement is split into one operation a step, left to
right and innermost first; intermediates without a name of their own are called v1, v2, ..., skipping names in use.
What is constant is worked out here, once.  Nothing is merged: a value that the author writes twice is computed twice.

A statement whose right side only takes cells of arrays (``q = X[2]``) computes nothing: its name is another one for
these cells, unless it is the output, which has a cell of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.specs import Operation, Taken
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import (
    ArithmeticSyntaxError,
    Call,
    Indexed,
    Name,
    Node,
    Number,
    parse_expression,
    postorder,
)
from bpstep.scenario.arrays import build
from bpstep.scenario.calls import Called, MeaningError
from bpstep.scenario.functions import array_form, name_problem
from bpstep.scenario.loops import MOST_STATEMENTS, MOST_WRITTEN, LoopError, Statement, written_out
from bpstep.scenario.making import MOST_SCALARS, Given, Maker, Operand, shape_of
from bpstep.scenario.shapes import ShapeError, Sized, broadcast, indexed, shape_text
from bpstep.scenario.shaping import Cells
from bpstep.scenario.unparsing import SIGNS, unparsed

__all__ = [
    "MOST_OPERATIONS",
    "Program",
    "StatementProblem",
    "compile_program",
    "compile_statements",
]

#: Operations of an expression: each is a variable with a row of its own in every pane.
MOST_OPERATIONS = MOST_STATEMENTS

_EXPECTED = 'expected a statement such as "y = sin(x)"'


@dataclass(frozen=True)
class StatementProblem:
    """What is wrong with statement ``index``, at ``column`` of its text; None where it is wrong as a whole."""

    index: int
    column: int | None
    message: str


@dataclass(frozen=True)
class Program:
    """What statements state.

    ``statements`` are those that loops are written out to; ``aliases`` the names that they give to cells of other
    variables; ``ids`` the inputs that only say which rows are taken; ``used`` every name that something is made of.
    """

    operations: tuple[Operation, ...]
    statements: tuple[Statement, ...]
    aliases: Mapping[str, Taken]
    shapes: Mapping[str, tuple[int, ...]]
    ids: frozenset[str]
    used: frozenset[str]
    problems: tuple[StatementProblem, ...]


def compile_statements(
    statements: Sequence[str], inputs: Sequence[str]
) -> tuple[list[Operation], list[StatementProblem]]:
    """The operations of statements over single numbers, in order, and everything that is wrong with them."""
    program = compile_program(statements, {name: Given() for name in inputs})
    return list(program.operations), list(program.problems)


def compile_program(
    texts: Sequence[str],
    inputs: Mapping[str, Given | None],
    output: str | None = None,
    *,
    all_known: bool = True,
) -> Program:
    """What statements over arrays state; nothing is judged that depends on an input of which no more is known (None).

    ``output`` is the name of the output, where it is not that of the last statement; ``all_known`` is false where there
    may be other inputs.
    """
    return _Compiler(texts, inputs, output, all_known=all_known).program()


class _Compiler:
    def __init__(
        self, texts: Sequence[str], inputs: Mapping[str, Given | None], output: str | None, *, all_known: bool
    ) -> None:
        self.problems: list[StatementProblem] = []
        #: Whether every name is known that there is.
        self.is_whole = all_known
        self.statements = self.written(texts)
        self.output = output or (self.statements[-1].name if self.statements else "")
        self.defined = set(inputs)
        self.later = {statement.name for statement in self.statements}
        known = {name: given for name, given in inputs.items() if given is not None}
        self.maker = Maker(known, self.defined | self.later)
        #: The cells that every name stands for; None where they are not known.
        self.names: dict[str, Cells | None] = dict.fromkeys(inputs)
        self.names |= {name: Cells.whole(name, given.shape) for name, given in known.items()}
        self.aliases: dict[str, Cells] = {}
        self.used: set[str] = set()

    def written(self, texts: Sequence[str]) -> list[Statement]:
        """All statements, with loops written out; none where that makes too many."""
        found: list[Statement] = []
        characters = 0
        for index, text in enumerate(texts):
            try:
                for statement in written_out(index, text):
                    characters += len(statement.text)
                    if len(found) == MOST_OPERATIONS or (characters > MOST_WRITTEN and statement.passes):
                        what = f"more than {MOST_OPERATIONS:,} statements"
                        if len(found) < MOST_OPERATIONS:
                            what = f"with loops written out more than {MOST_WRITTEN:,} characters"
                        self.wrong(statement, None, f"{what}; expected fewer")
                        self.is_whole = False
                        return []
                    found.append(statement)
            except LoopError as error:
                self.problems.append(StatementProblem(index, error.column, str(error)))
                self.is_whole = False
        return found

    def program(self) -> Program:
        """Everything, once every statement has been read."""
        maker = self.maker
        for number, statement in enumerate(self.statements):
            maker.begin(number, statement.passes)
            self.statement(statement)
            if len(maker.operations) > MOST_OPERATIONS:
                self.wrong(statement, 0, f"more than {MOST_OPERATIONS:,} operations in all; expected fewer")
                break
        if not self.problems:
            self.check_whole()
        aliases = {
            name: cells.taken for name, cells in self.aliases.items() if not maker.ids & {*cells.arrays}
        }
        return Program(
            tuple(maker.operations),
            tuple(self.statements),
            {} if maker.only_counts else aliases,
            maker.shapes,
            frozenset(maker.ids),
            frozenset(self.used),
            tuple(self.problems),
        )

    def check_whole(self) -> None:
        """What can only be said of all statements together."""
        maker = self.maker
        if maker.only_counts:
            says = f"{maker.scalars:,} scalar operations a sample; expected at most {MOST_SCALARS:,}"
            self.problems.append(StatementProblem(0, None, says))
            return
        for number, operation in zip(maker.statements, maker.operations, strict=True):
            for name in sorted(_arrays(operation) & maker.ids):
                says = f'"{name}" says which rows are taken, so it is no number of the program'
                self.wrong(self.statements[number], self.statements[number].start, says)

    # --- a statement ------------------------------------------------------------------------------------

    def statement(self, statement: Statement) -> None:
        """One ``name = expression``."""
        left, equals, right = statement.text.partition("=")
        name, shift = left.strip(), len(left) + 1
        if not equals:
            self.wrong(statement, statement.start, _EXPECTED)
            return
        if problem := name_problem(name):
            self.wrong(statement, statement.start, problem)
        elif name in self.defined:
            self.wrong(statement, statement.start, f'"{name}" is defined twice')
        self.names[name] = None
        try:
            tree = parse_expression(right, names=self.maker.taken)
        except ArithmeticSyntaxError as error:
            self.wrong(statement, shift + error.column, str(error))
        else:
            if self.names_are_known(statement, shift, tree):
                self.names[name] = self.flatten(statement, shift, tree)
        self.defined.add(name)

    def wrong(self, statement: Statement, column: int | None, message: str) -> None:
        """A problem; of a loop, the same mistake is told once."""
        place = None if column is None else statement.column(column)
        if not (
            statement.passes and any((p.index, p.column) == (statement.index, place) for p in self.problems)
        ):
            self.problems.append(StatementProblem(statement.index, place, message))

    def names_are_known(self, statement: Statement, shift: int, tree: Node) -> bool:
        """Whether every name of a tree is defined; the others are reported."""
        names = [node for node in postorder(tree) if isinstance(node, Name)]
        self.used.update(node.name for node in names)
        unknown = [node for node in names if node.name not in self.defined]
        for node in unknown if self.is_whole else ():
            when = "before it is defined" if node.name in self.later else "but never defined"
            self.wrong(statement, shift + node.column, f'"{node.name}" is used {when}')
        return not unknown and all(self.names[node.name] is not None for node in names)

    def flatten(self, statement: Statement, shift: int, tree: Node) -> Cells | None:
        """Operations for a tree, operands first; the last one gets the statement's name.  The cells of this name."""
        before = len(self.maker.shapes)
        stack: list[tuple[Operand, Node]] = []
        for node in postorder(tree):
            operands = [stack.pop() for _ in getattr(node, "operands", ())][::-1]
            try:
                stack.append((self.value(node, operands), node))
            except (ShapeError, MeaningError) as error:
                shapes = _shapes(node, [operand for operand, _ in operands])
                why = f"{shapes}: {error}" if isinstance(error, ShapeError) else str(error)
                says = f"{statement.name} = … : {unparsed(node)}: {why}"
                self.wrong(statement, shift + node.column, says)
                return None
            except _NotFiniteError as error:
                self.wrong(statement, shift + node.column, str(error))
                return None
        result = stack[-1][0]
        if isinstance(result, float):
            says = f'"{statement.name}" is a constant; give it a value in [expression.inputs] instead'
            if math.isfinite(result):
                self.wrong(statement, statement.start, says)
            return None
        return self.named(statement.name, tree, result, made=len(self.maker.shapes) > before)

    def named(self, name: str, tree: Node, result: Cells, *, made: bool) -> Cells:
        """The cells of a name: of the operation that was made last, or of others, which it is then another name for."""
        maker = self.maker
        last = next(reversed(maker.shapes)) if made else ""
        if last in result.arrays and result.is_all_of(maker.shapes[last]):
            return maker.name_last(name)
        if isinstance(tree, Name) or name == self.output:
            maker.cellwise("linear", result)
            return maker.name_last(name)
        self.aliases[name] = result
        return result

    # --- a node of a tree -------------------------------------------------------------------------------

    def value(self, node: Node, operands: Sequence[tuple[Operand, Node]]) -> Operand:
        """What a node stands for: a constant, or cells, for which operations are made."""
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            cells = self.names[node.name]
            assert cells is not None
            return cells
        given = [operand for operand, _ in operands]
        if isinstance(node, Indexed):
            return self.part(node, given[0], operands[0][1])
        assert isinstance(node, Call)
        if array_form(node.function, len(given), node.settings) or node.function in ("matmul", "transpose"):
            words = [unparsed(part) for _, part in operands]
            return build(self.maker, Called(node.function, given, words, dict(node.settings)))
        constants = [operand for operand in given if isinstance(operand, float)]
        if len(constants) == len(given):
            return _constant(node, constants)
        shapes = [shape_of(operand) for operand in given]
        shape = shapes[0]
        if any(other != shape for other in shapes):
            shape = broadcast(
                *(Sized(unparsed(part), size) for (_, part), size in zip(operands, shapes, strict=True))
            )
        return self.maker.make(node.function, given, shape)

    def part(self, node: Indexed, operand: Operand, of: Node) -> Cells:
        """``A[2]``."""
        if isinstance(operand, float):
            raise MeaningError("a constant has no cells")
        shape, taken = indexed(Sized(unparsed(of), operand.shape), node.indices)
        return self.maker.shaped(shape, lambda: operand.part(taken))


class _NotFiniteError(ValueError):
    """A constant of finite numbers that is not finite."""


def _constant(node: Call, operands: Sequence[float]) -> float:
    """The value of an operation on constants, which is worked out once, as a step would."""
    with np.errstate(all="ignore"):
        value = float(FUNCTIONS[node.function].value(*(np.array([value]) for value in operands))[0])
    if not math.isfinite(value) and all(map(math.isfinite, operands)):
        raise _NotFiniteError(f"this constant is {value}; expected a finite one")
    return value


def _shapes(node: Node, operands: Sequence[Operand]) -> str:
    """The shapes of operands, as they stand in the operation: ``(3, 2) @ (3)``; those of a function have commas."""
    sign = SIGNS.get(node.function) if isinstance(node, Call) else None
    if sign:
        return f" {sign[0]} ".join(shape_text(shape_of(operand)) for operand in operands)
    return ", ".join(shape_text(operand.shape) for operand in operands if not isinstance(operand, float))


def _arrays(operation: Operation) -> set[str]:
    """The variables that an operation is computed from."""
    found: set[str] = set()
    for operand in operation.operands:
        found.update(
            [operand] if isinstance(operand, str) else operand.arrays if isinstance(operand, Taken) else ()
        )
    return found
