"""`export`: a view as text with all its rows, or the run as a trace, in a file.

What each kind writes is a row of `OTHERS` or, for a view, text; a name whose ending promises something else (``.svg``)
is refused, and so is a file that is there already, unless ``--force`` says that it may go.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.shown import EXPORTED, OTHERS, SHOWN, TEXT
from bpstep.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["EXPORTING", "write_file"]


def write_file(path: Path, shown: str, column: int, fill: Callable[[TextIO], object], *, force: bool) -> None:
    """Write a file whole or not at all; `CommandError` where it can not be written, or is there and is not to go."""
    try:
        if path.is_file() and not force:
            message = f"{shown} exists already, and is left as it is; with --force it is written anew"
            raise CommandError(message, column, ExitCode.RUNNING)
        write_whole(path, fill)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have, such as one with a NUL
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"can not write {shown}: {reason}", column, ExitCode.RUNNING) from None


def _what_to_export(arguments: Arguments) -> tuple[str, str, int, bool]:
    """The kind, the file's name and column, and whether it may replace another."""
    from bpstep.debugger.language import file_name

    words = [(word, column) for word, column in arguments.words if word != "--force"]
    force = len(words) < len(arguments.words)
    if len(words) != 2:
        raise CommandError("expected: export KIND FILE (and perhaps --force)", arguments.column)
    (kind, column), (name, at) = words
    name = file_name(name, at)
    if SHOWN and kind not in EXPORTED:
        raise CommandError(f"expected one of {', '.join(EXPORTED)}{did_you_mean(kind, EXPORTED)}", column)
    written = OTHERS.get(kind, TEXT)
    ending = Path(name).suffix
    if ending and ending.lower() not in written.endings:
        first, *others = written.endings
        message = f"export {kind} writes {written.says}: expected a name that ends in {first} (or {', '.join(others)})"
        raise CommandError(f"{message}, not in {ending}", at)
    return kind, name, at, force


def _check(session: Session, arguments: Arguments) -> None:
    _what_to_export(arguments)


def _export(session: Session, arguments: Arguments) -> Answer:
    kind, name, column, force = _what_to_export(arguments)
    write = session.write_out
    if write is None:
        raise CommandError("there is no view here to export", arguments.column, ExitCode.FAILED)
    write_file(session.folder / name, name, column, lambda to: write(kind, to), force=force)
    return Said(f"{name} is written", logged=False)


EXPORTING = (
    Command(
        "export",
        "export KIND FILE [--force]",
        "write a view as text, or the run as a trace",
        "export jsonl run.jsonl",
        _export,
        check=_check,
        names=EXPORTED,
    ),
)
