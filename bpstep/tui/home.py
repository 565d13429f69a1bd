"""The home screen: the lessons in reading order, what each of them teaches, and how far the learner is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from bpstep.exercises.offering import Standing, standing_of
from bpstep.scenario.catalogue import entries
from bpstep.tui.careful import Careful
from bpstep.tui.keys import bound_in
from bpstep.tui.pane import Pane, fitted
from bpstep.view.drawing import keyline
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import home
from bpstep.view.panes.skills import next_lines, skill_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from bpstep.exercises.store import Store
    from bpstep.tui.host import Host

__all__ = ["Home"]

_KEYS = (
    ("↑ ↓", "choose"),
    ("Enter", "open"),
    ("e", "exercises of it"),
    ("n", "next question"),
    ("s", "skills"),
    ("/", "find"),
    ("o", "open a file"),
    ("?", "help"),
    ("q", "quit"),
)
_SLIM_KEYS = (
    ("↑ ↓", "choose"), ("Enter", "open"), ("→", "about it"), ("e", "exercises"), ("n", "next"), ("s", "skills"),
    ("/", "find"), ("?", "help"),
)  # fmt: skip
_ASIDE_KEYS = (("↑ ↓", "choose"), ("Enter", "open"), ("←", "the list"), ("e", "exercises"), ("?", "help"))


class Home(Careful, Screen[None]):
    """Lists what can be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "home",
            {
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "home": "move(-1000)",
                "end": "move(1000)",
                "enter": "open",
                "right": "aside(True)",
                "left": "aside(False)",
                "o,colon": "ask",
                "slash": "find",
                "e,tab": "exercises",
                "n": "next",
                "s": "skills",
                "question_mark,f1": "help",
                "escape": "escape",
                "q": "leave",
            },
        )
    ]
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (116, "-wide")]
    app: Host

    def __init__(self) -> None:
        super().__init__()
        fitted(self)
        self.entries = entries()
        self.standing, self.looked_at = Standing(), 0.0
        self.at = 0

    def compose(self) -> ComposeResult:
        yield Pane(lambda w, h: home.draw_top(self.standing, w, h), id="top")
        with Horizontal(id="middle"):
            yield Pane(
                lambda w, h: home.draw_list(self.entries, self.standing.states, self.at, w, h), id="main"
            )
            yield Pane(lambda w, h: home.draw_side(self.entries, self.standing, self.at, w, h), id="program")
        yield Pane(self._draw_keys, id="keys")

    def on_screen_resume(self) -> None:
        """First, and whenever one comes back: look at what is done, once the list stands on the screen."""
        self.call_after_refresh(self._look_at_progress)

    def _look_at_progress(self) -> None:
        from bpstep.exercises.loading import load_path
        from bpstep.exercises.progress import ProgressError

        try:
            store = self.app.store()
            self.looked_at = store.clock()
            self.standing = standing_of(store.read(), load_path(None)[0], self.looked_at)
            message = store.message
        except ProgressError as error:
            message = str(error)
        if message:
            self.app.tell(self, [(message, "alarm")])
        self.redraw()

    def _draw_keys(self, width: int, height: int) -> Canvas:
        if self.has_class("-aside"):
            return keyline.draw(_ASIDE_KEYS, width)
        return keyline.draw(_KEYS if self.has_class("-wide") else _SLIM_KEYS, width)

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

    def on_pane_clicked(self, message: Pane.Clicked) -> None:
        """A row is opened where it is clicked."""
        name = message.line.removeprefix("load ")
        self.at = next(k for k, entry in enumerate(self.entries) if entry.name == name)
        self.redraw()
        self.open(name)

    def open(self, name: str) -> None:
        """Open a scenario by name or file; what is wrong with it is told here."""
        from bpstep.debugger.console import Console
        from bpstep.scenario.loader import ScenarioError, load

        try:
            session = Console(load(name, reach=self.app.settings.reach))
        except ScenarioError as error:
            problems = [(str(problem), "alarm") for problem in error.problems]
            self.app.tell(self, problems[:7])
            return
        self.app.push_screen(self.app.stepper(session))

    def action_aside(self, shown: bool) -> None:
        """Where there is no room for it beside the list: what the chosen scenario is about, instead of the list."""
        self.set_class(shown and not self.has_class("-wide"), "-aside")
        self.call_after_refresh(self.redraw)

    def action_ask(self) -> None:
        """Ask for a name or a file."""
        from bpstep.tui.ask import Ask

        self.app.push_screen(Ask("a scenario's name, or a file"), self._answered)

    def _answered(self, name: str | None) -> None:
        if name:
            self.open(name)

    def action_find(self) -> None:
        """Ask for a word, and go to the next scenario that has it."""
        from bpstep.tui.ask import Ask

        self.app.push_screen(Ask("a word to find among the scenarios"), self._find)

    def _find(self, text: str | None) -> None:
        place = home.found(self.entries, text, self.at) if text else None
        if place is not None:
            self.at = place
            self.redraw()
        elif text:
            self.app.tell(self, [(f"no scenario says {text!r}", "alarm")])

    def action_escape(self) -> None:
        """Back to the list, or quit."""
        if self.has_class("-aside"):
            self.action_aside(False)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Quit."""
        self.app.exit(0)

    def action_exercises(self) -> None:
        """The path of exercises, at the first open one about the chosen scenario."""
        self._with_store(lambda store: self.app.path(store, about=self.entries[self.at].name))

    def action_next(self) -> None:
        """The exercise that is offered: begun, due again, or new."""
        offer = self.standing.offer
        if offer is None:
            self.action_exercises()
        else:
            self._with_store(lambda store: self.app.exercise(offer.exercise.id, store))

    def _with_store(self, screen: Callable[[Store], Screen[None]]) -> None:
        from bpstep.exercises.progress import ProgressError

        try:
            self.app.push_screen(screen(self.app.store()))
        except ProgressError as error:
            self.app.tell(self, [(str(error), "alarm")])

    def action_skills(self) -> None:
        """What is offered and why, and how every skill stands."""
        from bpstep.tui.pages import Pages

        lines = skill_lines(self.standing.skills, self.looked_at)
        self.app.push_screen(Pages([*next_lines(self.standing), ("", ""), *lines]))

    def action_help(self) -> None:
        """What this program is."""
        from bpstep.tui.pages import Pages

        self.app.push_screen(Pages(home.about_lines()))

    def on_resize(self, event: events.Resize) -> None:
        """The panes draw themselves for their new size."""
        self.call_after_refresh(self.redraw)
