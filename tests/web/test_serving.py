"""`bpstep serve`: visitors come, step, are apart from each other, and leave nothing behind."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bpstep.cli import main
from bpstep.scenario.catalogue import scenario_folder
from bpstep.web.room import Room, packed
from tests.helpers.browser import CHROMIUM, browser
from tests.helpers.served import Guest, Served, guest, served

TAKEN = "All 2 sessions are taken"

#: The key as a sequence of its own, which is never taken for the beginning of another one.
ESCAPE = "\x1b[27u"


async def opened(visitor: Guest) -> None:
    """Read the story, and begin."""
    await visitor.until(lambda text: "begin" in text)
    await visitor.type(ESCAPE)
    await visitor.until(lambda text: "Nothing is computed yet" in text)


@asynccontextmanager
async def first_free_place(server: Served) -> AsyncIterator[Guest]:
    """Come again until there is a place: when the program of whoever had it is gone."""
    while True:
        async with guest(server) as visitor:
            if TAKEN not in await visitor.until(lambda text: "begin" in text or TAKEN in text):
                yield visitor
                return


async def turned_away(server: Served) -> None:
    """Another page has nothing from here, under whatever name it asks."""
    async with aiohttp.ClientSession() as client:
        port = server.url.rpartition(":")[2]
        foreign = {"Origin": "http://elsewhere.example"}, {"Host": f"elsewhere.example:{port}"}
        for headers in (*foreign, {"Origin": "http://["}, {"Host": "[::"}):
            async with client.get(server.url, headers=headers) as answer:
                assert answer.status == 403
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await client.ws_connect(f"{server.url}/session", headers=headers)


async def test_visitors_are_apart_and_nothing_of_them_is_left(tmp_path: Path) -> None:
    with served("mazur-2-2-2", "--sessions", "2") as server:
        async with guest(server) as one, guest(server) as other:
            await opened(one)
            await one.type("s", "s", "n")
            await one.until(lambda text: "step 4 of 59" in text)
            await opened(other)
            assert "step 0 of 59" in other.terminal.text
            for line in ("save mine.bps", "load /etc/hosts"):
                await one.command(line)
                await one.until(lambda text, line=line: f"{line}: " in text and "no file is " in text)
            await one.command("exercise first-chain-rule")
            await one.until(lambda text: "What is d(u)?" in text)
            await one.type("y", "\r")
            await one.until(lambda text: "question 2 of 3" in text)
            await one.type(ESCAPE)
            await one.until(lambda text: "→ step" in text)
            for visitor, solved in ((one, 1), (other, 0)):
                await visitor.command("exercises")
                await visitor.until(
                    lambda text, solved=solved: f"{solved} of " in text and "questions solved" in text
                )
            await turned_away(server)
            async with guest(server) as third:
                assert TAKEN in await third.until(lambda text: "begin" in text or TAKEN in text)
            await one.socket.send_str('["stdin"]')
            await one.until(lambda text: False)
            assert one.socket.closed, "no page says that"
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
            await tab.until(lambda text: "Nothing is computed yet" in text)
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


def test_without_its_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "bpstep.web.server", raising=False)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert main(["serve", "xor"]) == 2
    told = capsys.readouterr().err
    assert "pip install 'bpstep[web]'" in told
    assert told.count("\n") == 1


def test_a_port_that_is_taken_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 3
    assert capsys.readouterr() == (
        "",
        f"bpstep: can not serve at 127.0.0.1, port {port}: Address already in use\n",
    )


async def test_a_program_that_does_not_read_is_sent_no_more_than_a_little_and_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bpstep.web.room.PATIENCE", 0)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(1000)", stdin=PIPE, stdout=PIPE
    )
    room = Room(process)
    for _ in range(10_000):
        room.give("x" * 1000)
    assert process.stdin is not None
    assert process.stdin.transport.get_write_buffer_size() < 100_000
    await room.end()
    assert process.returncode is not None


def test_a_program_whose_server_is_gone_ends_even_at_work() -> None:
    """It is told to train, and then nothing any more."""
    offer = '{"scenario": "xor", "looks": {}}'
    keys = [ESCAPE, *":train 900000", "\r"]
    done = subprocess.run(
        [sys.executable, "-B", "-P", "-m", "bpstep.web.visit", offer],
        input=b"".join(packed("D", key.encode()) for key in keys), capture_output=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(packed("M", b'{"type": "exit"}'))


async def test_a_file_is_served_and_one_that_has_gone_is_told_to_visitor_and_server(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes((scenario_folder() / "fan-out.toml").read_bytes())
    with served(str(mine)) as server:
        async with guest(server) as visitor:
            await visitor.until(lambda text: "begin" in text)
        mine.unlink()
        async with guest(server) as visitor:
            assert "could not be opened" in await visitor.until(
                lambda text: "could not" in text or "begin" in text
            )
        code, said, complained = server.end(signal.SIGTERM)
    assert (code, said, complained.count("\n")) == (128 + signal.SIGTERM, "", 1)
    assert complained.startswith(f"{mine}:1:1: ")
