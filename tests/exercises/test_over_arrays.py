"""Exercises on programs over arrays: cells vary, uses are counted, and every mistake is called by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bpstep.debugger.session import Session
from bpstep.engine.rules import RULES
from bpstep.engine.specs import ExpressionSpec
from bpstep.exercises.asked import cell_named, writes_of
from bpstep.exercises.checking import check_path
from bpstep.exercises.grade import CORRECT_ANSWER, WRONG, truth_of
from bpstep.exercises.grading import grade_value, rule_values
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import read_exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.slips import slips_of
from bpstep.exercises.variants import generator, redrawn
from bpstep.scenario.loader import load

#: One program in which each rule of programs over arrays has a place.
PROGRAM = """
format = 1
title = "All of it"
[expression]
define = [
  "for t in 1..2: h{t} = tanh(W @ h{t-1})",
  "S = where(mask, X * h2, -9)",
  "N = layer_norm(softmax(S), gain, shift)",
  "m = max_pool(N * K, 2)",
  "q = conv(X, K, padding=0)",
  "E = (sum(m) + sum(q) + sum(rows(M, ids)) - 1) ^ 2",
]
[expression.inputs]
h0 = [0.4, -0.7]
W = [[0.5, -0.3], [0.8, 0.6]]
X = [[1.5, 0.5], [-0.6, 2]]
K = [[0.5, -0.25], [0.25, -0.5]]
mask = [[1, 1], [0, 1]]
gain = [1, 0.5]
shift = [0.1, 0.2]
M = [[0.1, 0.2], [0.3, 0.4]]
ids = [2, 2]
"""
FIVE = ("truncated", "constant-statistics", "softmax-diagonal", "max-to-all", "transpose-forgotten")

WINDOWS = """
format = 1
title = "Windows"
[expression]
define = ["v = conv(X, K)", "E = (sum(v ^ 2) + sum(rows(M, ids)) - 1) ^ 2"]
[expression.inputs]
X = [[1, 0, 2], [0, 1, 1], [2, 1, 0.5]]
K = [[0.5, -0.25], [0.25, -0.5]]
M = [[0.1], [0.3]]
ids = [2, 2]
"""
EXERCISE = """
format = 1
id = "windows"
title = "Windows"
scenario = "windows.toml"
[vary]
"K[1,2]" = {{ low = 0.5, high = 0.8, step = 0.1 }}
[[item]]
kind = "count"
ask = {ask}
[[item]]
kind = "value"
ask = "d(X[2,2])"
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    path = tmp_path_factory.mktemp("arrays") / "all.toml"
    path.write_text(PROGRAM, "utf-8")
    return Session(load(str(path)))


def windows(folder: Path, ask: str) -> Path:
    (folder / "windows.toml").write_text(WINDOWS, "utf-8")
    (folder / "one.toml").write_text(EXERCISE.format(ask=ask), "utf-8")
    return folder


def test_an_answer_that_a_rule_gives_is_told_by_its_name(session: Session) -> None:
    """Of every derivative, and every rule that is seen in it; each of the five is seen somewhere."""
    named = set()
    derivatives = {step.cell for step in session.run.steps(1, session.length) if step.op == "contribute"}
    for cell in derivatives:
        steps = [session.run.step(number) for number in writes_of(session, cell)]
        truth = truth_of(cell, steps, 0.01, None)
        rules = rule_values(session, cell, steps[-1].number)
        for name in FIVE:
            if name in rules and not truth.holds(rules[name]):
                grade = grade_value(session, truth, repr(rules[name]), rules=rules)
                assert grade.verdict == WRONG
                assert name in grade.diagnoses, (str(cell), grade.says)
                assert any(RULES[other].says in "".join(grade.says) for other in grade.diagnoses)
                named.add(name)
    assert named == set(FIVE)


def test_a_sum_without_one_of_its_contributions_is_told(session: Session) -> None:
    cell = cell_named(session, "d(W[1,1])")
    steps = [session.run.step(number) for number in writes_of(session, cell)]
    told = {slip.text: slip.says for slip in slips_of(session, cell, steps)}
    first, second = (step.template.format(*(str(factor.cell) for factor in step.inputs)) for step in steps)
    assert told[first] == "That is contribution 1 of 2 alone; all of them add up."
    assert "mean" in told[f"({first} + {second}) / 2"]


