"""The command language: from a line of text to a row of the command table, carried out.

A line is a word and its arguments.  The word is the name of a command, one of its aliases, or, at a prompt,
a prefix that fits only one of them.  What the arguments mean is each command's own business; it gets them
with their columns, so that an error can point at the place.

    step layer 2          -> step, "layer 2"
    n                     -> step, "neuron"      (an alias may bring an argument along)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bpstep.debugger.commands import COMMANDS, Command
from bpstep.debugger.errors import CommandError, did_you_mean

if TYPE_CHECKING:
    from bpstep.debugger.answers import Answer
    from bpstep.debugger.session import Session

__all__ = ["Arguments", "Call", "carry_out", "parse_line", "spelt_out"]

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Arguments:
    """What stands behind a command's name: the text, and the column where it begins."""

    text: str
    column: int

    @property
    def words(self) -> list[tuple[str, int]]:
        """The words, each with its column."""
        return [(found.group(), self.column + found.start()) for found in _WORD.finditer(self.text)]

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class Call:
    """A command and its arguments."""

    command: Command
    arguments: Arguments


def parse_line(line: str, *, at_prompt: bool = False) -> Call | None:
    """The call that a line means; None for a blank line or a comment."""
    found = _WORD.search(line)
    if found is None or found.group().startswith("#"):
        return None
    word, column = found.group(), found.start()
    command, prefix = _find(word, column, at_prompt=at_prompt)
    rest = line[found.end() :]
    start = found.end() + len(rest) - len(rest.lstrip())
    text = rest.strip()
    if prefix:
        text = f"{prefix} {text}".strip()
    return Call(command, Arguments(text, start))


def _find(word: str, column: int, *, at_prompt: bool) -> tuple[Command, str]:
    """The command that a word names, and the argument that an alias brings along."""
    for command in COMMANDS.values():
        if word == command.name:
            return command, ""
        if word in command.aliases:
            return command, command.aliases[word]
    if at_prompt:
        fitting = [command for command in COMMANDS.values() if command.name.startswith(word)]
        if len(fitting) == 1:
            return fitting[0], ""
        if fitting:
            names = ", ".join(command.name for command in fitting)
            raise CommandError(f'"{word}" may be any of: {names}', column)
    raise CommandError(f'unknown command "{word}"{did_you_mean(word, _words())}', column)


def _words() -> list[str]:
    return [word for command in COMMANDS.values() for word in (command.name, *command.aliases)]


def carry_out(session: Session, line: str, *, at_prompt: bool = False) -> Answer:
    """Carry out one line; raises `CommandError`."""
    call = parse_line(line, at_prompt=at_prompt)
    if call is None:
        raise CommandError("there is no command in this line")
    return call.command.run(session, call.arguments)


def spelt_out(line: str, *, at_prompt: bool = False) -> str:
    """A line with its command's full name, as a script has to write it."""
    call = parse_line(line, at_prompt=at_prompt)
    assert call is not None, "only what was carried out is spelt out"
    return f"{call.command.name} {call.arguments.text}".strip()
