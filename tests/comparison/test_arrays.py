"""A learner's arrays against a program over arrays: dU as NumPy has it; the first wrong cell, and the mistake."""

from __future__ import annotations

import numpy as np
import pytest

from bpstep.comparison.reading import NumbersError, entries_of
from bpstep.comparison.report import Report, compare_numbers
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.run import Run
from bpstep.scenario.loader import loads
from tests.helpers.array_programs import ARRAYS

#: Where a named mistake gives the same as another one, made in a single place.
TWINS = """
format = 1
title = "A normalisation and a pool"
[expression]
define = ["m = max_pool(A * B, 2)", "N = batch_norm(A, gain, shift)", "E = sum(m) + half_squared_error(N, T)"]
[expression.inputs]
A = [[1, 4], [3, -2], [2, 1], [6, 5]]
B = [[2, 1], [1, 2], [2, 1], [1, 2]]
gain = [1, 0.5]
shift = [0, 0.2]
T = [[0, 1], [1, 0], [0, 0], [1, 1]]
"""
SCENARIOS = {name: loads(text, name) for name, text in {**ARRAYS, "twins": TWINS}.items()}


def learnt(name: str, rule: Rule = CORRECT) -> dict[str, object]:
    """What a program of one's own would have: a value and a gradient for every array that is differentiated by."""
    scenario = SCENARIOS[name]
    numbers = Run(scenario.problem, scenario.training, rule=rule).numbers(0)
    found: dict[str, object] = {}
    for vector in numbers.graph.gathered:
        if vector.dims and (numbers.samples == 1 or not vector.per_sample):
            found[vector.layer] = numbers.values[vector.id].reshape(vector.dims).tolist()
            found[f"d{vector.layer}"] = (
                np.asarray(numbers.derivative(vector.id)).reshape(vector.dims).tolist()
            )
    return found


def held(name: str, numbers: dict[str, object]) -> Report:
    scenario = SCENARIOS[name]
    return compare_numbers(Run(scenario.problem, scenario.training), entries_of(numbers.items()))


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_right_agrees(name: str) -> None:
    report = held(name, learnt(name))
    assert report.wrong == 0
    assert not report.unread


@pytest.mark.parametrize("name", ["attention", "samples"])
def test_the_first_wrong_cell_is_found(name: str) -> None:
    numbers = learnt(name)
    for array in [key for key in numbers if key.startswith("d")][:1]:
        wrong = np.array(numbers[array], dtype=float)
        wrong.reshape(-1)[-1] += 0.5
        report = held(name, {**numbers, array: wrong.tolist()})
        assert report.wrong == 1
        assert report.first[0].name.startswith(f"d({array[1:]}[")


#: The mistakes that are made in programs over arrays.
FIVE = ("truncated", "constant-statistics", "softmax-diagonal", "max-to-all", "transpose-forgotten")


@pytest.mark.parametrize("rule", FIVE)
def test_the_mistakes_of_arrays_are_named_before_others_that_give_the_same(rule: str) -> None:
    told = 0
    for name, scenario in SCENARIOS.items():
        if RULES[rule].refuses(scenario.problem, scenario.training):
            continue
        numbers = learnt(name, RULES[rule])
        if numbers != learnt(name):
            first, *_ = held(name, numbers).finding.matches
            assert first.hypotheses[0].mistake.name == rule, name
            told += 1
    assert told


@pytest.mark.parametrize("rule", ["overwrite", "no-derivative"])
def test_what_is_wrong_everywhere_is_named_in_a_batch_too(rule: str) -> None:
    names = [
        one.mistake.name
        for match in held("samples", learnt("samples", RULES[rule])).finding.matches
        for one in match.hypotheses
    ]
    assert rule in names


def test_what_does_not_fit_is_said() -> None:
    report = held("attention", {"dWq": [[0.0, 0.0, 0.0]], "X": learnt("attention")["X"], "nobody": [1.0]})
    assert not report.ok
    assert sorted(report.unread) == [
        "dWq (1, 3): expected (2, 2)", "nobody (1,): no variable of the expression, no derivative by one",
    ]  # fmt: skip
    with pytest.raises(NumbersError, match="nothing in it fits"):
        held("attention", {"nobody": [1.0]})
