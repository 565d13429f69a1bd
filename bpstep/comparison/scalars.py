"""The mistakes that are looked for in an expression: its graph, walked wrongly.

The operations, the local derivatives and the order of the contributions are the run's own steps; a mistake is another
local derivative on some edges, another way to gather at some variables, or another way to walk.

    b = 4a, c = b + 3, d = 5b, e = c + d        d(b) = 1 + 5 = 6, d(a) = 24
    resend: 1 is sent on as 4, then the sum 6 as 24        d(a) = 28
    first-only: what arrives second is not sent on         d(a) = 4
    overwrite: the last contribution replaces the sum      d(a) = 4 or 20
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bpstep.comparison.mistakes import Hypothesis, Mistake
from bpstep.comparison.sheet import Sheet
from bpstep.engine.cells import Cell
from bpstep.engine.specs import Array, ExpressionSpec

__all__ = ["Walk", "scalar_hypotheses"]

#: More messages are not followed.
_MOST_MESSAGES = 20_000
#: In larger expressions only what is the same everywhere is looked for, not what is so at one place.
_MOST_PLACES = 200
_FACTORS = (-1.0, 2.0, 0.5)


@dataclass(frozen=True)
class Edge:
    """One use of a variable: ``tail`` stands in the operation that makes ``head``, which is a ``function``."""

    head: str
    tail: str
    function: str
    local: float


Local = Callable[[Edge], float]
Gather = Callable[[str, list[float]], float]


class Walk:
    """The graph of an expression, as its run's steps tell it."""

    def __init__(self, sheet: Sheet) -> None:
        problem = sheet.run.setup_of(sheet.batch).problem
        assert isinstance(problem, ExpressionSpec)
        self.functions = {operation.name: operation.function for operation in problem.operations}
        self.order = {operation.name: operation.operands for operation in problem.operations}
        self.values: dict[str, float] = {}
        self.root = problem.output
        #: In the order of the steps: the contributions to each variable, variable by variable.
        self.edges: list[Edge] = []
        self.cells: list[Cell] = [
            sheet.slots["d", 0].cell((k,)) for k in range(len(sheet.slots["d", 0].right))
        ]
        values = sheet.slots["value", 0]
        for k, number in enumerate(values.right.tolist()):
            self.values[str(values.cell((k,)))] = number
        for step in sheet.steps():
            if step.op == "contribute" and step.upstream is not None and step.local is not None:
                head, tail = str(step.upstream.cell.of), str(step.cell.of)
                self.edges.append(Edge(head, tail, self.functions[head], step.local.value))

    @cached_property
    def operands(self) -> dict[str, list[Edge]]:
        """The edges of every operation, in the order of its operands."""
        found: dict[str, list[Edge]] = {name: [] for name in self.order}
        for edge in self.edges:
            found[edge.head].append(edge)
        for name, edges in found.items():
            places = [operand for operand in self.order[name] if isinstance(operand, str)]
            edges.sort(key=lambda edge: places.index(edge.tail))
        return found

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

    def _as_array(self, d: dict[str, float]) -> Array:
        return np.array([d.get(str(cell.of), 0.0) for cell in self.cells])


def scalar_hypotheses(sheet: Sheet) -> list[tuple[Hypothesis, Array]]:
    """Every mistake that makes sense in an expression, with the derivatives that it gives."""
    walk = Walk(sheet)
    with np.errstate(all="ignore"):
        return [*_of_the_sum(walk), *_of_the_walk(walk), *_of_the_locals(walk)]


def _row(name: str, says: str, numbers: Array, where: str = "") -> tuple[Hypothesis, Array]:
    return Hypothesis(Mistake(name, says, ()), "", None, (), not where, where, ()), numbers


