"""A place in which nothing is done is given to others, and whoever had it is told; and a server that stands behind
another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bpstep.web.hearing import Patience, hear
from bpstep.web.room import Room
from bpstep.web.server import Server


class Empty(Room):
    """A room without a program, which paints nothing."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.has_ended = asyncio.Event()

    def give(self, text: str) -> None:
        self.given.append(text)

    def focus(self, has_it: bool) -> None:
        pass

    async def painted(self) -> AsyncIterator[bytes]:
        await self.has_ended.wait()
        yield b""

    async def end(self) -> None:
        self.has_ended.set()


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[Empty]:
    made: list[Empty] = []

    async def begin(offer: object, width: int, height: int) -> Empty:
        made.append(Empty())
        return made[-1]

    monkeypatch.setattr(Room, "begin", begin)
    return made


async def test_who_does_nothing_gives_the_place_away_and_is_told(rooms: list[Empty]) -> None:
    server = Server({}, "127.0.0.1", 0, most=1, idle=1e-3)
    async with TestClient(TestServer(server.application())) as client:
        for visit in range(2):
            async with client.ws_connect("/session") as socket:
                told = [message.data async for message in socket]
                assert (
                    b"Nothing was done here for 0.001 minutes, so the place was given to others." in told[-1]
                )
            assert rooms[visit].has_ended.is_set()
    assert len(rooms) == 2, "the second visitor had the place of the first"
    assert server.sessions == 0


class Said:
    """A web socket on which all has been said."""

    def __init__(self, *messages: str) -> None:
        self.messages = list(messages)

    async def __aiter__(self) -> AsyncIterator[Any]:
        from aiohttp import WSMessage, WSMsgType

        for text in self.messages:
            yield WSMessage(WSMsgType.TEXT, text, None)

    async def send_str(self, text: str) -> None:
        pass


@pytest.mark.parametrize(
    ("message", "is_life"),
    [('["stdin", "n"]', True), ('["ping", "1"]', False), ('["focus"]', False), ('["blur"]', False)],
)
async def test_typing_and_the_mouse_alone_are_signs_of_life(message: str, is_life: bool) -> None:
    """A page sends pings by itself as long as it is open."""
    patience, begun = Patience(1000.0), []
    patience.begin_anew = lambda: begun.append(1)  # type: ignore[method-assign]
    await hear(Said(message), Empty(), patience)  # type: ignore[arg-type]
    assert bool(begun) == is_life


async def test_patience_begins_anew_and_may_have_no_end() -> None:
    patience = Patience(1000.0)
    async with patience.timeout:
        before = patience.timeout.when()
        patience.begin_anew()
        assert before is not None
        assert (patience.timeout.when() or 0.0) > before
    endless = Patience(0.0)
    async with endless.timeout:
        endless.begin_anew()
        assert endless.timeout.when() is None


async def test_a_server_in_front_of_it_has_a_name_and_may_put_it_anywhere(rooms: list[Empty]) -> None:
    headers = {"Host": "lab.example", "Origin": "https://lab.example"}
    for name, status in (("lab.example", 200), ("", 403)):
        server = Server({}, "127.0.0.1", 0, name=name)
        async with TestClient(TestServer(server.application())) as client:
            async with client.get("/", headers=headers) as answer:
                assert answer.status == status
                text = await answer.text()
            elsewhere = {**headers, "Origin": "https://elsewhere.example"}
            async with client.get("/", headers=elsewhere) as answer:
                assert answer.status == 403
        assert 'href="/' not in text
        assert 'src="/' not in text
