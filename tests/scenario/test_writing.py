"""What is written loads again, and runs as before, to the last bit."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, Operation, TrainingSpec
from bpstep.scenario.loader import load, loads, stated
from bpstep.scenario.model import Scenario
from bpstep.scenario.writing import scenario_document, toml_text
from tests.helpers.interpreter import values_of
from tests.helpers.mangle import EVERY_PROGRAM_KEY
from tests.helpers.programs import PROGRAMS
from tests.helpers.shipped import SMALL

_SMALL = SMALL


def _facts(scenario: Scenario) -> dict[str, Any]:
    facts = asdict(replace(scenario, notes=(), path=None, warnings=(), name="", seed=None))
    return {key: _plain(value) for key, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", _SMALL)
def test_every_scenario_of_the_house_is_read_as_it_was_written(name: str) -> None:
    scenario = load(name)
    document = scenario_document(scenario)
    assert _facts(loads(toml_text(document), "written")) == _facts(scenario)
    assert _facts(stated(document, "written")) == _facts(scenario)


@given(st.text())
def test_any_text_is_read_as_it_was_written(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    document = {"a key": text, "b": [text, "x" * 120], "c": {text: 1.5}}
    assert tomllib.loads(toml_text(document)) == document


@settings(max_examples=50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=4))
def test_every_number_is_read_to_the_same_bits(numbers: list[float]) -> None:
    problem = ExpressionSpec(("x",), (numbers[0],), (Operation("y", "mul", ("x", numbers[1])),), "y", ("x",))
    scenario = Scenario("y", "y", problem, TrainingSpec(learning_rate=0.25))
    again = loads(toml_text(scenario_document(scenario)), "written")
    assert _facts(replace(again, stated=None)) == _facts(scenario)
    before, after = (Run(one.problem, one.training).steps() for one in (scenario, again))
    assert [repr(step.value) for step in before] == [repr(step.value) for step in after]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_written_as_it_was_stated(name: str) -> None:
    define, inputs, _ = PROGRAMS[name]
    document = {"format": 1, "title": "t", "expression": {"define": define, "inputs": inputs}}
    written = scenario_document(stated(document, "t"))
    assert written["expression"]["define"] == define
    assert _facts(loads(toml_text(written), "t")) == _facts(stated(document, "t"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_was_never_stated_is_written_with_the_same_values(name: str) -> None:
    define, inputs, _ = PROGRAMS[name]
    document = {"format": 1, "title": "t", "expression": {"define": define, "inputs": inputs}}
    before = stated(document, "t")
    after = loads(toml_text(scenario_document(replace(before, stated=None))), "t")
    assert isinstance(before.problem, ExpressionSpec)
    assert isinstance(after.problem, ExpressionSpec)
    found = values_of(after.problem)
    aliases = before.problem.aliases
    for name, value in values_of(before.problem).items():
        assert name in aliases or found[name].tobytes() == value.tobytes()


def test_samples_and_words_are_written() -> None:
    document = tomllib.loads(EVERY_PROGRAM_KEY)
    before = stated(document, "t")
    written = scenario_document(before)
    assert written["sample"] == document["sample"]
    assert written["training"] == {**document["training"], "reduction": "sum"}
    assert {key: written["expression"][key] for key in ("define", "labels", "parameters")} == {
        key: document["expression"][key] for key in ("define", "labels", "parameters")
    }
    assert written["expression"]["inputs"]["ids"] == [2, 1, 2]
    assert _facts(loads(toml_text(written), "t")) == _facts(before)
