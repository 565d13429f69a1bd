"""Where a number comes from: upstream times local for every contribution, recursively.

`why` makes a tree.  The steps that write a cell are its contributions; each reads cells, and each of those was
written by steps before it.  For a derivative that is the chain rule unfolded: every `via` branch is upstream times
local, and the upstream is unfolded in turn, down to y - t.

The tree speaks of the time at which its numbers were used.  A row is a cell as the last step wrote it that came
*before* the step above it, in that step's own sample: under sample 1 of a batch stands sample 1's delta, though the
cursor has long moved on and the cell holds sample 3's; under an update stands the gradient, and the weight that it
was taken at.  So every row is an equation that holds, in the values that its cells had right after the row's step.

A cell that was unfolded once is not unfolded again (the tails that paths share are shared here, too); a branch is cut
where the tree would grow beyond its bound.  The tree is grown without recursion: a net may be a thousand layers deep.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import field

from bpstep.debugger.moment import FINAL, OVERRIDDEN, PARTIAL, UNSET, Moment, Reading
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass

__all__ = ["Info", "WhyNode", "info", "why", "writers"]

#: A tree has no more rows than this, and shows no more contributions of one cell than `_MOST_BRANCHES`.
_MOST_ROWS = 400
_MOST_BRANCHES = 24

#: What a derivative is made of; the values that slopes are taken at would be another tree: why y[h1].
_OF_DERIVATIVES = ("d", "local", "dot")
_DERIVATIVE_OPS = ("seed", "local", "contribute", "tangent")


@dataclass(frozen=True)
class WhyNode:
    """A row of the tree.

    ``cell`` and its reading; ``step`` is the step that made it, the last where ``is_sum``; ``via`` is set on a
    contribution, whose ``step`` says upstream, local and product.  ``left_out`` counts contributions that are not
    shown, ``rest`` is what they bring (None where it is no sum that is cut); ``seen`` marks a cell that is unfolded
    elsewhere.  ``slope`` is set right at the root, where upstream is 1: the step of the local derivative, which is
    then all that there is to say.
    """

    reading: Reading
    step: Step | None = None
    via: bool = False
    children: tuple[WhyNode, ...] = ()
    left_out: int = 0
    rest: float | None = None
    seen: bool = False
    slope: Step | None = None
    is_sum: bool = False


def writers(moment: Moment, cell: Cell) -> Sequence[int]:
    """The numbers of the steps done so far that wrote a cell, in this sample (in this batch, for what gathers)."""
    return _written(moment, cell, moment.position)


def _written(moment: Moment, cell: Cell, until: int) -> Sequence[int]:
    """The numbers of the steps up to ``until`` that wrote a cell, in the sample (the batch) of a moment."""
    spot = moment.index.find(cell)
    if spot is None:
        return []
    steps = moment.write_steps(spot)
    return steps[: bisect_right(steps, until)]


def why(
    moment: Moment, cell: Cell, most: int = _MOST_ROWS, step_at: Callable[[int], Step] | None = None
) -> WhyNode:
    """The tree of a cell at the cursor, of ``most`` rows.  Who makes many trees has the steps described already:
    ``step_at(number)`` gives them."""
    reading = moment.read(cell) or Reading(cell, None, UNSET)
    numbers = [] if reading.state == OVERRIDDEN else _last_written(moment, cell)
    return _Tree(moment, most, step_at or moment.run.step).grown(_Draft(reading, numbers))


def _last_written(moment: Moment, cell: Cell) -> Sequence[int]:
    """The steps that wrote a cell last; of a parameter and its optimizer's state, perhaps in the batch before."""
    numbers, place = writers(moment, cell), moment.place
    spot = moment.index.find(cell)
    if numbers or spot is None or spot.kind not in ("parameter", "state") or place.batch == 0:
        return numbers
    return _written(Moment(moment.run, place.batch_base), cell, place.batch_base)


@dataclass
class _Draft:
    """A row on its way: ``numbers`` are the steps that wrote its cell, of a contribution the one step."""

    reading: Reading
    numbers: Sequence[int]
    via: bool = False
    step: Step | None = None
    children: list[_Draft] = field(default_factory=list)
    left_out: int = 0
    rest: float | None = None
    seen: bool = False
    slope: Step | None = None

    @property
    def is_sum(self) -> bool:
        """Whether the row stands for several contributions."""
        if self.via or self.step is None:
            return False
        return len(self.numbers) > 1 or (self.step.part is not None and self.step.part[1] > 1)


