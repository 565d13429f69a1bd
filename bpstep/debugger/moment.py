"""What stands in a cell at a moment: its value, and what state it is in.

A `Moment` is a run at a position.  It never replays anything: from the steps that write a cell (ranges
of integers, by `bpstep.engine.index`) and the number of steps done it follows how many of its
contributions have arrived, and the pass has the sum.

The states (formats, section 2):

    given       an input, a target, a parameter before its first update
    unset       no step of this sample (of this batch, for gradients of parameters) has written it
    partial     k of n contributions have arrived
    final       all of them have
    stale       an edit has changed something that it was computed from, and no later step has written it again
    overridden  it was set by hand, and no later step has written it again
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from bpstep.debugger.contributions import arrived, finals, is_settled, write_steps
from bpstep.debugger.edited import Edited
from bpstep.engine.cells import Cell
from bpstep.engine.describe import Describer
from bpstep.engine.edits import LEARNING_RATE
from bpstep.engine.index import Index, Spot
from bpstep.engine.run import Run
from bpstep.engine.schedule import Writes
from bpstep.engine.setup import Setup
from bpstep.engine.timeline import Place
from bpstep.lazily import dataclass

__all__ = [
    "FINAL",
    "GIVEN",
    "OVERRIDDEN",
    "PARTIAL",
    "STALE",
    "STATES",
    "UNSET",
    "Moment",
    "Reading",
]

#: The states of a cell.
STATES = ("given", "unset", "partial", "final", "stale", "overridden")
GIVEN, UNSET, PARTIAL, FINAL, STALE, OVERRIDDEN = STATES


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell at a moment.  ``value`` is None where it is unset; ``part`` is (k, n) of its contributions.

    A reading is there to be shown: −0, which arithmetic has and nobody writes, is 0.
    """

    cell: Cell
    value: float | None
    state: str
    part: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.value == 0.0:
            object.__setattr__(self, "value", 0.0)

    @property
    def is_set(self) -> bool:
        """Whether there is a number to show."""
        return self.value is not None


