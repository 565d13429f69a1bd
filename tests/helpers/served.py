"""`bpstep serve` as a program of its own, and guests who come without a browser."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import aiohttp

from tests.helpers.terminal import Terminal

#: Longer than anything takes, in seconds.
ENOUGH = 30.0


class Served:
    """A server: where it is, and what it leaves behind."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.seen: set[int] = set()

    def visitors(self) -> set[int]:
        """The programs of the visitors that are there; none, where a system does not tell."""
        found: set[int] = set()
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            found.update(map(int, path.read_text().split()))
        self.seen |= found
        return found

    def end(self, number: int) -> tuple[int, str, str]:
        """Send a signal, and wait for the end: the code, and what was said since."""
        self.visitors()
        self.process.send_signal(number)
        said, complained = self.process.communicate(timeout=ENOUGH)
        return self.process.returncode, said, complained

    def left(self) -> list[int]:
        """The visitors' programs that were seen and run still."""
        running = []
        for number in self.seen:
            with suppress(ProcessLookupError):
                os.kill(number, 0)
                running.append(number)
        return running


@contextmanager
def served(*words: str) -> Iterator[Served]:
    """Serve at any port that is free."""
    environment = {name: value for name, value in os.environ.items() if name != "BPSTEP_RAISE"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bpstep", "serve", "--port", "0", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "http://" not in line:
            raise AssertionError(process.communicate()[1])
        yield Served(process, line.split()[4])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=ENOUGH)


class Guest:
    """Whoever sits behind a web socket, and the terminal there."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket, self.terminal = socket, Terminal()

    async def type(self, *keys: str) -> None:
        for key in keys:
            await self.socket.send_json(["stdin", key])

    async def command(self, line: str) -> None:
        """Give a command behind a colon."""
        await self.type(":", *line, "\r")

    async def until(self, holds: Callable[[str], object]) -> str:
        """Wait until what stands on the terminal is as wanted; that, or all there is when the session has ended."""
        try:
            async with asyncio.timeout(ENOUGH):
                while not holds(self.terminal.text):
                    message = await self.socket.receive()
                    if message.type is not aiohttp.WSMsgType.BINARY:
                        break
                    self.terminal.write(message.data.decode("utf-8"))
        except TimeoutError:
            raise AssertionError(f"this is where it stands:\n{self.terminal.text}") from None
        return self.terminal.text


@asynccontextmanager
async def guest(server: Served, size: str = "width=100&height=36") -> AsyncIterator[Guest]:
    """Come, and go again."""
    async with aiohttp.ClientSession() as client, client.ws_connect(f"{server.url}/session?{size}") as socket:
        yield Guest(socket)
