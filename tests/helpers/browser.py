"""A headless Chromium, driven over its DevTools protocol: opened, typed into, clicked, closed."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.helpers.terminal import Terminal

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


#: Longer than anything takes, in seconds.
ENOUGH = 30.0


class Tab:
    """A page in a tab of the browser, and the terminal in it."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self.browser, self.session, self.target = browser, session, target
        self.terminal = Terminal()
        #: The addresses that it asked for.
        self.asked: list[str] = []
        self.faults: list[str] = []

    async def send(self, method: str, **parameters: Any) -> Any:
        return await self.browser.send(method, self.session, **parameters)

    def heard(self, method: str, told: dict[str, Any]) -> None:
        if method == "Network.webSocketFrameReceived" and told["response"]["opcode"] == 2:
            self.terminal.write(base64.b64decode(told["response"]["payloadData"]).decode("utf-8"))
        elif method == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(told["url"])
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.faults.append(told["entry"]["text"])

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression is in the page."""
        found = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True)
        return found["result"].get("value")

    async def until(self, holds: Callable[[str], object]) -> str:
        """Wait until what stands on the terminal is as wanted; that."""
        try:
            async with asyncio.timeout(ENOUGH):
                while not holds(self.terminal.text):
                    await self.browser.something()
        except TimeoutError:
            raise AssertionError(f"this is where it stands:\n{self.terminal.text}") from None
        return self.terminal.text

    async def key(self, key: str) -> None:
        """Press a key: a letter, or one of JavaScript's names."""
        codes = {
            "Enter": (13, "\r"),
            "Escape": (27, ""),
            "ArrowRight": (39, ""),
            "ArrowLeft": (37, ""),
            "End": (35, ""),
        }
        code, text = codes.get(key, (ord(key[0].upper()), key))
        told = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **told)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **told)

    async def type(self, text: str) -> None:
        for char in text:
            await self.key(char)

    async def click(self, row: int, column: int) -> None:
        """Click into a cell of the terminal."""
        box = await self.value(
            "(() => { const box = document.querySelector('.xterm-screen').getBoundingClientRect();"
            " return JSON.stringify([box.left, box.top, box.width, box.height]); })()"
        )
        left, top, width, height = eval(box)
        lines, columns = await self.size()
        x, y = left + (column - 0.5) * width / columns, top + (row - 0.5) * height / lines
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def size(self) -> tuple[int, int]:
        """Rows and columns of the terminal."""
        url = next(url for url in self.asked if "/session?" in url)
        width, height = map(int, re.findall(r"(?:width|height)=(\d+)", url))
        return height, width

    async def picture(self, path: Path) -> None:
        told = await self.send("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(told["data"]))

    async def close(self) -> None:
        await self.browser.send("Target.closeTarget", targetId=self.target)


class Browser:
    """A running Chromium."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._tabs: dict[str, Tab] = {}
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                waiting = self._waiting.pop(told["id"])
                if "error" in told:
                    waiting.set_exception(RuntimeError(told["error"]["message"]))
                else:
                    waiting.set_result(told["result"])
            elif told.get("sessionId") in self._tabs:
                self._tabs[told["sessionId"]].heard(told["method"], told["params"])
            self._news.set()

    async def something(self) -> None:
        """Wait for news of whatever tab."""
        self._news.clear()
        await self._news.wait()

    async def send(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(message if session is None else {**message, "sessionId": session})
        return await self._waiting[number]

    async def tab(self, url: str, width: int = 1280, height: int = 800) -> Tab:
        target = (await self.send("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        tab = self._tabs[session] = Tab(self, session, target)
        for room in ("Network", "Log", "Page"):
            await tab.send(f"{room}.enable")
        await tab.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        await tab.send("Page.navigate", url=url)
        return tab


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """A Chromium whose profile is in a folder; it is gone afterwards."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        f"--user-data-dir={folder / 'profile'}", "about:blank", stdout=DEVNULL, stderr=PIPE,
    )  # fmt: skip
    try:
        url = await _address(process)
        async with aiohttp.ClientSession() as client, client.ws_connect(url, max_msg_size=0) as socket:
            found = Browser(socket)
            listening = asyncio.create_task(found.listen())
            yield found
            await found.send("Browser.close")
            listening.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if match := re.search(rb"DevTools listening on (\S+)", line):
            return match[1].decode()
    raise RuntimeError("Chromium did not begin")
