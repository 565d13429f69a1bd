"""The command `source`: the commands of a script, carried out one by one."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ForbiddenError
from bpstep.debugger.script import Script, read_script
from bpstep.english import counted

__all__ = ["SOURCING", "sourced"]

#: What lifts the limits of a script (`bpstep.reach`).
_TRUST = "--trust"


def sourced(desk: Desk, arguments: Arguments) -> Script:
    """The script that a line sources: held to what the line may reach or, where that is anything, to its own folder."""
    name, trusted = _said(arguments)
    if trusted and desk.reach.is_limited:
        raise ForbiddenError(f"{_TRUST} is for whoever sits at the prompt or the screen", arguments.column)
    path = desk.to_read(name, arguments.column)
    return read_script(path, name, desk.reach.of_script(path, trusted=trusted))


def _said(arguments: Arguments) -> tuple[str, bool]:
    """``FILE [--trust]``: the name, and whether it is trusted."""
    text = arguments.text.removesuffix(f" {_TRUST}")
    return Arguments(text.rstrip(), arguments.column).name, text != arguments.text


def _check_source(desk: Desk, arguments: Arguments) -> None:
    """Its lines are checked with those of the script that sources it."""
    sourced(desk, arguments)


def _source(desk: Desk, arguments: Arguments) -> Answer:
    script = sourced(desk, arguments)
    with desk.sourcing.within(script.path, script.file, arguments.column):
        for failure in script.run(desk):
            raise CommandError(str(failure), arguments.column, failure.code)
    return Said(f"{script.file}: {counted(len(script.lines), 'command')}", logged=False)


SOURCING = (
    Command("source", "source FILE [--trust]",
            "carry out the commands of a script, which reaches no file outside its own folder (--trust: any file)",
            "source mine.bps", _source, check=_check_source),
)  # fmt: skip
