"""The screen for a visitor, who sits at a browser on another machine.

It is the same screen.  What is typed and painted goes through a pipe to a server (`bpstep.web`), progress is kept in
memory, and no file is within reach.  The visitor is gone when the pipe has ended; then the program ends, whatever it
is about to do.
"""

from __future__ import annotations

import os
from threading import Timer
from typing import TYPE_CHECKING, Any

from textual.drivers.web_driver import WebDriver
from textual.message import Message
from textual.messages import ExitApp

from bpstep.exercises.store import Fleeting
from bpstep.tui.app import BpstepApp
from bpstep.tui.escape import hearing

if TYPE_CHECKING:
    from bpstep.debugger.console import Console
    from bpstep.debugger.settings import Settings

__all__ = ["VisitorDriver", "receive"]

#: So many keys may wait to be carried out; the next one waits in the pipe.
_MOST_WAITING = 200

#: So many seconds after its visitor has gone the program is gone, too.
_AT_THE_LATEST = 5.0


class VisitorDriver(WebDriver):
    """Textual's end of the pipe, for a visitor who may type faster than anybody, and may go at any time."""

    def process_message(self, message: Message) -> None:
        """A key or a move of the mouse, when there is room for it."""
        self._wait_for_room()
        super().process_message(message)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Another size, say, when there is room for it."""
        self._wait_for_room()
        super().on_meta(packet_type, payload)

    def _wait_for_room(self) -> None:
        # In the thread that reads the pipe; a key waits at the app first and then at the screen.
        while self._waiting() > _MOST_WAITING and not self.exit_event.wait(0.01):
            pass

    def _waiting(self) -> int:
        return max(node.message_queue_size for node in (self._app, *self._app.screen_stack[-1:]))

    def run_input_thread(self) -> None:
        """Read until the visitor has gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            last = Timer(_AT_THE_LATEST, os._exit, (1,))
            last.daemon = True
            last.start()
            self.send_message(ExitApp())


def receive(session: Console | None, settings: Settings) -> int:
    """Show a session, or the home screen, to a visitor; the exit code."""
    app: BpstepApp = BpstepApp(session, settings)
    app.driver_class = hearing(VisitorDriver)
    app.kept = Fleeting()
    code: Any = app.run()
    return code or 0
