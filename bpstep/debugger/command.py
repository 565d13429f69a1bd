"""What a command is: a row of the command table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from bpstep.debugger.answers import Answer
from bpstep.debugger.arguments import Arguments, expect_no_more
from bpstep.debugger.desk import Desk
from bpstep.lazily import dataclass

__all__ = ["Command"]


@dataclass(frozen=True)
class Command:
    """A row: how it is called, what it does, an example, and the function that does it.  ``names``, where it takes
    a word from a table, are the words that there are.

    ``aliases`` map another name to the argument that it brings along: ``n`` is ``step neuron``.  ``moves``
    marks what a blank line at the prompt repeats.  ``check`` finds what is wrong with the arguments without
    doing anything, so that a script can be checked whole before it runs.

    Its arguments are completed to ``offers`` (else ``names``), to cells where it ``takes_cells``, and behind the word
    before a ``=`` to the ``values`` of that word.
    """

    name: str
    usage: str
    does: str
    example: str
    run: Callable[[Desk, Arguments], Answer]
    aliases: dict[str, str] = field(default_factory=dict)
    moves: bool = False
    check: Callable[[Desk, Arguments], None] | None = None
    names: Sequence[str] = ()
    offers: Iterable[str] = ()
    takes_cells: bool = True
    values: Mapping[str, Iterable[str]] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """What it does, with the names that it takes."""
        return f"{self.does}: {', '.join(self.names)}" if self.names else self.does

    @property
    def takes_nothing(self) -> bool:
        """Whether nothing may stand behind its name."""
        return self.usage == self.name

    def find_faults(self, desk: Desk, arguments: Arguments) -> None:
        """Raise `CommandError` for what is wrong with the arguments and can be known before it is carried out."""
        if self.takes_nothing:
            expect_no_more(arguments.words)
        elif self.check is not None:
            self.check(desk, arguments)
