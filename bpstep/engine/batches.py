"""The batches of a run: which structure, learning rate, samples and values each has, and what it comes to.

A batch is a pure function of its number and of the parameters and states with which it begins.  An edit
(`bpstep.engine.edits`) cuts its batch into *eras*: the steps before it, computed as if it had never come, and the
steps after it, computed from the new value on top of what was done.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bpstep.engine.build import Problem, initial_parameters, sample_values
from bpstep.engine.cells import Cell
from bpstep.engine.describe import Describer
from bpstep.engine.done import NOTHING, Done
from bpstep.engine.edits import LEARNING_RATE, Edit
from bpstep.engine.history import Snapshot
from bpstep.engine.index import Index
from bpstep.engine.kept import Kept
from bpstep.engine.passes import Pass
from bpstep.engine.passes import compute as compute_pass
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.engine.setup import Setup, setup_of
from bpstep.engine.specs import Array, TrainingSpec
from bpstep.engine.timeline import Timeline
from bpstep.engine.update import Update, update
from bpstep.engine.vectors import Mask
from bpstep.lazily import dataclass

__all__ = ["Batches", "Era"]

#: How many orders of shuffled samples are kept.
_ORDERS_KEPT = 4


@dataclass(frozen=True, eq=False)
class Era:
    """A stretch of a batch between two edits: the steps after the first ``offset`` of them."""

    offset: int
    batch: Describer


class Batches:
    """A problem, its training, and what was edited.

    ``epochs`` overrides the training's; ``rule`` is the way to back-propagate, ``wrt`` the cell
    that forward mode takes tangents by (None: reverse mode).
    """

    def __init__(
        self,
        problem: Problem,
        training: TrainingSpec,
        *,
        rule: Rule = CORRECT,
        wrt: Cell | None = None,
        epochs: int | None = None,
        edits: Sequence[Edit] = (),
    ) -> None:
        if epochs is not None:
            training = replace(training, epochs=epochs)
        self.setup = setup_of(problem, training, rule, wrt)
        self.given = sample_values(problem)
        self.timeline = Timeline(self.setup, len(self.given[0]) if self.given else 1, training.epochs)
        self.edits = tuple(sorted(edits, key=lambda edit: edit.at))
        for edit in self.edits:
            if edit.change is not None:
                self.timeline.add_segment(edit.change(self.timeline.segments[-1].setup), edit.batch)
        start = initial_parameters(problem)
        self.start = Snapshot(start, self.fresh_states(0, start))
        self._indexes: dict[int, Index] = {}
        self._orders: OrderedDict[int, tuple[int, ...]] = OrderedDict()
        self._in_file_order = tuple(range(self.timeline.samples))

    # --- the structure -----------------------------------------------------------------------------------

    def setup_of(self, batch: int) -> Setup:
        """The structure that a batch is computed with."""
        return self.timeline.segment_of_batch(batch).setup

    def index_of(self, batch: int) -> Index:
        """The cells of a batch, by name."""
        segment = self.timeline.segment_of_batch(batch)
        if segment.first_batch not in self._indexes:
            self._indexes[segment.first_batch] = Index(segment.setup)
        return self._indexes[segment.first_batch]

    def rate_at(self, batch: int, offset: int) -> float:
        """The learning rate of the steps after ``offset`` steps of a batch; 0 where nothing is updated."""
        rate = self.setup_of(batch).training.learning_rate or 0.0
        for edit in self.edits:
            if edit.cell == LEARNING_RATE and edit.at <= (batch, offset):
                rate = edit.value
        return rate

    # --- the samples -------------------------------------------------------------------------------------

    def rows(self, batch: int) -> tuple[int, ...]:
        """The samples of a batch, as places in the file, in the order in which they are taken."""
        epoch, within = divmod(batch, self.timeline.batches_per_epoch)
        order = self.order(epoch)
        size = self.setup.training.batch or len(order)
        return order[within * size : (within + 1) * size]

    def order(self, epoch: int) -> tuple[int, ...]:
        """The order of the samples in an epoch (from 0): file order, or drawn from the seed."""
        seed = self.setup.training.shuffle
        if seed is None:
            return self._in_file_order
        if epoch not in self._orders:
            drawn = np.random.default_rng([seed, epoch + 1]).permutation(self.timeline.samples)
            self._orders[epoch] = tuple(drawn.tolist())
            if len(self._orders) > _ORDERS_KEPT:
                self._orders.popitem(last=False)
        return self._orders[epoch]

    # --- edits -------------------------------------------------------------------------------------------

    def values_edited(self, batch: int) -> list[Edit]:
        """The edits of values in a batch, in order."""
        return [edit for edit in self.edits if edit.batch == batch and edit.cell is not None]

    # --- one batch ---------------------------------------------------------------------------------------

    def eras_from(self, batch: int, before: Snapshot) -> list[Era]:
        """A batch that begins with these parameters and states, edit by edit."""
        edits = self.values_edited(batch)
        before = self.with_values(before, [edit for edit in edits if edit.offset == 0], batch)
        eras = [Era(0, self.first_era(batch, before))]
        for offset in sorted({edit.offset for edit in edits if edit.offset}):
            group = [edit for edit in edits if edit.offset == offset]
            eras.append(Era(offset, self._next_era(batch, before, eras[-1].batch, offset, group)))
        return eras

    def first_era(self, batch: int, before: Snapshot) -> Describer:
        """The same as it were if nobody changed anything in it."""
        numbers = self.numbers_of(batch, 0, before.parameters)
        return Describer(numbers, self._update(batch, before, numbers))

    def numbers_of(self, batch: int, offset: int, parameters: Array, kept: Done = NOTHING) -> Pass:
        """The pass of a batch from flat ``parameters``, with inputs, targets and rate after ``offset`` of its steps."""
        rows = self.rows(batch)
        index = np.array(rows)
        given = [array[index] for array in self.given_at(batch, offset)]
        return compute_pass(self.setup_of(batch), self.rate_at(batch, offset), rows, parameters, given, kept)

    def _update(
        self,
        batch: int,
        before: Snapshot,
        numbers: Pass,
        earlier: Update | None = None,
        done: Sequence[Mask] = (),
    ) -> Update | None:
        """What the update does, if there is one; what an ``earlier`` era had ``done`` of it stays."""
        if not numbers.setup.updates:
            return None
        return update(
            numbers.setup, batch + 1 - self.optimizer_since(batch), numbers.parameters, before.states,
            numbers.gradient, numbers.rate, earlier, done,
        )  # fmt: skip

    def _next_era(
        self, batch: int, before: Snapshot, earlier: Describer, offset: int, edits: list[Edit]
    ) -> Describer:
        """The batch from an edit on: what was done stays, the rest is computed from the new values."""
        plan = self.timeline.segment_of_batch(batch).schedule_of(batch)
        kept = Kept(earlier.sums, plan, offset)
        parameters, done = earlier.numbers.parameters.copy(), self._updated(kept)
        after: list[tuple[int, float]] = []
        for flat, value in self._parameters_edited(edits, batch):
            if done[-1][flat]:
                after.append((flat, value))
            else:
                parameters[flat] = value
        numbers = self.numbers_of(batch, offset, parameters, kept)
        made = self._update(batch, before, numbers, earlier.update, done)
        if made is not None:
            for flat, value in after:
                made.parameters[flat] = value
        return Describer(numbers, made)

    def _updated(self, kept: Kept) -> list[Mask]:
        """Of every parameter, flat: whether each of its states, and then itself, has been updated."""
        graph = kept.plan.setup.graph
        steps = 1 + len(kept.plan.setup.optimizer.states)
        if not graph.parameters:
            return [np.empty(0, dtype=bool)] * steps
        return [
            np.concatenate([kept.updated(vector) > place for vector in graph.parameters])
            for place in range(steps)
        ]

    def _parameters_edited(self, edits: Sequence[Edit], batch: int) -> list[tuple[int, float]]:
        """The parameters among some edits: their place in the flat array, and the new value."""
        found = []
        for edit in edits:
            assert edit.cell is not None
            spot = self.index_of(batch).find(edit.cell)
            if spot is not None and spot.kind == "parameter":
                graph = self.setup_of(batch).graph
                found.append((graph.flat_place(spot.at, spot.j), edit.value))
        return found

    def with_values(self, before: Snapshot, edits: Sequence[Edit], batch: int) -> Snapshot:
        """Parameters as some edits leave them, whose cells are those of a batch."""
        changed = self._parameters_edited(edits, batch)
        if not changed:
            return before
        parameters = before.parameters.copy()
        for flat, value in changed:
            parameters[flat] = value
        return Snapshot(parameters, before.states)

    def given_at(self, batch: int, offset: int) -> list[Array]:
        """Inputs and targets of all samples, as they stand after ``offset`` steps of a batch."""
        edits = [e for e in self.edits if e.cell is not None and e.at <= (batch, offset)]
        if not edits:
            return self.given
        given = [array.copy() for array in self.given]
        index = self.index_of(batch)
        order = [vector.id for vector in index.graph.given]
        for edit in edits:
            assert edit.cell is not None
            spot = index.find(edit.cell)
            if spot is not None and spot.kind == "given":
                given[order.index(spot.at.id)][edit.sample, spot.j] = edit.value
        return given

    # --- optimizers --------------------------------------------------------------------------------------

    def optimizer_since(self, batch: int) -> int:
        """The first batch of the optimizer that is at work in ``batch``: it counts its updates from there."""
        since, name = 0, ""
        for segment in self.timeline.segments:
            if segment.first_batch > batch:
                break
            if segment.setup.training.optimizer.name != name:
                since, name = segment.first_batch, segment.setup.training.optimizer.name
        return since

    def fresh_states(self, batch: int, parameters: Array) -> list[Array]:
        """What an optimizer that begins with a batch remembers: zeros, a flat array a state."""
        return [np.zeros_like(parameters) for _ in self.setup_of(batch).optimizer.states]
