"""The command `source`: the commands of a script, carried out one by one."""

from __future__ import annotations

from pathlib import Path

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError
from bpstep.debugger.script import MOST_SOURCED, read_script
from bpstep.english import counted

__all__ = ["SOURCING"]


def _check_source(desk: Desk, arguments: Arguments) -> None:
    """Its lines are checked with those of the script that sources it."""
    read_script(_script_path(desk, arguments), arguments.name)


def _script_path(desk: Desk, arguments: Arguments) -> Path:
    try:
        return (desk.folder / arguments.name).resolve()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise CommandError(f"can not read {arguments.name}: {error}", arguments.column) from None


def _source(desk: Desk, arguments: Arguments) -> Answer:
    path, name = _script_path(desk, arguments), arguments.name
    if path in desk.sourcing:
        raise CommandError(f"{name} sources itself", arguments.column)
    if len(desk.sourcing) >= MOST_SOURCED:
        raise CommandError(f"scripts source each other more than {MOST_SOURCED} deep", arguments.column)
    script = read_script(path, name)
    desk.sourcing.append(path)
    try:
        for failure in script.run(desk):
            raise CommandError(str(failure), arguments.column, failure.code)
    finally:
        desk.sourcing.pop()
    return Said(f"{name}: {counted(len(script.lines), 'command')}", logged=False)


SOURCING = (
    Command("source", "source FILE", "carry out the commands of a script", "source mine.bps", _source,
            check=_check_source),
)  # fmt: skip
