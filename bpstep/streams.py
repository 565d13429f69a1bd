"""The standard streams, on any system.

What a program reads is UTF-8 with plain line ends, wherever bpstep runs: a trace has the same bytes in a pipe on
Windows (where Python would write cp1252 and CR LF) as anywhere else, and a pipe that is read from is UTF-8, too, with
or without a byte order mark.  A terminal gets its own encoding; for a character that this lacks, what stands for it
in the ASCII set of glyphs:

    >>> register()
    >>> "δ = ∂E/∂e → −0.5".encode("ascii", STAND_IN)
    b'D = dE/de -> -0.5'

A stream may also be closed from the start, or be closed by whoever reads it; neither is an error of ours.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys

__all__ = ["STAND_IN", "columns", "complain", "has_screen", "is_gone", "let_go", "prepare", "register"]

#: The name of the error handler that writes a stand-in for what an encoding lacks.
STAND_IN = "bpstep-stand-in"


def has_screen() -> bool:
    """Whether there is a terminal that the screen can be drawn on."""
    both = (sys.stdin, sys.stdout)
    are_terminals = all(stream is not None and stream.isatty() for stream in both)
    return are_terminals and os.environ.get("TERM") not in ("dumb", "")


def columns(is_terminal: bool | None = None) -> int:
    """As wide as the terminal that output goes to, between 60 and 200 columns.  A pipe gets 80, so that its text is
    the same everywhere, unless the environment asks for another width (COLUMNS)."""
    if is_terminal is None:
        is_terminal = sys.stdout.isatty()
    if not (is_terminal or os.environ.get("COLUMNS", "").isdecimal()):
        return 80
    from shutil import get_terminal_size

    return min(200, max(60, get_terminal_size((80, 24)).columns))


def prepare() -> None:
    """Make the three standard streams ready; safe to call twice."""
    register()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (it stays open)
        elif not hasattr(stream, "reconfigure"):
            continue  # somebody else's stream: he knows how he wants it
        elif mode == "r":
            # Bytes that are no text become visible, and then an unknown command like any other.
            encoding = None if stream.isatty() else "utf-8-sig"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
        elif stream.isatty():
            stream.reconfigure(errors=STAND_IN)
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def register() -> None:
    """Make `STAND_IN` known to the codecs."""
    codecs.register_error(STAND_IN, _stand_in)


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    """What is written for the characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from bpstep.view.drawing.glyphs import ASCII

    written = ASCII.write(error.object[error.start : error.end])
    return (written.rstrip() if error.object[error.end : error.end + 1] == " " else written), error.end


def is_gone(error: OSError) -> bool:
    """Whether an error of writing says that nobody reads any more.  Windows calls that an invalid argument; an
    invalid name of a file is another thing, and comes with the name."""
    if isinstance(error, BrokenPipeError):
        return True
    return error.errno in (errno.EINVAL, errno.ESHUTDOWN) and error.filename is None


def let_go() -> None:
    """Forget what could not be written: Python would try once more, and complain, when it closes the streams."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)


def complain(text: str) -> None:
    """A line of diagnostics on standard error, for whoever is there to read it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        let_go()
