"""How many: sweeps or multiplications in a net that is described, or contributions to a derivative of this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpstep.debugger.errors import CommandError
from bpstep.english import listed
from bpstep.exercises.counting import COUNTS, drawn_stack, grade_count
from bpstep.exercises.gathering import Gathering
from bpstep.exercises.grade import Grade, named
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, Posed, go, the_answer
from bpstep.exercises.variants import generator
from bpstep.lazily import dataclass

__all__ = ["COUNT"]

_OF_WORK = (
    "Forward mode asks of one weight how everything changes; reverse mode asks of one cost what changes it.",
    "A sweep multiplies once at every edge that it goes along. Which edges does a weight reach, which the cost?",
    "Count by layers: the edges behind a weight are its net input's, then those of all that hear of it.",
)
_OF_USES = (
    "Every use of a cell brings a contribution to its derivative, and nothing else does.",
    "Go through the forward pass: which cells are computed from this one, and how often?",
    "A cell that stands in several places, or under a window several times, is used once in each.",
)


@dataclass(frozen=True)
class _Counted:
    """What is counted: the question in words, what it is about, the right number, and others with what is said of
    them."""

    asks: str
    says: str
    right: int
    wrong: Mapping[str, int]
    hints: Sequence[str]


def _counted(posed: Posed) -> _Counted:
    """What this variant asks: of the net that is drawn for all questions of an exercise, or of one of the cells."""
    asked = posed.item.ask
    if asked[0] in COUNTS:
        stack = drawn_stack(generator(posed.exercise, posed.seed, 999))
        return _Counted(
            f"How many are {COUNTS[asked[0]]}?",
            stack.says,
            stack.counts[asked[0]],
            stack.wrong(asked[0]),
            _OF_WORK,
        )
    cells = posed.cells
    found = Gathering(posed.session, cells[int(posed.numbers(0).integers(0, len(cells)))])
    asks = f"How many contributions does {named(found.cell)} gather?"
    return _Counted(asks, found.says, found.count, found.wrong(), _OF_USES)


def _stand(posed: Posed) -> None:
    posed.session.position = 0
    if posed.item.ask[0] in COUNTS:
        return
    try:
        for cell in posed.cells:
            _ = Gathering(posed.session, cell).count
    except CommandError as error:
        raise CommandError(f"{error.message}; other counts are {listed([*COUNTS])}") from None
    if posed.item.at:
        go(posed)


def _question(posed: Posed) -> list[str]:
    counted = _counted(posed)
    return [posed.item.prompt or counted.asks, counted.says]


def _wants(posed: Posed) -> str:
    return "a whole number"


def _grade(posed: Posed, text: str) -> Grade:
    counted = _counted(posed)
    return grade_count(text, counted.right, counted.wrong)


def _solution(posed: Posed) -> str:
    return str(_counted(posed).right)


def _bad(posed: Posed) -> list[Mistake]:
    counted = _counted(posed)
    zero = [ZERO] if counted.right else []
    return [BLANK, *zero, *(Mistake(str(count), says) for says, count in counted.wrong.items())]


def _hints(posed: Posed) -> Sequence[str]:
    return _counted(posed).hints


COUNT = Kind(
    "count", _stand, _question, _grade, _solution, _bad, _wants, _hints, the_answer, asks=1,
    asks_about="a count, such as sweeps, or derivatives whose contributions are counted", is_drawn=True,
)  # fmt: skip