class Moment:
    """A run at a position: the number of steps done.

    ``conceals`` says that the rule of the run is a secret, which nothing may tell.
    """

    def __init__(self, run: Run, position: int, *, conceals: bool = False) -> None:
        self.run, self.position, self.conceals = run, position, conceals
        self.place: Place = run.place(max(1, position))
        self.started = position > 0
        #: The number of steps done of this batch.
        self.done = position - self.place.batch_base
        #: What was read already: the panes of a screen ask for the same cells.
        self._known: dict[Cell, Reading | None] = {}

    @property
    def setup(self) -> Setup:
        """The structure of this moment's batch."""
        return self.place.schedule.setup

    @cached_property
    def index(self) -> Index:
        """The cells of this moment's batch, by name."""
        return self.run.index_of(self.place.batch)

    @cached_property
    def batch(self) -> Describer:
        """The numbers of the batch of this moment."""
        return self.run.batch_at(self.place.batch, self.done)

    @cached_property
    def edited(self) -> Edited:
        """What was set by hand until this moment."""
        return Edited(self.run, self.place, self.done)

    @property
    def is_veiled(self) -> bool:
        """Whether something is hidden: numbers that lie ahead, or the rule."""
        return self.conceals or self.run.known < self.run.length

    @property
    def rate(self) -> float:
        """The learning rate that the next step would use; 0 where nothing is updated."""
        return self.run.rate_at(self.place.batch, self.done)

    def read(self, cell: Cell) -> Reading | None:
        """What stands in ``cell``; None if this run has no such cell."""
        if cell not in self._known:
            self._known[cell] = self._read(cell)
        return self._known[cell]

    def _read(self, cell: Cell) -> Reading | None:
        spot = self.index.find(cell)
        if spot is None:
            return None
        if self.position > self.run.known and spot.kind not in ("clock", "one", "zero", "given"):
            return Reading(cell, None, UNSET)
        if spot.kind == "clock":
            by_hand = cell == LEARNING_RATE and self.edited.last(cell) is not None
            return Reading(cell, self._clock(cell.kind), OVERRIDDEN if by_hand else GIVEN)
        if spot.kind == "step":
            return self._step(cell)
        if spot.kind == "one":
            return Reading(cell, 1.0, GIVEN)
        if spot.kind == "zero":
            return Reading(cell, 0.0, GIVEN)
        if spot.kind == "setting":
            return Reading(cell, self._setting(spot.name), GIVEN)
        if spot.kind == "given":
            numbers = self.batch.numbers
            value = numbers.value(spot.at, self.place.sample, spot.j)
            by_hand = self.edited.last(cell, numbers.rows[self.place.sample]) is not None
            return Reading(cell, value, OVERRIDDEN if by_hand else GIVEN)
        if spot.kind == "parameter":
            return self._parameter(cell, spot)
        if spot.kind == "state":
            return self._optimizer_state(cell, spot)
        return self._computed(cell, spot)

    def value(self, cell: Cell) -> float | None:
        """The number in a cell; None where it is unset or unknown."""
        reading = self.read(cell)
        return None if reading is None else reading.value

    # --- the steps that write a cell -------------------------------------------------------------------

    def write_steps(self, spot: Spot) -> Sequence[int]:
        """The numbers of the steps that write a cell, of this sample or, where it gathers by batch, of this batch;
        done or not."""
        return write_steps(self.place, self.index.writes(self.place.schedule, spot))

    def finals(self, spot: Spot) -> list[int]:
        """The positions of this moment's batch at which a cell becomes final."""
        return finals(self.place, self.index.writes(self.place.schedule, spot))

    def _arrived(self, writes: Writes) -> tuple[int, int]:
        return arrived(self.place, writes, begun=self.started)

    # --- readings by kind ----------------------------------------------------------------------------

    def _computed(self, cell: Cell, spot: Spot) -> Reading:
        writes = self.index.writes(self.place.schedule, spot)
        k, n = self._arrived(writes)
        if self.started and is_settled(self.place, writes):
            return Reading(cell, 0.0, FINAL)
        if k == 0:
            return Reading(cell, None, UNSET, (0, n) if n > 1 else None)
        value = self._sum(spot, k)
        stale = self.edited.makes_stale(spot, writes)
        state = STALE if stale else FINAL if k == n else PARTIAL
        return Reading(cell, value, state, (k, n) if n > 1 else None)

    def _sum(self, spot: Spot, k: int) -> float:
        """The value of a cell after ``k`` of its contributions."""
        numbers, sums, s = self.batch.numbers, self.batch.sums, self.place.sample
        vector, graph = spot.at, self.batch.numbers.graph
        if spot.kind == "local":
            return self._local(spot, k)
        operation = graph.producer(vector)
        if spot.kind == "tangent":
            return 1.0 if operation is None else float(sums.tangents(operation, s, spot.j)[k - 1])
        if spot.kind == "gradient":
            if vector is graph.root:
                return numbers.d_of(vector, s, spot.j)
            return float(sums.gathered(vector, s, spot.j)[k - 1])
        if not vector.per_sample and not numbers.setup.reduces(numbers.samples):
            operation = graph.producer(graph.root)  # of one sample, the loss is its cost
        assert operation is not None, "a value is computed by an operation"
        grown = sums.value_sums(operation, s, spot.j)
        return numbers.value(vector, s, spot.j) if grown is None else float(grown[k - 1])

    def _local(self, spot: Spot, k: int) -> float:
        """A local derivative; where a variable stands in several places of an operation, the sum of those done."""
        numbers = self.batch.numbers
        found = 0.0
        for place, contribution in enumerate(spot.contributions[:k]):
            use = numbers.graph.use(spot.at, spot.j, contribution)
            value = use.slope(numbers.local_of(use.edge.id), self.place.sample)
            found = value if place == 0 else found + value
        return found

    def _parameter(self, cell: Cell, spot: Spot) -> Reading:
        flat = self.setup.graph.flat_place(spot.at, spot.j)
        writes = self.index.writes(self.place.schedule, spot)
        k, n = self._arrived(writes)
        update = self.batch.update
        by_hand = self.edited.overrides(cell, writes, updated=bool(n and k == n))
        if n and k == n and update is not None:
            return Reading(cell, float(update.parameters[flat]), OVERRIDDEN if by_hand else FINAL)
        state = OVERRIDDEN if by_hand else FINAL if n and self.place.batch > 0 else GIVEN
        return Reading(cell, float(self.batch.numbers.parameters[flat]), state)

    def _optimizer_state(self, cell: Cell, spot: Spot) -> Reading:
        flat = self.setup.graph.flat_place(spot.at, spot.j)
        k, n = self._arrived(self.index.writes(self.place.schedule, spot))
        update = self.batch.update
        if update is None or (not k and update.number == 1):
            return Reading(cell, None, UNSET)
        arrays = update.new_states if k == n else update.states
        return Reading(cell, float(arrays[spot.place][flat]), FINAL)

    def _setting(self, name: str) -> float:
        """A setting of the optimizer, or the number of this batch's update."""
        if name != "t":
            return self.setup.settings[name]
        update = self.batch.update
        return float(update.number if update is not None else 0)

    def _step(self, cell: Cell) -> Reading:
        """What the last step says of itself."""
        if not self.started:
            return Reading(cell, None, UNSET)
        step = self.run.step(self.position)
        value = step.was if cell.kind == "was" else step.value
        if cell.kind == "part":
            value = float(step.part[0] if step.part is not None else 1)
        return Reading(cell, value, FINAL if value is not None else UNSET)

    def _clock(self, kind: str) -> float:
        if kind == "step":
            return float(self.position)
        if kind == "lr":
            return self.rate
        if kind == "epoch":
            return float(self.place.epoch + 1)
        if kind == "sample":
            return float(self.batch.numbers.rows[self.place.sample] + 1)
        return float(self.place.batch + 1)
