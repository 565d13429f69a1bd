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
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load, loads, stated
from bpstep.scenario.model import Scenario
from bpstep.scenario.writing import scenario_document, toml_text

_SMALL = [name for name in builtin_names() if not name.startswith("deep-784")]


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
