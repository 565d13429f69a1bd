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

from bpstep.engine.batches import Era
from bpstep.engine.describe import Describer
from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.edge import Edge
from bpstep.engine.history import Snapshot
from bpstep.engine.kept import Kept
from bpstep.engine.operation import Operation
from bpstep.engine.passes import Pass
from bpstep.engine.run import Run
from bpstep.engine.schedule import BatchSchedule
from bpstep.engine.specs import Array
from bpstep.engine.steps import Step
from bpstep.engine.sums import running_sum
from bpstep.engine.tangents import Tangents
from bpstep.engine.timeline import Place
from bpstep.engine.update import Update
from bpstep.engine.vectors import Mask, Values, Vector

__all__ = ["VeiledRun"]


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
    return step._replace(was=was, value=np.nan, product=product, because="")


# --- arrays --------------------------------------------------------------------------------------------


def _veiled(batch: Describer, plan: BatchSchedule, offset: int) -> Describer:
    """The numbers of a batch, as far as ``offset`` of its steps have written them."""
    numbers, graph = batch.numbers, batch.numbers.graph
    reached = _Reached(Kept(batch.sums, plan, offset), numbers)
    values = list(numbers.values)
    for operation in graph.forward:
        values[operation.head.id] = reached.value(operation, values)
    local = _locals(reached, values)
    d = [None if array is None else reached.derivative(graph.vectors[k]) for k, array in enumerate(numbers.d)]
    nothing = np.full_like(numbers.gradient, np.nan)
    made = replace(
        numbers, values=values, local=local, d=d, tangents=_tangents(reached, local),
        gradient=nothing if numbers.tangents is not None else graph.flat(d),
    )  # fmt: skip
    return Describer(made, _update(batch.update, reached), _VeiledSums(made, reached))


class _VeiledSums(PartialSums):
    """Partial sums of which only the terms that were added are known."""

    def __init__(self, numbers: Pass, reached: _Reached) -> None:
        super().__init__(numbers)
        self.reached = reached

    def value_terms(self, operation: Operation, sample: int, i: int) -> Array:
        return self.reached.terms(operation, self.numbers.values, sample, i)


class _Reached:
    """How far a batch has come: ``done`` is what its steps have written of its ``numbers``."""

    def __init__(self, done: Kept, numbers: Pass) -> None:
        self.done, self.numbers, self.plan = done, numbers, done.plan

    def of_samples(self, array: Array, known: Mask) -> Array:
        """An array with a row a sample: the samples before this one whole, of this one what is known."""
        sample = self.done.sample
        if sample >= len(array) or (known.all() and sample == len(array) - 1):
            return array
        found = array.copy()
        found[sample][~known] = np.nan
        found[sample + 1 :] = np.nan
        return found

    def whole(self, op: str, vector: Vector, rows: int) -> Mask:
        """For each row, whether all steps of an op are done in this sample; True where there are none."""
        found = np.ones(rows, dtype=bool)
        for block, piece in self.plan.homes.get((op, vector.id), ()):
            lasts = block.offsets(piece)[:, -1]
            found[block.first_row : block.rows.stop] &= lasts < self.done.done
        return found

    def tail_is_whole(self, op: str, vector: Vector) -> bool:
        """Whether all steps of an op that are done once a batch are done."""
        homes = self.plan.tail_homes.get((op, vector.id), ())
        return all(block.first + block.length <= self.done.done_of_tail for block, _ in homes)

    def terms(self, operation: Operation, values: Values, sample: int, i: int) -> Array:
        """What a cell of a sum is added up from; nan where it has not been added."""
        terms = operation.terms(values, sample, i).copy()
        if (operation.parts[0].op, operation.head.id) in self.plan.homes:
            terms[self.done.terms_done(operation, sample, i, len(terms)) :] = np.nan
        return terms

    def value(self, operation: Operation, values: Values) -> Array:
        """The head's array."""
        head, array = operation.head, self.numbers.values[operation.head.id]
        if not head.per_sample:
            return running_sum(self.terms(operation, values, 0, 0))[-1:]
        if operation.by_term:
            known = np.array([self.whole(operation.parts[0].op, head, len(operation.parts[0].nodes)).all()])
        else:
            known = np.logical_and.reduce([self.whole(part.op, head, head.size) for part in operation.parts])
        return self.of_samples(array, known)

    def derivative(self, vector: Vector) -> Array:
        """The derivatives by a vector."""
        graph, array = self.numbers.graph, self.numbers.derivative(vector.id)
        if vector is graph.first and not vector.per_sample:
            return array  # of the loss it is 1 from the beginning
        if vector.per_sample:
            op = "seed" if vector is graph.root else "contribute"
            return self.of_samples(array, self.whole(op, vector, vector.size))
        uses = np.array([graph.uses_of(vector, j) for j in range(vector.size)])
        known = np.full(vector.size, self.done.sample == self.numbers.samples)
        if self.done.sample == self.numbers.samples - 1:
            known = self.done.contributions(vector) == uses
        if graph.of_loss(vector):
            known = known & (self.done.contributions(vector, tail=True) > 0)
        return array if known.all() else np.where(known.reshape(array.shape), array, np.nan)


