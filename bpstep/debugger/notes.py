"""The author's notes: which of them belongs to a position, and where the next one is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bpstep.debugger.expressions import Expression, value_or_none
from bpstep.debugger.moment import Moment
from bpstep.debugger.positions import final_positions, op_positions, phase_positions
from bpstep.engine.blocks import PHASES
from bpstep.engine.cells import Cell
from bpstep.engine.index import Index
from bpstep.engine.rules import CORRECT
from bpstep.engine.run import Run
from bpstep.engine.steps import OPS, Step
from bpstep.scenario.arithmetic import Node, Vocabulary, cells_of, parse_array
from bpstep.scenario.model import Note

__all__ = ["next_note", "note_at", "pieces_at"]


def note_at(notes: Sequence[Note], moment: Moment, step: Step | None) -> Note | None:
    """The note that belongs to a moment, behind ``step``, if there is one and what it says holds there.

    Notes speak of the right rule, going back.  Those that give numbers say how one comes from others: that is so no
    more where a value was set in the midst of the batch, after some of them were computed.
    """
    if not notes or moment.setup.wrt is not None:
        return None
    if moment.setup.rule is not CORRECT and not moment.conceals:
        return None
    if step is None:
        here = [note for note in notes if note.at == "start"]
    else:
        here = [note for note in notes if _matches(moment, note, step)]
    return next((note for note in here if _holds(moment, note)), None)


def _holds(moment: Moment, note: Note) -> bool:
    gives_numbers = any(not isinstance(piece, str) for piece in note.say)
    if gives_numbers and any(
        0 < e.offset <= moment.done for e in moment.run.values_edited(moment.place.batch)
    ):
        return False
    return note.when is None or Expression("", note.when, tuple(cells_of(note.when))).holds(moment)


def next_note(notes: Sequence[Note], run: Run, position: int, *, conceals: bool = False) -> int | None:
    """The next position with a note.

    A note without an epoch is in every epoch, so it is looked for in this one, the next, and the last; of the others
    only those matter that a note names.
    """
    if not notes or position >= run.length:
        return None
    timeline = run.timeline
    now = timeline.place(position + 1).epoch
    named = {note.epoch - 1 for note in notes if note.epoch is not None and note.epoch - 1 > now}
    for epoch in sorted({now, now + 1, timeline.epochs - 1, *named}):
        first = epoch * timeline.batches_per_epoch
        for batch in range(first, min(first + timeline.batches_per_epoch, timeline.batches)):
            for later in _places(run, notes, batch):
                if later > position:
                    moment, step = Moment(run, later, conceals=conceals), run.step(later)
                    if note_at(notes, moment, step) is not None:
                        return later
    return None


def _places(run: Run, notes: Sequence[Note], batch: int) -> list[int]:
    """The positions of a batch at which there may be a note, in order."""
    found: set[int] = set()
    for at in {note.at for note in notes}:
        if at == "end":
            found.add(run.length)
        elif at in PHASES:
            found.update(map(int, phase_positions(run, at, batch)))
        elif at in OPS:
            found.update(map(int, op_positions(run, at, batch)))
        elif at != "start":
            found.update(map(int, final_positions(run, _cells_at(at, run.index_of(batch)), batch)))
    return sorted(found)


@lru_cache(maxsize=256)
def _cells_at(text: str, index: Index) -> tuple[Cell, ...]:
    """The cell at which a note stands, or those of an array: it is asked for at every step."""
    names = frozenset(name for kind, name in index.rows if kind == "var")
    return parse_array(text, Vocabulary(names, arrays=index.arrays, aliases=index.aliases)).cells


def _matches(moment: Moment, note: Note, step: Step) -> bool:
    when = step.when
    if note.epoch not in (None, when.epoch) or note.sample not in (None, when.sample):
        return False
    if note.at == "start":
        return False
    if note.at == "end":
        return step.number == moment.run.length
    if note.at in PHASES:
        before = moment.run.step(step.number - 1).when if step.number > 1 else None
        begins = before is None or (before.phase, before.sample, before.batch) != (
            when.phase,
            when.sample,
            when.batch,
        )
        return when.phase == note.at and begins
    if note.at in OPS:
        return step.op == note.at
    at = _cells_at(note.at, moment.index)
    if len(at) == 1:
        return step.is_final and step.cell == at[0]
    ends_sample = moment.place.offset == moment.place.schedule.sample.length - 1
    if step.cell not in at and not ends_sample:
        return False
    return step.number in final_positions(moment.run, at, moment.place.batch)


def pieces_at(moment: Moment, note: Note) -> list[str | tuple[Node, float | None]]:
    """The text of a note in pieces: plain text, and expressions with their value now (None where unset)."""
    return [p if isinstance(p, str) else (p, value_or_none(moment, p)) for p in note.say]
