"""What a face brings along for its session: how views read as text, where they are written to, and a tutor.

The debugger itself does not know how anything looks, nor how an answer is graded; `attach` tells it.
"""

from __future__ import annotations

from typing import TextIO

from bpstep.debugger.console import Console
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.drawing.numbers import ASKED
from bpstep.view.say.trace import FORMATS, write_trace
from bpstep.view.say.views import view, whole

__all__ = ["attach"]


#: The columns of what is written to a file or compared with one, whatever the terminal is like.
_WIDTH = 80


def attach(session: Console, store: Store | None = None) -> None:
    """Let a session render its views as text, write them out, and ask.

    What a learner does in its exercises is kept in ``store``; a script's session has none.
    """

    def render(name: str) -> str:
        return GLYPH_SETS[session.options.glyphs].write(view(session, name, _WIDTH).text())

    def write(kind: str, to: TextIO) -> None:
        if kind in FORMATS:
            rule = ASKED if session.conceals else None
            write_trace(session.scenario, session.run, kind, to, rule=rule, report=session.report)
        else:
            glyphs = GLYPH_SETS[session.options.glyphs]
            to.writelines(f"{glyphs.write(line)}\n" for line in whole(session, kind, _WIDTH))

    session.render, session.write_out = render, write
    if session.tutor is None:
        session.tutor = ExerciseTutor(session, store=store)
