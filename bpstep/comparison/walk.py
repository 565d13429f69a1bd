"""The graph of an expression as a walk back sees it: every use of a variable, with its local derivative.

The operations, the local derivatives and the order of the contributions are the run's own steps.  A walk can be taken
rightly, or with another local derivative on some edges, another way to gather, or in another order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cached_property

import numpy as np

from bpstep.comparison.population import Key
from bpstep.comparison.sheet import DERIVATIVES, DERIVATIVES_BY_SAMPLE, VALUES, Sheet
from bpstep.engine.cells import Cell
from bpstep.engine.rule import Rule
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, ExpressionSpec, Operand
from bpstep.lazily import dataclass

__all__ = ["Edge", "Gather", "Local", "Walk", "array_of"]

#: More messages are not followed.
_MOST_MESSAGES = 20_000


@dataclass(frozen=True)
class Edge:
    """One use of a variable: ``tail`` stands in the operation that makes ``head``, which is a ``function``; ``number``
    counts the uses."""

    number: int
    head: str
    tail: str
    function: str
    local: float


Local = Callable[[Edge], float]
Gather = Callable[[str, list[float]], float]


def array_of(name: str) -> str:
    """The array of a cell; of a variable of one number, that variable."""
    return name.partition("[")[0]


class Walk:
    """The graph of an expression, as its run's steps tell it."""

    def __init__(self, sheet: Sheet) -> None:
        problem = sheet.run.setup_of(sheet.batch).problem
        assert isinstance(problem, ExpressionSpec)
        self.sheet = sheet
        self.samples = sheet.samples
        self._index = sheet.run.index_of(sheet.batch)
        self.has_arrays = problem.has_arrays
        self.functions = {operation.name: operation.function for operation in problem.operations}
        self._order = {operation.name: operation.operands for operation in problem.operations}
        self.values: dict[str, float] = {}
        self.root = problem.output
        slot, values = sheet.slots[DERIVATIVES], sheet.slots[VALUES]
        self.cells: list[Cell] = [slot.cell((k,)) for k in range(len(slot.right))]
        for k, number in enumerate(values.right.tolist()):
            self.values[str(values.cell((k,)))] = number

    @cached_property
    def edges(self) -> list[Edge]:
        """In the order of the steps: the contributions to each variable, variable by variable."""
        found: list[Edge] = []
        for step in self.sheet.steps():
            if step.op == "contribute" and step.upstream is not None and step.local is not None:
                head, tail = str(step.upstream.cell.of), str(step.cell.of)
                function = self.functions[array_of(head)]
                found.append(Edge(len(found), head, tail, function, step.local.value))
        return found

    def operands_of(self, head: str) -> tuple[Operand, ...]:
        """What an operation is written over: variables, or the arrays whose cells it uses, and constants."""
        return self._order[array_of(head)]

    @cached_property
    def operands(self) -> dict[str, list[Edge]]:
        """The edges of every operation, in the order of its operands."""
        found: dict[str, list[Edge]] = {}
        for edge in reversed(self.edges):
            found.setdefault(edge.head, []).append(edge)
        for name, edges in found.items():
            places = [operand for operand in self.operands_of(name) if isinstance(operand, str)]
            if all(edge.tail in places for edge in edges):
                edges.sort(key=lambda edge: (places.index(edge.tail), edge.number))
        return found

    @cached_property
    def leaves(self) -> dict[str, list[int]]:
        """The arrays that nobody computes, each with the places of its cells among the derivatives."""
        found: dict[str, list[int]] = {}
        for k, cell in enumerate(self.cells):
            if cell.of in self.sheet.start:
                found.setdefault(array_of(str(cell.of)), []).append(k)
        return found

    @cached_property
    def parameters(self) -> list[str]:
        """The arrays that an update changes."""
        vectors = self.sheet.run.setup_of(self.sheet.batch).graph.parameters
        return list(dict.fromkeys(vector.layer or array_of(str(vector.cell(0))) for vector in vectors))

    @property
    def shared(self) -> list[str]:
        """The variables with several uses."""
        tails = [edge.tail for edge in self.edges]
        return [name for name in dict.fromkeys(tails) if tails.count(name) > 1]

    def back(
        self,
        local: Local = lambda edge: edge.local,
        gather: Gather = lambda name, products: sum(products),
        seed: float = 1.0,
        upstream: bool = True,
    ) -> Array:
        """The derivatives, gathered in the right order by these rules."""
        d = {self.root: seed}
        arrived: dict[str, list[float]] = {}
        for edge in self.edges:
            product = (d.get(edge.head, 0.0) if upstream else 1.0) * local(edge)
            arrived.setdefault(edge.tail, []).append(product)
            d[edge.tail] = gather(edge.tail, arrived[edge.tail])
        return self._as_array(d)

    def resend(self, *, last_first: bool = False) -> Array | None:
        """Each arrival is added, and the whole sum so far is sent on at once."""
        d: dict[str, float] = {}
        waiting: deque[tuple[str, float]] = deque([(self.root, 1.0)])
        for _ in range(_MOST_MESSAGES):
            if not waiting:
                return self._as_array(d)
            name, message = waiting.popleft()
            d[name] = d.get(name, 0.0) + message
            edges = self.operands.get(name, [])
            for edge in edges if last_first else reversed(edges):
                waiting.appendleft((edge.tail, d[name] * edge.local))
        return None

    def resend_in_rounds(self) -> Array | None:
        """The same with a queue: what arrived is added at once, and the sum is sent on when it is the variable's turn,
        once for each arrival."""
        d = {self.root: 1.0}
        waiting = deque([self.root])
        for _ in range(_MOST_MESSAGES):
            if not waiting:
                return self._as_array(d)
            name = waiting.popleft()
            for edge in self.operands.get(name, []):
                d[edge.tail] = d.get(edge.tail, 0.0) + d[name] * edge.local
                waiting.append(edge.tail)
        return None

    def once(self, *, last_first: bool = False) -> Array:
        """Every variable sends on once, at the first arrival; what comes later is added, but not sent on."""
        d: dict[str, float] = {}
        waiting: list[tuple[str, float]] = [(self.root, 1.0)]
        while waiting:
            name, message = waiting.pop()
            first = name not in d
            d[name] = d.get(name, 0.0) + message
            if first:
                edges = self.operands.get(name, [])
                ordered = edges if last_first else edges[::-1]
                waiting += [(edge.tail, d[name] * edge.local) for edge in ordered]
        return self._as_array(d)

    def under(self, rule: Rule) -> dict[Key, Array]:
        """The derivatives as the engine has them under another rule, from the same parameters."""
        run, batch = self.sheet.run, self.sheet.batch
        setup = run.setup_of(batch)
        other = Run(setup.problem, setup.training, rule=rule, epochs=run.timeline.epochs)
        numbers = other.computed_from(batch, run.snapshot(batch)).numbers
        found: dict[Key, Array] = {}
        for key in (DERIVATIVES, DERIVATIVES_BY_SAMPLE):
            if key in self.sheet.slots:
                slot = self.sheet.slots[key]
                found[key] = np.empty_like(slot.right)
                for index in np.ndindex(slot.right.shape):
                    spot = self._index.find(slot.cell(index))
                    row = index[0] if slot.by_sample else 0
                    found[key][index] = 0.0 if spot is None else numbers.d_of(spot.at, row, spot.j)
        return found

    def _as_array(self, d: dict[str, float]) -> Array:
        return np.array([d.get(str(cell.of), 0.0) for cell in self.cells])
