"""`export`: a view with all its rows as text or as a picture, the run as a trace, the session as a page, in a file.

The ending of the name says the format: what each kind can be is a row of `OTHERS` or, for a view, `PICTURE`.  A name
with another ending is refused, and so is a file that is there already, unless ``--force`` says that it may go.  How it
looks (``--width``, ``--theme``, ``--notation``, ``--digits``) is said for this one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TextIO

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments, file_name, whole_number
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.files import write_file
from bpstep.debugger.looks import LOOKS
from bpstep.debugger.options import Options
from bpstep.debugger.view_names import EXPORTED, OTHERS, PICTURE, SHOWN
from bpstep.english import listed
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["EXPORTING", "said_of_looks"]

_Word = tuple[str, int]

#: The columns that a picture may have; and has, unless it is said.
WIDTHS, _USUAL = (60, 400), 80
#: What can be said of the looks of a file, besides its width.
_LOOKS = ("theme", "notation", "digits")


@dataclass(frozen=True)
class _Wanted:
    """What to export: a kind, a file's name and the column where it stands, and how it shall look."""

    kind: str
    name: str
    column: int
    force: bool
    width: int
    options: Options

    @property
    def ending(self) -> str:
        """The ending of the name, which says the format."""
        return PurePath(self.name).suffix.lower()


def said_of_looks(words: Sequence[_Word], options: Options) -> tuple[list[_Word], int | None, Options]:
    """Words without those that say how a file shall look; the width that they say, if they do; and the options.

    A word is a text and its column; ``--theme light`` and ``--theme=light`` say the same.
    """
    width, others, waiting = None, [], list(reversed(words))
    while waiting:
        word, column = waiting.pop()
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or (name != "width" and name not in _LOOKS):
            others.append((word, column))
            continue
        at = column + len(word) - len(value)
        if not equals:
            value, at = waiting.pop() if waiting else ("", column + len(word))
        if name == "width":
            width = whole_number(value, at, f"columns, {WIDTHS[0]} to {WIDTHS[1]}", *WIDTHS)
        else:
            options = LOOKS[name](options, value, at)
    return others, width, options


def _wanted(desk: Desk, arguments: Arguments) -> _Wanted:
    words, width, options = said_of_looks(arguments.words, desk.options)
    force = any(word == "--force" for word, _ in words)
    words = [(word, column) for word, column in words if word != "--force"]
    for word, column in words:
        if word.startswith("--"):
            known = listed(["--force", "--width", *(f"--{look}" for look in _LOOKS)], "or")
            raise CommandError(f"expected {known}; found {quoted(word)}", column)
    if len(words) != 2:
        raise CommandError("expected: export KIND FILE (and perhaps --force)", arguments.column)
    (kind, at), (name, column) = words
    if SHOWN and kind not in EXPORTED:
        raise CommandError(f"expected one of {', '.join(EXPORTED)}{did_you_mean(kind, EXPORTED)}", at)
    found = _Wanted(kind, file_name(name, column), column, force, width or _USUAL, options)
    _refuse_other_endings(found)
    return found


def _refuse_other_endings(wanted: _Wanted) -> None:
    written = OTHERS.get(wanted.kind, PICTURE)
    if not wanted.ending or wanted.ending in written.endings:
        return
    ending = PurePath(wanted.name).suffix
    first, *others = written.endings
    message = f"export {wanted.kind} writes {written.says}: expected a name that ends in {first}"
    raise CommandError(f"{message} (or {', '.join(others)}), not in {ending}", wanted.column)


def _check(desk: Desk, arguments: Arguments) -> None:
    wanted = _wanted(desk, arguments)
    desk.to_write(wanted.name, wanted.column)


def _export(desk: Desk, arguments: Arguments) -> Answer:
    wanted = _wanted(desk, arguments)
    write = desk.write_out
    if write is None:
        raise CommandError("there is no view here to export", arguments.column, ExitCode.FAILED)
    before, part = desk.options, ""

    def fill(to: TextIO) -> None:
        nonlocal part
        part = write(wanted.kind, wanted.ending, wanted.width, to)

    try:
        desk.options = wanted.options
        write_file(
            desk.to_write(wanted.name, wanted.column),
            wanted.name,
            wanted.column,
            fill,
            force=wanted.force,
        )
    finally:
        desk.options = before
    return Said(f"{wanted.name} is written{part and f': {part}'}", logged=False)


EXPORTING = (
    Command(
        "export",
        "export KIND FILE [--force] [--width N] [--theme T] [--notation N]",
        "write a view (the ending says how: .txt, .svg, .html, .md, .tex, .cast), the run, or a page of every step",
        "export network net.svg",
        _export,
        check=_check,
        names=EXPORTED,
        takes_cells=False,
    ),
)
