"""The server: a page with a terminal in it, and a web socket behind the page for each visitor.

    GET /            the page
    GET /page/…      its style and its script
    GET /terminal/…  textual-serve's terminal: its script, its style, its fonts
    GET /session     the web socket: ["stdin", TEXT], ["resize", {"width": …, "height": …}], ["focus"], ["blur"],
                     ["ping", TEXT] come in; what the terminal is to show goes out

A browser carries any page's requests, so one that was made for another name or by another page is turned away
(`is_at_home`): otherwise any page in the web could open a session here while somebody has a browser open.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bpstep.english import counted
from bpstep.visible import shortened
from bpstep.web.hearing import Patience, hear, paint, says
from bpstep.web.room import Room

__all__ = ["IDLE", "MOST", "Server", "ServingError", "is_at_home", "is_loopback"]

_PAGE = Path(__file__).parent / "page"

#: What the page may do: run what comes from here, and talk to nobody else.
_POLICY = (
    "default-src 'self'; connect-src 'self' ws://{host} wss://{host}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

#: No message of a page is longer than this, in bytes.
_LONGEST = 1 << 16

#: So many sessions are open at a time, and so many minutes one is kept in which nothing is done, unless told otherwise.
MOST, IDLE = 30, 60

#: A visitor that is not heard of for so many seconds is gone.
_HEARTBEAT = 15.0


class ServingError(Exception):
    """The server can not begin; the message is one line."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine for itself, and nobody else."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_at_home(served: str, host: str, origin: str | None, name: str = "") -> bool:
    """Whether a request for a ``host``, which a page of an ``origin`` makes, is for what is served at an address.

    >>> is_at_home("127.0.0.1", "localhost:8000", "http://localhost:8000")
    True
    >>> is_at_home("127.0.0.1", "localhost:8000", "https://elsewhere.example")
    False

    A foreign name may lead to this machine, and then a foreign page takes itself to be at home; so whoever serves for
    this machine alone knows its names.

    >>> is_at_home("127.0.0.1", "elsewhere.example:8000", "http://elsewhere.example:8000")
    False

    A web server in front of this one has a ``name``, which is one of home, too.

    >>> is_at_home("127.0.0.1", "lab.example", "https://lab.example", "lab.example")
    True
    """
    try:
        called = urlsplit(f"//{host}").hostname or ""
        if is_loopback(served) and not is_loopback(called) and (not name or called != name.lower()):
            return False
        return origin is None or urlsplit(origin).netloc == host
    except ValueError:  # no address at all
        return False


