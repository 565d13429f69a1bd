"""`export`: a view as text with all its rows, or the run as a trace, in a file.

What each kind writes is a row of `OTHERS` or, for a view, text; a name whose ending promises something else (``.svg``)
is refused, and so is a file that is there already, unless ``--force`` says that it may go.
"""

from __future__ import annotations

from pathlib import Path

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments, file_name
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.files import write_file
from bpstep.debugger.view_names import EXPORTED, OTHERS, SHOWN, TEXT

__all__ = ["EXPORTING"]


def _what_to_export(arguments: Arguments) -> tuple[str, str, int, bool]:
    """The kind, the file's name and column, and whether it may replace another."""
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


def _check(desk: Desk, arguments: Arguments) -> None:
    _what_to_export(arguments)


def _export(desk: Desk, arguments: Arguments) -> Answer:
    kind, name, column, force = _what_to_export(arguments)
    write = desk.write_out
    if write is None:
        raise CommandError("there is no view here to export", arguments.column, ExitCode.FAILED)
    write_file(desk.folder / name, name, column, lambda to: write(kind, to), force=force)
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
        takes_cells=False,
    ),
)
