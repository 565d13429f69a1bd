"""Notes and stories: the author's words, wrapped, with live numbers filled in."""

from __future__ import annotations

import textwrap

from bpstep.debugger.notes import pieces_at
from bpstep.debugger.session import Session
from bpstep.scenario.model import Note
from bpstep.view.canvas import Canvas
from bpstep.view.glyphs import GLYPH_SETS
from bpstep.view.numbers import NumberFormat
from bpstep.view.roles import PHASE_KINDS

__all__ = ["draw", "note_rows", "note_text", "story_lines"]

_MOST_ROWS = 4


def note_text(session: Session, note: Note) -> str:
    """A note with its numbers, in the characters that there are."""
    numbers = NumberFormat(session.options.digits)
    parts = []
    for piece in pieces_at(session, note):
        if isinstance(piece, str):
            parts.append(piece)
        else:
            parts.append("·" if piece[1] is None else numbers.bare(piece[1]))
    return GLYPH_SETS[session.options.glyphs].spell("".join(parts))


def draw(session: Session, note: Note, width: int, height: int) -> Canvas:
    """A note with a bar at its left, in the hue of the phase."""
    canvas = Canvas(width, height)
    step = session.step
    kind = PHASE_KINDS[step.when.phase] if step is not None else "value"
    lines = textwrap.wrap(note_text(session, note), width - 6)[: min(height, _MOST_ROWS)]
    for y, line in enumerate(lines):
        canvas.put(2, y, "┃", f"edge-active-{kind}")
        canvas.put(4, y, line, "text")
    return canvas


def note_rows(session: Session, note: Note, width: int) -> int:
    """The rows that a note needs."""
    return min(_MOST_ROWS, len(textwrap.wrap(note_text(session, note), width - 6)))


def story_lines(story: str, width: int) -> list[str]:
    """A story as lines: paragraphs wrapped, lists hanging, indented lines as they are."""
    lines: list[str] = []
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            text = " ".join(part.strip() for part in paragraph)
            indent = "  " if text.startswith(("* ", "- ")) else ""
            lines.extend(textwrap.wrap(text, width, subsequent_indent=indent))
            paragraph.clear()

    for line in story.strip("\n").split("\n"):
        if not line.strip():
            flush()
            lines.append("")
        elif line.startswith("    ") and not paragraph:
            lines.append(line)
        else:
            if line.startswith(("* ", "- ", "#")):
                flush()
            paragraph.append(line)
    flush()
    return lines
