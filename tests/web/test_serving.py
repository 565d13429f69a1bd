"""`bpstep serve`: visitors come, step, are apart from each other, and leave nothing behind."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.helpers.browser import CHROMIUM, browser
from tests.helpers.served import Guest, Served, guest, served

TAKEN = "All 2 sessions are taken"


async def opened(visitor: Guest) -> None:
    """Read the story, and begin."""
    await visitor.until(lambda text: "begin" in text)
    await visitor.type("\x1b")
    await visitor.until(lambda text: "inputs" in text)


@asynccontextmanager
async def first_free_place(server: Served) -> AsyncIterator[Guest]:
    """Come again until there is a place: when the program of whoever had it is gone."""
    while True:
        async with guest(server) as visitor:
            if TAKEN not in await visitor.until(lambda text: "begin" in text or TAKEN in text):
                yield visitor
                return


async def test_visitors_are_apart_and_nothing_of_them_is_left(tmp_path: Path) -> None:
    with served("mazur-2-2-2", "--sessions", "2") as server:
        async with guest(server) as one, guest(server) as other:
            await opened(one)
            await one.type("s", "s", "n")
            await one.until(lambda text: "step 4 of 59" in text)
            await opened(other)
            assert "step 0 of 59" in other.terminal.text
            await one.command("exercise first-chain-rule")
            await one.until(lambda text: "exercise" in text)
            await one.command("reveal")
            await one.until(lambda text: "shown" in text)
            await one.command("exercises")
            async with guest(server) as third:
                assert TAKEN in await third.until(lambda text: "begin" in text or TAKEN in text)
        async with first_free_place(server) as last:
            code, said, complained = server.end(signal.SIGTERM)
            assert (code, said, complained) == (128 + signal.SIGTERM, "", "")
            assert server.left() == []
            await last.until(lambda text: False)
            assert last.socket.closed, "whoever is there is sent away"


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
async def test_a_browser_opens_it_steps_by_keys_and_mouse_and_closes_it(tmp_path: Path) -> None:
    with served("mazur-2-2-2") as server:
        async with browser(tmp_path) as chromium:
            tab = await chromium.tab(server.url)
            await tab.until(lambda text: "begin" in text)
            assert all(url.split("/")[2] == server.url.split("/")[2] for url in tab.asked), (
                "nobody else is asked"
            )
            assert tab.faults == []
            await tab.key("Escape")
            await tab.until(lambda text: "inputs" in text)
            await tab.key("ArrowRight")
            await tab.until(lambda text: "step 1 of 59" in text)
            row, column = tab.terminal.place("n neuron")
            await tab.click(row, column)
            await tab.until(lambda text: "step 4 of 59" in text)
            await tab.click(*tab.terminal.place("─ h2 "))
            await tab.until(lambda text: "y[h2]" in text)
            assert server.visitors() or sys.platform != "linux"
            await tab.close()
        code, said, complained = server.end(signal.SIGINT)
        assert (code, said, complained) == (128 + signal.SIGINT, "", "")
        assert server.left() == []