def _locals(reached: _Reached, values: list[Array]) -> list[Array | None]:
    """The local derivatives: those with a step of their own where it is done, the others where what they are is
    known (of a weight's, the output of its source)."""
    known = _local_steps(reached)
    found = list(reached.numbers.local)
    for edge in reached.numbers.graph.edges:
        array = found[edge.id]
        if array is None:
            continue
        if not edge.head.per_sample:
            found[edge.id] = _of_loss(reached, edge, array)
        elif not edge.local_by_sample:
            continue
        elif edge.shown:
            found[edge.id] = reached.of_samples(array, edge.by_entry(known[edge.id]).reshape(array.shape[1:]))
        else:
            found[edge.id] = np.where(np.isnan(edge.local(values)), np.nan, array)
    return found


def _of_loss(reached: _Reached, edge: Edge, array: Array) -> Array:
    """What the loss contributes is told by its own steps: the `seed` of a sample, or a step once a batch."""
    if edge.tail.per_sample:
        return reached.of_samples(array, reached.whole("seed", edge.tail, edge.tail.size))
    done = reached.done.contributions(edge.tail, tail=True) > 0
    return np.where(done.reshape(array.shape), array, np.nan)


def _local_steps(reached: _Reached) -> dict[int, Mask]:
    """Of every edge whose local derivatives have steps: which of them are done, (uses, cells of the tail)."""
    known = {edge.id: reached.done.locals_done(edge) for edge in reached.numbers.graph.edges if edge.shown}
    for (op, _), homes in reached.plan.homes.items():
        for block, piece in homes:
            if op == "tangent" and piece.stride == 2:
                for row in block.rows:
                    steps = reached.done.done - block.offset(row, piece)
                    for edge, j in reached.plan.tangents_of(piece, row)[
                        : max(0, min(steps, piece.width) + 1) // 2
                    ]:
                        assert piece.operation is not None
                        i = piece.operation.cell_of(row)
                        known[edge.id][edge.uses_between(i, j)[0], j] = True
    return known


def _tangents(reached: _Reached, local: list[Array | None]) -> Tangents | None:
    numbers = reached.numbers
    if numbers.tangents is None:
        return None
    dot = list(numbers.tangents.dot)
    for operation in numbers.graph.forward:
        head = operation.head
        if not head.per_sample:
            whole = reached.done.sample == numbers.samples and reached.tail_is_whole("tangent", head)
            dot[head.id] = dot[head.id] if whole else np.full_like(dot[head.id], np.nan)
            continue
        rows = len(operation.parts[0].nodes) if operation.by_term else head.size
        known = reached.whole("tangent", head, rows)
        dot[head.id] = reached.of_samples(
            dot[head.id], known[:1] & known.all() if operation.by_term else known
        )
    return Tangents(dot, local)


def _update(update: Update | None, reached: _Reached) -> Update | None:
    if update is None:
        return None
    graph, states = reached.numbers.graph, len(reached.plan.setup.optimizer.states)

    def veiled(array: Array, place: int, *, frozen: bool) -> Array:
        """What is frozen has no steps: as a parameter it stays what it is, and it has no states to tell of."""
        known = [
            np.full(v.size, frozen) if v in graph.frozen else reached.done.updated(v) > place
            for v in graph.parameters
        ]
        return np.where(np.concatenate(known), array, np.nan) if known else array

    new_states = [veiled(array, place, frozen=False) for place, array in enumerate(update.new_states)]
    return replace(update, new_states=new_states, parameters=veiled(update.parameters, states, frozen=True))
