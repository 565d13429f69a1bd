"""Notes: the author's words, wrapped, with live numbers filled in."""

from __future__ import annotations

import textwrap

from bpstep.debugger.notes import pieces_at
from bpstep.scenario.model import Note
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.drawing.roles import PHASE_KINDS
from bpstep.view.scene.frame import Frame

__all__ = ["draw", "note_lines", "note_text"]


def note_text(frame: Frame, note: Note) -> str:
    """A note with its numbers, in the characters that there are."""
    numbers = frame.numbers
    parts = []
    for piece in pieces_at(frame.moment, note):
        if isinstance(piece, str):
            parts.append(piece)
        else:
            parts.append("·" if piece[1] is None else numbers.bare(piece[1]))
    return GLYPH_SETS[frame.options.glyphs].spell("".join(parts))


def note_lines(frame: Frame, note: Note, width: int) -> list[str]:
    """A note in lines, as it is drawn in a place of this width."""
    return textwrap.wrap(note_text(frame, note), max(1, width - 6))


def draw(frame: Frame, note: Note, width: int, height: int, first: int = 0) -> Canvas:
    """A note from one of its lines on, as far as there is room, with a bar at its left in the hue of the phase."""
    canvas = Canvas(width, height)
    step = frame.step
    kind = PHASE_KINDS[step.when.phase] if step is not None else "value"
    for y, line in enumerate(note_lines(frame, note, width)[first : first + height]):
        canvas.put(2, y, "┃", f"edge-active-{kind}")
        canvas.put(4, y, line, "text")
    return canvas
