"""A chooser: a short list over the screen, each row of which is a command."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from bpstep.debugger.choices import Choice
from bpstep.tui.host import Host
from bpstep.tui.keys import bound_in
from bpstep.tui.over import Over, with_keys_behind
from bpstep.tui.pane import Pane
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, fitting, hairline
from bpstep.view.drawing.roles import on_cursor_line

__all__ = ["Chooser"]

_HINT = "↑ ↓ choose   Enter take it   Esc leave"


class Chooser(Over[str | None]):
    """Asks for one of some choices; answers with its command, or None."""

    BINDINGS: ClassVar[list[BindingType]] = with_keys_behind(
        bound_in("choice", {"escape": "leave"}, priority=True)
        + bound_in(
            "choice",
            {
                "q,left": "leave",
                "enter,right": "choose",
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "home": "move(-1000)",
                "end": "move(1000)",
            },
        )
    )
    app: Host

    def __init__(
        self, title: str, choices: Sequence[Choice], preview: Callable[[Choice], str] | None = None
    ) -> None:
        super().__init__(classes="pages")
        self.heading, self.choices, self.preview = title, choices, preview
        now = [place for place, choice in enumerate(choices) if choice.is_now]
        self.at = now[0] if len(now) == 1 else 0

    def compose(self) -> ComposeResult:
        yield Pane(self._draw, id="page")

    def on_mount(self) -> None:
        """As high as its rows, as far as there is room."""
        self.cover_panes(self.query_one(Pane), len(self.choices) + 4 + self._below)

    @property
    def _below(self) -> int:
        """The rows below the list: a blank one, and what is said of the chosen row, or what it would look like."""
        return 3

    def _draw(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        room = height - 4 - self._below
        first = max(0, min(self.at - room // 2, len(self.choices) - room))
        above, below = first, max(0, len(self.choices) - first - room)
        # Its keys stand beside its title, which is shorter where there is no room for both.
        heading = fitting([self.heading, self.heading.partition(":")[0]], width - len(_HINT) - 8)
        hairline(canvas, 0, 0, width, [(heading, "strong")], right=[(_HINT, "dim")])
        canvas.put_runs(4, 1, _more("↑", above))
        names = max(len(choice.label) for choice in self.choices) + 2
        for y, choice in enumerate(self.choices[first : first + room], 2):
            canvas.put(4, y, choice.label, "dim" if choice.why_not else "text")
            says = self.app.glyphs.spell(choice.why_not or choice.says)
            canvas.put(4 + names, y, cut(says, width - 6 - names), "dim")
            if choice.is_now:
                canvas.put(2, y, "●", "strong")
            if choice is self.choices[self.at]:
                canvas.restyle(0, y, width, on_cursor_line)
                canvas.put(1, y, "▶", "cursor")
        chosen = self.choices[self.at]
        whole = chosen.why_not or chosen.says
        told = (
            self.preview(chosen)
            if self.preview is not None
            else whole
            if len(whole) > width - 6 - names
            else ""
        )
        for y, line in enumerate(textwrap.wrap(told, width - 8)[:2], 3 + min(room, len(self.choices))):
            canvas.put(4, y, line, "strong" if self.preview is not None else "text")
        hairline(canvas, 0, height - 1, width, *([_more("↓", below)] if below else []))
        return canvas

    def action_move(self, by: int) -> None:
        """Another row."""
        self.at = max(0, min(len(self.choices) - 1, self.at + by))
        self.query_one(Pane).redraw()

    def action_choose(self) -> None:
        """Take this one; what does not apply stays where it is."""
        choice = self.choices[self.at]
        if not choice.why_not:
            self.leave_with(choice.line)

    def action_leave(self) -> None:
        """Take none."""
        self.leave_with(None)


def _more(arrow: str, count: int) -> list[tuple[str, str]]:
    """That there are more rows than are shown."""
    return [(f"{arrow} {count} more", "strong")] if count > 0 else []
