"""Every slip of the table is wrong, and told by its name; and none of them passes for a right answer."""

from __future__ import annotations

import pytest

from bpstep.debugger.console import Console
from bpstep.exercises.grading import CORRECT_ANSWER, WRONG, grade_value, rule_values, truth_of
from bpstep.exercises.kinds import KINDS, Posed, cell_named, writes_of
from bpstep.exercises.model import Exercise, load_path
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.slips import Slip, evaluated, slips_of
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


@pytest.mark.parametrize(
    ("scenario", "cell"),
    [
        ("mazur-2-2-2", "local[h1]"), ("mazur-2-2-2", "delta[h1]"), ("mazur-2-2-2", "d(y[h1])"),
        ("mazur-2-2-2", "d(w[i1->h1])"), ("mazur-2-2-2", "d(b[h1])"), ("mazur-2-2-2", "d(y[o1])"),
        ("mazur-2-2-2", "e[h1]"), ("mazur-2-2-2", "y[h1]"), ("softmax", "delta[o1]"), ("softmax", "local[h1]"),
        ("softmax", "d(y[h2])"), ("chain-rule", "d(v)"), ("fan-out", "d(x)"), ("xor-direct", "d(y[h1])"),
    ],
)  # fmt: skip
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


def value_items() -> list[tuple[Exercise, int]]:
    return [(e, k) for e in EXERCISES for k, item in enumerate(e.items) if item.kind in ("value", "formula")]


def test_no_slip_passes_in_any_exercise() -> None:
    passed = []
    for exercise in EXERCISES:
        scenario = variant_of(exercise, 3)
        for place, item in enumerate(exercise.items):
            if item.kind == "value":  # a formula is tried with other numbers in any case
                posed = posed_item(exercise, place, scenario, 3)
                slips = wrong_ones(posed.session, item.ask[0])
                passed += [(exercise.id, place, slip.text) for slip in slips if passes(posed, slip.text)]
    assert not passed


def passes(posed: Posed, text: str) -> bool:
    return KINDS[posed.item.kind].grade(posed, text).verdict == CORRECT_ANSWER
