"""What a command is: a row of the command table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bpstep.debugger.answers import Answer
from bpstep.debugger.errors import CommandError
from bpstep.visible import quoted

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["Command", "expect_no_more", "whole_number"]

#: Nothing that is counted is larger: steps, epochs, seeds.
_MOST = 10**12


@dataclass(frozen=True)
class Command:
    """A row: how it is called, what it does, an example, and the function that does it.  ``names``, where it takes
    a word from a table, are the words that there are.

    ``aliases`` map another name to the argument that it brings along: ``n`` is ``step neuron``.  ``moves``
    marks what a blank line at the prompt repeats.  ``check`` finds what is wrong with the arguments without
    doing anything, so that a script can be checked whole before it runs.
    """

    name: str
    usage: str
    does: str
    example: str
    run: Callable[[Session, Arguments], Answer]
    aliases: dict[str, str] = field(default_factory=dict)
    moves: bool = False
    check: Callable[[Session, Arguments], None] | None = None
    names: Sequence[str] = ()

    @property
    def says(self) -> str:
        """What it does, with the names that it takes."""
        return f"{self.does}: {', '.join(self.names)}" if self.names else self.does

    @property
    def takes_nothing(self) -> bool:
        """Whether nothing may stand behind its name."""
        return self.usage == self.name

    def find_faults(self, session: Session, arguments: Arguments) -> None:
        """Raise `CommandError` for what is wrong with the arguments and can be known before it is carried out."""
        if self.takes_nothing:
            expect_no_more(arguments.words)
        elif self.check is not None:
            self.check(session, arguments)


def expect_no_more(words: list[tuple[str, int]]) -> None:
    """Refuse what stands behind the last argument."""
    if words:
        text, column = words[0]
        raise CommandError(f"expected nothing more, found {quoted(text)}", column)


def whole_number(text: str, column: int, what: str, least: int = 0, most: int = _MOST) -> int:
    """A whole number as it is typed, in plain digits; ``what`` says what is expected.

    Not every digit is one to Python (²), and not every number of digits (a thousand of them): both get their line.
    """
    if not (
        text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST)) and least <= int(text) <= most
    ):
        raise CommandError(f"expected {what}, found {quoted(text) if text else 'nothing'}", column)
    return int(text)
