"""What a face brings along for its session: how views read as text, where they are written to, and a tutor.

The debugger itself does not know how anything looks, nor how an answer is graded; `attach` tells it.  What draws, and
what grades, is most of the house, so each of these functions loads what it needs when it is called: a script that
trains a network needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, TextIO

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.session import Session
from bpstep.debugger.view_names import fill_with

if TYPE_CHECKING:
    from bpstep.debugger.tutor import Tutor
    from bpstep.exercises.store import Store
    from bpstep.view.drawing.canvas import Row

__all__ = ["attach", "write_page", "write_view"]


def _load_views() -> None:
    import bpstep.view.say.views  # noqa: F401 (it fills in the names)


fill_with(_load_views)

#: The columns of what is compared with a file, whatever the terminal is like.
_WIDTH = 80

#: A recording of a view shows so many steps a second, and no more than the last so many.
_STEPS_A_SECOND, _MOST_FRAMES = 2.0, 500


def attach(session: Console, store: Store | None = None) -> None:
    """Let a session render its views as text, write them out, and ask.

    What a learner does in its exercises is kept in ``store``; a script's session has none.
    """

    def render(name: str) -> str:
        from bpstep.view.drawing.glyphs import GLYPH_SETS
        from bpstep.view.say.views import view

        return GLYPH_SETS[session.options.glyphs].write(view(session, name, _WIDTH).text())

    def write(kind: str, ending: str, width: int, to: TextIO) -> str:
        from bpstep.view.drawing.numbers import ASKED
        from bpstep.view.say.trace import FORMATS, write_trace

        if kind in FORMATS:
            rule = ASKED if session.conceals else None
            write_trace(session.scenario, session.run, kind, to, rule=rule, report=session.report)
        elif kind == "html":
            return write_page(session, to)
        elif ending == ".cast":
            return _write_recording(session, kind, width, to)
        else:
            write_view(session, kind, ending, width, to)
        return ""

    def hire() -> Tutor:
        from bpstep.exercises.tutor import ExerciseTutor

        return ExerciseTutor(session, store=store)

    session.render, session.write_out, session.hire = render, write, hire


def write_view(session: Session, kind: str, ending: str, width: int, to: TextIO) -> None:
    """A view with all its rows, in the format of an ending."""
    from bpstep.view.drawing.canvas import row_text
    from bpstep.view.formats.pictures import PICTURES

    title = f"{session.scenario.title}: {kind} at step {session.position} of {session.length}"
    if PICTURES[ending] is PICTURES[".txt"]:  # however long it is, it need not be held
        to.writelines(f"{row_text(row)}\n" for row in _rows(session, kind, width))
    else:
        to.write(PICTURES[ending](list(_rows(session, kind, width)), session.options.theme, title))


def _rows(session: Session, kind: str, width: int) -> Iterator[Row]:
    """The rows of a view in the session's glyphs."""
    from bpstep.view.drawing.glyphs import GLYPH_SETS
    from bpstep.view.say.views import whole

    glyphs = GLYPH_SETS[session.options.glyphs]
    for row in whole(session, kind, width):
        yield tuple((glyphs.write(text), role) for text, role in row)


def write_page(
    session: Session, to: TextIO, positions: range | None = None, stops: tuple[tuple[int, str], ...] = ()
) -> str:
    """The whole session as a page; it waits while a question is open, for it shows what lies ahead.  What of it the
    page has, if that is not all."""
    from bpstep.view.page.whole import page, steps_shown, told_steps

    if session.is_veiled or (session.tutor is not None and session.tutor.is_asking):
        message = "a page shows every step, so it waits until the question is answered"
        raise CommandError(message, 0, ExitCode.FAILED)
    positions = positions or steps_shown(session)
    to.write(page(session, positions, stops, session.report))
    return told_steps(session, positions) if len(positions) <= session.length else ""


def _write_recording(session: Session, kind: str, width: int, to: TextIO) -> str:
    """A view step by step, from the start to where the session stands, as a recording; what of it there is, if that is
    not all."""
    from bpstep.view.drawing.numbers import group
    from bpstep.view.formats.cast import cast

    walker, last = copy(session), session.position
    frames: list[tuple[float, list[Row]]] = []
    for position in range(max(0, last - _MOST_FRAMES + 1), last + 1):
        walker.position = position
        frames.append((len(frames) / _STEPS_A_SECOND, list(_rows(walker, kind, width))))
        session.report("step", len(frames), _MOST_FRAMES)
    columns = max(sum(len(text) for text, _ in row) for _, rows in frames for row in rows)
    height = max(len(rows) for _, rows in frames)
    to.writelines(cast(frames, columns, height, session.options.theme, session.scenario.title))
    return f"the last {_MOST_FRAMES} steps, up to step {group(last)}" if last >= _MOST_FRAMES else ""
