"""The help: the commands of a table, or one of them, in lines that fit a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap

from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.visible import quoted

__all__ = ["help_text"]

#: The columns of the help, and where its right part begins.
_HELP_WIDTH, _HELP_MARGIN = 78, 26


def help_text(commands: Mapping[str, Command], word: str = "", column: int = 0) -> str:
    """All commands, or the one that a word names; `CommandError` for another word."""
    if not word:
        return "\n".join(line for command in commands.values() for line in _help_lines(command))
    for command in commands.values():
        if word == command.name or word in command.aliases:
            also = f"\nalso: {', '.join(command.aliases)}" if command.aliases else ""
            says = "\n".join(wrap(command.says, _HELP_WIDTH))
            return f"{command.usage}\n{says}\nfor example: {command.example}{also}"
    raise CommandError(f"unknown command {quoted(word)}{did_you_mean(word, commands)}", column)


def _help_lines(command: Command) -> list[str]:
    """Usage at the left, what it does at the right; a long usage has lines of its own."""
    usage = wrap(command.usage, _HELP_WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    says = wrap(command.says, _HELP_WIDTH - _HELP_MARGIN)
    beside = len(usage) == 1 and len(usage[0]) < _HELP_MARGIN - 1
    first = f"{usage.pop():<{_HELP_MARGIN}}{says.pop(0)}" if beside else None
    return [*usage, *([first] if first else []), *(" " * _HELP_MARGIN + line for line in says)]
