"""The command language: from a line of text to a row of the command table.

A line is a word and its arguments.  The word is the name of a command, one of its aliases, or, at a prompt,
a prefix that fits only one of them.  What the arguments mean is each command's own business; it gets them
with their columns, so that an error can point at the place.

    step layer 2          -> step, "layer 2"
    n                     -> step, "neuron"      (an alias may bring an argument along)
    save "my run.bps"     -> save, one word      (a name with spaces stands in quotation marks)
    print loss  # so far  -> print, "loss"       (a comment ends the line)
"""

from __future__ import annotations

import re

from bpstep.debugger.arguments import WORD, Arguments, without_comment
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["Call", "parse_line"]

#: The sign of a line of a derivation needs no space behind it, as on paper.
_SIGN = re.compile(r"\s*=(?!=)")

#: No command is longer: an expression has at most 20,000 characters.
_MOST_CHARACTERS = 20_200


@dataclass(frozen=True)
class Call:
    """A command and its arguments."""

    command: Command
    arguments: Arguments

    @property
    def spelt_out(self) -> str:
        """The line with its command's full name, as a script has to write it: one line, whatever was typed in it."""
        return f"{self.command.name} {' '.join(self.arguments.text.splitlines())}".strip()


def parse_line(line: str, *, at_prompt: bool = False) -> Call | None:
    """The call that a line means; None for a blank line or a comment."""
    if len(line) > _MOST_CHARACTERS:
        raise CommandError(f"a command has at most {_MOST_CHARACTERS} characters", _MOST_CHARACTERS)
    line = without_comment(line)
    found = _SIGN.match(line) or WORD.search(line)
    if found is None:
        return None
    word, column = found[0].lstrip(), found.end() - len(found[0].lstrip())
    command, prefix = _find(word, column, at_prompt=at_prompt)
    rest = line[found.end() :]
    start = found.end() + len(rest) - len(rest.lstrip())
    text = rest.strip()
    if prefix:  # what was typed keeps its columns
        text, start = f"{prefix} {text}".strip(), start - len(prefix) - 1
    return Call(command, Arguments(text, start))


def _find(word: str, column: int, *, at_prompt: bool) -> tuple[Command, str]:
    """The command that a word names, and the argument that an alias brings along."""
    # What a screen paints first needs no command: they are loaded when the first one is looked for.
    from bpstep.debugger.commands import COMMANDS

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
            raise CommandError(f"{quoted(word)} may be any of: {names}", column)
    words = [word for command in COMMANDS.values() for word in (command.name, *command.aliases)]
    raise CommandError(f"unknown command {quoted(word)}{did_you_mean(word, words)}", column)
