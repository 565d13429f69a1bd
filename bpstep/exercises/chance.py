"""An expression whose value is right here and another one elsewhere: with other weights and inputs it is wrong.

e(1 − e) is near y(1 − y) where y is near e; who answers so has made a slip that these numbers do not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bpstep.debugger.expressions import parse
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.english import listed
from bpstep.exercises.answer_text import is_of_cells, typed
from bpstep.exercises.grade import Truth, named
from bpstep.exercises.slip import evaluated
from bpstep.exercises.slips import slips_of
from bpstep.exercises.variants import generator, redrawn, redrawn_alike
from bpstep.scenario.model import Scenario

__all__ = ["by_chance", "other_numbers", "right_by_chance", "same_value"]


def right_by_chance(session: Session, truth: Truth, text: str) -> tuple[str, ...]:
    """Why an expression whose value is right is wrong all the same; nothing where it is not.

    With other weights and inputs it has another value: e(1 − e) is near y(1 − y) where y is near e.  What is made of
    numbers is taken as it is: who rounds, rounds the numbers of this net.
    """
    changed = len(session.run.edits) > (session.scenario.wrt is not None)
    if changed or not is_of_cells(session, text):
        return ()
    number = truth.steps[-1].number
    if _is_of_a_twin(session, truth, text):
        return ()
    points = other_numbers(session.scenario)
    pairs = [(evaluated(p, typed(text), session.position + 1), p.run.step(number).value) for p in points]
    if all(a is None or abs(a - b) <= 1e-6 * max(abs(b), 1e-9) for a, b in pairs):
        return ()
    return by_chance(session, truth, text)


def by_chance(session: Session, truth: Truth, text: str) -> tuple[str, ...]:
    """What is said of an expression that has the right value here and another one elsewhere: its slip, where it is one,
    and why it does not show here."""
    number, points = truth.steps[-1].number, other_numbers(session.scenario)
    slips = slips_of(session, truth.cell, truth.steps)
    told = [slip.says for slip in slips if same_value(points, text, slip.text, number)]
    ones = dict.fromkeys(named(f.cell) for step in truth.steps for f in step.inputs if f.value == 1.0)
    if told and ones:
        is_ = "is" if len(ones) == 1 else "are"
        return told[0], f"Its value is right here only because {listed(list(ones))} {is_} 1."
    return (*told[:1], "Its value is right here by chance: with other weights and inputs it is not.")


def _is_of_a_twin(session: Session, truth: Truth, text: str) -> bool:
    """Whether an answer is the same cell of another neuron, or weight, that is alike: it has the same value wherever
    what is equal here is equal.  Who sees that need not work it out again."""
    found, asked = parse(session.scope, typed(text)).cell, truth.cell
    if found is None or _sort(found) != _sort(asked):
        return False
    number = truth.steps[-1].number
    points = [redrawn_alike(session.scenario, generator("alike", 0, k)) for k in range(3)]
    pairs = [
        (evaluated(s, str(found), session.position + 1), s.run.step(number).value)
        for s in map(Session, points)
    ]
    return all(a is not None and abs(a - b) <= 1e-9 * max(abs(b), 1e-9) for a, b in pairs)


def _sort(cell: Cell) -> str:
    """What a cell is, whoever has it; a weight and a bias are both parameters."""
    kind = "parameter" if cell.kind in ("w", "b") else cell.kind
    return " ".join([kind, *(_sort(of) for of in (cell.of, cell.by) if isinstance(of, Cell))])


@lru_cache(maxsize=4)
def other_numbers(scenario: Scenario) -> tuple[Session, ...]:
    """The same net with other weights and inputs, three times."""
    return tuple(Session(redrawn(scenario, generator("other numbers", 0, k))) for k in range(3))


def same_value(points: Sequence[Session], text: str, other: str, number: int) -> bool:
    """Whether two expressions have the same value at each of some points."""
    for point in points:
        a, b = evaluated(point, typed(text), number), evaluated(point, other, number)
        if a is None or b is None or abs(a - b) > 1e-9 * max(abs(a), abs(b), 1e-6):
            return False
    return True
