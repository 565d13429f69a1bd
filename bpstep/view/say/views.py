"""The views, by name: what `show` shows, as a canvas of any width.

A view is a row of `_ROWS`, and that is all it takes: the commands, their help and their completion read the same table
(`bpstep.debugger.view_names`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpstep.debugger import view_names
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.session import Session
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Row
from bpstep.view.drawing.markdown import plain_rows
from bpstep.view.drawing.numbers import group
from bpstep.view.panes import chain, lines, network, program, screen, step, tables
from bpstep.view.panes.found import compare_lines
from bpstep.view.scene.frame import Frame

__all__ = ["VIEWS", "View", "lines_of", "view", "whole"]

Lines = list[tuple[str, str]]

_Draw = Callable[[Session, int], Canvas]


#: Words are not wrapped in fewer columns than these.
_NARROWEST = 20


@dataclass(frozen=True)
class View:
    """A row: the name of a view, and what makes it for a width, as a picture or as lines of (text, role)."""

    name: str
    picture: _Draw | None = None
    lines: Callable[[Session, int], Lines] | None = None

    def draw(self, session: Session, width: int) -> Canvas:
        """The view of a session at its cursor; on a screen of a few columns it is set for more, and cut."""
        width = max(_NARROWEST, width)
        if self.lines is not None:
            return _on_canvas(self.lines(session, width), width)
        assert self.picture is not None
        return self.picture(session, width)


def view(session: Session, name: str, width: int) -> Canvas:
    """A view of the session at its cursor."""
    return VIEWS[name].draw(session, width)


#: No more rows than these are written out: some seconds of work.
_MOST_ROWS = 50_000


def whole(session: Session, name: str, width: int) -> Iterator[Row]:
    """All rows of a view, those that its window leaves out as well; `CommandError` where they are too many."""
    if name in _tables_shown(session) and tables.TABLES[name].count is not None:
        _bound(tables.left_out(Frame.of(session), width, 2, name))
        return tables.whole(Frame.of(session), min(width, _TABLE_WIDTH), name)
    if name == "program":
        _bound(session.length // session.run.timeline.epochs)
        return program.whole(Frame.of(session), min(width, _PROGRAM_WIDTH))
    return iter(view(session, name, width).rows())


def _bound(rows: int) -> None:
    if rows > _MOST_ROWS:
        message = f"{group(rows)} rows are more than are written as a view ({group(_MOST_ROWS)})"
        raise CommandError(f"{message}; export text, csv or jsonl writes every step", 0, ExitCode.FAILED)


def _tables_shown(session: Session) -> list[str]:
    return [table.name for table in tables.tables_of(Frame.of(session))]


#: Tables and listings do not become wider than these.
_TABLE_WIDTH, _PROGRAM_WIDTH = 80, 60


def _table(name: str, rows: int) -> _Draw:
    """A table, and a line that says so where it has more rows than there is room for."""

    def draw(session: Session, width: int) -> Canvas:
        known = _tables_shown(session)
        shown = name if name in known else known[0]
        count = tables.left_out(Frame.of(session), width, rows, shown)
        if not count:
            return tables.draw(Frame.of(session), width, rows, shown, keys="")
        canvas = Canvas(width, rows)
        canvas.blit(0, 0, tables.draw(Frame.of(session), width, rows - 1, shown, keys=""))
        writes = f": export {shown} FILE writes them" if count <= _MOST_ROWS else ""
        canvas.put(2, rows - 1, f"… {group(count)} rows in all{writes}", "dim")
        return canvas

    return draw


def _yours(session: Session, width: int) -> Canvas:
    if not Frame.of(session).yours:
        return _on_canvas(compare_lines(session, width), width)
    return _table("yours", 22)(session, width)


def _program(session: Session, width: int) -> Canvas:
    height = 22
    frame = Frame.of(session)
    top = program.page(frame, 1, height)
    return program.draw(frame, min(width, _PROGRAM_WIDTH), height, top)


def _story(session: Session, width: int) -> Lines:
    return [(line, "text") for line in plain_rows(session.story, width - 2)]


def _of_explain(name: str) -> Callable[[Session, int], Lines]:
    def made(session: Session, width: int) -> Lines:
        from bpstep.view.words import algorithm, explain, legend

        if name == "explain":
            return explain.explain_lines(session, width)
        made = algorithm.algorithm_lines if name == "algorithm" else legend.legend_lines
        return made(session, width)

    return made


def lines_of(session: Session, name: str, width: int) -> Lines:
    """A view as lines of (text, role)."""
    made = VIEWS[name].lines
    if made is not None:
        return made(session, width)
    return [(line, "text") for line in view(session, name, width).text().split("\n")]


def _on_canvas(rows: Lines, width: int) -> Canvas:
    canvas = Canvas(max([width, *(len(text) for text, _ in rows)]), max(1, len(rows)))
    for y, (text, role) in enumerate(rows):
        canvas.put(0, y, text, role)
    return canvas


def _training(part: str) -> _Draw:
    def draw(session: Session, width: int) -> Canvas:
        from bpstep.view.panes import loss

        chosen = part if part in loss.parts_of(session) else "loss"
        return loss.draw(session, width, 20, loss.Look(chosen), keys="")

    return draw


_ROWS = (
    View("screen", lambda session, width: screen.draw(Frame.of(session), width)),
    View(
        "network",
        lambda session, width: network.draw(Frame.of(session), max(width, 60), 12 if width >= 85 else 10),
    ),
    View("nodes", _table("nodes", 22)),
    View("weights", _table("weights", 22)),
    View("matrix", _table("matrix", 22)),
    View("graph", _table("graph", 12)),
    View("variables", _table("variables", 22)),
    View("program", _program),
    View("chain", lambda session, width: chain.draw(Frame.of(session), width, 11)),
    View("step", lambda session, width: step.draw(Frame.of(session), width, 6)),
    View("story", lines=_story),
    View("work", lines=lines.work),
    View("check", lines=lines.check),
    View("diff", lines=lines.diff),
    View("yours", _yours),
    View("compare", lines=compare_lines),
    View("loss", _training("loss")),
    View("gradients", _training("gradients")),
    View("decision", _training("decision")),
    View("algorithm", lines=_of_explain("algorithm")),
    View("legend", lines=_of_explain("legend")),
    View("explain", lines=_of_explain("explain")),
)

#: The views, by name.
VIEWS: dict[str, View] = view_names.VIEWS
VIEWS.update({row.name: row for row in _ROWS})
