"""Nothing takes the screen down: a screen or a part of it on which an unexpected error becomes one line.

Whatever happens on a screen (a key, a click, something to draw) reaches it as a message, and Textual's loop over the
messages of a part ends where handling one raises: the part would be deaf from then on.  A `Careful` part has its errors
handled by the app before that, and hears the next message.
"""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump

from bpstep.tui.host import Host

__all__ = ["Careful"]


class Careful(MessagePump):
    """Handles its messages, whatever comes."""

    app: Host

    async def _dispatch_message(self, message: Message) -> None:
        with self.app.careful():
            await super()._dispatch_message(message)
