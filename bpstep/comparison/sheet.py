"""The sheet: every number of one pass, the right one, and the learner's beside it where there is one.

The numbers of a pass are kept in *slots*: the net inputs of a layer, its weight gradients.  A slot is an array, and
knows the name of each of its cells.  Of a network they stand in the order in which a pass computes them; an
expression has two slots, the values of its variables and the derivatives by them (`VALUES`, `DERIVATIVES`).  Over a
batch of several samples these hold its parameters, and two more (`VALUES_BY_SAMPLE`, `DERIVATIVES_BY_SAMPLE`) what
differs from sample to sample, a row a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bpstep.comparison.net import THE_INPUTS, Net, net_of
from bpstep.comparison.population import Key, Population
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, ExpressionSpec, NetworkSpec
from bpstep.engine.steps import Step
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass

__all__ = [
    "DERIVATIVES", "DERIVATIVES_BY_SAMPLE", "VALUES", "VALUES_BY_SAMPLE", "Mask", "Place", "Sheet", "Slot", "sheet_of",
]  # fmt: skip

Mask = NDArray[np.bool_]

#: The slots of an expression.
VALUES, DERIVATIVES = ("value", 0), ("d", 0)
VALUES_BY_SAMPLE, DERIVATIVES_BY_SAMPLE = ("value", 1), ("d", 1)

#: A slot and a place in its array.
Place = tuple[Key, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Slot:
    """One quantity: ``right`` are its numbers, ``cell(index)`` the name of one of them.

    ``by_sample``: the first axis of the array is the samples of the batch.
    """

    key: Key
    right: Array
    cell: Callable[[tuple[int, ...]], Cell]
    by_sample: bool = False

    @property
    def is_gradient(self) -> bool:
        """Whether these are the gradients of parameters."""
        return self.key[0] in ("d(w)", "d(b)")


@dataclass(eq=False)
class Sheet:
    """All slots of a batch of a run, and what a learner has for them: ``yours[key]``, NaN where there is nothing."""

    run: Run
    batch: int
    slots: dict[Key, Slot]
    net: Net | None = None
    yours: dict[Key, Array] = field(default_factory=dict)

    @property
    def is_network(self) -> bool:
        """Whether the run is one of a network."""
        return self.net is not None

    @property
    def samples(self) -> int:
        """The number of samples of the batch."""
        return self.net.samples if self.net is not None else len(self.run.rows(self.batch))

    def given(self, key: Key) -> Mask:
        """Where a learner has given a number."""
        known = self.yours.get(key)
        return np.zeros(self.slots[key].right.shape, dtype=bool) if known is None else ~np.isnan(known)

    def put(self, key: Key, index: tuple[slice | int, ...], value: Array | float) -> bool:
        """Enter a learner's numbers; False where one of them stands there already and is another."""
        slot = self.slots[key]
        if key not in self.yours:
            self.yours[key] = np.full(slot.right.shape, np.nan)
        there = self.yours[key][index]
        differs = ~np.isnan(there) & (there != value)
        self.yours[key][index] = value
        return not bool(np.any(differs))

    def name(self, place: Place) -> str:
        """The name of a number, with its sample where there are several."""
        key, index = place
        slot = self.slots[key]
        text = slot.cell(index).short
        return f"{text} of sample {index[0] + 1}" if slot.by_sample and self.samples > 1 else text

    @cached_property
    def find(self) -> dict[Cell, Place]:
        """Every cell by its name; of a slot by samples, its place in the first sample."""
        return {
            slot.cell(index): (slot.key, index)
            for slot in self.slots.values()
            for index in np.ndindex(slot.right.shape)
            if not slot.by_sample or index[0] == 0
        }

    @property
    def length(self) -> int:
        """The number of steps of the batch."""
        timeline = self.run.timeline
        return timeline.start_of_batch(self.batch + 1) - timeline.start_of_batch(self.batch)

    def writing(self, cell: Cell, row: int | None = None) -> list[int]:
        """The numbers of the steps that write a cell: those of one sample of the batch (a row, from 0), or of all."""
        timeline = self.run.timeline
        plan, start = (
            timeline.segment_of_batch(self.batch).schedule_of(self.batch),
            timeline.start_of_batch(self.batch),
        )
        index = self.run.index_of(self.batch)
        spot = index.find(cell)
        if spot is None or spot.kind == "parameter":
            return []
        writes = index.writes(plan, spot)
        rows = range(plan.samples) if row is None or writes.by_batch else (row,)
        each = [start + k * plan.sample.length + offset + 1 for k in rows for offset in writes.each]
        return [*each, *(start + plan.samples * plan.sample.length + offset + 1 for offset in writes.tail)]

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays of an expression."""
        return self.run.index_of(self.batch).arrays

    @cached_property
    def variables(self) -> frozenset[str]:
        """The names of the variables of an expression; a network has none."""
        return frozenset(str(cell.of) for cell in self.find if cell.kind == "var")

    @cached_property
    def start(self) -> frozenset[Cell]:
        """What an expression begins with, and nobody computes: its inputs and parameters."""
        graph = self.run.setup_of(self.batch).graph
        return frozenset(v.cell(j) for v in (*graph.given, *graph.parameters) for j in range(v.size))

    def steps(self) -> Iterator[Step]:
        """The steps of the batch."""
        timeline = self.run.timeline
        start, end = timeline.start_of_batch(self.batch), timeline.start_of_batch(self.batch + 1)
        return self.run.steps(start + 1, end)


def sheet_of(run: Run, batch: int = 0) -> Sheet:
    """The right numbers of a batch of a run, with nothing beside them yet."""
    if isinstance(run.setup_of(batch).problem, NetworkSpec):
        net = net_of(run, batch)
        return Sheet(run, batch, {slot.key: slot for slot in _of_network(net)}, net)
    return _of_expression(run, batch)


def _of_network(net: Net) -> Iterator[Slot]:
    columns = Population(net, [()]).columns

    def slot(kind: str, k: int, cell: Callable[[tuple[int, ...]], Cell], by_sample: bool) -> Slot:
        return Slot((kind, k), columns[kind, k].values[0], cell, by_sample)

    def row(make: Callable[[str], Cell], names: tuple[str, ...]) -> Callable[[tuple[int, ...]], Cell]:
        return lambda index: make(names[index[-1]])

    yield slot("y", THE_INPUTS, row(cells.y, net.inputs), True)
    yield slot("t", 0, row(cells.t, net.layers[-1].neurons), True)
    for k, layer in enumerate(net.layers):
        names = [name for source in layer.sources for name in _names(net, source)]
        yield slot("w", k, _weight(names, layer.neurons), False)
        if layer.bias is not None:
            yield slot("b", k, row(cells.b, layer.neurons), False)
    for k, layer in enumerate(net.layers):
        yield slot("e", k, row(cells.e, layer.neurons), True)
        yield slot("y", k, row(cells.y, layer.neurons), True)
    yield slot("cost", 0, lambda index: cells.COST, True)
    yield slot("loss", 0, lambda index: cells.LOSS, False)
    yield slot("d(cost)", 0, lambda index: cells.d(cells.COST), True)
    for k, layer in reversed(tuple(enumerate(net.layers))):
        neurons = layer.neurons
        yield slot("d(y)", k, row(lambda name: cells.d(cells.y(name)), neurons), True)
        if ("local", k) in columns:
            yield slot("local", k, row(lambda name: cells.local(cells.y(name), cells.e(name)), neurons), True)
        yield slot("d(e)", k, row(lambda name: cells.d(cells.e(name)), neurons), True)
        names = [name for source in layer.sources for name in _names(net, source)]
        yield slot("d(w)", k, _weight(names, neurons, derivative=True), False)
        if layer.bias is not None:
            yield slot("d(b)", k, row(lambda name: cells.d(cells.b(name)), neurons), False)
    yield slot("d(y)", THE_INPUTS, row(lambda name: cells.d(cells.y(name)), net.inputs), True)


def _names(net: Net, source: int) -> tuple[str, ...]:
    return net.inputs if source == THE_INPUTS else net.layers[source].neurons


def _weight(
    sources: list[str], neurons: tuple[str, ...], *, derivative: bool = False
) -> Callable[[tuple[int, ...]], Cell]:
    def cell(index: tuple[int, ...]) -> Cell:
        weight = cells.w(sources[index[1]], neurons[index[0]])
        return cells.d(weight) if derivative else weight

    return cell


def _of_expression(run: Run, batch: int) -> Sheet:
    problem = run.setup_of(batch).problem
    sheet = Sheet(run, batch, {})
    over_arrays = isinstance(problem, ExpressionSpec) and (problem.has_arrays or sheet.samples > 1)
    made = _of_arrays(sheet) if over_arrays else _of_steps(sheet)
    sheet.slots |= {slot.key: slot for slot in made}
    return sheet


def _of_steps(sheet: Sheet) -> Iterator[Slot]:
    """The variables in order of creation, then the derivatives in the order in which they are gathered."""
    values: dict[Cell, float] = {}
    derivatives: dict[Cell, float] = {}
    for step in sheet.steps():
        for factor in step.inputs:
            if factor.cell.kind == "var":
                values.setdefault(factor.cell, factor.value)
        if step.op in ("apply", "term"):
            values[step.cell] = step.value
        elif step.op in ("seed", "contribute"):
            derivatives[step.cell] = step.value
    for key, known in ((VALUES, values), (DERIVATIVES, derivatives)):
        yield Slot(key, np.array(list(known.values())), _listed(tuple(known)))


def _of_arrays(sheet: Sheet) -> Iterator[Slot]:
    """The same of a program over arrays, from the arrays of its pass; over several samples what differs from sample to
    sample is by itself, a row a sample."""
    numbers = sheet.run.numbers(sheet.batch)
    graph, several = numbers.graph, sheet.samples > 1
    variables = [vector for vector in graph.vectors if vector.kind == "var"]
    heard = [graph.root, *(vector for vector in graph.gathered if vector is not graph.root)]
    own = [vector for vector in variables if vector.per_sample] if several else []

    def values(vector: Vector) -> Array:
        return numbers.values[vector.id]

    def derivatives(vector: Vector) -> Array:
        return numbers.derivative(vector.id)

    shared = [vector for vector in variables if vector not in own]
    yield _joined(VALUES, shared, values, lambda cell: cell)
    if several:
        yield _joined(VALUES_BY_SAMPLE, own, values, lambda cell: cell, sheet.samples)
        yield Slot(("loss", 0), np.array([numbers.loss]), lambda index: cells.LOSS)
    yield _joined(DERIVATIVES, [v for v in heard if v in shared], derivatives, cells.d)
    if several:
        yield _joined(
            DERIVATIVES_BY_SAMPLE, [v for v in heard if v in own], derivatives, cells.d, sheet.samples
        )


def _joined(
    key: Key,
    vectors: Sequence[Vector],
    array: Callable[[Vector], Array],
    of: Callable[[Cell], Cell],
    rows: int = 0,
) -> Slot:
    """Some vectors in one slot; of so many samples each, where that is said."""
    names = tuple(of(vector.cell(j)) for vector in vectors for j in range(vector.size))
    parts = [array(vector).reshape(-1, vector.size) for vector in vectors]
    spread = [np.broadcast_to(part, (max(1, rows), part.shape[1])) for part in parts]
    right = np.concatenate(spread, axis=1) if spread else np.empty((max(1, rows), 0))
    if rows:
        return Slot(key, right, lambda index: names[index[1]], by_sample=True)
    return Slot(key, right[0], _listed(names))


def _listed(names: tuple[Cell, ...]) -> Callable[[tuple[int, ...]], Cell]:
    return lambda index: names[index[0]]
