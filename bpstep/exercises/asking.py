"""The question that is open: where it is asked, what is hidden and kept back meanwhile, and how it is put."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Asked
from bpstep.debugger.console import Console
from bpstep.engine.cells import Cell
from bpstep.english import counted
from bpstep.exercises.kind import A_NUMBER, Posed
from bpstep.exercises.model import Exercise
from bpstep.exercises.predicting import Prediction
from bpstep.exercises.record import Record

__all__ = ["Asking"]


class Asking:
    """The part of a tutor that knows what it asks now: an item of an exercise, the next value, or nothing."""

    #: Whether there are hints, and answers are shown.
    helps = True

    def __init__(self, session: Console, record: Record | None) -> None:
        self.session = session
        #: What is recorded; None where nothing is.
        self.record = record
        self.prediction = Prediction(session)
        self.predicting = False
        self.right = self.graded = 0
        #: The exercise that is gone through, with which numbers, and the place of its item that is asked.
        self.exercise_now: Exercise | None = None
        self.seed_now = 0
        self.place = 0
        self.posed: Posed | None = None

    @property
    def asked(self) -> Cell | None:
        """The cell that is asked for and shown as ?."""
        if self.posed is not None:
            return self.posed.cell if self.posed.kind.hides else None
        upcoming = self.session.upcoming if self.predicting else None
        return upcoming.cell if upcoming is not None else None

    @property
    def limit(self) -> int | None:
        """While the value of a cell is asked for, what lies ahead of the question stays there."""
        if self.posed is None or not self.posed.kind.hides:
            return None
        return self.posed.session.position

    def known(self, position: int) -> int | None:
        """In an exercise what is done where the item is asked; in predict mode, where the cursor stands."""
        return position if self.predicting else self.limit

    @property
    def holds(self) -> bool:
        """An item is asked about the run as its author made it."""
        return self.posed is not None and not self.posed.kind.is_training

    @property
    def is_asking(self) -> bool:
        """Whether there is a question."""
        return self.posed is not None or self.predicting

    @property
    def is_long(self) -> bool:
        """Whether the question is a page to read."""
        return self.posed is not None and self.posed.kind.is_long

    @property
    def compares(self) -> bool:
        """Whether it is asked where some numbers went wrong."""
        return self.posed is not None and self.posed.kind.compares

    @property
    def conceals(self) -> bool:
        """Whether it is asked by which rule the run was made: a secret until then, and no longer."""
        return self.posed is not None and self.posed.kind.conceals

    @property
    def words(self) -> tuple[str, ...]:
        """Words that are answers to the question at hand."""
        return self.posed.kind.words if self.posed is not None else ()

    @property
    def score(self) -> str:
        """How it goes, in a few words."""
        if self.exercise_now is not None:
            variant = f" · variant {self.seed_now}" if self.exercise_now.vary else ""
            return f"{self.where}{variant}"
        return f"predict on · {self.right} right of {self.graded}" if self.predicting else ""

    @property
    def where(self) -> str:
        """Which question is asked, in a few words."""
        if self.exercise_now is not None:
            return f"{self.exercise_now.id} · question {self.place + 1} of {len(self.exercise_now.items)}"
        return self.prediction.where if self.predicting else ""

    def question(self) -> Answer:
        """What is asked now."""
        if self.posed is not None and self.exercise_now is not None:
            asked = self.posed.kind.question(self.posed)
            head = f"{self.exercise_now.title}   question {self.place + 1} of {len(self.exercise_now.items)}"
            seed = f"   variant {self.posed.seed}" if self.exercise_now.vary else ""
            begun = f"exercise {self.exercise_now.id} seed={self.posed.seed}"
            log = (begun, *["exercise next"] * self.place)
            most = self.posed.item.max_tries
            tries = (
                f"   {counted(most, 'try counts', 'tries count')}" if most is not None and self.helps else ""
            )
            return Asked((head + seed + tries, *self._trouble(), *asked), log_as=log)
        return Asked(self.prediction.lines())

    def _trouble(self) -> tuple[str, ...]:
        """What is wrong with the progress file, once."""
        if self.record is None or not self.record.trouble:
            return ()
        trouble, self.record.trouble = self.record.trouble, ""
        return (trouble,)

    @property
    def terms(self) -> str:
        """In predict mode: how near an answer must be."""
        return self.prediction.terms if self.predicting else ""

    @property
    def wants(self) -> str:
        """What an answer is made of."""
        if self.posed is not None:
            return self.posed.kind.wants(self.posed)
        return A_NUMBER if self.predicting else ""

    def _lines(self) -> tuple[str, ...]:
        """The question alone, for whoever has something to say before it."""
        asked = self.question()
        assert isinstance(asked, Asked)
        return asked.lines

    @property
    def asked_at(self) -> tuple[str, int]:
        """Which question is open."""
        if self.exercise_now is not None:
            return f"{self.exercise_now.id} {self.seed_now}", self.place
        return "", self.session.position