def _of_the_sum(walk: Walk) -> Iterator[tuple[Hypothesis, Array]]:
    shared = walk.shared
    ways: tuple[tuple[str, str, Callable[[list[float]], float]], ...] = (
        ("overwrite", "the last contribution replaces the sum (= for +=)", lambda p: p[-1]),
        (
            "overwrite-in-other-order",
            "one contribution alone, as where the last replaces the sum and they arrive in the formula's order",
            lambda p: p[0],
        ),
        ("averaged", "the contributions are averaged instead of added", lambda p: sum(p) / len(p)),
        ("subtracted", "the later contributions are subtracted", lambda p: 2.0 * p[0] - sum(p)),
    )
    for name, says, gather in ways:
        if shared:
            yield _row(name, says, walk.back(gather=lambda _, p, gather=gather: gather(p)))  # type: ignore[misc]
        for one in shared if 1 < len(shared) <= _MOST_PLACES else ():
            numbers = walk.back(
                gather=lambda n, p, one=one, gather=gather: gather(p) if n == one else sum(p)  # type: ignore[misc]
            )
            yield _row(name, says, numbers, f"at {one} only")


def _of_the_walk(walk: Walk) -> Iterator[tuple[Hypothesis, Array]]:
    yield _row("seed-forgotten", "the derivative of the output by itself is 0, not 1", walk.back(seed=0.0))
    value = walk.values.get(walk.root, 1.0)
    yield _row(
        "seed-is-output", "the derivative of the output by itself is the output, not 1", walk.back(seed=value)
    )
    yield _row("no-upstream", "the local derivatives are not multiplied by what comes from behind",
               walk.back(upstream=False))  # fmt: skip
    resent = "each arrival is added, and the whole sum so far is sent on again"
    for name, says, numbers in (
        ("resend", resent, walk.resend()),
        ("resend-from-the-last", f"{resent}; the last operand comes first", walk.resend(last_first=True)),
        ("resend-in-rounds", f"{resent}, once for each arrival", walk.resend_in_rounds()),
    ):
        if numbers is not None:
            yield _row(name, says, numbers)
    only = "a variable's backward runs once: what arrives later is not sent on"
    yield _row("first-only", only, walk.once())
    yield _row(
        "first-only-from-the-last", f"{only}; the last operand comes first", walk.once(last_first=True)
    )


def _of_the_locals(walk: Walk) -> Iterator[tuple[Hypothesis, Array]]:
    for name, says, change in _local_changes(walk):
        yield from _everywhere_and_at(walk, name, says, change)


def _local_changes(walk: Walk) -> Sequence[tuple[str, str, Local]]:
    others = {
        (head, edge.tail): [x.local for x in edges if x is not edge]
        for head, edges in walk.operands.items()
        for edge in edges
    }

    def swapped(edge: Edge) -> float:
        other = others[edge.head, edge.tail]
        return other[0] if other and edge.function in ("mul", "div", "pow") else edge.local

    def plain(edge: Edge) -> float:
        return edge.local if edge.function in ("add", "sub", "mul", "neg") else 1.0

    return (
        ("no-derivative", "the local derivative is left out (taken as 1)", plain),
        ("value-for-derivative", "the function itself stands where its derivative should be",
         lambda edge: walk.values[edge.head]),
        ("swapped-operands", "the derivatives by the two operands are swapped", swapped),
        *(
            (f"factor {factor:g}", f"the local derivative is multiplied by {factor:g}",
             lambda edge, factor=factor: factor * edge.local)
            for factor in _FACTORS
        ),
        ("zero", "nothing is passed on", lambda edge: 0.0),
    )  # fmt: skip


def _everywhere_and_at(walk: Walk, name: str, says: str, change: Local) -> Iterator[tuple[Hypothesis, Array]]:
    """A change of local derivatives: in all operations, in all of one function, on one edge."""
    if name != "zero":
        yield _row(name, says, walk.back(change))
    for function in dict.fromkeys(edge.function for edge in walk.edges):
        numbers = walk.back(lambda e, f=function: change(e) if e.function == f else e.local)  # type: ignore[misc]
        yield _row(name, says, numbers, f"in {function} only")
    if len(walk.edges) > _MOST_PLACES:
        return
    for one in walk.edges:
        numbers = walk.back(lambda e, one=one: change(e) if e is one else e.local)  # type: ignore[misc]
        yield _row(name, says, numbers, f"from {one.head} to {one.tail} only")
