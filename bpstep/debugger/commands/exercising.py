"""Commands of self-study, from predict to play; who asks and grades is a `Tutor`."""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Play
from bpstep.debugger.arguments import Arguments, expect_no_more, whole_number
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import tutor_of
from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session

__all__ = ["EXERCISING"]


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
        check=_check_predict, offers=("on", "off"), takes_cells=False,
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
