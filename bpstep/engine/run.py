"""A run: parameters over time, and any step of it on request.

A run is fixed by its problem and its training; from then on it is a pure function of time.  `Run.step`
describes any step from its number alone.  To do so it needs the parameters with which that step's batch
began: they are kept for every batch while they are small, and for every k-th batch when they are many
(`bpstep.engine.history`), the batches in between being computed again when somebody looks.  Both ways lead through the
same pass (`bpstep.engine.passes`) or, many batches of a small network at a time, through straight-line code that
was recorded from it (`bpstep.engine.by_code`), so they give the same bits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np

from bpstep.engine.batches import Batches, Era
from bpstep.engine.build import Problem
from bpstep.engine.by_code import MOST_PARAMETERS, WORTH_WRITING_OUT, ByCode
from bpstep.engine.cells import Cell
from bpstep.engine.describe import Describer
from bpstep.engine.edits import Edit
from bpstep.engine.history import History, Snapshot
from bpstep.engine.passes import Pass, compute
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.engine.specs import TrainingSpec
from bpstep.engine.steps import Step
from bpstep.engine.timeline import Place

__all__ = ["Run"]

#: How many computed batches are kept for looking at.
_PASSES_KEPT = 4


class Run(Batches):
    """A problem, its training, what was edited, and every step of it.

    See `Batches` for what it is made of.
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
        super().__init__(problem, training, rule=rule, wrt=wrt, epochs=epochs, edits=edits)
        self.history = History(self.start)
        self._by_code = ByCode()
        self._passes: OrderedDict[int, list[Era]] = OrderedDict()

    def revised(self, edits: Sequence[Edit], epochs: int | None = None) -> Run:
        """The same run with other edits, or with more epochs; what came before the first difference is shared."""
        rest = sorted(edits, key=lambda edit: edit.at)
        same = 0
        while same < min(len(rest), len(self.edits)) and rest[same] == self.edits[same]:
            same += 1
        made = Run(
            self.setup.problem, self.setup.training, rule=self.setup.rule, wrt=self.setup.wrt, edits=rest,
            epochs=epochs or self.timeline.epochs,
        )  # fmt: skip
        changed = [*rest[same:], *self.edits[same:]]
        first = min((edit.batch for edit in changed), default=self.timeline.batches)
        made.history.take(self.history, first)
        return made

    @property
    def length(self) -> int:
        """The number of steps of the whole run."""
        return self.timeline.length

    @property
    def known(self) -> int:
        """How many of its steps may be looked at: all, but see `bpstep.engine.veil`."""
        return self.length

    # --- steps -------------------------------------------------------------------------------------------

    def step(self, number: int) -> Step:
        """The step with this number, from 1; IndexError where there is none."""
        return self._describe(self.timeline.place(number))

    def _describe(self, place: Place) -> Step:
        return self.batch_at(place.batch, place.base + place.offset - place.batch_base).step(place)

    def steps(self, first: int = 1, last: int | None = None) -> Iterator[Step]:
        """The steps from ``first`` to ``last`` (the end of the run where None), one after the other."""
        for place in self.timeline.places(first, self.length if last is None else last):
            yield self._describe(place)

    def place(self, number: int) -> Place:
        """Where a step stands."""
        return self.timeline.place(number)

    # --- batches -----------------------------------------------------------------------------------------

    def batch(self, batch: int) -> Describer:
        """The numbers of one batch, as its last era left them."""
        return self.eras(batch)[-1].batch

    def batch_at(self, batch: int, offset: int) -> Describer:
        """The numbers of one batch when ``offset`` of its steps are done."""
        eras = self.eras(batch)
        if len(eras) == 1:
            return eras[0].batch
        return eras[bisect_right([era.offset for era in eras], offset) - 1].batch

    def eras(self, batch: int) -> list[Era]:
        """The eras of a batch; most batches have one."""
        known = self._passes.get(batch)
        if known is None:
            for era in (era for eras in self._passes.values() for era in eras):
                era.batch.sums.forget()  # the sums seen growing are those of the batch that is looked at
            known = self._passes[batch] = self.eras_from(batch, self.snapshot(batch))
            if len(self._passes) > _PASSES_KEPT:
                self._passes.popitem(last=False)
        else:
            self._passes.move_to_end(batch)
        return known

    def numbers(self, batch: int) -> Pass:
        """The arrays of one batch, as its last era left them."""
        return self.batch(batch).numbers

    def computed_from(self, batch: int, before: Snapshot) -> Describer:
        """The numbers that one batch would have, if it began with these parameters and states."""
        return self.first_era(batch, before)

    # --- parameters over time ----------------------------------------------------------------------------

    def snapshot(self, batch: int) -> Snapshot:
        """Parameters and optimizer's states at the start of ``batch``, before any edit there."""
        if not self._ever_updates:
            earlier = [edit for edit in self.edits if edit.cell is not None and edit.batch < batch]
            return self.with_values(self.history.snapshots[0], earlier, 0)
        at, snapshot = self.history.before(batch)
        while at < batch:
            if batch - at >= WORTH_WRITING_OUT:
                at, snapshot = self._by_code.go_on(self, self.history, at, snapshot, batch)
            if at < batch:
                snapshot = self._after(at, snapshot)
                at += 1
                self.history.keep(at, snapshot)
        return snapshot

    def look_ahead(self, batch: int) -> None:
        """Somebody is going through the batches one by one: compute some in one go, where that is faster."""
        if batch >= self.trained and self.setup_of(batch).graph.parameter_count <= MOST_PARAMETERS:
            self.snapshot(min(batch + 1024, self.timeline.batches))

    @property
    def trained(self) -> int:
        """How many batches of it have been computed, the last of them counted."""
        return max(self.history.last, max(self._passes, default=-1) + 1)

    # --- the loss ----------------------------------------------------------------------------------------

    def epoch_loss(self, epoch: int) -> float:
        """The mean of the losses of an epoch's batches (from 0), each as its own steps saw it."""
        each = self.timeline.batches_per_epoch
        losses = [self.loss(batch) for batch in range(epoch * each, (epoch + 1) * each)]
        return losses[0] if each == 1 else sum(losses) / each

    def decrease(self, batch: int) -> tuple[float, float]:
        """How far an update was predicted to bring down the loss of its own batch, and how far it did.

        The prediction is the gradient's: minus the sum over the parameters of dL/dw times the change of w; of plain
        gradient descent that is lr times the squared length of the gradient.
        """
        before = self.batch(batch)
        numbers, update = before.numbers, before.update
        if update is None:
            return 0.0, 0.0
        given = [numbers.values[vector.id] for vector in numbers.graph.given]
        after = compute(numbers.setup, numbers.rate, numbers.rows, update.parameters, given)
        with np.errstate(all="ignore"):
            predicted = -float(np.dot(numbers.gradient, update.parameters - numbers.parameters))
            return predicted, numbers.loss - after.loss

    def loss(self, batch: int) -> float:
        """The loss of a batch, as its steps saw it."""
        known = self.loss_at_hand(batch)
        return self.numbers(batch).loss if known is None else known

    def loss_at_hand(self, batch: int) -> float | None:
        """The same where it needs no computing; None where it does."""
        edited = any(edit.batch == batch for edit in self.edits)
        return None if edited else self.history.losses.get(batch)

    def _after(self, batch: int, before: Snapshot) -> Snapshot:
        """The snapshot at the end of a batch."""
        if any(edit.batch == batch for edit in self.edits):
            last = self.eras_from(batch, before)[-1].batch
        else:
            last = self.first_era(batch, before)
        update = last.update
        parameters = last.numbers.parameters if update is None else update.parameters
        states = before.states if update is None else update.new_states
        if batch + 1 == self.optimizer_since(batch + 1):
            states = self.fresh_states(batch + 1, parameters)
        return Snapshot(parameters, states)

    @property
    def _ever_updates(self) -> bool:
        return any(segment.setup.updates for segment in self.timeline.segments)
