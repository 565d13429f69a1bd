"""Commands of self-study: predict, exercise, exercises, answer, hint, reveal, play.

The debugger knows that there is somebody who asks and grades (a `Tutor`), but not how: that is the business of
`bpstep.exercises`, which a face brings along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from bpstep.debugger.answers import Answer, Play
from bpstep.debugger.command import Command, expect_no_more, whole_number
from bpstep.debugger.errors import CommandError, ExitCode

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session
    from bpstep.engine.cells import Cell

__all__ = ["EXERCISING", "Tutor", "tutor_of"]


class Tutor(Protocol):
    """Who asks questions and grades answers."""

    #: What came of the last answer, or of a line of a derivation:
    #: "correct", "carried-forward", "wrong" or "not-graded"; "" before the first.
    verdict: str
    #: The wrong rules that the last answer matched.
    diagnoses: tuple[str, ...]
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
    def words(self) -> tuple[str, ...]:
        """Words that are answers to the question at hand, however near they are to a command."""

    @property
    def score(self) -> str:
        """How it goes, in a few words."""

    @property
    def terms(self) -> str:
        """How near an answer must be, where the question does not say it."""

    @property
    def wants(self) -> str:
        """What an answer is made of: a number, an expression, the order of some cells; "" where nothing is asked."""

    @property
    def takes_commands(self) -> bool:
        """Whether the answer is what commands make of the run."""

    #: Whether nothing is recorded, for what is done will be taken back.
    off_the_record: bool

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


def tutor_of(session: Session, column: int = 0) -> Tutor:
    """The session's tutor; `CommandError` where it has none."""
    if session.tutor is None:
        raise CommandError("there is nobody here who could ask", column, ExitCode.FAILED)
    return session.tutor


def _predict(session: Session, arguments: Arguments) -> Answer:
    _check_predict(session, arguments)
    return tutor_of(session, arguments.column).predict(arguments.text == "on")


def _check_predict(session: Session, arguments: Arguments) -> None:
    if arguments.text not in ("on", "off"):
        raise CommandError("expected on or off", arguments.column)


def _exercise(session: Session, arguments: Arguments) -> Answer:
    return tutor_of(session, arguments.column).exercise(*_which_exercise(arguments))


def _which_exercise(arguments: Arguments) -> tuple[str, int | None]:
    """``[ID|next] [seed=N]``."""
    words, seed = arguments.words, None
    if words and words[-1][0].startswith("seed="):
        text, column = words.pop()
        seed = whole_number(text[5:], column + 5, "seed=N, N a whole number")
    name = words.pop(0)[0] if words else ""
    expect_no_more(words)
    return name, seed


def _check_exercise(session: Session, arguments: Arguments) -> None:
    _which_exercise(arguments)


def _exercises(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    return tutor_of(session, arguments.column).exercises()


def _answer(session: Session, arguments: Arguments) -> Answer:
    return tutor_of(session, arguments.column).answer(arguments.text)


def _hint(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    return tutor_of(session, arguments.column).hint()


def _reveal(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    return tutor_of(session, arguments.column).reveal()


def _play(session: Session, arguments: Arguments) -> Answer:
    return Play(_speed(arguments))


def _speed(arguments: Arguments) -> int:
    if not arguments:
        return 4
    return whole_number(arguments.text, arguments.column, "steps a second, from 1 to 1000", 1, 1000)


def _check_play(session: Session, arguments: Arguments) -> None:
    _speed(arguments)


EXERCISING = (
    Command(
        "predict", "predict on|off", "ask for the next value before every step", "predict on", _predict,
        check=_check_predict,
    ),
    Command("exercise", "exercise [ID|next] [seed=N]", "begin an exercise, or go on to its next question",
            "exercise hidden-delta", _exercise, aliases={"next": "next"}, check=_check_exercise),
    Command("exercises", "exercises", "the path of exercises: what is done, and what is next", "exercises", _exercises),
    Command("answer", "answer EXPR", "answer what is asked: a number, or an expression over cells that are shown",
            "answer delta[o1] * w[h1->o1]", _answer),
    Command("hint", "hint", "a hint; the third is a worked step", "hint", _hint),
    Command("reveal", "reveal", "show the answer; it then does not count as solved", "reveal", _reveal),
    Command("play", "play [SPEED]", "play on the screen, so many steps a second", "play 10", _play,
            check=_check_play),
)  # fmt: skip
