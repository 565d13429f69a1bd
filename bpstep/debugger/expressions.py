"""Arithmetic over cells: what a learner may write wherever a value is asked for.

    w[h1->o1] * delta[o1]          abs(delta[h1]) < 0.01          loss < 0.01 and epoch > 3

It is parsed by the same parser as the formulas of scenario files (`bpstep.scenario.arithmetic`), never by
Python, and evaluated at a `Moment`.  A condition over a cell that is unset does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Container

from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.moment import PARTIAL, UNSET, Moment
from bpstep.engine.cells import LOSS, Cell
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import (
    STEP_KINDS,
    ArithmeticSyntaxError,
    CellArray,
    CellRef,
    Node,
    Vocabulary,
    evaluate,
    first_value,
    parse_array,
    parse_cells,
    parse_expression,
    postorder,
)
from bpstep.scenario.notations import NOTATIONS
from bpstep.visible import quoted

__all__ = [
    "Expression",
    "Scope",
    "UnsetError",
    "array_named",
    "cells_named",
    "only",
    "parse",
    "parse_condition",
    "value_or_none",
]


#: More names than this are neither suggested nor completed.
_MOST_NAMES = 20_000
#: Of a vector so many rows, and so many columns, are suggested.
_MOST_ROWS = 40


class UnsetError(Exception):
    """A value was asked for that no step has written yet."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(f"{cell} is unset")
        self.cell = cell


@dataclass(frozen=True)
class Scope:
    """What names mean: the cells of a moment, in the letters of a notation."""

    moment: Moment
    notation: str

    @property
    def names(self) -> frozenset[str]:
        """The variables of an expression: they win where they stand bare."""
        return frozenset(name for kind, name in self.moment.index.rows if kind == "var")

    @property
    def vocabulary(self) -> Vocabulary:
        """The meanings, as the parser asks for them."""
        index, setup = self.moment.index, self.moment.setup
        root: Cell | None = setup.graph.root.cell(0) if setup.wrt is None else None
        if root is not None and setup.reduces(self.moment.place.schedule.samples):
            root = LOSS
        variables, neurons = _Named(index.rows, "var"), _Named(index.rows, "y")
        return Vocabulary(
            variables, neurons, NOTATIONS[self.notation], root, index.settings, index.arrays, index.aliases
        )

    def known_arrays(self) -> list[str]:
        """The bare names that stand for all cells of an array."""
        index, setup = self.moment.index, self.moment.setup
        found: list[str] = []
        for vector in setup.graph.vectors:
            if vector.dims and vector.size > 1:
                found.append(vector.layer)
                if vector.id in index.gathered:
                    found.append(f"d({vector.layer})")
                if setup.wrt is not None and vector not in setup.graph.constants:
                    found.append(f"dot({vector.layer})")
        return [*found, *index.aliases]

    def known_cells(self) -> list[str]:
        """Names of cells to suggest and to complete: of a large network, only so many."""
        index, setup = self.moment.index, self.moment.setup
        found: list[str] = []
        for vector in setup.graph.vectors:
            if len(found) > _MOST_NAMES:
                break
            for row in range(min(len(vector.names), _MOST_ROWS)):
                columns = min(vector.per_row, _MOST_ROWS)
                names = [str(vector.cell(vector.number(row, column))) for column in range(columns)]
                found += names
                if vector.id in index.gathered:
                    found += [f"d({name})" for name in names]
                if setup.wrt is not None and vector not in setup.graph.constants:
                    found += [f"dot({name})" for name in names]
                elif vector.kind == "e":
                    found += [f"delta[{vector.names[row]}]", f"local[{vector.names[row]}]"]
        return found


