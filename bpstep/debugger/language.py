"""The command language: from a line of text to a row of the command table, carried out.

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
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bpstep.debugger.command import expect_no_more
from bpstep.debugger.commands import COMMANDS, Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.visible import quoted

if TYPE_CHECKING:
    from bpstep.debugger.answers import Answer
    from bpstep.debugger.session import Session

__all__ = [
    "Arguments",
    "Call",
    "as_word",
    "carry_out",
    "file_name",
    "parse_line",
    "spelt_out",
    "without_comment",
]

#: A word, or what stands in quotation marks; a mark inside a word (f', d'où) is part of it.
_WORD = re.compile(r"""(?:"[^"]*"|'[^']*')(?=\s|$)|\S+""")
#: The sign of a line of a derivation needs no space behind it, as on paper.
_SIGN = re.compile(r"\s*=(?!=)")
_MARKS = ('"', "'")
_SPECIAL = re.compile(r"""\s|^["'#]|^$""")

#: No command is longer: an expression has at most 20,000 characters.
_MOST_CHARACTERS = 20_200
_LONGEST_NAME = 400


@dataclass(frozen=True)
class Arguments:
    """What stands behind a command's name: the text, and the column where it begins."""

    text: str
    column: int

    @property
    def words(self) -> list[tuple[str, int]]:
        """The words, each with its column; of a word in quotation marks, what stands between them."""
        found = [(word.group(), self.column + word.start()) for word in _WORD.finditer(self.text)]
        return [(_unquoted(word, column), column) for word, column in found]

    @property
    def name(self) -> str:
        """The whole text as the name of a file, which may stand in quotation marks."""
        words = self.words
        return file_name(words[0][0] if len(words) == 1 else self.text, self.column)

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class Call:
    """A command and its arguments."""

    command: Command
    arguments: Arguments


def parse_line(line: str, *, at_prompt: bool = False) -> Call | None:
    """The call that a line means; None for a blank line or a comment."""
    if len(line) > _MOST_CHARACTERS:
        raise CommandError(f"a command has at most {_MOST_CHARACTERS} characters", _MOST_CHARACTERS)
    line = without_comment(line)
    found = _SIGN.match(line) or _WORD.search(line)
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


def without_comment(line: str) -> str:
    """A line up to its comment: a ``#`` that begins it, or that stands between spaces, and all behind it."""
    for number, found in enumerate(_WORD.finditer(line)):
        if found.group() == "#" or (number == 0 and found.group().startswith("#")):
            return line[: found.start()].rstrip()
    return line.rstrip()


def file_name(name: str, column: int) -> str:
    """A name that a file may have: neither empty, nor longer than any system allows."""
    if not name:
        raise CommandError("expected the name of a file", column)
    if len(name) > _LONGEST_NAME:
        raise CommandError(f"the name of a file has at most {_LONGEST_NAME} characters", column)
    return name


def as_word(name: str) -> str:
    """A name as one word of a command: in quotation marks where it needs them; `ValueError` where none will do."""
    if not _SPECIAL.search(name):
        return name
    mark = next((mark for mark in _MARKS if mark not in name), None)
    if mark is None or "\n" in name or "\r" in name:
        raise ValueError(f"{quoted(name)} can not be written in a command")
    return f"{mark}{name}{mark}"


def _unquoted(word: str, column: int) -> str:
    if not word.startswith(_MARKS):
        return word
    if len(word) < 2 or word[-1] != word[0] or word[0] in word[1:-1]:
        raise CommandError(f"expected a second {word[0]}, with a space or nothing behind it", column)
    return word[1:-1]


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
            raise CommandError(f"{quoted(word)} may be any of: {names}", column)
    raise CommandError(f"unknown command {quoted(word)}{did_you_mean(word, _words())}", column)


def _words() -> list[str]:
    return [word for command in COMMANDS.values() for word in (command.name, *command.aliases)]


def carry_out(session: Session, line: str, *, at_prompt: bool = False) -> Answer:
    """Carry out one line; raises `CommandError`."""
    call = parse_line(line, at_prompt=at_prompt)
    if call is None:
        raise CommandError("there is no command in this line")
    if call.command.takes_nothing:
        expect_no_more(call.arguments.words)
    return call.command.run(session, call.arguments)


def spelt_out(line: str, *, at_prompt: bool = False) -> str:
    """A line with its command's full name, as a script has to write it."""
    call = parse_line(line, at_prompt=at_prompt)
    assert call is not None, "only what was carried out is spelt out"
    return f"{call.command.name} {call.arguments.text}".strip()
