"""The screen as one picture: what slides, recordings and pictures of it are made of.

It is put together from the panes of the screen: title and timeline, network, step, note, chain, and from 116 columns on
the program at the right.  It has as many rows as it takes.
"""

from __future__ import annotations

from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import chain, network, program, step, timeline
from bpstep.view.scene.frame import Frame
from bpstep.view.words import notes

__all__ = ["draw"]

#: From so many columns on the program stands at the right, in so many.
_WIDE, _PROGRAM = 116, 35
#: The rows of title and timeline, of the network (from so many columns on one more card fits), of the chain.
_TOP, _ROOMY, _CHAIN = 2, 85, 11
_NARROWEST = 60


def draw(frame: Frame, width: int) -> Canvas:
    """The screen at the cursor, so many columns wide."""
    width = max(width, _NARROWEST)
    main = width - _PROGRAM if width >= _WIDE else width
    parts = [network.draw(frame, main, 12 if main >= _ROOMY or main < width else 10)]
    parts.append(step.draw(frame, main, max(5, step.rows_wanted(frame, main) + 1)))
    if frame.note is not None:
        rows = len(notes.note_lines(frame, frame.note, main))
        parts.append(notes.draw(frame, frame.note, main, rows + 1))
    parts.append(chain.draw(frame, main, _CHAIN))
    canvas = Canvas(width, _TOP + sum(part.height for part in parts))
    canvas.blit(0, 0, timeline.draw(frame, width))
    y = _TOP
    for part in parts:
        canvas.blit(0, y, part)
        y += part.height
    if main < width:
        rows = canvas.height - _TOP
        top = program.page(frame, 1, rows)
        canvas.vline(main, _TOP + 1, canvas.height - 1, "hairline")
        canvas.blit(main + 1, _TOP, program.draw(frame, _PROGRAM - 1, rows, top))
    return canvas
