"""The views, by name: what `show` shows, as a canvas of any width.  A view is a row."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.debugger.session import Session
from bpstep.view import chain, network, program, step, tables
from bpstep.view.canvas import Canvas
from bpstep.view.notes import story_lines

__all__ = ["VIEWS", "view"]

_Draw = Callable[[Session, int], Canvas]


def view(session: Session, name: str, width: int) -> Canvas:
    """A view of the session at its cursor."""
    return VIEWS[name](session, width)


def _table(name: str, rows: int) -> _Draw:
    def draw(session: Session, width: int) -> Canvas:
        known = [table.name for table in tables.tables_of(session)]
        return tables.draw(session, width, rows, name if name in known else known[0])

    return draw


def _program(session: Session, width: int) -> Canvas:
    height = 22
    top = program.page(session, 1, height)
    return program.draw(session, min(width, 60), height, top)


def _story(session: Session, width: int) -> Canvas:
    lines = story_lines(session.scenario.story or "This scenario has no story.", width - 2)
    canvas = Canvas(width, len(lines))
    for y, line in enumerate(lines):
        canvas.put(0, y, line, "text")
    return canvas


#: Each view draws itself for a width.
VIEWS: dict[str, _Draw] = {
    "network": lambda session, width: network.draw(session, max(width, 80), 12 if width >= 85 else 10),
    "nodes": _table("nodes", 22),
    "weights": _table("weights", 22),
    "variables": _table("variables", 22),
    "program": _program,
    "chain": lambda session, width: chain.draw(session, width, 11),
    "step": lambda session, width: step.draw(session, width, 6),
    "story": _story,
}
