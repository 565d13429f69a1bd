"""What each pane of the stepper shows, and in which of its views: drawn from the frame of this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpstep.debugger.console import Console
from bpstep.tui.keys import KEYS
from bpstep.tui.reading import network_rows
from bpstep.tui.stage import Stage
from bpstep.view.drawing import keyline
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import hairline
from bpstep.view.panes import chain, timeline
from bpstep.view.scene.focus import has_arrays

if TYPE_CHECKING:
    from bpstep.tui.ask_cover import AskCover
    from bpstep.tui.cover import Cover

__all__ = ["LEAST", "Panes"]

#: The smallest screen, in columns and rows.
LEAST = (60, 20)

_CHAIN = "chain"
#: The view that has the words of a step where its pane has no room for them.
_WORDS = "words"
_PROGRAM = "program"
_GRAPH = "graph"


class Panes(Stage):
    """A stage that knows how its panes are drawn."""

    def __init__(self, session: Console) -> None:
        super().__init__(session)
        #: The first step of the program's page.
        self.top = 1
        #: Whether the chosen view stays when the cursor moves.
        self.pinned = False
        #: Which page of the key line is shown.
        self.key_page = 0

    @property
    def cover(self) -> Cover | AskCover | None:
        """The cover that lies over the step, if there is one."""
        raise NotImplementedError

    @property
    def playing(self) -> str:
        """How fast it plays; "" while it does not."""
        raise NotImplementedError

    def views(self) -> list[str]:
        """The views that Tab goes through."""
        from bpstep.view.panes import tables

        names = [table.name for table in tables.tables_of(self.frame)]
        if self.roomy:
            return names
        words = [] if self.holds_words else [_WORDS]
        return [_CHAIN, *words, *([] if self.size.width >= 116 else [_PROGRAM]), *names]

    @property
    def shown_view(self) -> str:
        """The view that is chosen, or the first."""
        views = self.views()
        if self.view_name in views:
            return self.view_name
        shows_graph = self.roomy and has_arrays(self.frame) and self._picture_shows_graph
        return views[views.index(_GRAPH) + 1] if shows_graph else views[0]

    @property
    def _picture_shows_graph(self) -> bool:
        """Whether the graph of arrays stands in the picture already; then the strip opens on what comes next."""
        from bpstep.view.panes import operation

        return operation.shows_graph(self.frame, network_rows(self.frame, self.size.height))

    def draw_top(self, width: int, height: int) -> Canvas:
        """Title and timeline."""
        epochs = self.cover is not None and self.cover.shows_epochs
        return timeline.draw(self.frame, width, height, epochs=epochs)

    def draw_chain(self, width: int, height: int) -> Canvas:
        """The chain, or the view that is chosen in its place."""
        chosen = self.shown_view if self.view_name and not self.roomy else _CHAIN
        if chosen == _WORDS:
            return self.draw_words(width, height)
        if chosen == _PROGRAM:
            return self._listing(width, height)
        if chosen != _CHAIN:
            from bpstep.view.panes import tables

            return tables.draw(self.frame, width, height, chosen, keys=self._table_keys())
        if self.note_covers:
            return self.draw_note_in_part(width, height)
        canvas = chain.draw(self.frame, width, height)
        if not self.roomy and not self.holds_words:
            title = [(chain.title(self.frame.step), "dim")]
            hairline(canvas, 0, 0, width, title, right=[("Tab in words", "dim")])
        return canvas

    def _table_keys(self) -> str:
        """What can be done with the tables."""
        return "pinned · Tab next view" if self.pinned else "Tab next view"

    def draw_table(self, width: int, height: int) -> Canvas:
        """The tables, where they have rows of their own."""
        from bpstep.view.panes import tables

        if not self.roomy:  # the screen has become smaller, and the pane below a cover is about to go
            return Canvas(width, height)
        return tables.draw(self.frame, width, height, self.shown_view, keys=self._table_keys())

    def draw_program(self, width: int, height: int) -> Canvas:
        """The program, or what a cover has to show beside it."""
        if self.cover is not None and self.cover.covers_all:
            return self.cover.draw_side(width, height)
        canvas = Canvas(width, height)
        canvas.stub(0, 0, "down", role="hairline")
        other = self.frame.twin.other
        from bpstep.view.panes import program

        mark = [("yours", "dim")] if program.shows_both(self.frame, width - 1) else []
        mark = [(f"! not as {other}", "alarm")] if other else mark
        hairline(canvas, 1, 0, width - 1, [("program", "dim")], right=mark)
        self.top = program.page(self.frame, self.top, height - 1)
        rows = self.frame.once(program.rows_from, self.top, height - 1)
        stops = self.session.stops_between(rows[0].step, rows[-1].step) if rows else frozenset()
        canvas.blit(0, 1, program.draw(self.frame, width, height - 1, self.top, stops, ruled=True))
        canvas.clear(0, height - 1, 1, 1)  # the line ends here
        canvas.stub(0, height - 1, "up", role="hairline")
        canvas.link(1, 1, width - 1, len(rows), lambda _, y: None if rows[y].head else f"goto {rows[y].step}")
        return canvas

    def _listing(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        from bpstep.view.panes import program

        heads = [[("right, yours", "dim")]] if program.shows_both(self.frame, min(width, 60)) else []
        hairline(canvas, 0, 0, width, [("program", "strong")], *heads, right=[("Tab next view", "dim")])
        self.top = program.page(self.frame, self.top, height - 1)
        canvas.blit(0, 1, program.draw(self.frame, min(width, 60), height - 1, self.top))
        return canvas

    def draw_keys(self, width: int, height: int) -> Canvas:
        """The key line; while it plays, what that is, and the keys that change it."""
        if self.playing:
            return keyline.draw(self._keys_of_play(), width)
        if self.cover is not None:
            return keyline.draw(self.cover.key_line, width)
        shown = [key for key in KEYS if key.label and (self.frame.marks is not None or not key.beside)]
        pairs = [(self.app.key_shown(key), key.label) for key in shown]
        return keyline.draw(pairs, width, self.key_page)

    def _keys_of_play(self) -> list[tuple[str, str]]:
        shown = {key.id: self.app.key_shown(key) for key in KEYS}
        speed = f"{shown['faster']} {shown['slower']}"
        return [("playing", self.playing), (shown["play"], "pause"), (speed, "speed")]

    def draw_small(self, width: int, height: int) -> Canvas:
        """What is said where the screen is too small."""
        canvas = Canvas(width, height)
        text = f"bpstep needs {LEAST[0]}×{LEAST[1]}, here are {self.size.width}×{self.size.height}"
        canvas.put(0, 0, text, "strong")
        return canvas
