"""A page of text over the screen: the help, a story, a long answer."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from bpstep.debugger.console import Console
from bpstep.english import counted
from bpstep.tui.host import Host
from bpstep.tui.keys import bound_in
from bpstep.tui.over import Over, with_keys_behind
from bpstep.tui.pane import Pane
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import folded_lines, hairline
from bpstep.view.drawing.markdown import Row, markdown_rows
from bpstep.view.drawing.roles import on_cursor_line

__all__ = ["Pages", "Story"]

#: The columns of a story: longer lines are hard to read.
_WIDEST = 76

_READ_ON = "↑ ↓ to read on   / find   "


class Pages(Over[None]):
    """Lines of (text, role), that can be read with the arrow keys; any of Esc, Enter, q and → closes them."""

    BINDINGS: ClassVar[list[BindingType]] = with_keys_behind(
        bound_in("page", {"escape": "dismiss_page"}, priority=True)
        + bound_in(
            "page",
            {
                "enter,q,right,space,question_mark,f1,i": "dismiss_page",
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "pagedown": "move(15)",
                "pageup": "move(-15)",
                "home": "move(-100000)",
                "end": "move(100000)",
                "slash": "find",
            },
        )
    )
    app: Host

    def __init__(self, lines: list[tuple[str, str]], close: str = "Esc close") -> None:
        super().__init__(classes="pages")
        self.lines, self.first, self.close = lines, 0, close
        #: What is sought in it; and the rows that have it, of those that were drawn last.
        self.sought = ""
        self.hits: list[int] = []

    def compose(self) -> ComposeResult:
        yield Pane(self._draw, id="page")

    def on_mount(self) -> None:
        """As high and as wide as its text, as far as there is room."""
        widest = max((len(text) for text, _ in self.lines), default=0)
        width = min(self.size.width, max(widest + 4, len(_READ_ON + self.close) + 6))
        for pane in self.query(Pane):  # none, where a key took the page away before it was there
            self.cover_panes(pane, len(self.rows(width - 4)) + 2, width)

    def rows(self, width: int) -> list[Row]:
        """The text in rows of this width."""
        return [[(text, role or "text")] for text, role in folded_lines(self.lines, width)]

    def _draw(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        room = height - 2
        rows = self.rows(width - 4)
        self.first = max(0, min(self.first, len(rows) - room))
        more = _READ_ON if len(rows) > room else ""
        hairline(canvas, 0, 0, width, right=[(f"{more}{self.close}", "dim")])
        self.hits = [at for at, row in enumerate(rows) if self._has(row)]
        for at, row in enumerate(rows[self.first : self.first + room], self.first):
            canvas.put_runs(2, at - self.first + 1, row)
            if at in self.hits:
                canvas.restyle(0, at - self.first + 1, width, on_cursor_line)
        found = [[(f"{self.sought}: {counted(len(self.hits), 'line')}", "dim")]] if self.sought else []
        below = len(rows) - self.first - room
        hairline(
            canvas, 0, height - 1, width, *found, right=[(f"↓ {below} more", "dim")] if below > 0 else []
        )
        return canvas

    def _has(self, row: Row) -> bool:
        return self.sought != "" and self.sought.lower() in "".join(text for text, _ in row).lower()

    def action_move(self, by: int) -> None:
        """Read on, or back."""
        self.first += by
        for pane in self.query(Pane):  # none, before it is there
            pane.redraw()

    def action_find(self) -> None:
        """Ask for a word, and go to the next line that has it; a blank one goes on with the word before."""
        from bpstep.tui.ask import Ask

        self.app.push_screen(Ask("a word to find here"), self._find)

    def _find(self, text: str | None) -> None:
        if text is None or not (text or self.sought):
            return
        self.sought = text or self.sought
        pane = self.query_one(Pane)
        pane.redraw()
        below = [hit for hit in self.hits if hit > self.first] or self.hits
        if below:
            self.first = below[0]
            pane.redraw()

    def action_dismiss_page(self) -> None:
        """Close."""
        self.leave_with(None)


class Story(Pages):
    """The story of a scenario, set for the width that there is."""

    def __init__(self, session: Console, close: str) -> None:
        scenario = session.scenario
        super().__init__([(scenario.title, "title"), ("", "")], close)
        self.text, self.source = session.story, scenario.source
        #: The rows, and the width that they were set for.
        self.set_for: tuple[int, list[Row]] = 0, []

    def on_mount(self) -> None:
        """As wide as is good to read."""
        width = min(self.size.width, _WIDEST)
        self.cover_panes(self.query_one(Pane), len(self.rows(width - 4)) + 2, width)

    def rows(self, width: int) -> list[Row]:
        """Title, story and source; set once for a width."""
        if self.set_for[0] != width:
            rows = [*super().rows(width), *markdown_rows(self.text, width)]
            if self.source:
                rows += [
                    [],
                    *([(line, "dim")] for line in textwrap.wrap(f"Source: {self.source}", max(1, width))),
                ]
            self.set_for = width, rows
        return self.set_for[1]
