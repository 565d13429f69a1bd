"""A run that is known only so far: the numbers of later steps are not in it.

While somebody is asked for a number, nothing that they can reach may hold it.  So whoever looks gets a `VeiledRun`:
it has all steps of the run, in their order and under their names, but only the numbers that the first ``known`` steps
have written.  Every other number is nan, in the steps and in the arrays alike, so that no view has to think of it:

    step           1     2     3  │  4     5     6          known = 3
    of the run   0.3   0.6   0.8  │  0.2  -0.4   0.1
    veiled       0.3   0.6   0.8  │  nan   nan   nan

What was known before stays: parameters as the batch began with them, inputs, targets, the learning rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bpstep.engine.describe import Describer, Update
from bpstep.engine.graph import CostSum, Coupled, Edge, Operation, Vector, WeightedSum
from bpstep.engine.history import Snapshot
from bpstep.engine.passes import Pass
from bpstep.engine.run import Era, Run
from bpstep.engine.schedule import BatchSchedule, Block, Piece
from bpstep.engine.specs import Array
from bpstep.engine.steps import Step
from bpstep.engine.tangents import Tangents
from bpstep.engine.timeline import Place

__all__ = ["VeiledRun"]

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]


class VeiledRun(Run):
    """``run``, of which only the first ``known`` steps are known."""

    def __init__(self, run: Run, known: int) -> None:
        vars(self).update(vars(run))
        self.run, self._known = run, known
        place = run.place(max(1, known))
        self._batch, self._done = place.batch, known - place.batch_base
        self._veiled: dict[int, list[Era]] = {}

    @property
    def known(self) -> int:
        return self._known

    def revised(self, *args: object, **options: object) -> Run:
        return self.run.revised(*args, **options)  # type: ignore[arg-type]

    # --- steps ----------------------------------------------------------------------------------------

    def _describe(self, place: Place) -> Step:
        if place.base + place.offset < self._known:
            return self.run._describe(place)
        return _veiled_step(super()._describe(place), self._known)

    def steps(self, first: int = 1, last: int | None = None) -> Iterator[Step]:
        """The steps that are known."""
        return super().steps(first, self._known if last is None else min(last, self._known))

    # --- batches --------------------------------------------------------------------------------------

    def _is_whole(self, batch: int) -> bool:
        """Whether every step of a batch is known."""
        return self.timeline.start_of_batch(batch + 1) <= self._known

    def eras(self, batch: int) -> list[Era]:
        if self._is_whole(batch):
            return self.run.eras(batch)
        if batch not in self._veiled:
            self._veiled = {batch: self._veil(batch)}
        return self._veiled[batch]

    def _veil(self, batch: int) -> list[Era]:
        plan = self.timeline.segment_of_batch(batch).schedule_of(batch)
        if batch == self._batch:
            eras = [era for era in self.run.eras(batch) if era.offset <= self._done]
            return [Era(era.offset, _veiled(era.batch, plan, self._done)) for era in eras]
        return [Era(0, _veiled(self.run.computed_from(batch, self.snapshot(batch)), plan, 0))]

    def snapshot(self, batch: int) -> Snapshot:
        if self.timeline.start_of_batch(batch) <= self._known:
            return self.run.snapshot(batch)
        start = self.run.snapshot(0)
        nothing = np.full_like(start.parameters, np.nan)
        return Snapshot(nothing, [nothing] * len(self.setup_of(min(batch, self._last)).optimizer.states))

    @property
    def _last(self) -> int:
        return self.timeline.batches - 1

    def loss(self, batch: int) -> float:
        return self.run.loss(batch) if self._is_whole(batch) else self.numbers(batch).loss

    def loss_at_hand(self, batch: int) -> float | None:
        return self.run.loss_at_hand(batch) if self._is_whole(batch) else None

    def look_ahead(self, batch: int) -> None:
        self.run.look_ahead(batch)

    @property
    def trained(self) -> int:
        whole = self._batch + self._is_whole(self._batch)
        return min(self.run.trained, whole)


def _veiled_step(step: Step, known: int) -> Step:
    """A step that lies ahead: what it reads is known as far as it is, what it writes is not."""
    was = step.was if step.number == known + 1 or step.was is None else np.nan
    product = None if step.product is None else np.nan
    return replace(step, was=was, value=np.nan, product=product, because="")


# --- arrays --------------------------------------------------------------------------------------------


def _veiled(batch: Describer, plan: BatchSchedule, offset: int) -> Describer:
    """The numbers of a batch, as far as ``offset`` of its steps have written them."""
    reached = _Reached(plan, offset)
    numbers = batch.numbers
    values = list(numbers.values)
    for operation in numbers.graph.operations:
        known = reached.value(operation)
        values[operation.head.id] = reached.of_samples(values[operation.head.id], known)
    local = _locals(numbers, values, reached)
    d = [None if array is None else _derivative(numbers, k, reached) for k, array in enumerate(numbers.d)]
    parts = [array.ravel() for v in numbers.graph.parameters if (array := d[v.id]) is not None]
    made = replace(
        numbers, values=values, local=local, d=d, tangents=_tangents(numbers, local, reached),
        gradient=np.concatenate(parts) if parts else np.full_like(numbers.gradient, np.nan),
    )  # fmt: skip
    if isinstance(numbers.graph.operations[-1], CostSum):
        _veil_sums(made, numbers, reached)
    return Describer(made, _update(batch.update, plan, reached))


class _Reached:
    """How far a batch has come when ``offset`` of its steps are done: ``sample`` is the sample at hand."""

    def __init__(self, plan: BatchSchedule, offset: int) -> None:
        self.plan = plan
        whole = plan.samples * plan.sample.length
        self.sample, self.done = divmod(min(offset, whole), plan.sample.length)
        self.done_of_tail = max(0, offset - whole)
        self.tail = {id(block) for block in plan.tail.blocks}

    def homes(self, kind: str, vector: Vector) -> list[tuple[Block, Piece]]:
        """The blocks and pieces in which the steps of a kind for a vector stand."""
        return self.plan.homes.get((kind, vector.id), [])

    def steps(self, block: Block, piece: Piece) -> Counts:
        """For each row of a block, how many steps of a piece are done."""
        done = self.done_of_tail if id(block) in self.tail else self.done
        starts = block.first + np.arange(len(block.nodes)) * block.width + piece.start
        return np.clip(done - starts, 0, piece.width)

    def all_of(self, kind: str, vector: Vector, rows: int | None = None) -> Mask:
        """For each row of a vector, whether all steps of a kind are done; True where there are none."""
        found = np.ones(len(vector.names) if rows is None else rows, dtype=bool)
        for block, piece in self.homes(kind, vector):
            found[block.first_row : block.first_row + len(block.nodes)] &= (
                self.steps(block, piece) == piece.width
            )
        return found

    def columns(self, kind: str, vector: Vector, place: int = 0, steps: int = 1) -> Mask:
        """Of a parameter, (rows, columns): whether the step of a kind is done; of the several ``steps`` that each
        cell has, the one at ``place``.  True where there are none."""
        found = np.ones((len(vector.names), max(1, len(vector.columns))), dtype=bool)
        for block, piece in self.homes(kind, vector):
            done = self.steps(block, piece)[:, np.newaxis]
            found[:] = np.arange(found.shape[1]) * steps + place < done
        return found

    def of_samples(self, array: Array, known: Mask) -> Array:
        """An array with a row a sample: the samples before this one whole, of this one what is known."""
        if self.sample >= len(array) or (known.all() and self.sample == len(array) - 1):
            return array
        found = array.copy()
        found[self.sample][~known] = np.nan
        found[self.sample + 1 :] = np.nan
        return found

    def value(self, operation: Operation) -> Mask:
        """For each cell of a head, whether its last step is done."""
        head = operation.head
        if isinstance(operation, CostSum):
            return np.array([self.cost_terms(operation).all()])
        if isinstance(operation, WeightedSum):
            return self.all_of("term", head) & self.all_of("bias", head)
        return self.all_of("apply", head)

    def cost_terms(self, operation: CostSum) -> Mask:
        """For each output, whether its term of the cost is added."""
        return self.all_of("cost", operation.head, len(operation.outputs.names))


def _derivative(numbers: Pass, vector_id: int, reached: _Reached) -> Array:
    vector, array = numbers.graph.vectors[vector_id], numbers.derivative(vector_id)
    if not vector.is_parameter:
        kind = "seed" if vector is numbers.graph.root else "gather"
        return reached.of_samples(array, reached.all_of(kind, vector))
    known = np.full((len(vector.names), max(1, len(vector.columns))), reached.sample >= numbers.samples)
    if reached.sample == numbers.samples - 1:
        known = reached.columns("gather", vector)
    known &= reached.columns("decay", vector)
    return array if known.all() else np.where(known.reshape(array.shape), array, np.nan)


def _locals(numbers: Pass, values: list[Array], reached: _Reached) -> list[Array | None]:
    """The local derivatives: those with a step of their own where it is done, the others where what they are is
    known (of a weight's, the output of its source)."""
    known = _local_steps(numbers, reached)
    found = list(numbers.local)
    for edge in (edge for edges in numbers.graph.consumers for edge in edges):
        array = found[edge.id]
        if array is None or not edge.local_by_sample:
            continue
        if edge.shown:
            found[edge.id] = reached.of_samples(array, known[edge.id])
        else:
            found[edge.id] = np.where(np.isnan(edge.local(values)), np.nan, array)
    return found


def _local_steps(numbers: Pass, reached: _Reached) -> dict[int, Mask]:
    """Of every edge whose local derivatives have steps: which of them are done, in the shape of one sample."""
    known: dict[int, Mask] = {}
    for edges in numbers.graph.consumers:
        for edge in edges:
            array = numbers.local[edge.id]
            if array is not None and edge.shown and edge.local_by_sample:
                known[edge.id] = np.zeros(array.shape[1:], dtype=bool)
    for (kind, _), homes in reached.plan.homes.items():
        for block, piece in homes:
            if kind in ("gather", "tangent") and piece.stride == 2:
                for row, done in enumerate(reached.steps(block, piece), block.first_row):
                    for edge, place in _locals_done(piece, row, int(done)):
                        known[edge.id][place] = True
    return known


def _locals_done(piece: Piece, row: int, done: int) -> Iterator[tuple[Edge, tuple[int, ...]]]:
    """The local derivatives of a row of a piece that are there when ``done`` of its steps are: the edge, and the
    place in its array."""
    if piece.kind == "gather":
        places = [(edge, (k, row)) for edge in piece.edges for k in range(edge.width)]
    else:
        places = [(edge, (row, tail)) for edge, tail in zip(piece.edges, piece.places, strict=True)]
    for edge, place in places[: (done + 1) // 2]:
        yield edge, place if isinstance(edge, Coupled) else (row,)


def _tangents(numbers: Pass, local: list[Array | None], reached: _Reached) -> Tangents | None:
    if numbers.tangents is None:
        return None
    dot = list(numbers.tangents.dot)
    for operation in numbers.graph.operations:
        head = operation.head
        if isinstance(operation, CostSum):
            known = np.array([reached.all_of("tangent", head, len(operation.outputs.names)).all()])
        else:
            known = reached.all_of("tangent", head)
        dot[head.id] = reached.of_samples(dot[head.id], known)
    return Tangents(dot, local)


def _veil_sums(made: Pass, numbers: Pass, reached: _Reached) -> None:
    """What the cost and the loss are made of, as far as it has been added."""
    operation, root = numbers.graph.operations[-1], numbers.graph.root
    assert isinstance(operation, CostSum)
    terms = reached.of_samples(numbers.cost_terms.T, reached.cost_terms(operation))
    parts = numbers.loss_terms.copy()
    reduced = np.arange(len(parts)) < reached.sample + (reached.all_of("reduce", root).all())
    if len(parts) > numbers.samples:
        reduced[-1] = reached.sample >= numbers.samples and reached.all_of("penalty", root).all()
    reduced[: numbers.samples] &= ~np.isnan(made.values[root.id][:, 0])
    parts[~reduced] = np.nan
    vars(made).update(cost_terms=np.ascontiguousarray(terms.T), loss_terms=parts)


def _update(update: Update | None, plan: BatchSchedule, reached: _Reached) -> Update | None:
    if update is None:
        return None
    graph, steps = plan.setup.graph, 1 + len(plan.setup.optimizer.states)

    def veiled(array: Array, place: int, *, frozen: bool) -> Array:
        """What is frozen has no steps: as a parameter it stays what it is, and it has no states to tell of."""
        known = [
            np.full(len(v.names) * max(1, len(v.columns)), frozen)
            if v in graph.frozen
            else reached.columns("learn", v, place, steps).ravel()
            for v in graph.parameters
        ]
        return np.where(np.concatenate(known), array, np.nan) if known else array

    states = [veiled(array, place, frozen=False) for place, array in enumerate(update.new_states)]
    return replace(update, new_states=states, parameters=veiled(update.parameters, steps - 1, frozen=True))
