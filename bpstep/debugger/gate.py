"""The gate of a session: what of its run may be seen, and what may be done to it, while a question is open.

Whoever looks at `Gate.run` while something is asked sees a run that is known only so far (`bpstep.engine.veil`).
Views, commands, stops and expressions all read through this one gate, so none of them has to know of questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpstep.debugger.errors import NOT_COMPARED, NOT_JUDGED, CommandError, ExitCode
from bpstep.debugger.moment import Moment
from bpstep.debugger.tutor import Tutor
from bpstep.engine.run import Run
from bpstep.engine.steps import Step

if TYPE_CHECKING:
    from bpstep.engine.veil import VeiledRun

__all__ = ["Gate"]

#: So many veiled runs are remembered: those of a session stand beside each other on a plot.
_MOST_VEILED = 16


class Gate:
    """The part of a session through which its run is seen."""

    #: Who asks and grades; brought along by a face.
    tutor: Tutor | None
    #: Makes one when it is first needed: a session that is asked nothing does without.
    hire: Callable[[], Tutor] | None = None
    _run: Run
    _position: int
    _moment: Moment | None
    _veiled: dict[Run, VeiledRun]
    #: How many hold the gate open for a while (`unveiled`).
    _lifted = 0

    @property
    def run(self) -> Run:
        """The run, as far as it may be seen: while something is asked, what lies ahead is not in it."""
        return self.seen(self._run, self._position)

    @run.setter
    def run(self, run: Run) -> None:
        self.refuse_changes()
        self._run, self._moment = run, None

    @property
    def whole_run(self) -> Run:
        """The run with all its numbers: for what computes and tells no number, and for whoever grades."""
        return self._run

    def seen(self, run: Run, position: int) -> Run:
        """A run of this session whose cursor stands at a position, as far as it may be seen."""
        known = None if self.tutor is None or self._lifted else self.tutor.known(position)
        if known is None or known >= run.length:
            return run
        found = self._veiled.get(run)
        if found is None or found.known != known:
            from bpstep.engine.veil import VeiledRun

            if len(self._veiled) > _MOST_VEILED:
                self._veiled.clear()
            found = self._veiled[run] = VeiledRun(run, known)
        return found

    @property
    def conceals(self) -> bool:
        """Whether the rule of this run is a secret that somebody shall find out: as long as that is asked."""
        return self.tutor is not None and self.tutor.conceals

    @property
    def moment(self) -> Moment:
        """The run, as it stands at the cursor."""
        run, conceals = self.run, self.conceals  # a question that was asked or answered since changes them
        if self._moment is None or self._moment.run is not run or self._moment.conceals is not conceals:
            self._moment = Moment(run, self._position, conceals=conceals)
        return self._moment

    @property
    def is_veiled(self) -> bool:
        """Whether something is hidden: numbers that lie ahead, or the rule."""
        return self.moment.is_veiled

    @contextmanager
    def unveiled(self) -> Iterator[None]:
        """While this lasts all may be seen: for whoever grades, and for movements that take the question along."""
        before, self._lifted, self._moment = self._lifted, self._lifted + 1, None
        try:
            yield
        finally:
            self._lifted, self._moment = before, None

    def refuse_changes(self, column: int = 0) -> None:
        """`CommandError` while a question is open about the run as it is."""
        if self.tutor is not None and self.tutor.holds:
            message = "the run stays as it is while this is asked: answer, hint or reveal first"
            raise CommandError(message, column, ExitCode.FAILED)

    def refuse_judging(self, column: int = 0) -> None:
        """`CommandError` while it is asked whether this run is right: nothing is held against it then."""
        if self.conceals and not self._lifted:
            raise CommandError(NOT_JUDGED, column, ExitCode.FAILED)

    def refuse_comparing(self, column: int = 0) -> None:
        """`CommandError` while it is asked where numbers went wrong: a comparison would tell."""
        self.refuse_judging(column)
        if self.tutor is not None and self.tutor.compares and not self._lifted:
            raise CommandError(NOT_COMPARED, column, ExitCode.FAILED)

    def hides(self, step: Step) -> bool:
        """Whether a step lies ahead of an open question."""
        return step.number > self.run.known
