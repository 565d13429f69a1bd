"""The author's notes: which of them belongs to a position, and where the next one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpstep.debugger.expressions import value_or_none
from bpstep.engine.rules import CORRECT
from bpstep.engine.schedule import PHASES
from bpstep.engine.steps import OPS, Step
from bpstep.scenario.arithmetic import Node, parse_cell
from bpstep.scenario.model import Note

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["next_note", "note_at", "pieces_at"]


def note_at(session: Session, position: int) -> Note | None:
    """The note that belongs to a position, if there is one; they speak of the right rule, going back."""
    notes = session.scenario.notes
    if not notes or session.setup.rule is not CORRECT or session.setup.wrt is not None:
        return None
    if position == 0:
        return next((note for note in notes if note.at == "start"), None)
    step = session.run.step(position)
    return next((note for note in notes if _matches(session, note, step)), None)


def next_note(session: Session, position: int) -> int | None:
    """The next position with a note."""
    notes = session.scenario.notes
    if not notes or position >= session.length:
        return None
    timeline = session.run.timeline
    now = timeline.place(position + 1).epoch
    # A note without an epoch is in every epoch, so it is in the next one; of later ones only those named matter.
    named = {note.epoch - 1 for note in notes if note.epoch is not None and note.epoch - 1 > now}
    for epoch in sorted({now, now + 1, timeline.epochs - 1, *named}):
        if epoch >= timeline.epochs:
            break
        first = timeline.start_of_batch(epoch * timeline.batches_per_epoch)
        last = timeline.start_of_batch((epoch + 1) * timeline.batches_per_epoch)
        for later in range(max(position, first) + 1, last + 1):
            if note_at(session, later) is not None:
                return later
    return None


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
