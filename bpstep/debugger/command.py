"""What a command is: a row of the command table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bpstep.debugger.answers import Answer
from bpstep.debugger.errors import CommandError

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["Command", "expect_no_more"]


@dataclass(frozen=True)
class Command:
    """A row: how it is called, what it does, an example, and the function that does it.

    ``aliases`` map another name to the argument that it brings along: ``n`` is ``step neuron``.  ``moves``
    marks what a blank line at the prompt repeats.  ``check`` finds what is wrong with the arguments without
    doing anything, so that a script can be checked whole before it runs.
    """

    name: str
    usage: str
    says: str
    example: str
    run: Callable[[Session, Arguments], Answer]
    aliases: dict[str, str] = field(default_factory=dict)
    moves: bool = False
    check: Callable[[Session, Arguments], None] | None = None


def expect_no_more(words: list[tuple[str, int]]) -> None:
    """Refuse what stands behind the last argument."""
    if words:
        text, column = words[0]
        raise CommandError(f'expected nothing more, found "{text}"', column)
