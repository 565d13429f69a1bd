"""The application: which screens there are, the session that is open, and what ends it."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding
from textual.screen import Screen

from bpstep.debugger.console import Console
from bpstep.tui import tidying
from bpstep.tui.host import Host
from bpstep.tui.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from bpstep.debugger.script import Script
    from bpstep.debugger.settings import Settings
    from bpstep.exercises.store import Store

__all__ = ["BpstepApp", "run"]


class BpstepApp(Host):
    """bpstep on a terminal."""

    TITLE = "bpstep"
    CSS_PATH = "bpstep.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = (
        False  # a pane is clicked; to select its text is the terminal's business (Shift and the mouse)
    )
    BINDINGS = [Binding("ctrl+c", "leave", show=False, priority=True)]

    def __init__(self, session: Console | None = None, settings: Settings | None = None) -> None:
        super().__init__(session, settings)
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
        """Keys as they were set; once the first frame is painted, garbage is collected, and faults are told."""
        faults = self.settings.faults
        if self.settings.keys:
            from bpstep.debugger.settings import config_file
            from bpstep.tui.remapping import remapped

            keymap, wrong = remapped(self.settings.keys)
            self.set_keymap(keymap)
            faults = (*faults, *(f"{config_file()}: {fault}" for fault in wrong))
        if faults:
            self.call_after_refresh(self._tell_faults, faults)
        self.call_after_refresh(tidying.begin)

    def _tell_faults(self, faults: Iterable[str]) -> None:
        """On the screen that was first, where they stay in sight when a story has been read."""
        self.tell(self.screen_stack[0], [(fault, "alarm") for fault in faults])

    def stepper(self, session: Console, begin: str = "") -> Screen[None]:
        """The screen of a session; ``begin`` is the command to begin with."""
        from bpstep.tui.stepper import Stepper

        self.settings.attend(session)
        self.session = session
        if self.glyphs.name != session.options.glyphs:  # formulas are spelled with what the terminal has
            session.options = replace(session.options, glyphs=self.glyphs.name)
            session.options_at_start = replace(session.options_at_start, glyphs=self.glyphs.name)
        return Stepper(session, begin)

    def path(self, store: Store, folder: Path | None = None, about: str = "") -> Screen[None]:
        """The path of exercises; the first open one about a scenario is chosen, if one is named."""
        from bpstep.tui.path_screen import PathScreen

        return PathScreen(store, folder, about)

    def exercise(
        self, name: str, store: Store, folder: Path | None = None, *, exam: bool = False
    ) -> Screen[None]:
        """An exercise, begun or gone on with, in a session of its own; in an exam "" is the next one."""
        from bpstep.exercises.exam import ExamTutor
        from bpstep.exercises.loading import load_path
        from bpstep.exercises.tutor import ExerciseTutor
        from bpstep.scenario.loader import load

        chosen = next(one for one in load_path(folder, retired=True)[0] if one.id == name or not name)
        session = Console(load(chosen.scenario))
        session.tutor = (ExamTutor if exam else ExerciseTutor)(session, store=store, folder=folder)
        return self.stepper(session, f"exercise {name}".rstrip())

    def on_key(self, event: events.Key) -> None:
        """A key that nothing took: what is typed fast behind a colon comes before the field has the focus."""
        from bpstep.tui.command_line import CommandLine

        if self.screen_stack and isinstance(self.screen, CommandLine):
            self.screen.take(event)

    def on_pane_pressed(self, message: Pane.Pressed) -> None:
        """A key was clicked where it is shown."""
        self.press(message.shown)

    def action_leave(self) -> None:
        """Interrupted, whatever is open."""
        self.exit(130)


def run_exercises(
    store: Store, folder: Path | None, name: str | None, settings: Settings, *, exam: bool = False
) -> int:
    """Show the path of exercises, or one of them, or hold an exam; the exit code."""
    app = BpstepApp(None, settings)
    if name is None and not exam:
        app.begin_with = lambda: app.path(store, folder)
    else:
        app.begin_with = lambda: app.exercise(name or "", store, folder, exam=exam)
    return _run(app)


def run(
    session: Console | None,
    settings: Settings,
    to_play: tuple[Script, float] | None = None,
) -> int:
    """Show a session, or the home screen; the exit code.  ``to_play`` is a script that is played on the session, and
    how many of its commands a second."""
    app = BpstepApp(session, settings)
    app.to_play = to_play
    return _run(app)


def _run(app: BpstepApp) -> int:

    def leave(signum: int, frame: object) -> None:
        app.exit(128 + signum)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    code = app.run()
    return 0 if code is None else code
