"""Answers for a plain prompt, a pipe and the replay of a script: lines of text, views included."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Moved, Show
from bpstep.debugger.session import Session
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.say.answers import answer_lines
from bpstep.view.say.views import view
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import told
from bpstep.view.symbols.formula import kind_of
from bpstep.view.words.inline import inline
from bpstep.view.words.notes import note_text
from bpstep.visible import visible

__all__ = ["plain_lines"]


def plain_lines(session: Session, answer: Answer, width: int) -> list[str]:
    """An answer as plain lines, in the session's glyphs; a movement tells the step that it led to."""
    glyphs = GLYPH_SETS[session.options.glyphs]
    return [glyphs.write(line) for line in _lines(session, answer, width)]


def _lines(session: Session, answer: Answer, width: int) -> list[str]:
    if isinstance(answer, Show):
        return view(session, answer.view, width).text().rstrip("\n").split("\n")
    lines = [text for text, _ in answer_lines(session, answer, min(width, 84))]
    if isinstance(answer, Moved):
        lines += _step_lines(session)
    return [visible(line) for line in lines]


def _step_lines(session: Session) -> list[str]:
    step = session.step
    if step is None:
        return ["nothing is computed yet"]
    part = f"   ({step.part[0]} of {step.part[1]})" if step.part is not None and step.part[1] > 1 else ""
    lines = [f"{step.when.phase}, {step.op}:  {inline(Frame.of(session), step)}"]
    lines.append(f"  {step.equation(max(6, session.options.digits))}{part}")
    mark = session.marks.of_step(session.run, step) if session.marks is not None else None
    if mark is not None:
        numbers = NumberFormat(max(6, session.options.digits))
        lines.append(f"  {told(kind_of(step.cell), mark, numbers)}")
    note = session.note
    if note is not None:
        lines.append(f"  | {note_text(Frame.of(session), note)}")
    return lines
