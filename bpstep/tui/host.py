"""The app as its screens and their parts know it: what is open, how roles look, where a message stands, what nobody
expected.  Which screens there are is known to `bpstep.tui.app` alone; a screen asks for another one here."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.events import Event
from textual.events import Key as KeyEvent
from textual.screen import Screen

from bpstep.debugger.console import Console
from bpstep.debugger.options import Options
from bpstep.debugger.settings import Settings
from bpstep.tui.escape import BehindEscape, hearing
from bpstep.tui.keys import KEYS, Key, key_named
from bpstep.tui.look import Look, css_colours, look_of
from bpstep.unexpected import is_raised, told
from bpstep.view.drawing.glyphs import GLYPH_SETS, GlyphSet, glyphs_for_encoding
from bpstep.view.drawing.roles import styles
from bpstep.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver

    from bpstep.debugger.script import Script
    from bpstep.exercises.store import Store

__all__ = ["Host"]


class Host(App[int]):
    """What every screen finds in its app."""

    def __init__(self, session: Console | None = None, settings: Settings | None = None) -> None:
        self.session = session  # its theme is asked for while the app is made
        #: How every session looks, and the keys that were given to other rows.
        self.settings = settings or Settings()
        self.usual = self.settings.options(Options())
        super().__init__(ansi_color=self.theme_name in ("mono", "ansi"))
        self.tells_story = True
        #: The script that the first session begins to play, and how many of its commands a second.
        self.to_play: tuple[Script, float] | None = None
        self._dressed_in = self.theme_name
        #: Keys that were given to rows of the table instead of their own, by the ids of the rows.
        self.remapped: dict[str, str] = {}
        #: Where progress is kept instead of in the learner's file.
        self.kept: Store | None = None

    def store(self) -> Store:
        """Where progress is kept.  Raises `ProgressError`."""
        from bpstep.exercises.store import Store

        return self.kept if self.kept is not None else Store()

    # --- other screens --------------------------------------------------------------------------------

    def stepper(self, session: Console, begin: str = "") -> Screen[None]:
        """The screen of a session; ``begin`` is the command to begin with."""
        raise NotImplementedError

    def path(self, store: Store, folder: Path | None = None, about: str = "") -> Screen[None]:
        """The path of exercises; the first open one about a scenario is chosen, if one is named."""
        raise NotImplementedError

    def exercise(self, name: str, store: Store, folder: Path | None = None) -> Screen[None]:
        """An exercise, begun or gone on with, in a session of its own."""
        raise NotImplementedError

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

    def get_driver_class(self) -> type[Driver]:
        """What brings the keys: no Esc is lost on the way."""
        return hearing(super().get_driver_class())

    async def on_event(self, event: Event) -> None:
        """Esc and the key right behind it come one after the other; a key that is on its way when the last screen has
        gone goes nowhere."""
        if isinstance(event, KeyEvent) and not self.screen_stack:
            return
        keys: tuple[Event, ...] = (event,)
        if isinstance(event, BehindEscape):
            keys = (event.as_one,) if event.key in self.active_bindings else event.as_two
        for one in keys:
            await super().on_event(one)

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

    # --- keys -----------------------------------------------------------------------------------------

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Give keys of other names to rows of the table, by their ids."""
        super().set_keymap(dict(keymap))
        self.remapped = dict(keymap)

    def key_shown(self, row: Key) -> str:
        """What a key is called on the screen, whoever chose it."""
        keys = self.remapped.get(row.id)
        return row.shown if keys is None else self.get_key_display(Binding(keys.partition(",")[0], row.does))

    def press(self, shown: str) -> None:
        """Press the key that is called so on the screen."""
        own = {self.key_shown(row): self.remapped[row.id] for row in KEYS if row.id in self.remapped}
        self.simulate_key(own.get(shown, key_named(shown)).partition(",")[0])

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
        if os.environ.get("NO_COLOR"):
            return "mono"
        return (self.session.options if self.session is not None else self.usual).theme

    @property
    def glyphs(self) -> GlyphSet:
        """The set of characters to draw with."""
        chosen = (self.session.options if self.session is not None else self.usual).glyphs
        if chosen == "full":
            return glyphs_for_encoding(getattr(sys.__stdout__, "encoding", None) or "utf-8")
        return GLYPH_SETS[chosen]

    @property
    def look(self) -> Look:
        """How roles look: the same object as long as theme and characters stay."""
        filters = tuple(self.get_line_filters())
        return look_of(self.theme_name, self.glyphs.name, filters, self.screen.background_colors[1])

    def dress(self) -> None:
        """Have the style sheet in the colours of the theme of this moment."""
        if self._dressed_in != self.theme_name:
            self._dressed_in = self.theme_name
            self.refresh_css(animate=False)

    def get_css_variables(self) -> dict[str, str]:
        """The variables of the style sheet: Textual's, and the colours of the roles."""
        return {**super().get_css_variables(), **css_colours(self.theme_name)}

    @property
    def role_styles(self) -> dict[str, Style]:
        """The style of each role."""
        return styles(self.theme_name)
