"""How many sweeps or multiplications it takes in a net that is described."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.errors import CommandError
from bpstep.english import listed
from bpstep.exercises.counting import COUNTS, Stack, drawn_stack
from bpstep.exercises.grade import Grade
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, Posed
from bpstep.exercises.variants import generator
from bpstep.visible import quoted

__all__ = ["COUNT"]

_HINTS = (
    "Forward mode asks of one weight how everything changes; reverse mode asks of one cost what changes it.",
    "A sweep multiplies once at every edge that it goes along. Which edges does a weight reach, which the cost?",
    "Count by layers: the edges behind a weight are its net input's, then those of all that hear of it.",
)


def _stand(posed: Posed) -> None:
    if posed.item.ask[0] not in COUNTS:
        raise CommandError(
            f"{quoted(posed.item.ask[0])} is nothing to count; expected {listed([*COUNTS], 'or')}"
        )
    posed.session.position = 0


def _stack(posed: Posed) -> Stack:
    """The net that is described: one for all questions of an exercise."""
    return drawn_stack(generator(posed.exercise, posed.seed, 999))


def _question(posed: Posed) -> list[str]:
    prompt = posed.item.prompt or f"How many are {COUNTS[posed.item.ask[0]]}?"
    return [prompt, _stack(posed).says]


def _wants(posed: Posed) -> str:
    return "a whole number"


def _grade(posed: Posed, text: str) -> Grade:
    return _stack(posed).grade(posed.item.ask[0], text)


def _solution(posed: Posed) -> str:
    return str(_stack(posed).counts[posed.item.ask[0]])


def _bad(posed: Posed) -> list[Mistake]:
    wrong = _stack(posed).wrong(posed.item.ask[0])
    return [BLANK, ZERO, *(Mistake(str(count), says) for says, count in wrong.items())]


def _hints(posed: Posed) -> Sequence[str]:
    return _HINTS


def _told(posed: Posed) -> list[str]:
    return [f"answer: {_solution(posed)}"]


COUNT = Kind(
    "count", _stand, _question, _grade, _solution, _bad, _wants, _hints, _told, asks=1,
    asks_about="a count, such as sweeps", is_drawn=True,
)  # fmt: skip
