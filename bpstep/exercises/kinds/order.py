"""Which of these cells comes first; any order that respects the graph."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.errors import CommandError
from bpstep.engine.cells import Cell
from bpstep.english import group
from bpstep.exercises.asked import last_write
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade, named
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, Posed, ask_cells
from bpstep.exercises.needs import Needs

__all__ = ["ORDER"]

_HINTS = (
    "A value can be computed as soon as everything that it is made of is there.",
    "Forward values come first; then, from the last of them back, every derivative needs those of its users.",
)

#: In a batch of more steps nobody asks what comes first: all that a cell is computed from is gone through.
_MOST_STEPS = 5_000


def _stand(posed: Posed) -> None:
    steps = posed.session.moment.place.schedule.length
    if steps > _MOST_STEPS:
        message = f"a batch of {group(steps)} steps is too large for a question of order"
        raise CommandError(f"{message}; expected at most {group(_MOST_STEPS)}")
    ask_cells(posed)


def _shuffled(posed: Posed) -> list[Cell]:
    cells = posed.cells
    order = posed.numbers(0).permutation(len(cells)).tolist()
    if order == list(range(len(cells))):
        order = order[::-1]
    return [cells[k] for k in order]


def _question(posed: Posed) -> list[str]:
    prompt = posed.item.prompt or "In which order can these be computed?"
    rows = (f"  {place}  {named(cell)}" for place, cell in enumerate(_shuffled(posed), 1))
    return [prompt, *rows, "Answer with all their numbers, the first one first, such as 2 1 3 …"]


def _wants(posed: Posed) -> str:
    count = len(posed.item.ask)
    return f"all the numbers from 1 to {count} in order, such as {' '.join(map(str, range(count, 0, -1)))}"


def _grade(posed: Posed, text: str) -> Grade:
    shuffled = _shuffled(posed)
    words = text.replace(",", " ").split()
    if sorted(words) != sorted(str(k) for k in range(1, len(shuffled) + 1)):
        return Grade(
            NOT_GRADED, (f"Answer with the numbers 1 to {len(shuffled)}, each once; this costs no try.",)
        )
    order, needs = [shuffled[int(word) - 1] for word in words], Needs(posed.session)
    for place, cell in enumerate(order):
        needed = needs.of(cell)
        missing = [other for other in order[place + 1 :] if other in needed]
        if missing:
            says = (
                f"{named(cell)} can not come there: it needs {named(missing[0])}, which is not computed yet."
            )
            return Grade(WRONG, (says,), " ".join(words))
    return Grade(CORRECT_ANSWER, ("right: everything is there before it is needed",), " ".join(words))


def _solution(posed: Posed) -> str:
    shuffled = _shuffled(posed)
    return " ".join(
        str(shuffled.index(cell) + 1) for cell in sorted(shuffled, key=lambda c: last_write(posed.session, c))
    )


def _told(posed: Posed) -> list[str]:
    shuffled, solution = _shuffled(posed), _solution(posed)
    return [f"answer: {solution}: {', '.join(named(shuffled[int(k) - 1]) for k in solution.split())}"]


def _bad(posed: Posed) -> list[Mistake]:
    backwards = " ".join(_solution(posed).split()[::-1])
    return [BLANK, ZERO, Mistake(backwards, "the order is the wrong way round")]


def _hints(posed: Posed) -> Sequence[str]:
    return [*_HINTS, f"{named(_first_of(posed))} needs none of the others: it can come first."]


def _first_of(posed: Posed) -> Cell:
    """Of the cells that are to be put in order, one that can be computed before all others."""
    needs = Needs(posed.session)
    return next(cell for cell in posed.cells if not needs.of(cell).intersection(posed.cells))


ORDER = Kind(
    "order", _stand, _question, _grade, _solution, _bad, _wants, _hints, _told, asks=2, is_drawn=True,
)  # fmt: skip