@dataclass(frozen=True)
class Expression:
    """A parsed expression over the cells of a run."""

    text: str
    node: Node
    cells: tuple[Cell, ...]

    @property
    def cell(self) -> Cell | None:
        """The cell, where the expression is nothing but one."""
        return self.node.cell if isinstance(self.node, CellRef) else None

    @property
    def needs_every_step(self) -> bool:
        """Whether it speaks of the number of the step, which changes with each."""
        return any(cell.kind in ("step", *STEP_KINDS) for cell in self.cells)

    def value(self, moment: Moment) -> float:
        """Its value; `UnsetError` where it reads a cell that is unset."""

        def lookup(cell: Cell) -> float:
            value = moment.value(cell)
            if value is None:
                raise UnsetError(cell)
            return value

        return evaluate(self.node, lookup) + 0.0  # −0 is 0

    def holds(self, moment: Moment) -> bool:
        """Whether it is true (not 0, not nan).

        Over a cell that is unset, or a sum that is not complete yet, it is not: ``loss < 0.01`` is not meant to
        be true because only one sample of four has been added.
        """
        for cell in self.cells:
            reading = moment.read(cell)
            if reading is None or reading.state in (UNSET, PARTIAL):
                return False
        value = self.value(moment)
        return value != 0.0 and not math.isnan(value)


def only(cell: Cell) -> Expression:
    """The expression that is one cell."""
    return Expression(str(cell), CellRef(0, cell), (cell,))


def value_or_none(moment: Moment, node: Node) -> float | None:
    """The value of a parsed expression; None where it reads a cell that is unset."""
    try:
        return Expression("", node, ()).value(moment)
    except UnsetError:
        return None


def parse(scope: Scope, text: str, column: int = 0) -> Expression:
    """The expression that ``text`` means; `CommandError` where it means none, or names no cell of this run."""
    try:
        node = parse_expression(text, cells=True, vocabulary=scope.vocabulary)
    except ArithmeticSyntaxError as error:
        raise CommandError(str(error), column + error.column) from None
    found = [at for at in postorder(node) if isinstance(at, CellRef)]
    for at in found:
        _must_exist(scope, at.cell, column + at.column)
    return Expression(text, node, tuple(at.cell for at in found))


def parse_condition(scope: Scope, text: str, column: int = 0, instead: str = "a comparison") -> Expression:
    """The condition that a text states; `CommandError` where it is a mere value.

    A forgotten sign makes a value of a condition (``cost -3``), and one that is not 0 would always be true.
    """
    expression = parse(scope, text, column)
    value = first_value(expression.node)
    if value is not None:
        raise CommandError(f"this is a value, no condition; expected {instead}", column + value.column)
    return expression


def array_named(scope: Scope, text: str, column: int = 0) -> CellArray | None:
    """The array whose bare name a text is, or what is said of it (``d(U)``); None where the text is anything else."""
    try:
        found = parse_array(text, scope.vocabulary)
    except ArithmeticSyntaxError:
        return None
    if not found.shape:
        return None
    for cell in found.cells:
        _must_exist(scope, cell, column)
    return found


def cells_named(scope: Scope, text: str, column: int = 0) -> list[Cell]:
    """The cells whose names stand in a text, one behind the other; `CommandError` where something else does."""
    try:
        found = parse_cells(text, scope.vocabulary, arrays=False)
    except ArithmeticSyntaxError as error:
        raise CommandError(str(error), column + error.column) from None
    for at in found:
        _must_exist(scope, at.cell, column + at.column)
    return [at.cell for at in found]


@dataclass(frozen=True)
class _Named(Container[str]):
    """The names of one kind in an index."""

    rows: Container[tuple[str, str]]
    kind: str

    def __contains__(self, name: object) -> bool:
        return (self.kind, name) in self.rows


def _must_exist(scope: Scope, cell: Cell, column: int) -> None:
    if scope.moment.index.find(cell) is None:
        name, known = cell.short, scope.known_cells()
        alike = [other for other in known if other.partition("[")[0] == name.partition("[")[0]]
        near = did_you_mean(name, alike) or did_you_mean(name, known)
        raise CommandError(f"there is no cell {quoted(name)} in this scenario{near}", column)
