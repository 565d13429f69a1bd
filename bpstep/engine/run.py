"""A run: parameters over time, and any step of it on request.

A run is fixed by its problem and its training; from then on it is a pure function of time.  `Run.step`
describes any step from its number alone.  To do so it needs the parameters with which that step's batch
began: they are kept for every batch while they are small, and for every k-th batch when they are many
(`History`), the batches in between being computed again when somebody looks.  Both ways lead through
the same `advance`, so they give the same bits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bpstep.engine.build import Problem, initial_parameters, sample_values
from bpstep.engine.describe import Describer, Update
from bpstep.engine.passes import Pass, Setup, compute
from bpstep.engine.rules import CORRECT, Rule
from bpstep.engine.specs import Array, TrainingSpec
from bpstep.engine.steps import Step
from bpstep.engine.timeline import Place, Timeline

__all__ = ["KEEP_BYTES", "History", "Run", "Snapshot"]

#: How much memory the snapshots of a run may take.
KEEP_BYTES = 32 * 2**20

#: How many computed batches are kept for looking at.
_PASSES_KEPT = 4


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The parameters (flat) and the optimizer's states at the start of a batch."""

    parameters: Array
    states: list[Array]

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return self.parameters.nbytes * (1 + len(self.states))


class History:
    """Snapshots at the start of batches: all of them while they fit, then every 2nd, 4th, 8th, ..."""

    def __init__(self, start: Snapshot, limit: int = KEEP_BYTES) -> None:
        self.room = max(2, limit // max(1, start.nbytes))
        self.spacing = 1
        self.kept = {0: start}

    def keep(self, batch: int, snapshot: Snapshot) -> None:
        """Remember a snapshot, if its turn comes at this spacing."""
        if batch % self.spacing:
            return
        self.kept[batch] = snapshot
        if len(self.kept) > self.room:
            self.spacing *= 2
            self.kept = {b: s for b, s in self.kept.items() if b % self.spacing == 0}

    def before(self, batch: int) -> tuple[int, Snapshot]:
        """The last snapshot kept at or before ``batch``."""
        if batch in self.kept:
            return batch, self.kept[batch]
        found = batch - batch % self.spacing
        while found not in self.kept:
            found -= self.spacing
        return found, self.kept[found]


class Run:
    """A problem, its training, and every step of it.

    ``epochs`` overrides the training's; ``rule`` is the way to back-propagate.
    """

    def __init__(
        self, problem: Problem, training: TrainingSpec, *, rule: Rule = CORRECT, epochs: int | None = None
    ) -> None:
        if epochs is not None:
            training = replace(training, epochs=epochs)
        self.setup = Setup(problem, training, rule)
        self.given = sample_values(problem)
        self.timeline = Timeline(self.setup, len(self.given[0]) if self.given else 1, training.epochs)
        start = initial_parameters(problem)
        states = [np.zeros_like(start) for _ in self.setup.optimizer.states]
        self.history = History(Snapshot(start, states))
        self._passes: OrderedDict[int, Describer] = OrderedDict()
        self._orders: OrderedDict[int, tuple[int, ...]] = OrderedDict()

    @property
    def length(self) -> int:
        """The number of steps of the whole run."""
        return self.timeline.length

    @property
    def rate(self) -> float:
        """The learning rate; 0 where nothing is updated."""
        return self.setup.training.learning_rate or 0.0

    # --- steps --------------------------------------------------------------------------------------

    def step(self, number: int) -> Step:
        """The step with this number, from 1; IndexError where there is none."""
        place = self.timeline.place(number)
        return self.batch(place.batch).step(place)

    def steps(self, first: int = 1, last: int | None = None) -> Iterator[Step]:
        """The steps from ``first`` to ``last`` (the end of the run where None), one after the other."""
        for number in range(first, (self.length if last is None else last) + 1):
            yield self.step(number)

    def place(self, number: int) -> Place:
        """Where a step stands."""
        return self.timeline.place(number)

    # --- batches ------------------------------------------------------------------------------------

    def batch(self, batch: int) -> Describer:
        """The numbers of one batch, ready to be described."""
        known = self._passes.get(batch)
        if known is None:
            known = self._passes[batch] = self._computed(batch)
            if len(self._passes) > _PASSES_KEPT:
                self._passes.popitem(last=False)
        else:
            self._passes.move_to_end(batch)
        return known

    def numbers(self, batch: int) -> Pass:
        """The arrays of one batch."""
        return self.batch(batch).numbers

    def _computed(self, batch: int) -> Describer:
        before = self.snapshot(batch)
        numbers = self._compute(batch, before)
        return Describer(numbers, self._update(batch, before, numbers))

    def _compute(self, batch: int, before: Snapshot) -> Pass:
        rows = self.rows(batch)
        index = np.array(rows)
        given = [array[index] for array in self.given]
        return compute(self.setup, self.rate, rows, before.parameters, given)

    def _update(self, batch: int, before: Snapshot, numbers: Pass) -> Update | None:
        if self.setup.training.learning_rate is None:
            return None
        optimizer, settings, t = self.setup.optimizer, self.setup.settings, batch + 1
        with np.errstate(all="ignore"):
            states = optimizer.next_states(before.states, numbers.gradient, settings)
            moved = optimizer.stepped(before.parameters, numbers.gradient, states, self.rate, t, settings)
        graph = self.setup.graph
        for vector, (place, _) in zip(graph.parameters, graph.places, strict=True):
            if vector in graph.frozen:
                moved[place] = before.parameters[place]
        return Update(t, before.states, states, moved)

    def rows(self, batch: int) -> tuple[int, ...]:
        """The samples of a batch, as places in the file, in the order in which they are taken."""
        epoch, within = divmod(batch, self.timeline.batches_per_epoch)
        order = self.order(epoch)
        size = self.setup.training.batch or len(order)
        return order[within * size : (within + 1) * size]

    def order(self, epoch: int) -> tuple[int, ...]:
        """The order of the samples in an epoch (from 0): file order, or drawn from the seed."""
        seed, samples = self.setup.training.shuffle, self.timeline.samples
        if seed is None:
            return tuple(range(samples))
        if epoch not in self._orders:
            drawn = np.random.default_rng([seed, epoch + 1]).permutation(samples)
            self._orders[epoch] = tuple(drawn.tolist())
            if len(self._orders) > _PASSES_KEPT:
                self._orders.popitem(last=False)
        return self._orders[epoch]

    # --- parameters over time -------------------------------------------------------------------------

    def snapshot(self, batch: int) -> Snapshot:
        """Parameters and optimizer's states at the start of ``batch``."""
        if self.setup.training.learning_rate is None:
            return self.history.kept[0]
        at, snapshot = self.history.before(batch)
        while at < batch:
            update = self._update(at, snapshot, self._compute(at, snapshot))
            assert update is not None
            snapshot = Snapshot(update.parameters, update.new_states)
            at += 1
            self.history.keep(at, snapshot)
        return snapshot
