"""The subcommand that opens bpstep in browsers: serve."""

from __future__ import annotations

from bpstep import streams
from bpstep.debugger.looks import LOOKS
from bpstep.subcommands import (
    RUNNING,
    Subcommand,
    UsageError,
    counted_argument,
    load_scenario,
    looks_arguments,
    number_argument,
    settings_of,
    tell,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["ROWS"]

#: A number of a port is below this.
_PORTS = 1 << 16


def _serve_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        help="a built-in scenario, or a file (default: the lessons)",
    )
    parser.add_argument(
        "--port", type=_port, metavar="N", default=8000, help="default: 8000; 0 is any that is free"
    )
    parser.add_argument(
        "--host", metavar="H", default="127.0.0.1",
        help="the address to listen at; by default nobody but this machine can come (0.0.0.0: everybody)",
    )  # fmt: skip
    parser.add_argument(
        "--sessions",
        type=counted_argument,
        metavar="N",
        default=30,
        help="so many at a time at most (default: 30)",
    )
    parser.add_argument(
        "--idle", type=_minutes, metavar="MINUTES", default=60.0,
        help="who does nothing for so long gives the place away (default: 60; 0: never)",
    )  # fmt: skip
    parser.add_argument(
        "--name", metavar="HOST", default="",
        help="behind another web server: what that one is called in browsers, such as lab.example",
    )  # fmt: skip
    looks_arguments(parser)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= _PORTS:
        raise ValueError(text)
    return int(text)


_port.__name__ = "port"  # which argparse tells


_minutes = number_argument("number of minutes", lambda found: 0.0 <= found <= 10_000.0)


def _serve(arguments: Namespace) -> int:
    """Serve until Ctrl-C or a signal; each visitor has a program of their own, which writes nothing anywhere."""
    settings_of(arguments)  # What is wrong with the looks is said before anybody comes.
    scenario = load_scenario(arguments.scenario) if arguments.scenario is not None else None
    try:
        from bpstep.web.server import Server, ServingError, is_loopback
    except ModuleNotFoundError as error:
        raise UsageError(
            f"serve needs textual-serve: pip install 'bpstep[web]' (there is no {error.name})"
        ) from None
    looks = {name: text for name in LOOKS if (text := getattr(arguments, name)) is not None}
    name = None if scenario is None else str(scenario.path.absolute()) if scenario.path else scenario.name
    server = Server(
        {"scenario": name, "looks": looks}, arguments.host, arguments.port, most=arguments.sessions,
        idle=arguments.idle, name=arguments.name,
    )  # fmt: skip

    def begun(port: int) -> None:
        print(f"bpstep is served at http://{_shown(arguments.host)}:{port} (Ctrl-C ends it)", flush=True)
        if not is_loopback(arguments.host):
            streams.complain("warning: whoever can reach this machine can open a session")

    try:
        return server.run(begun)
    except ServingError as error:
        tell(f"bpstep: {error}")
        return RUNNING


def _shown(host: str) -> str:
    """An address as it stands in a browser."""
    if host in ("0.0.0.0", "::", ""):
        import socket

        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


ROWS = (Subcommand("serve", "the screen in browsers, a session for each visitor", _serve_arguments, _serve),)
