"""Both ends of a visit: what a page says goes to the visitor's program, and what that paints to the page."""

from __future__ import annotations

import asyncio
import json

from aiohttp import WSMsgType, web

from bpstep.web.room import Room

__all__ = ["Patience", "hear", "paint", "says"]


async def paint(socket: web.WebSocketResponse, room: Room) -> None:
    """Show what a visitor's program paints."""
    has_begun = False
    async for painted in room.painted():
        has_begun = True
        await socket.send_bytes(painted)
    if not has_begun:
        await socket.send_bytes(says("The session could not be opened; whoever serves it can see why."))


class Patience:
    """A time within which a visitor does something, and which begins anew then; none at all of 0 seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.timeout = asyncio.timeout(seconds or None)

    def begin_anew(self) -> None:
        """The visitor has done something."""
        if self.seconds:
            self.timeout.reschedule(asyncio.get_running_loop().time() + self.seconds)


async def hear(socket: web.WebSocketResponse, room: Room, patience: Patience) -> None:
    """Hand on what comes from a visitor's page; one that says what no page says is sent away.  Raises `TimeoutError`
    where nothing was done there for too long."""
    async with patience.timeout:
        async for message in socket:
            try:
                if message.type is WSMsgType.TEXT and (
                    said := _heard(json.loads(message.data), room, patience)
                ):
                    await socket.send_str(said)
            except (ValueError, TypeError, KeyError, IndexError, RecursionError):
                return


def _heard(message: list[object], room: Room, patience: Patience) -> str:
    """Do what a message says; the answer to it, if there is one.  A page sends its pings whether somebody sits there or
    not: typing and the mouse alone are signs of life."""
    match message:
        case ["stdin", str(text)]:
            patience.begin_anew()
            room.give(text)
        case ["resize", {"width": int(width), "height": int(height)}]:
            room.resize(width, height)
        case ["focus" | "blur" as kind]:
            room.focus(kind == "focus")
        case ["ping", str(text)]:
            return json.dumps(["pong", text])
        case _:
            raise ValueError(message)
    return ""


def says(line: str) -> bytes:
    """A line on an empty terminal, without a cursor."""
    return f"\x1b[?25l\x1b[2J\x1b[3;3H{line}".encode()
