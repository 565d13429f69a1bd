"""Every slip of the table is wrong, and told by its name; and none of them passes for a right answer."""

from __future__ import annotations

import pytest

from bpstep.debugger.console import Console
from bpstep.exercises.asked import cell_named, writes_of
from bpstep.exercises.grade import NOT_GRADED, WRONG, Truth, truth_of
from bpstep.exercises.grading import grade_value, rule_values
from bpstep.exercises.kind import Posed, truth
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.slip import Slip, evaluated
from bpstep.exercises.slips import slips_of
from bpstep.exercises.variants import generator, redrawn
from bpstep.scenario.loader import load

EXERCISES = load_path()[0]


def wrong_ones(session: Console, cell_text: str) -> list[Slip]:
    """The slips that can be made at a cell and are no other way to write the right thing."""
    cell = cell_named(session, cell_text)
    numbers = writes_of(session, cell)
    steps = [session.run.step(number) for number in numbers]
    points = [Console(redrawn(session.scenario, generator("slips", 0, k))) for k in range(3)]

    def is_right(slip: Slip) -> bool:
        pairs = [(evaluated(p, slip.text, numbers[-1]), p.run.step(numbers[-1]).value) for p in points]
        return all(a is not None and abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-9) for a, b in pairs)

    return [slip for slip in slips_of(session, cell, steps) if not is_right(slip)]


CELLS = [
    ("mazur-2-2-2", "local[h1]"), ("mazur-2-2-2", "delta[h1]"), ("mazur-2-2-2", "d(y[h1])"),
    ("mazur-2-2-2", "d(w[i1->h1])"), ("mazur-2-2-2", "d(b[h1])"), ("mazur-2-2-2", "d(y[o1])"),
    ("mazur-2-2-2", "e[h1]"), ("mazur-2-2-2", "y[h1]"), ("softmax", "delta[o1]"), ("softmax", "local[h1]"),
    ("softmax", "d(y[h2])"), ("chain-rule", "d(v)"), ("fan-out", "d(x)"), ("xor-direct", "d(y[h1])"),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "cell"), CELLS)
def test_one_sentence_is_of_one_slip(scenario: str, cell: str) -> None:
    """A key that lists several wrong values tells each by what was done, so no two have one sentence."""
    session = Console(load(scenario))
    told: dict[str, str] = {}
    for slip in wrong_ones(session, cell):
        assert told.setdefault(slip.says, slip.text) == slip.text, slip.says


@pytest.mark.parametrize(("scenario", "cell"), CELLS)
def test_each_slip_is_told_by_its_name_as_an_expression_and_as_a_number(scenario: str, cell: str) -> None:
    session = Console(load(scenario))
    asked = cell_named(session, cell)
    steps = [session.run.step(number) for number in writes_of(session, asked)]
    session.position = steps[-1].number
    right = truth_of(asked, steps, 0.01, None)
    rules = rule_values(session, asked, steps[-1].number)
    slips = wrong_ones(session, cell)
    assert slips
    values = {slip.text: evaluated(session, slip.text, steps[-1].number) for slip in slips}
    for slip in slips:
        value = values[slip.text]
        if value is None:
            continue
        for text in (slip.text, repr(value)):
            grade = grade_value(session, right, text, rules=rules)
            if text is not slip.text and right.holds(value):
                continue  # as a number it can not be told from the right one: such a variant is drawn anew
            assert grade.verdict == WRONG, (text, grade.says)
            alike = {
                other.says
                for other in slips
                if (v := values[other.text]) is not None and abs(v - value) < 1e-8
            }
            assert alike & set(grade.says), (text, grade.says, alike)


@pytest.mark.parametrize(
    ("seed", "exercise"), list(enumerate(EXERCISES, 3)), ids=lambda x: getattr(x, "id", "")
)
def test_each_slip_at_each_question_is_named_and_passes_nowhere(seed: int, exercise: Exercise) -> None:
    """As an expression and as a number; where a slip has the right value always (what is left out is 1), the expression
    is told why."""
    scenario = variant_of(exercise, seed)
    for place, item in enumerate(exercise.items):
        if item.kind in ("value", "formula"):
            each_slip_is_named(posed_item(exercise, place, scenario, seed))


def each_slip_is_named(posed: Posed) -> None:
    item, right = posed.item, truth(posed)
    number, grade = right.steps[-1].number, KINDS[item.kind].grade
    slips = wrong_ones(posed.session, item.ask[0])
    assert slips, f"{item.ask[0]}: no slip is known here"
    values = {slip.text: evaluated(posed.session, slip.text, number) for slip in slips}
    for slip in slips:
        value = values[slip.text]
        if value is None:
            continue
        alike = {
            other.says
            for other in slips
            if (found := values[other.text]) is not None and abs(found - value) <= 1e-9 * max(1.0, abs(value))
        }
        as_number = [repr(value)] if item.kind == "value" and not is_right_always(value, right) else []
        for text in (slip.text, *as_number):
            graded = grade(posed, text)
            if graded.verdict != NOT_GRADED:  # it reads a cell that is not shown yet
                assert graded.verdict == WRONG, (item.ask, text, graded.says)
                assert alike & set(graded.says), (item.ask, text, graded.says, alike)


def is_right_always(value: float, right: Truth) -> bool:
    return abs(value - right.value) <= 1e-9 * abs(right.value)
