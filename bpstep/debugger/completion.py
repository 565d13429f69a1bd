"""Completion: what the word at the end of a line may become.

Only the word is completed, and whatever stands before it stays: ``print 2*delta[h`` has the word ``delta[h``.  Which
part of the end of a line is a word follows from what it may become: the longest part that begins a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bpstep.debugger.command import Command
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.expressions import Scope
from bpstep.engine.cells import CLOCK_KINDS
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import function_names

__all__ = ["Completion", "complete", "completion"]

#: No name is longer, so no word begins further left.
_LONGEST = 80

_WORD_BEGINS = re.compile(r"(?<!\w)\w|\W")
_WORD_ENDS = re.compile(r"[\w\])]$")


@dataclass(frozen=True)
class Completion:
    """``line[start:]`` is the word; each of the ``choices`` begins with it."""

    line: str
    start: int
    choices: tuple[str, ...]

    @property
    def shared(self) -> str:
        """The word, as far as all choices agree; of no choices, as it is."""
        if not self.choices:
            return self.line[self.start :]
        # What the first and the last of sorted words share, all of them share.
        first, last = self.choices[0], self.choices[-1]
        same = (k for k, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1])
        return first[: next(same, min(len(first), len(last)))]


def complete(scope: Scope, line: str) -> tuple[str, list[str]]:
    """The line with its last word completed as far as it is clear, and the words that it may become."""
    found = completion(scope, line)
    is_command = not line[: found.start].strip() and len(found.choices) == 1
    return line[: found.start] + found.shared + (" " if is_command else ""), list(found.choices)


def completion(scope: Scope, line: str) -> Completion:
    """What the word at the end of a line may become."""
    names = sorted(set(_candidates(scope, line)))
    for start in _word_starts(line):
        choices = tuple(name for name in names if name.startswith(line[start:]))
        if choices:
            return Completion(line, start, choices)
    return Completion(line, len(line), ())


def _word_starts(line: str) -> Iterator[int]:
    """Where the word at the end of a line may begin, from left to right: at a letter that follows no letter."""
    least = max(len(line) - _LONGEST, line.rfind(" ") + 1)
    if line[:least].strip() in ("", "!"):  # a command is one word, whatever it is made of
        yield least
        return
    yield from (start for start in range(least, len(line)) if _WORD_BEGINS.match(line, start))
    if not _WORD_ENDS.search(line):
        yield len(line)


def _candidates(scope: Scope, line: str) -> Iterable[str]:
    words = line.split(" ")
    while len(words) > 1 and words[0] in ("", "!"):
        words.pop(0)
    if len(words) < 2:
        return COMMANDS
    command = _command(words[0])
    if command is None:
        return _names(scope)
    if "=" in words and command.values:
        return command.values.get(words[1]) or _names(scope)
    offered = command.offers or command.names
    return [*offered, *_names(scope)] if command.takes_cells else offered


def _command(word: str) -> Command | None:
    """The command that a word names, as a prompt understands it."""
    for command in COMMANDS.values():
        if word == command.name or word in command.aliases:
            return command
    fitting = [name for name in COMMANDS if name.startswith(word)]
    return COMMANDS[fitting[0]] if len(fitting) == 1 else None


def _names(scope: Scope) -> list[str]:
    """What may stand in an expression."""
    own = ("loss", "cost") if scope.moment.setup.is_network else ()
    return [
        *scope.known_arrays(),
        *scope.known_cells(),
        *CLOCK_KINDS,
        *own,
        *(f"{name}(" for name in function_names()),
    ]