class _Tree:
    """Rows in the order in which they are read, each opened when its turn comes."""

    def __init__(self, moment: Moment, most: int, step_at: Callable[[int], Step]) -> None:
        self.run, self.most, self.step_at = moment.run, most, step_at
        self.root = moment.setup.graph.root.cell(0)
        self.rows: list[_Draft] = []
        self.unfolded: set[tuple[Cell, int]] = set()

    def grown(self, root: _Draft) -> WhyNode:
        """The whole tree under a row."""
        self.rows.append(root)
        waiting = [root]
        while waiting:
            row = waiting.pop()
            children = self.opened(row)
            if len(self.rows) + len(children) > self.most:
                row.left_out, row.rest, children = len(children) + row.left_out, None, []
            row.children = children
            self.rows += children
            waiting += reversed(children)
        made: dict[int, WhyNode] = {}
        for row in reversed(self.rows):  # children come after what they hang on
            children_made = tuple(made[id(child)] for child in row.children)
            made[id(row)] = WhyNode(
                row.reading, row.step, row.via, children_made, row.left_out, row.rest, row.seen, row.slope, row.is_sum
            )  # fmt: skip
        return made[id(root)]

    def opened(self, row: _Draft) -> list[_Draft]:
        """What hangs on a row."""
        if not row.numbers:
            return []
        last = row.step = self.step_at(row.numbers[-1])
        if row.via:
            return self.read_by(row, last)
        key = (row.reading.cell, last.number)
        row.seen = key in self.unfolded
        if row.seen:
            return []
        self.unfolded.add(key)
        return self.contributions(row) if row.is_sum else self.read_by(row, last)

    def contributions(self, row: _Draft) -> list[_Draft]:
        """A row for each contribution to a sum; under the rule that overwrites, for the one that stands."""
        assert row.step is not None
        overwrites = row.step.op == "contribute" and row.step.sign == "="
        if overwrites:
            row.left_out = len(row.numbers) - 1
            shown = row.numbers[-1:]
        else:
            shown = row.numbers[:_MOST_BRANCHES]
            row.left_out = len(row.numbers) - len(shown)
        steps = [self.step_at(number) for number in shown]
        if row.left_out and not overwrites:
            row.rest = row.step.value - steps[-1].value
        return [
            _Draft(
                Reading(step.cell, step.value if step.product is None else step.product, FINAL),
                [step.number],
                via=True,
            )
            for step in steps
        ]

    def read_by(self, row: _Draft, step: Step) -> list[_Draft]:
        """The cells that a step reads, as the steps before it left them; those that no step of its batch has made are
        in the row's equation only."""
        moment, made = Moment(self.run, step.number), []
        for cell in _cells_of(step):
            numbers = _written(moment, cell, step.number - 1)
            if numbers:
                last = self.step_at(numbers[-1])
                made.append(_Draft(Reading(cell, last.value, FINAL if last.is_final else PARTIAL), numbers))
        if step.upstream is not None and step.upstream.value == 1.0 and step.upstream.cell.of == self.root:
            slopes = [draft for draft in made if draft.reading.cell.kind == "local"]
            if slopes:
                row.slope = self.step_at(slopes[0].numbers[-1])
                return []
        return made[:_MOST_BRANCHES]


def _cells_of(step: Step) -> list[Cell]:
    """The cells that a step reads, the local derivative first."""
    read = list(dict.fromkeys(factor.cell for factor in step.inputs))
    if step.op in _DERIVATIVE_OPS:
        read = [cell for cell in read if cell.kind in _OF_DERIVATIVES]
    return sorted(read, key=lambda cell: cell.kind != "local")


@dataclass(frozen=True)
class Info:
    """What there is to say of a cell: its reading, all steps that write it here, those that are done (the last dozen),
    and what was set by hand (after which step, and how it was written)."""

    reading: Reading
    writes: Sequence[int]
    done: tuple[Step, ...]
    by_hand: tuple[tuple[int, str], ...] = ()


def info(moment: Moment, cell: Cell) -> Info:
    """A cell's state, its history, the steps that wrote it."""
    spot = moment.index.find(cell)
    assert spot is not None
    writes = moment.write_steps(spot)
    done = tuple(moment.run.step(n) for n in _written(moment, cell, moment.position)[-12:])
    reading = moment.read(cell)
    assert reading is not None
    starts = moment.run.timeline.start_of_batch
    by_hand = tuple((starts(e.batch) + e.offset, e.text) for e in moment.run.edits if e.cell == cell)
    return Info(reading, writes, done, by_hand)
