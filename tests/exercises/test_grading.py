"""The grader's own table: honest and dishonest answers, for logistic, tanh, ReLU and softmax nets."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import pytest

from bpstep.debugger.answers import Graded
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.rules import RULES
from bpstep.exercises.asked import cell_named, last_write, writes_of
from bpstep.exercises.grade import NOT_GRADED, truth_of
from bpstep.exercises.grading import grade_value, rule_values
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.say.answers import answer_lines
from bpstep.view.symbols.spelling import symbols_of

#: A net for each activation, and the delta of a hidden neuron in it.
NETS = [("mazur-2-2-2", "delta[h1]"), ("softmax", "delta[h1]"), ("dead-relu", "delta[h1]"), ("softmax", "delta[o2]"),
        ("xor", "d(w[x1->h1])"), ("vanishing", "delta[c]")]  # fmt: skip


class Asked:
    """A cell of a net, with the session standing right before its first step."""

    def __init__(self, scenario: str, cell: str) -> None:
        self.session = Console(load(scenario))
        self.cell = cell_named(self.session, cell)
        self.steps = [self.session.run.step(number) for number in writes_of(self.session, self.cell)]
        self.session.position = self.steps[0].number - 1
        self.truth = truth_of(self.cell, self.steps, 0.01, None)
        self.rules = rule_values(self.session, self.cell, self.steps[-1].number)

    def grade(self, text: str, carried: float | None = None) -> str:
        return self.graded(text, carried)[0]

    def graded(self, text: str, carried: float | None = None) -> tuple[str, tuple[str, ...], str]:
        found = grade_value(
            self.session, self.truth, text, rules=self.rules, carried=carried, hidden=self.cell
        )
        return found.verdict, found.diagnoses, " ".join(found.says)


def rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


@pytest.mark.parametrize(("scenario", "cell"), NETS)
def test_honest_answers_pass(scenario: str, cell: str) -> None:
    asked = Asked(scenario, cell)
    value = asked.truth.value
    for text in (
        repr(value),
        f"{value:.4g}",
        f"{value:.3g}",
        f" {value:.6f} " if abs(value) > 1e-3 else repr(value),
    ):
        assert asked.grade(text) == "correct", text
    for digits in (4, 3):  # every product rounded before it is added
        total = 0.0
        for step in asked.steps:
            assert step.upstream is not None
            assert step.local is not None
            total += rounded(rounded(step.upstream.value, digits) * rounded(step.local.value, digits), digits)
        if digits == 4 or len(asked.steps) == 1:
            assert asked.grade(repr(total)) == "correct", (digits, total, value)
    step = asked.steps[0]
    if len(asked.steps) == 1 and len(step.inputs) == 2:
        product = f"{step.inputs[0].cell} * {step.inputs[1].cell}"
        assert asked.grade(product) == "correct", "an expression over cells that are shown"


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("scenario", "cell"), NETS)
def test_a_right_number_is_right_however_it_is_written(scenario: str, cell: str, notation: str) -> None:
    """As an equation for the cell, by its typed name or its printed one; as a fraction; with a true minus."""
    asked = Asked(scenario, cell)
    asked.session.options = replace(asked.session.options, notation=notation)
    value = asked.truth.value
    plain = f"{value:.6f}" if abs(value) > 1e-3 else f"{value:.6e}"
    minus, bare = plain.replace("-", "−"), plain.replace("0.", ".", 1)
    forms = [minus, bare, f"({plain})", f"{value * 1000!r}/1000", f"{value:.5e}"]
    names = [str(asked.cell), cell, symbols_of(asked.session)(asked.cell), ""]
    for text in [*forms, *(f"{name} = {minus}" for name in names), f"{cell}={plain}"]:
        assert asked.grade(text) == "correct", text
    other = f"{asked.steps[0].inputs[0].cell} = {plain}"
    for text in (f"{plain} or {plain}", f"not {plain}", other, f"{plain} = {cell}", "1,5"):
        assert asked.grade(text) == NOT_GRADED, text
    assert "1.5" in asked.graded("1,5")[2]


@pytest.mark.parametrize(("scenario", "cell"), NETS)
def test_dishonest_answers_do_not(scenario: str, cell: str) -> None:
    asked = Asked(scenario, cell)
    value = asked.truth.value
    assert asked.grade("0") == "wrong"
    assert asked.grade(repr(-value)) == "wrong"
    assert "sign" in asked.graded(repr(-value))[2]
    assert asked.grade(repr(value * 1.03)) == "wrong"
    for text in ("", "   ", "nan", "1e400", "-1e400", "1/0", "zero", "2 +", "((", "x" * 1000, "import os", "\x1b[2J",
                 str(asked.cell), "y[nobody]", "'a'", "__import__('os')", "1" + "+1" * 2000,
                 "(" * 249 + "1" + ")" * 249, "-" * 499 + "1", "abs(" * 101, "1^" * 200 + "1"):  # fmt: skip
        assert asked.grade(text) == "not-graded", text
    for name, wrong in asked.rules.items():
        if not asked.truth.holds(wrong):
            verdict, diagnoses, says = asked.graded(repr(wrong))
            assert verdict == "wrong"
            if math.isfinite(wrong) and wrong != 0.0:
                assert name in diagnoses
                assert name in says
                assert RULES[diagnoses[0]].says in says


def test_zero_is_right_where_it_is_the_truth() -> None:
    asked = Asked("dead-relu", "delta[h2]")
    assert asked.truth.value == 0.0
    assert asked.grade("0") == "correct"
    assert asked.grade("1e-10") == "correct"
    assert asked.grade("0.0001") == "wrong"


def test_a_missing_factor_is_named() -> None:
    asked = Asked("mazur-2-2-2", "delta[o1]")
    verdict, diagnoses, says = asked.graded("y[o1] - t[o1]")
    assert verdict == "wrong"
    assert set(diagnoses) == {"no-derivative", "output-derivative-missing"}, "two rules match: both are named"
    assert "without f′(e[o1])" in says
    assert "alone" in asked.graded("local[o1]")[2]


def test_what_is_missing_is_shown_as_a_hole_in_the_chain_rule() -> None:
    session = Console(load("mazur-2-2-2"))
    session.tutor = ExerciseTutor(session)
    session.execute("goto 22")
    session.execute("predict on")
    graded = session.execute("answer y[o1] - t[o1]")
    assert isinstance(graded, Graded)
    lines = [text.strip() for text, _ in answer_lines(session, graded)]
    back = "You gave d(y[o1]). One step further back: d(y[o1]) · f′(e[o1]) = delta[o1], +0.7414 × ? = ?"
    assert back in lines
    assert graded.tries == 1
    again = session.execute("answer 0.3")
    assert isinstance(again, Graded)
    assert (again.tries, again.hole) == (2, None)
    assert session.execute("answer delta[o1]").verdict == "not-graded"  # type: ignore[union-attr]


@pytest.mark.parametrize(("scenario", "answer"), [("mazur-2-2-2", "1"), ("chain-rule", "1"), ("xor", "0.25")])
def test_the_derivative_of_the_root_by_itself_is_no_product_with_a_hole(scenario: str, answer: str) -> None:
    session = Console(load(scenario))
    session.tutor = ExerciseTutor(session)
    first = next(n for n in range(1, 100) if session.run.step(n).op == "contribute")
    session.execute(f"goto {first - 1}")
    session.execute("predict on")
    graded = session.execute(f"answer {answer}")
    assert isinstance(graded, Graded)
    assert (graded.verdict, graded.hole) == ("wrong", None)


@pytest.mark.parametrize("scenario", ["mazur-2-2-2", "softmax", "fan-out", "xor"])
def test_at_a_sum_that_grows_a_part_of_it_is_named(scenario: str) -> None:
    """The contribution without what had arrived, and what had arrived without the contribution."""
    session = Console(load(scenario))
    session.tutor = ExerciseTutor(session)
    session.execute("predict on")
    tried = 0
    for number in range(1, min(session.length, 90) + 1):
        step = session.whole_run.step(number)
        if step.sign != "+=" or not step.was or not step.product:
            continue
        for part, says in (
            (step.product, "what had arrived before it is missing"),
            (step.was, "this contribution is missing"),
        ):
            session.position = number - 1
            graded = session.execute(f"answer {part!r}")
            assert isinstance(graded, Graded)
            if graded.verdict != "correct":  # the other part is next to nothing
                assert any(says in line for line in graded.says), (number, graded.says)
                tried += 1
    assert tried


def test_the_last_contribution_alone_is_named_and_so_is_the_neighbours_weight() -> None:
    asked = Asked("mazur-2-2-2", "d(y[h1])")
    assert asked.graded("delta[o2] * w[h1->o2]")[1] == ("overwrite",)
    assert "contribution 1 of 2 alone" in asked.graded("delta[o1] * w[h1->o1]")[2]
    neighbour = asked.graded("delta[o1] * w[h1->o1] + delta[o2] * w[h2->o1]")[2]
    assert "w[h2->o1]" in neighbour
    assert "w[h1->o2]" in neighbour


def test_carried_forward_comes_after_every_diagnosis() -> None:
    asked = Asked("mazur-2-2-2", "d(w[h1->o1])")
    assert asked.grade("0.123", carried=0.123) == "carried-forward"
    rule = next(iter(asked.rules.values()))
    assert asked.grade(repr(rule), carried=rule) == "wrong", "a rule that is known is said to be one"


def test_where_the_sum_cancels_the_tolerance_is_that_of_its_parts() -> None:
    asked = Asked("xor", "d(w[x1->h1])")
    parts = [abs(step.product or 0.0) for step in asked.steps]
    assert asked.truth.tolerance == max(0.01 * abs(asked.truth.value), 0.001 * max(parts))
    assert not asked.truth.holds(0.0)
    assert last_write(asked.session, asked.cell) == asked.steps[-1].number


@pytest.mark.parametrize("rule", [name for name in RULES if name != "correct"])
@pytest.mark.parametrize("scenario", ["mazur-2-2-2", "softmax", "attention"])
def test_under_a_wrong_rule_the_right_number_is_not_called_another_mistake(scenario: str, rule: str) -> None:
    """Who predicts a run of a wrong rule by the chain rule is told which of the two is meant."""
    session = Console(load(scenario))
    try:
        session.execute(f"set rule = {rule}")
    except CommandError:
        pytest.skip("it does not apply here")
    right = session.run_under(RULES["correct"])
    parted = (n for n in range(1, session.length + 1) if right.step(n).value != session.run.step(n).value)
    for number in islice(parted, 6):
        step = session.run.step(number)
        session.position = number - 1
        truth = truth_of(step.cell, [step], 0.01, None)
        value = right.step(number).value
        found = grade_value(session, truth, repr(value), rules=rule_values(session, step.cell, number))
        if not truth.holds(value):
            assert found.says[0].startswith("By the right rule"), (number, found.says)
            assert f"the rule {rule}:" in found.says[0]
            assert len(found.says) == 1
