"""The path of exercises on the screen: what is done, and what is next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from bpstep.exercises.loading import load_path
from bpstep.exercises.offering import standing_of
from bpstep.exercises.progress import ProgressError
from bpstep.exercises.store import Store
from bpstep.tui.careful import Careful
from bpstep.tui.keys import bound_in
from bpstep.tui.pane import Pane, fitted
from bpstep.view.drawing import keyline
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.panes.questions import draw_path, draw_path_side, mark_of

if TYPE_CHECKING:
    from textual import events

    from bpstep.tui.host import Host

__all__ = ["PathScreen"]

_KEYS = (
    ("↑ ↓", "choose"),
    ("Enter", "begin, or go on"),
    ("n", "what is offered"),
    ("Esc", "back"),
    ("q", "quit"),
)


class PathScreen(Careful, Screen[None]):
    """Lists the exercises; Enter begins one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "path",
            {
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "home": "move(-1000)",
                "end": "move(1000)",
                "enter,right": "open",
                "n": "next",
                "escape,left": "back",
                "q": "leave",
            },
        )
    ]
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (116, "-wide")]
    app: Host

    def __init__(self, store: Store, folder: Path | None = None, about: str = "") -> None:
        super().__init__()
        fitted(self)
        self.store, self.folder = store, folder
        self.exercises, self.problems = load_path(folder)
        self._look()
        own = [k for k, (exercise, _) in enumerate(self.states) if exercise.scenario == about]
        is_open = (k for k in own if mark_of(self.states[k][1]) != "done")
        self.at = next(is_open, own[0]) if own else self._next()

    def _look(self) -> None:
        """How the learner stands now."""
        self.standing = standing_of(self.store.read(), self.exercises, self.store.clock())
        self.states = self.standing.states

    def _next(self) -> int:
        """The row of the exercise that is offered."""
        offer = self.standing.offer
        return next((k for k, (one, _) in enumerate(self.states) if offer and one is offer.exercise), 0)

    def compose(self) -> ComposeResult:
        yield Pane(self._draw_top, id="top")
        with Horizontal(id="middle"):
            yield Pane(lambda w, h: draw_path(self.states, self.at, w, h), id="main")
            yield Pane(lambda w, h: draw_path_side(self.standing, self.at, w, h), id="program")
        yield Pane(lambda w, h: keyline.draw(_KEYS, w), id="keys")

    def on_mount(self) -> None:
        """What was wrong with a file is told."""
        wrong = [*([self.store.message] if self.store.message else []), *map(str, self.problems[:5])]
        if wrong:
            self.call_after_refresh(lambda: self.app.tell(self, [(text, "alarm") for text in wrong]))

    def on_screen_resume(self) -> None:
        """Back from an exercise: look again at what is done."""
        try:
            self._look()
        except ProgressError as error:
            self.app.tell(self, [(str(error), "alarm")])
        self.call_after_refresh(self.redraw)

    def _draw_top(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        at = canvas.put(1, 0, "bpstep", "brand")
        at = canvas.put(at + 2, 0, "exercises", "title")
        offer = self.standing.offer
        if offer is not None:
            text = f"next: {offer.exercise.title}"
            full = f"{text} ({offer.why})"
            text = cut(full if len(full) < width - at - 4 else text, max(0, width - at - 4))
            canvas.put(width - len(text) - 1, 0, text, "dim")
        hairline(canvas, 0, 1, width)
        return canvas

    def redraw(self) -> None:
        """Draw every pane anew."""
        for pane in self.query(Pane):
            pane.redraw()

    def action_move(self, by: int) -> None:
        """Choose another exercise."""
        self.app.clear_message(self)
        self.at = max(0, min(len(self.states) - 1, self.at + by))
        self.redraw()

    def action_next(self) -> None:
        """The exercise that is offered."""
        self.at = self._next()
        self.redraw()

    def on_pane_clicked(self, message: Pane.Clicked) -> None:
        """A row is opened where it is clicked."""
        name = message.line.removeprefix("exercise ")
        self.at = next(k for k, (exercise, _) in enumerate(self.states) if exercise.id == name)
        self.redraw()
        self.action_open()

    def action_open(self) -> None:
        """Begin the chosen exercise, or go on with it."""
        if self.states:
            self.app.push_screen(self.app.exercise(self.states[self.at][0].id, self.store, self.folder))

    def action_back(self) -> None:
        """Back to where one came from."""
        self.app.leave_screen()

    def action_leave(self) -> None:
        """Quit."""
        self.app.exit(0)

    def on_resize(self, event: events.Resize) -> None:
        """The panes draw themselves for their new size."""
        self.call_after_refresh(self.redraw)
