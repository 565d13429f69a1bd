"""The author's notes: which of them belongs to a position, and where the next one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpstep.debugger.expressions import Expression, value_or_none
from bpstep.debugger.positions import final_positions, op_positions, phase_positions
from bpstep.debugger.readings import Moment
from bpstep.engine.rules import CORRECT
from bpstep.engine.schedule import PHASES
from bpstep.engine.steps import OPS, Step
from bpstep.scenario.arithmetic import Node, cells_of, parse_cell
from bpstep.scenario.model import Note

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["next_note", "note_at", "pieces_at"]


def note_at(session: Session, position: int) -> Note | None:
    """The note that belongs to a position, if there is one and what it says holds there.

    Notes speak of the right rule, going back.
    """
    notes = session.scenario.notes
    if not notes or session.setup.wrt is not None:
        return None
    if session.setup.rule is not CORRECT and not session.conceals:
        return None
    if position == 0:
        here = [note for note in notes if note.at == "start"]
    else:
        step = session.run.step(position)
        here = [note for note in notes if _matches(session, note, step)]
    return next((note for note in here if _holds(session, note, position)), None)


def _holds(session: Session, note: Note, position: int) -> bool:
    if note.when is None:
        return True
    moment = session.moment if position == session.position else Moment(session.run, position)
    return Expression("", note.when, tuple(cells_of(note.when))).holds(moment)


def next_note(session: Session, position: int) -> int | None:
    """The next position with a note.

    A note without an epoch is in every epoch, so it is looked for in this one, the next, and the last; of the others
    only those matter that a note names.
    """
    notes = session.scenario.notes
    if not notes or position >= session.length:
        return None
    timeline = session.run.timeline
    now = timeline.place(position + 1).epoch
    named = {note.epoch - 1 for note in notes if note.epoch is not None and note.epoch - 1 > now}
    for epoch in sorted({now, now + 1, timeline.epochs - 1, *named}):
        first = epoch * timeline.batches_per_epoch
        for batch in range(first, min(first + timeline.batches_per_epoch, timeline.batches)):
            for later in _places(session, notes, batch):
                if later > position and note_at(session, later) is not None:
                    return later
    return None


def _places(session: Session, notes: Sequence[Note], batch: int) -> list[int]:
    """The positions of a batch at which there may be a note, in order."""
    found: set[int] = set()
    for at in {note.at for note in notes}:
        if at == "end":
            found.add(session.length)
        elif at in PHASES:
            found.update(map(int, phase_positions(session.run, at, batch)))
        elif at in OPS:
            found.update(map(int, op_positions(session.run, at, batch)))
        elif at != "start":
            found.update(map(int, final_positions(session.run, parse_cell(at, session.names), batch)))
    return sorted(found)


def _matches(session: Session, note: Note, step: Step) -> bool:
    when = step.when
    if note.epoch not in (None, when.epoch) or note.sample not in (None, when.sample):
        return False
    if note.at == "start":
        return False
    if note.at == "end":
        return step.number == session.length
    if note.at in PHASES:
        before = session.run.step(step.number - 1).when if step.number > 1 else None
        begins = before is None or (before.phase, before.sample, before.batch) != (
            when.phase,
            when.sample,
            when.batch,
        )
        return when.phase == note.at and begins
    if note.at in OPS:
        return step.op == note.at
    return step.is_final and step.cell == parse_cell(note.at, session.names)


def pieces_at(session: Session, note: Note) -> list[str | tuple[Node, float | None]]:
    """The text of a note in pieces: plain text, and expressions with their value now (None where unset)."""
    return [p if isinstance(p, str) else (p, value_or_none(session.moment, p)) for p in note.say]