@pytest.mark.parametrize(
    ("asked", "written", "says"),
    [
        ("d(h1[2])", "d(v2[1]) * W[2,1] + d(v2[2]) * W[2,2]", "the transpose is forgotten"),
        ("d(X[1,1])", "", ""),
        ("d(K[1,2])", "", ""),
    ],
)
def test_a_factor_from_the_wrong_place_is_told(session: Session, asked: str, written: str, says: str) -> None:
    """Where a row meets a column; among factors of several arrays, and where one alone is used, no place is wrong."""
    cell = cell_named(session, asked)
    steps = [session.run.step(number) for number in writes_of(session, cell)]
    told = {slip.text: slip.says for slip in slips_of(session, cell, steps)}
    assert [text for text, words in told.items() if "in the place of" in words] == (
        [written] if written else []
    )
    assert says in told.get(written, "")


def test_a_kernel_the_wrong_way_round_is_told(tmp_path: Path) -> None:
    exercise = read_exercise(windows(tmp_path, '"d(K[1,1])"') / "one.toml")
    posed = posed_item(exercise, 1, variant_of(exercise, 1), 1)
    written = "d(v[1,1]) * K[1,1] + d(v[1,2]) * K[1,2] + d(v[2,1]) * K[2,1] + d(v[2,2]) * K[2,2]"
    grade = KINDS["value"].grade(posed, written)
    assert grade.verdict == WRONG
    assert "That takes K[1,1] in the place of K[2,2]: each output comes with" in grade.says[0]


def test_other_numbers_keep_masks_and_winners(session: Session) -> None:
    problem = session.scenario.problem
    assert isinstance(problem, ExpressionSpec)
    for seed in range(5):
        other = redrawn(session.scenario, generator("other", seed)).problem
        assert isinstance(other, ExpressionSpec)
        for name, old, new in zip(problem.inputs, problem.values, other.values, strict=True):
            assert np.array_equal(old, new) == (name == "mask")
            assert np.argmax(old) == np.argmax(new)
            assert np.shape(old) == np.shape(new)


def test_one_cell_varies_and_all_others_stay(tmp_path: Path) -> None:
    exercise = read_exercise(windows(tmp_path, '"d(K[1,1])"') / "one.toml")
    kernels = {}
    for seed in range(6):
        problem = variant_of(exercise, seed).problem
        assert isinstance(problem, ExpressionSpec)
        kernels[seed] = np.array(problem.values[problem.inputs.index("K")])
    assert len({array[0, 1] for array in kernels.values()}) > 1
    assert all(0.5 <= array[0, 1] <= 0.8 for array in kernels.values())
    assert all(np.array_equal(np.delete(array.flat, 1), [0.5, 0.25, -0.5]) for array in kernels.values())


@pytest.mark.parametrize(
    ("ask", "uses"),
    [
        ("d(X[1,1])", 1),
        ("d(X[2,3])", 2),
        ("d(X[2,2])", 4),
        ("d(K[2,1])", 4),
        ("d(M[1,1])", 0),
        ("d(M[2,1])", 2),
    ],
)
def test_contributions_are_counted(tmp_path: Path, ask: str, uses: int) -> None:
    exercise = read_exercise(windows(tmp_path, f'"{ask}"') / "one.toml")
    posed = posed_item(exercise, 0, variant_of(exercise, 1), 1)
    for number in range(11):
        right = KINDS["count"].grade(posed, str(number)).verdict == CORRECT_ANSWER
        assert right == (number == uses)
    assert ask in "".join(KINDS["count"].question(posed))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"K[1,2]"', '"K[1,3]"', "K"),
        ('"K[1,2]"', '"K"', "K"),
        ('ask = "d(X[1,1])"', 'ask = "X[1,1]"', "X[1,1] gathers no contributions; expected a derivative"),
        ('ask = "d(X[1,1])"', 'ask = "d(E)"', "d(E) gathers no contributions"),
        ('ask = "d(X[1,1])"', 'ask = "sweps"', "other counts are sweeps"),
    ],
)
def test_a_cell_that_can_not_vary_or_be_counted_is_refused_in_a_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    path = windows(tmp_path, '"d(X[1,1])"') / "one.toml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    problems = [str(problem) for problem in check_path(tmp_path, seeds=(0,))[1]]
    assert problems
    assert says in problems[0]
    assert "\n" not in problems[0]
