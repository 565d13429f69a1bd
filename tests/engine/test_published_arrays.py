"""Published figures of programs over arrays: recurrent nets, convolutions, pools, attention."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bpstep.engine.run import Run
from bpstep.engine.specs import Array
from bpstep.scenario.loader import stated

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published_arrays.json").read_text("utf-8")
)["cases"]
FIGURES = [(case, name) for case in CASES for name in case["expect"]]


def found(case: dict[str, Any], name: str) -> Array:
    """The values of a variable, or the derivatives by it; ``[1]`` behind it is the first row."""
    expression = {key: case[key] for key in ("define", "inputs", "parameters") if key in case}
    scenario = stated({"format": 1, "title": case["id"], "expression": expression}, case["id"])
    numbers = Run(scenario.problem, scenario.training).numbers(0)
    of = re.fullmatch(r"d\((\w+)\)(\[1\])?|(\w+)", name)
    assert of is not None
    vector = next(v for v in numbers.graph.vectors if v.layer == (of[1] or of[3]))
    array = (numbers.derivative(vector.id) if of[1] else numbers.values[vector.id]).reshape(vector.dims)
    return array[0] if of[2] else array


def digit(figure: object) -> float:
    """Half a unit of the last digit of a figure as it was printed; of a whole number, of rounding alone."""
    exponent = Decimal(str(figure)).as_tuple().exponent
    assert isinstance(exponent, int)
    return 1e-9 if exponent >= 0 else 0.5001 * 10.0**exponent


@pytest.mark.parametrize(("case", "name"), FIGURES, ids=[f"{case['id']}-{name}" for case, name in FIGURES])
def test_it_holds_to_its_digits(case: dict[str, Any], name: str) -> None:
    expected = np.array(case["expect"][name], dtype=object)
    numbers = found(case, name)
    assert numbers.shape == expected.shape
    for here, figure in zip(numbers.reshape(-1), expected.reshape(-1), strict=True):
        assert float(here) == pytest.approx(float(figure), abs=digit(figure))
