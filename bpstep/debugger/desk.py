"""A desk: a session, and what lies beside it while commands are carried out.

The log of what was done, the folder in which names of files begin, the script that runs, whoever draws views as text.
A command is given the desk (see `bpstep.debugger.command`); it can have another line carried out there without knowing
the table of commands, which only a `bpstep.debugger.console` does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from bpstep.debugger.answers import Answer, Reads
from bpstep.debugger.errors import ForbiddenError
from bpstep.debugger.nesting import Nesting
from bpstep.debugger.session import Session
from bpstep.debugger.stops import StopList
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT
from bpstep.reach import ANYWHERE, OutOfReachError
from bpstep.scenario.model import Scenario

__all__ = ["Desk"]


class Desk(Session, ABC):
    """What a command is carried out on."""

    def __init__(self, scenario: Scenario, *, rule: Rule = CORRECT, epochs: int | None = None) -> None:
        #: Where the names of files in commands begin and how far they lead, the blocks of the script that runs, and the
        #: scripts inside scripts.
        self.reach = ANYWHERE
        self.blocks: dict[str, str] = {}
        self.sourcing = Nesting()
        #: The scripts that were written here, and so may be written again.
        self.saved: set[Path] = set()
        #: How a view reads as text; set by whoever has a view (the debugger itself has none).
        self.render: Callable[[str], str] | None = None
        #: What writes a view, or the trace of the whole run, to a file; set together with it.
        self.write_out: Callable[[str, str, int, TextIO], str] | None = None
        #: What keeps a look for the sessions to come and says where; set by a face in which somebody sits.
        self.keep: Callable[[str, object], str] | None = None
        #: The columns that there are for text.
        self.columns = 80
        super().__init__(scenario, rule=rule, epochs=epochs)

    @property
    def folder(self) -> Path:
        """The folder in which the names of files begin."""
        return self.reach.folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self.reach = replace(self.reach, folder=folder)

    def to_read(self, name: str, column: int) -> Path:
        """The file that a command names to read it; `ForbiddenError` where it may not.  There is no other way to a file
        than this one and `to_write`, so that no command reaches further than another."""
        with _told_at(column, "read"):
            return self.reach.to_read(name)

    def to_write(self, name: str, column: int) -> Path:
        """The file that a command names to write it; `ForbiddenError` where it may not."""
        with _told_at(column, "write"):
            return self.reach.to_write(name)

    def restart(self) -> None:
        """Begin anew, with an empty log."""
        self.log: list[str | Reads] = []
        super().restart()

    @abstractmethod
    def execute(self, line: str, *, at_prompt: bool = False) -> Answer:
        """Carry out one line of the command language, whole or not at all, and log it; `CommandError` says what is
        wrong with it."""

    @abstractmethod
    def carry_out(self, line: str, *, at_prompt: bool = False) -> Answer:
        """Carry out a line as a part of another: it is not logged, and one that fails is not taken back."""

    def checkpoint(self) -> Callable[[], None]:
        """What brings the desk back, whole, to how it is now; not the files that were written since."""
        facts, logged = dict(vars(self)), len(self.log)
        held = {
            name: copy(value)
            for name, value in facts.items()
            if isinstance(value, dict | list | set | StopList)
        }
        held["log"] = self.log
        bring_tutor_back = self.tutor.checkpoint() if self.tutor is not None else None

        def bring_back() -> None:
            vars(self).clear()
            vars(self).update(facts | held, _moment=None)
            del self.log[logged:]
            if bring_tutor_back is not None:
                bring_tutor_back()

        return bring_back


@contextmanager
def _told_at(column: int, what: str) -> Iterator[None]:
    """A file that is out of reach is what is wrong with a command, at a column."""
    try:
        yield
    except OutOfReachError as error:
        raise ForbiddenError(f"can not {what} {error}", column) from None
