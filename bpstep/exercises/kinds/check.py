"""Is this gradient right?  Choose h, look at the difference quotient, decide."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.differences import relative_difference
from bpstep.engine.passes import compute
from bpstep.engine.rules import RULES
from bpstep.exercises.asked import last_write
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, OnPaper, Posed, the_answer
from bpstep.exercises.kinds.drawn_rule import drawn_rule

__all__ = ["CHECK"]

#: A step that is good enough for a right answer.
_H = 1e-5

#: On paper, where digits are few.
_H_ON_PAPER = 1e-3

_HINTS = (
    "A gradient says how the loss changes; so change the weight a little, both ways, and look.",
    "h must be small, so that the curve does not matter, and not too small, so that rounding does not.",
    "Try 1e-4. A right gradient then agrees to six digits or more.",
)


def _stand(posed: Posed) -> None:
    name = drawn_rule(posed, with_correct=True)
    posed.session.open(posed.scenario, rule=RULES[name])
    _parameter_place(posed)
    posed.session.position = last_write(posed.session, posed.cell)


def _question(posed: Posed) -> list[str]:
    value = _claimed(posed)
    prompt = posed.item.prompt or f"This run says {posed.cell} = {value:.8g}. Is that right?"
    return [
        prompt,
        "A step h, such as 1e-4, shows the difference quotient; then right or wrong decides.",
    ]


def _claimed(posed: Posed) -> float:
    """What this run says."""
    return posed.session.run.step(last_write(posed.session, posed.cell)).value + 0.0  # −0 is 0


def _wants(posed: Posed) -> str:
    return "a step h such as 1e-4; then right or wrong"


def _parameter_place(posed: Posed) -> int:
    """Where the parameter whose gradient is asked for stands among all; `CommandError` where it is none."""
    session, parameter = posed.session, posed.cell.of
    spot = session.index.find(parameter) if isinstance(parameter, Cell) and posed.cell.kind == "d" else None
    if spot is None or spot.kind != "parameter":
        raise CommandError(f"{posed.cell} is no gradient of a parameter, such as d(w[i1->h1])")
    return session.setup.graph.flat_place(spot.at, spot.j)


def _quotient(posed: Posed, h: float) -> float:
    """(L(w + h) − L(w − h)) / 2h."""
    above, below = _losses_beside(posed, h)
    return (above - below) / (2.0 * h)


def _losses_beside(posed: Posed, h: float) -> tuple[float, float]:
    """L(w + h) and L(w − h), from forward passes alone."""
    numbers, place = posed.session.run.numbers(0), _parameter_place(posed)
    given = [numbers.values[vector.id] for vector in numbers.graph.given]
    losses = []
    for sign in (1.0, -1.0):
        moved = numbers.parameters.copy()
        moved[place] += sign * h
        losses.append(compute(numbers.setup, numbers.rate, numbers.rows, moved, given).loss)
    return losses[0], losses[1]


def _is_right_gradient(posed: Posed) -> bool:
    right = Session(posed.scenario).run
    number = last_write(posed.session, posed.cell)
    ours, theirs = posed.session.run.step(number).value, right.step(number).value
    return relative_difference(ours, theirs) < 1e-6


def _grade(posed: Posed, text: str) -> Grade:
    word = text.strip().lower()
    if word in ("right", "wrong"):
        if "h" not in posed.memory:
            return Grade(NOT_GRADED, ("First choose an h, and look at the difference; this costs no try.",))
        said = f"“it is {word}”"
        if (word == "right") == _is_right_gradient(posed):
            rule = drawn_rule(posed, with_correct=True)
            why = "the gradient is right" if word == "right" else f"it was made by {rule}: {RULES[rule].says}"
            return Grade(CORRECT_ANSWER, (f"right: {why}",), said)
        return Grade(WRONG, ("The difference says otherwise. With 1e-3 to 1e-6 a right gradient agrees to 6 digits or "
                             "more; with a much smaller h only rounding is left, with a larger one the curve.",),
                     said)  # fmt: skip
    try:
        h = float(word)
    except ValueError:
        h = math.nan
    if not math.isfinite(h) or not 0.0 < h <= 10.0:
        return Grade(NOT_GRADED, ("Answer a step h, such as 1e-4, or right, or wrong; this costs no try.",))
    posed.memory["h"] = h
    value = _claimed(posed)
    quotient = _quotient(posed, h)
    off = relative_difference(value, quotient)
    return Grade(
        NOT_GRADED,
        (f"with h = {h:g}: (L(w+h) − L(w−h)) / 2h = {quotient:.8g}, this run says {value:.8g}".replace(" -", " −"),
         f"relative difference {off:.2g}: up to 1e-7 good, to 1e-4 fair, to 1e-2 doubtful, above that wrong"),
        text.strip(), quotient,
    )  # fmt: skip


def _on_paper(posed: Posed) -> OnPaper:
    """With both losses given, the quotient can be worked out."""
    value = _claimed(posed)
    above, below = _losses_beside(posed, _H_ON_PAPER)
    told = (
        posed.item.prompt or f"Is the gradient of {posed.cell.of} right?",
        f"A program says {posed.cell} = {value:.6g}. With {posed.cell.of} larger by h = {_H_ON_PAPER:g} its result is "
        f"{above:.12g}, smaller by h {below:.12g}.",
        "Work out the difference quotient, and answer: right, or wrong.",
    )
    rule = drawn_rule(posed, with_correct=True)
    made = "" if _is_right_gradient(posed) else f"; it was made by {rule}: {RULES[rule].says}"
    how = f"(L(w+h) − L(w−h)) / 2h = {_quotient(posed, _H_ON_PAPER):.6g}{made}"
    return OnPaper(tuple(line.replace(" -", " −") for line in told), how.replace(" -", " −"))


def _solution(posed: Posed) -> str:
    posed.memory["h"] = _H
    return "right" if _is_right_gradient(posed) else "wrong"


def _bad(posed: Posed) -> list[Mistake]:
    opposite = "wrong" if _solution(posed) == "right" else "right"
    return [BLANK, ZERO, Mistake(opposite, "the opposite is so")]


def _hints(posed: Posed) -> Sequence[str]:
    return _HINTS


CHECK = Kind(
    "check", _stand, _question, _grade, _solution, _bad, _wants, _hints, the_answer, asks=1, conceals=True,
    is_drawn=True, words=("right", "wrong"), first=f"{_H:g}", on_paper=_on_paper,
)  # fmt: skip
