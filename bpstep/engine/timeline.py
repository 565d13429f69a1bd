"""Time is a number: where a step stands in the whole run, by arithmetic alone.

A run is epochs of batches of samples of steps.  The timeline turns the number of a step into its
place, and back, without walking: full batches all have the same length, and only the last batch of an
epoch may be shorter.  A change of structure in the middle of a run (another cost, another optimizer)
begins a new *segment* at a batch, with a schedule of its own.

A *position* is the number of steps done: 0 at the start, N at the end; position p shows what step p
left behind.  A *boundary* of a level (op, neuron, layer, phase, sample, epoch) is a position where the
address of the step before and of the step after differ, down to that level.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import NamedTuple

from bpstep.engine.blocks import Block, Section
from bpstep.engine.ordering import schedule
from bpstep.engine.schedule import BatchSchedule
from bpstep.engine.setup import Setup
from bpstep.lazily import dataclass

__all__ = ["LEVELS", "Place", "Segment", "Timeline"]

#: From the finest to the coarsest.
LEVELS = ("op", "neuron", "layer", "phase", "sample", "epoch")


class Place(NamedTuple):
    """Where a step stands.  All counts begin at 0.

    ``batch`` counts over the whole run.  ``sample`` is the sample's place within its batch; for a step
    of the tail, the last.  ``base`` is the number of steps before this section; ``offset`` the step's
    place in it.
    """

    schedule: BatchSchedule
    epoch: int
    batch: int
    sample: int
    in_tail: bool
    base: int
    offset: int

    @property
    def section(self) -> Section:
        """The section that holds the step."""
        return self.schedule.tail if self.in_tail else self.schedule.sample

    @property
    def block(self) -> Block:
        """The block that holds the step."""
        return self.section.block_at(self.offset)

    @property
    def batch_base(self) -> int:
        """The number of steps before this batch."""
        return self.base - (self.schedule.samples if self.in_tail else self.sample) * self.sample_length

    @property
    def sample_base(self) -> int:
        """The number of steps before this sample."""
        return self.batch_base + self.sample * self.sample_length

    @property
    def tail_base(self) -> int:
        """The number of steps before the tail of this batch."""
        return self.batch_base + self.schedule.samples * self.sample_length

    @property
    def sample_length(self) -> int:
        """The number of steps of one sample."""
        return self.schedule.sample.length


class Segment:
    """A stretch of a run with one structure, from ``first_batch`` on."""

    def __init__(self, setup: Setup, samples: int, first_batch: int, first_step: int) -> None:
        self.setup, self.first_batch, self.first_step = setup, first_batch, first_step
        size = setup.training.batch or samples
        full, rest = divmod(samples, size)
        self.sizes = [size] * full + [rest] * bool(rest)
        self.full = schedule(setup, self.sizes[0])
        self.last = self.full if self.sizes[-1] == self.sizes[0] else schedule(setup, self.sizes[-1])

    @cached_property
    def epoch_length(self) -> int:
        """The number of steps of an epoch."""
        return (len(self.sizes) - 1) * self.full.length + self.last.length

    def schedule_of(self, batch: int) -> BatchSchedule:
        """The schedule of a batch."""
        return self.last if (batch + 1) % len(self.sizes) == 0 else self.full

    def _steps_before(self, batch: int) -> int:
        epochs, within = divmod(batch, len(self.sizes))
        return epochs * self.epoch_length + within * self.full.length

    @cached_property
    def _ahead(self) -> int:
        """How many steps more there are before it than if the whole run had its structure."""
        return self.first_step - self._steps_before(self.first_batch)

    def start(self, batch: int) -> int:
        """The number of steps before ``batch``."""
        return self._ahead + self._steps_before(batch)

    def batch_at(self, step: int) -> int:
        """The batch that holds the step with this number, counted from 0."""
        epochs, within = divmod(step - self._ahead, self.epoch_length)
        return epochs * len(self.sizes) + min(within // self.full.length, len(self.sizes) - 1)


_first_step, _first_batch = attrgetter("first_step"), attrgetter("first_batch")


class Timeline:
    """The steps of a whole run, as integers."""

    def __init__(self, setup: Setup, samples: int, epochs: int) -> None:
        self.samples, self.epochs = samples, epochs
        self.segments = [Segment(setup, samples, 0, 0)]
        #: The number of steps of the whole run.
        self.length = self.start_of_batch(self.batches)

    @property
    def batches_per_epoch(self) -> int:
        """The number of batches of an epoch."""
        return len(self.segments[0].sizes)

    @property
    def batches(self) -> int:
        """The number of batches of the whole run."""
        return self.epochs * self.batches_per_epoch

    def add_segment(self, setup: Setup, first_batch: int) -> None:
        """From ``first_batch`` on, another structure."""
        if first_batch == self.segments[-1].first_batch:
            first_step = self.segments.pop().first_step
        else:
            first_step = self.start_of_batch(first_batch)
        self.segments.append(Segment(setup, self.samples, first_batch, first_step))
        self.length = self.start_of_batch(self.batches)

    def segment_of_batch(self, batch: int) -> Segment:
        """The segment that ``batch`` belongs to."""
        return self.segments[bisect_right(self.segments, batch, key=_first_batch) - 1]

    def start_of_batch(self, batch: int) -> int:
        """The number of steps before ``batch``."""
        # The end of the run is the start of a batch that no segment has to know about.
        segment = self.segments[max(0, bisect_left(self.segments, batch, key=_first_batch) - 1)]
        return segment.start(batch) if batch else 0

    def place(self, step: int) -> Place:
        """Where the step with this number stands; numbers begin at 1."""
        index = step - 1
        segment = self.segments[bisect_right(self.segments, index, key=_first_step) - 1]
        batch = segment.batch_at(index)
        if step < 1 or batch >= self.batches:
            raise IndexError(f"there are steps 1 to {self.length}, not {step}")
        plan = segment.schedule_of(batch)
        start = segment.start(batch)
        sample, offset = divmod(index - start, plan.sample.length)
        in_tail = sample >= plan.samples
        if in_tail:
            offset += (sample - plan.samples) * plan.sample.length
            sample = plan.samples - 1
        base = start + (plan.samples if in_tail else sample) * plan.sample.length
        return Place(plan, batch // self.batches_per_epoch, batch, sample, in_tail, base, offset)

    def places(self, first: int, last: int) -> Iterator[Place]:
        """The places of the steps from ``first`` to ``last``, one after the other: a section is looked up once."""
        step = first
        while step <= last:
            p = self.place(step)
            for offset in range(p.offset, min(p.section.length, last - p.base)):
                yield Place(p.schedule, p.epoch, p.batch, p.sample, p.in_tail, p.base, offset)
            step = p.base + p.section.length + 1

    # --- boundaries -------------------------------------------------------------------------------

    def next_boundary(self, position: int, level: str) -> int:
        """The next boundary of ``level`` after ``position``; the end where there is none."""
        if position >= self.length:
            return self.length
        place = self.place(position + 1)
        if level == "epoch":
            return self.start_of_batch((place.epoch + 1) * self.batches_per_epoch)
        if level == "sample":
            last = place.sample == place.schedule.samples - 1
            return place.batch_base + place.schedule.length if last else place.base + place.section.length
        return place.base + _boundary_after(place.section, place.offset, level)

    def previous_boundary(self, position: int, level: str) -> int:
        """The last boundary of ``level`` before ``position``; the start where there is none."""
        if position <= 0:
            return 0
        place = self.place(position)
        if level == "epoch":
            return self.start_of_batch(place.epoch * self.batches_per_epoch)
        if level == "sample":
            return place.base - (place.sample_length if place.in_tail else 0)
        return place.base + _boundary_before(place.section, place.offset + 1, level)


@dataclass(frozen=True)
class _Joints:
    """Where blocks meet: offsets at which a level's address changes.  ``merged`` are the offsets at
    which not even the node changes, because a block goes on with the node that the last one ended with."""

    layer: tuple[int, ...]
    phase: tuple[int, ...]
    merged: frozenset[int]


@lru_cache(maxsize=64)
def _joints(section: Section) -> _Joints:
    layer, phase, merged = [0], [0], set()
    for before, after in zip(section.blocks, section.blocks[1:], strict=False):
        if before.phase != after.phase:
            phase.append(after.first)
        if (before.phase, before.layer) != (after.phase, after.layer):
            layer.append(after.first)
        elif before.nodes[-1] == after.nodes[0]:
            merged.add(after.first)
    return _Joints((*layer, section.length), (*phase, section.length), frozenset(merged))


def _boundary_after(section: Section, offset: int, level: str) -> int:
    """The first boundary behind the step at ``offset``."""
    if level == "op":
        return offset + 1
    joints = _joints(section)
    if level in ("layer", "phase"):
        marks = joints.layer if level == "layer" else joints.phase
        return marks[bisect_right(marks, offset)]
    while True:
        block = section.block_at(offset)
        end = block.row_start(offset) + block.width
        if end not in joints.merged:
            return end
        offset = end


def _boundary_before(section: Section, offset: int, level: str) -> int:
    """The last boundary before ``offset``, which is at least 1."""
    if level == "op":
        return offset - 1
    joints = _joints(section)
    if level in ("layer", "phase"):
        marks = joints.layer if level == "layer" else joints.phase
        return marks[bisect_left(marks, offset) - 1]
    while True:
        block = section.block_at(offset - 1)
        start = block.row_start(offset - 1)
        if start not in joints.merged:
            return start
        offset = start
