"""What `Run.to_toml` writes loads as the same scenario, notes included, and runs the same steps, to the last bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings

from bpstep.engine.build import Problem
from bpstep.engine.run import Run as EngineRun
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, TrainingSpec
from bpstep.library.run import Run
from bpstep.scenario.loader import load, loads
from bpstep.scenario.model import Scenario
from tests.helpers.moments import MADE
from tests.helpers.problems import expression_trainings, expressions, networks, trainings
from tests.helpers.shipped import WALKED


def same(a: object, b: object) -> bool:
    """Whether two things are equal in every bit: 0 and −0 are not, 1 and 1.0 are not."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.tobytes() == b.tobytes()
    if is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b if isinstance(a, frozenset) else repr(a) == repr(b)


def hold_same(before: Scenario, after: Scenario) -> None:
    assert same(before.problem, after.problem)
    assert same(before.training, after.training)
    for part in ("title", "summary", "story", "source", "notation"):
        assert getattr(before, part) == getattr(after, part)
    written = [(n.at, n.text, n.condition, n.epoch, n.sample, len(n.say)) for n in before.notes]
    assert written == [(n.at, n.text, n.condition, n.epoch, n.sample, len(n.say)) for n in after.notes]


@pytest.mark.parametrize("name", WALKED)
def test_what_is_shipped_comes_back(name: str) -> None:
    before = load(name)
    after = loads(Run(before).to_toml(), name)
    hold_same(before, after)
    first, second = (EngineRun(one.problem, one.training) for one in (before, after))
    assert first.length == second.length
    assert list(first.steps(1, min(200, first.length))) == list(second.steps(1, min(200, second.length)))


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_up_comes_back(name: str) -> None:
    before = loads(MADE[name], name)
    hold_same(before, loads(Run(before).to_toml(), name))


def hold_round_trip(problem: Problem, training: TrainingSpec) -> None:
    before = Scenario("s", "A title", problem, training)
    after = loads(Run(before).to_toml(), "s")
    hold_same(before, after)
    first, second = (EngineRun(one.problem, one.training) for one in (before, after))
    assert [repr(s) for s in first.steps(1, 60 if first.length > 60 else None)] == [
        repr(s) for s in second.steps(1, 60 if second.length > 60 else None)
    ]


@given(networks(), trainings())
@settings(max_examples=20)
def test_any_network_comes_back(problem: NetworkSpec, training: TrainingSpec) -> None:
    hold_round_trip(problem, training)


@given(expressions(), expression_trainings())
@settings(max_examples=30)
def test_any_expression_comes_back(problem: ExpressionSpec, training: TrainingSpec) -> None:
    hold_round_trip(problem, training)


@pytest.mark.parametrize("constant", [-0.0, 0.0, -1e-300, 1e22, 0.1, -7.0, 3.0])
@pytest.mark.parametrize("function", ["add", "sub", "mul", "div", "pow", "max"])
def test_a_constant_keeps_its_sign_and_its_bits(function: str, constant: float) -> None:
    for operands in (("e", constant), (constant, "e")):
        problem = ExpressionSpec(("e",), (0.5,), (Operation("y", function, operands),), "y")
        hold_same(before := Scenario("s", "s", problem, TrainingSpec()), loads(Run(before).to_toml(), "s"))


def test_any_text_comes_back() -> None:
    text = 'a \\ b """quoted""" ½ "'
    before = loads(
        'format = 1\ntitle = "t"\nstory = ' + repr(text).replace("'", "'''") + "\n"
        '[expression]\ndefine = "y = größe^2"\n[expression.inputs]\n"größe" = 2\n'
        '[[note]]\nat = "y"\nwhen = "y > 1"\nsay = \'\'\'two {{lines\nand {y} """\'\'\'\n',
        "s",
    )
    assert before.story.startswith("a ")
    hold_same(before, loads(Run(before).to_toml(), "s"))
