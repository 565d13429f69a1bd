"""A visitor's program, and the pipe to it.

What goes through the pipe is Textual's (`textual.drivers.web_driver`): a letter for the kind, four bytes for the
length, and so many bytes.  ``D`` is what a terminal is given and what it gives, ``M`` a message in JSON.  Before the
first packet stands a line that says that the screen is there.

    >>> packed("M", b"{}")
    b'M\\x00\\x00\\x00\\x02{}'

Whoever sends faster than the program reads loses what is too much: nobody's hands are that fast, and neither the
server nor the program ever holds more than a little of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

__all__ = ["HIGHEST", "WIDEST", "Room", "packed"]

#: The line before the first packet.
_BEGINNING = b"__GANGLION__\n"

#: What is not read yet by a visitor's program is held up to so many bytes.
_MOST_HELD = 1 << 16

#: A program that has been told that its visitor is gone ends within so many seconds, or is ended.
PATIENCE = 3.0

#: No screen has more columns or rows.
WIDEST, HIGHEST = 500, 200


def packed(kind: str, payload: bytes) -> bytes:
    """A packet."""
    return kind.encode("ascii") + len(payload).to_bytes(4, "big") + payload


class Room:
    """A program that runs for one visitor, from `begin` to `end`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout

    @classmethod
    async def begin(cls, offer: Mapping[str, object], width: int, height: int) -> Room:
        """Start the program of a visitor whose screen has so many columns and rows; ``offer`` is what is opened."""
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-B", "-P", "-m", "bpstep.web.visit", json.dumps(offer)),
                stdin=PIPE,
                stdout=PIPE,
                env=_environment(*_sensible(width, height)),
                start_new_session=True,  # Ctrl-C is the server's
            )
        )

    def give(self, text: str) -> None:
        """What was typed, or done with the mouse."""
        self._send("D", text.encode("utf-8", "replace"))

    def resize(self, width: int, height: int) -> None:
        """The visitor's screen has so many columns and rows from now on."""
        width, height = _sensible(width, height)
        self._send("M", json.dumps({"type": "resize", "width": width, "height": height}).encode())

    def focus(self, has_it: bool) -> None:
        """The visitor looks here, or elsewhere."""
        self._send("M", json.dumps({"type": "focus" if has_it else "blur"}).encode())

    def _send(self, kind: str, payload: bytes) -> None:
        if not self._to.is_closing() and self._to.transport.get_write_buffer_size() <= _MOST_HELD:
            self._to.write(packed(kind, payload))

    async def painted(self) -> AsyncIterator[bytes]:
        """What the visitor's terminal is to show, until the program takes its leave.  Nothing at all comes of one that
        could not begin."""
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            await self._from.readuntil(_BEGINNING)
            while True:
                head = await self._from.readexactly(5)
                payload = await self._from.readexactly(int.from_bytes(head[1:], "big"))
                if head[:1] == b"D":
                    yield payload
                elif head[:1] == b"M" and json.loads(payload).get("type") == "exit":
                    return

    async def end(self) -> None:
        """Let the program end; one that does not, is ended.  When this is over it is gone."""
        with suppress(ConnectionError):
            self._to.close()  # the end of its input tells it that its visitor is gone
        drain = asyncio.ensure_future(self._from.read())  # what it still says keeps it from ending
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except TimeoutError:
            self._kill()
            await self._process.wait()
        except asyncio.CancelledError:
            self._kill()
            raise
        finally:
            drain.cancel()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()


def _sensible(width: int, height: int) -> tuple[int, int]:
    return min(max(width, 20), WIDEST), min(max(height, 5), HIGHEST)


def _environment(width: int, height: int) -> dict[str, str]:
    """What a visitor's program finds in its environment: the server's, but for how a terminal is.  One processor is
    enough for a visitor."""
    of_a_terminal = ("NO_COLOR", "TEXTUAL", "TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_SCREENSHOT", "TERM")
    kept = {name: value for name, value in os.environ.items() if name not in of_a_terminal}
    return kept | {
        "COLUMNS": str(width), "ROWS": str(height), "TEXTUAL_COLOR_SYSTEM": "truecolor", "TERM": "xterm-256color",
        "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
