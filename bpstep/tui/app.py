"""The application: themes, the session that is open, and what ends it."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from bpstep.debugger.console import Console
from bpstep.tui.look import Look, look_of
from bpstep.unexpected import is_raised, told
from bpstep.view.glyphs import GLYPH_SETS, GlyphSet, glyphs_for_encoding
from bpstep.view.roles import styles
from bpstep.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

    from bpstep.exercises.store import Store

__all__ = ["BpstepApp", "run"]


class BpstepApp(App[int]):
    """bpstep on a terminal."""

    TITLE = "bpstep"
    CSS_PATH = "bpstep.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = (
        False  # a pane is clicked; to select its text is the terminal's business (Shift and the mouse)
    )
    BINDINGS = [Binding("ctrl+c", "leave", show=False, priority=True)]

    def __init__(self, session: Console | None = None) -> None:
        super().__init__(ansi_color=_theme(session) in ("mono", "ansi"))
        self.session = session
        self.tells_story = True
        #: Makes the screen that is shown first, where it is neither a session nor the home screen.
        self.begin_with: Callable[[], Screen[None]] | None = None

    def get_default_screen(self) -> Screen[None]:
        """The session, or the home screen: the first frame is already the one that is wanted."""
        if self.begin_with is not None:
            return self.begin_with()
        if self.session is not None:
            return self.stepper(self.session)
        from bpstep.tui.home import Home

        return Home()

    def on_mount(self) -> None:
        """Once the first frame is painted, garbage is collected again; what is there by then is none."""
        self.call_after_refresh(_collect_again)

    def stepper(self, session: Console, begin: str = "") -> Screen[None]:
        """The screen of a session; ``begin`` is the command to begin with."""
        from bpstep.tui.stepper import Stepper

        self.session = session
        if self.glyphs.name != session.options.glyphs:  # formulas are spelled with what the terminal has
            session.options = replace(session.options, glyphs=self.glyphs.name)
            session.options_at_start = replace(session.options_at_start, glyphs=self.glyphs.name)
        return Stepper(session, begin)

    def path(self, store: Store, folder: Path | None = None, about: str = "") -> Screen[None]:
        """The path of exercises; the first open one about a scenario is chosen, if one is named."""
        from bpstep.tui.path_screen import PathScreen

        return PathScreen(store, folder, about)

    def exercise(self, name: str, store: Store, folder: Path | None = None) -> Screen[None]:
        """An exercise, begun or gone on with, in a session of its own."""
        from bpstep.exercises.model import load_path
        from bpstep.exercises.tutor import ExerciseTutor
        from bpstep.scenario.loader import load

        chosen = next(one for one in load_path(folder, retired=True)[0] if one.id == name)
        session = Console(load(chosen.scenario))
        session.tutor = ExerciseTutor(session, store=store, folder=folder)
        return self.stepper(session, f"exercise {name}")

    def leave_screen(self) -> None:
        """Back to where one came from, or out of the program."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit(0)

    # --- what nobody expected -------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """One line on the screen, and on it goes; where no screen stands yet, Textual ends the program."""
        if is_raised() or not self.screen_stack:
            super()._handle_exception(error)
        else:
            self.tell(self.screen, [(f"{told(error)}; the session is as it was", "alarm")])

    @contextmanager
    def careful(self) -> Iterator[None]:
        """Whatever goes wrong in here is told, and whoever does it goes on."""
        try:
            yield
        except Exception as error:
            self._handle_exception(error)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """What a key does, wherever the focus is."""
        with self.careful():
            return await super().run_action(action, default_namespace, namespaces)
        return True

    # --- messages -------------------------------------------------------------------------------------

    def tell(self, screen: Screen[Any], lines: list[tuple[str, str]]) -> None:
        """Show lines of (text, role) above the key line of a screen."""
        from textual.widgets import Static

        text = Text()
        for number, (line, role) in enumerate(lines):
            text.append(("\n" if number else "") + visible(line), self.role_styles.get(role))
        found = screen.query("#message")
        if found:
            found.first(Static).update(text)
        else:
            screen.mount(Static(text, id="message", markup=False))
        screen.set_class(True, "-telling")

    def clear_message(self, screen: Screen[Any]) -> None:
        """Take the message away."""
        screen.set_class(False, "-telling")

    # --- looks ----------------------------------------------------------------------------------------

    @property
    def theme_name(self) -> str:
        """The theme that the learner chose; without colours where the environment asks for none."""
        return _theme(self.session)

    @property
    def glyphs(self) -> GlyphSet:
        """The set of characters to draw with."""
        chosen = self.session.options.glyphs if self.session is not None else "full"
        if chosen == "full":
            return glyphs_for_encoding(getattr(sys.__stdout__, "encoding", None) or "utf-8")
        return GLYPH_SETS[chosen]

    @property
    def look(self) -> Look:
        """How roles look: the same object as long as theme and characters stay."""
        filters = tuple(self.get_line_filters())
        return look_of(self.theme_name, self.glyphs.name, filters, self.screen.background_colors[1])

    @property
    def role_styles(self) -> dict[str, Style]:
        """The style of each role."""
        return styles(self.theme_name)

    def on_key(self, event: events.Key) -> None:
        """A key that nothing took: what is typed fast behind a colon comes before the field has the focus."""
        from bpstep.tui.command_line import CommandLine

        if self.screen_stack and isinstance(self.screen, CommandLine):
            self.screen.take(event)

    def action_leave(self) -> None:
        """Interrupted, whatever is open."""
        self.exit(130)


def _collect_again() -> None:
    gc.freeze()
    gc.enable()


def _theme(session: Console | None) -> str:
    if os.environ.get("NO_COLOR"):
        return "mono"
    return session.options.theme if session is not None else "dark"


def run_exercises(store: Store, folder: Path | None, name: str | None) -> int:
    """Show the path of exercises, or one of them; the exit code."""
    app = BpstepApp(None)
    app.begin_with = lambda: app.path(store, folder) if name is None else app.exercise(name, store, folder)
    return _run(app)


def run(session: Console | None) -> int:
    """Show a session, or the home screen; the exit code."""
    return _run(BpstepApp(session))


def _run(app: BpstepApp) -> int:

    def leave(signum: int, frame: object) -> None:
        app.exit(128 + signum)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    code = app.run()
    return 0 if code is None else code
