"""Who asks questions and grades answers, as the debugger sees them.

The debugger knows that there may be somebody who asks, what of the run they hide and which command is meant for them,
but not how an answer is graded: that is the business of `bpstep.exercises`, which a face brings along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bpstep.debugger.answers import Answer
from bpstep.engine.cells import Cell

__all__ = ["Tutor"]


class Tutor(Protocol):
    """Who asks questions and grades answers; `bpstep.exercises` has one, which a face brings along."""

    #: What came of the last answer, or of a line of a derivation:
    #: "correct", "carried-forward", "wrong" or "not-graded"; "" before the first.
    verdict: str
    #: The wrong rules that the last answer matched.
    diagnoses: tuple[str, ...]
    #: Whether there are hints, and answers are shown: not so in an exam.
    helps: bool
    #: Whether the next value is asked for at every step.
    predicting: bool

    @property
    def asked(self) -> Cell | None:
        """The cell that is asked for and shown as ?, if one is."""

    @property
    def limit(self) -> int | None:
        """The last position at which the answer is not given away; None where one may go on without answering."""

    def known(self, position: int) -> int | None:
        """How many steps of a run may be seen while its cursor stands at a position; None where all may."""

    @property
    def holds(self) -> bool:
        """Whether a question is open about the run as it is, so that nothing of it may be changed."""

    @property
    def is_asking(self) -> bool:
        """Whether there is a question."""

    @property
    def score(self) -> str:
        """How it goes, in a few words."""

    @property
    def where(self) -> str:
        """Which question is asked, in a few words; "" where none is."""

    @property
    def terms(self) -> str:
        """How near an answer must be, where the question does not say it."""

    @property
    def wants(self) -> str:
        """What an answer is made of: a number, an expression, the order of some cells; "" where nothing is asked."""

    @property
    def is_long(self) -> bool:
        """Whether the question is a page to read, which needs more room than others."""

    @property
    def compares(self) -> bool:
        """Whether it is asked where some numbers went wrong, which a comparison would tell."""

    @property
    def conceals(self) -> bool:
        """Whether it is asked by which rule the run was made, so that nothing may tell the rule."""

    @property
    def words(self) -> tuple[str, ...]:
        """Words that are answers to the question at hand, however near they are to a command."""

    #: Whether nothing is recorded, for what is done will be taken back.
    off_the_record: bool

    def refuses(self, command: str, text: str) -> str:
        """Why a command with this text behind it is not carried out, as far as the tutor minds; "" where it is."""

    def checkpoint(self) -> Callable[[], None]:
        """What brings the tutor back to how it is now."""

    def opened(self) -> None:
        """Another scenario was opened in the session, or the one at hand begins anew."""

    def again(self) -> Answer | None:
        """Ask the question of the exercise at hand anew; None in no exercise."""

    def predict(self, on: bool) -> Answer:
        """Begin or end to ask for the next value."""

    def exercise(self, name: str, seed: int | None) -> Answer:
        """Begin an exercise; "" is the next one, "next" the next item of this one."""

    def exercises(self) -> Answer:
        """The path of exercises: what is done, and what is next."""

    def answer(self, text: str) -> Answer:
        """Grade an answer."""

    def hint(self) -> Answer:
        """Give the next hint."""

    def reveal(self) -> Answer:
        """Show the answer."""

    def question(self) -> Answer:
        """What is asked now, once more."""

    def derive(self, text: str, column: int) -> Answer:
        """Begin a derivation by the cell that a text names."""

    def derivation_line(self, text: str, column: int) -> Answer:
        """The next line of the derivation."""

    def end_derivation(self) -> Answer:
        """End the derivation, and tell what it made use of."""

    def drop_derivation(self) -> None:
        """Forget the derivation, if there is one."""
