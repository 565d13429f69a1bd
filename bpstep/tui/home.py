"""The home screen: the lessons in reading order, and what each of them teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from bpstep.scenario.catalogue import entries
from bpstep.tui.pane import Pane
from bpstep.view import home, keyline
from bpstep.view.canvas import Canvas

if TYPE_CHECKING:
    from textual import events

    from bpstep.tui.app import BpstepApp

__all__ = ["Home"]

_KEYS = (
    ("↑ ↓", "choose"),
    ("Enter", "open"),
    ("e", "exercises"),
    ("o", "open a file"),
    (":", "open by name"),
    ("?", "help"),
    ("q", "quit"),
)


class Home(Screen[None]):
    """Lists what can be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
        Binding("enter,right", "open", show=False),
        Binding("o,colon,slash", "ask", show=False),
        Binding("e,n", "exercises", show=False),
        Binding("question_mark,f1", "help", show=False),
        Binding("q,escape", "leave", show=False),
    ]
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (116, "-wide")]
    app: BpstepApp

    def __init__(self) -> None:
        super().__init__()
        self.entries = entries()
        self.at = 0

    def compose(self) -> ComposeResult:
        yield Pane(lambda w, h: home.draw_top(self.entries, w, h), id="top")
        with Horizontal(id="middle"):
            yield Pane(lambda w, h: home.draw_list(self.entries, self.at, w, h), id="main")
            yield Pane(lambda w, h: home.draw_side(self.entries, self.at, w, h), id="program")
        yield Pane(self._draw_keys, id="keys")

    def on_mount(self) -> None:
        """The theme's background."""
        self.set_class(self.app.theme_name in ("mono", "ansi"), "-mono")

    def _draw_keys(self, width: int, height: int) -> Canvas:
        return keyline.draw(_KEYS, width)

    def redraw(self) -> None:
        """Draw every pane anew."""
        for pane in self.query(Pane):
            pane.redraw()

    def action_move(self, by: int) -> None:
        """Choose another row."""
        self.app.clear_message(self)
        self.at = max(0, min(len(self.entries) - 1, self.at + by))
        self.redraw()

    def action_open(self) -> None:
        """Open what is chosen."""
        if self.entries:
            self.open(self.entries[self.at].name)

    def open(self, name: str) -> None:
        """Open a scenario by name or file; what is wrong with it is told here."""
        from bpstep.debugger.session import Session
        from bpstep.scenario.loader import ScenarioError, load

        try:
            session = Session(load(name))
        except ScenarioError as error:
            problems = [(str(problem), "alarm") for problem in error.problems]
            self.app.tell(self, problems[:7])
            return
        self.app.open(session)

    def action_ask(self) -> None:
        """Ask for a name or a file."""
        from bpstep.tui.ask import Ask

        self.app.push_screen(Ask("a scenario's name, or a file"), self._answered)

    def _answered(self, name: str | None) -> None:
        if name:
            self.open(name)

    def action_leave(self) -> None:
        """Quit."""
        self.app.exit(0)

    def action_exercises(self) -> None:
        """The path of exercises."""
        from bpstep.exercises.progress import ProgressError, Store

        try:
            self.app.open_path(Store())
        except ProgressError as error:
            self.app.tell(self, [(str(error), "alarm")])

    def action_help(self) -> None:
        """What this program is."""
        from bpstep.tui.pages import Pages

        self.app.push_screen(Pages(home.about_lines()))

    def on_resize(self, event: events.Resize) -> None:
        """The panes draw themselves for their new size."""
        self.call_after_refresh(self.redraw)
