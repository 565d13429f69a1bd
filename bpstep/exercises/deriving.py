"""The tutor of a derivation: keeps its lines, and says what came of each."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Derived, DerivedLine
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.exercises.derivation import Derivation, Line, begun
from bpstep.exercises.grade import CORRECT_ANSWER, WRONG
from bpstep.exercises.line_slips import what_is_wrong
from bpstep.exercises.worked_out import worked_out

__all__ = ["Deriving"]


class Deriving:
    """The part of a tutor that holds the lines of a derivation against each other.

    A derivation is of the net as it stood where it began: what is changed later does not change what was written.
    """

    session: Console
    verdict: str
    #: The derivation at hand, if there is one.
    derivation: Derivation | None = None

    def derive(self, text: str, column: int) -> Answer:
        """Begin a derivation by the cell that a text names."""
        self.derivation = begun(self.session, text, column)
        return self._told(self.derivation)

    def derivation_line(self, text: str, column: int) -> Answer:
        """Hold a line against the one before, and take it where they are equal."""
        derivation = self._at_hand(column)
        line = derivation.read(self.session, text, column)
        if not derivation.follows(line):
            self.verdict = WRONG
            return self._told(derivation, line)
        self.verdict = CORRECT_ANSWER
        self.derivation = derivation.with_line(line)
        return self._told(self.derivation)

    def end_derivation(self) -> Answer:
        """End the derivation, and tell what it made use of."""
        derivation = self._at_hand(0)
        self.derivation = None
        return self._told(derivation, ended=True)

    def drop_derivation(self) -> None:
        """Forget the derivation, if there is one."""
        self.derivation = None

    def _at_hand(self, column: int) -> Derivation:
        if self.derivation is None:
            raise CommandError("no derivation is begun: derive CELL begins one", column, ExitCode.FAILED)
        return self.derivation

    def _told(self, derivation: Derivation, refused: Line | None = None, *, ended: bool = False) -> Derived:
        return Derived(
            derivation.cell,
            float(derivation.truth[0]),
            tuple(_line(line) for line in derivation.lines),
            None if refused is None else _line(refused),
            "" if refused is None else what_is_wrong(derivation, refused),
            worked_out(derivation) if ended else None,
            derivation.alone,
        )


def _line(line: Line) -> DerivedLine:
    return DerivedLine(line.text, float(line.values[0]))