class Server:
    """Gives the page away, and lets visitors in.

    ``offer`` is what a visitor is shown (see `bpstep.web.visit`); no more than ``most`` sessions are open at a time.
    Who does nothing for ``idle`` minutes (0: however long) gives the place away.  ``name`` is that of a web server in
    front of this one.
    """

    def __init__(
        self,
        offer: Mapping[str, object],
        host: str,
        port: int,
        *,
        most: int = MOST,
        idle: float = IDLE,
        name: str = "",
    ) -> None:
        self.offer, self.host, self.port, self.most, self.idle, self.name = (
            offer,
            host,
            port,
            most,
            idle,
            name,
        )
        #: The web sockets that are open, whether their visitors have a session or not.
        self.sockets: set[web.WebSocketResponse] = set()
        #: How many sessions there are.
        self.sessions = 0

    # --- from beginning to end ------------------------------------------------------------------------

    def run(self, begun: Callable[[int], None]) -> int:
        """Serve until a signal comes; the exit code.  ``begun`` is told the port.  Raises `ServingError`."""
        return asyncio.run(self._run(begun))

    async def _run(self, begun: Callable[[int], None]) -> int:
        ended = _signal()
        runner = web.AppRunner(self.application(), access_log=None, logger=_log(), shutdown_timeout=10.0)
        await runner.setup()
        try:
            begun(await self._listen(runner))
            return 128 + await ended
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> int:
        """Open the port; its number."""
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError as error:
            # asyncio puts words of its own before the system's; a name that is not found has no number of the system's.
            number = error.errno or 0
            reason = os.strerror(number) if number > 0 else error.strerror or str(error)
            raise ServingError(f"can not serve at {self.host}, port {self.port}: {reason}") from None
        port: int = runner.addresses[0][1]
        return port

    def application(self) -> web.Application:
        """What is asked for, and who answers: to be served, or to be tried without a port of its own."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/session", self._session),
                web.static("/page", _PAGE),
                web.static("/terminal", Path(str(files("textual_serve"))) / "static"),
            ]
        )
        application.on_shutdown.append(self._send_away)
        return application

    async def _send_away(self, application: web.Application) -> None:
        await asyncio.gather(*(socket.close() for socket in self.sockets), return_exceptions=True)

    # --- who comes ------------------------------------------------------------------------------------

    def _turn_away(self, request: web.Request) -> None:
        if not is_at_home(self.host, request.host, request.headers.get("Origin"), self.name):
            raise web.HTTPForbidden(text="bpstep is not served under this name, or not to this page\n")

    async def _page(self, request: web.Request) -> web.Response:
        self._turn_away(request)
        return web.Response(
            text=(_PAGE / "page.html").read_text(encoding="utf-8"),
            content_type="text/html",
            headers={
                "Content-Security-Policy": _POLICY.format(host=request.host),
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            },
        )

    # --- a visit --------------------------------------------------------------------------------------

    async def _session(self, request: web.Request) -> web.WebSocketResponse:
        self._turn_away(request)
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_LONGEST)
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            if self.sessions >= self.most:
                await socket.send_bytes(
                    says(f"All {counted(self.most, 'session')} are taken; try again later.")
                )
            else:
                self.sessions += 1
                try:
                    await self._visit(socket, request.query)
                finally:
                    self.sessions -= 1
        except ConnectionError:
            pass  # the visitor has gone
        finally:
            self.sockets.discard(socket)
            with suppress(ConnectionError):
                await socket.close()
        return socket

    async def _visit(self, socket: web.WebSocketResponse, size: Mapping[str, str]) -> None:
        """A program of its own for whoever sits behind a web socket, until one of the two ends it."""
        room = await Room.begin(self.offer, _whole(size.get("width"), 80), _whole(size.get("height"), 24))
        try:
            painting = asyncio.create_task(paint(socket, room))
            hearing = asyncio.create_task(hear(socket, room, Patience(self.idle * 60.0)))
            await asyncio.wait((painting, hearing), return_when=asyncio.FIRST_COMPLETED)
            for task in (painting, hearing):
                task.cancel()
            await asyncio.gather(painting, hearing, return_exceptions=True)
            if hearing.done() and not hearing.cancelled() and isinstance(hearing.exception(), TimeoutError):
                await socket.send_bytes(says(f"{_waited(self.idle)}, so the place was given to others."))
        finally:
            await room.end()


def _waited(minutes: float) -> str:
    return f"Nothing was done here for {f'{minutes:g} minutes' if minutes != 1 else 'a minute'}"


def _whole(text: str | None, usual: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 6 else usual


def _log() -> logging.Logger:
    """What goes wrong with a request is told to whoever serves, in a line."""
    handler = logging.StreamHandler()
    handler.setFormatter(_InALine())
    log = logging.Logger("bpstep.web", logging.WARNING)
    log.addHandler(handler)
    return log


class _InALine(logging.Formatter):
    """A message and what was raised, without where."""

    def format(self, record: logging.LogRecord) -> str:
        raised = record.exc_info[1] if record.exc_info else None
        text = " ".join(f"{record.getMessage()}: {raised or ''}".split())
        return shortened(text, 200)


def _signal() -> asyncio.Future[int]:
    """The number of the signal that ends this program, when it comes."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(number: int) -> None:
        if not ended.done():
            ended.set_result(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(NotImplementedError):  # Windows: Ctrl-C is a KeyboardInterrupt
                loop.add_signal_handler(number, end, number)
    return ended
