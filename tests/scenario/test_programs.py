"""Programs over arrays: what is read from a file computes what NumPy computes from the same formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.reference_arrays import array_lines
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, Taken, TrainingSpec
from bpstep.reach import Reach
from bpstep.scenario.loader import ScenarioError, loads, stated
from tests.helpers.interpreter import values_of
from tests.helpers.programs import PROGRAMS, drawn


def program(define: Sequence[str] | str, inputs: dict[str, Any], **more: Any) -> ExpressionSpec:
    """What a file with these statements and inputs states."""
    expression = {"define": list(define) if isinstance(define, list) else define, "inputs": inputs}
    expression |= {key: more.pop(key) for key in ("output", "parameters", "labels") if key in more}
    problem = stated({"format": 1, "title": "t", "expression": expression, **more}, "f.toml").problem
    assert isinstance(problem, ExpressionSpec)
    return problem


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_computes_what_numpy_computes(name: str) -> None:
    define, inputs, meant = PROGRAMS[name]
    spec = program(define, inputs)
    found = values_of(spec)[spec.output]
    assert found.size == 1
    assert found.item() == pytest.approx(float(meant({k: np.asarray(v, float) for k, v in inputs.items()})))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_as_the_textbook_loop_does(name: str) -> None:
    define, inputs, _ = PROGRAMS[name]
    spec = program(define, inputs)
    steps = [(step.op, step.cell, step.value) for step in Run(spec, TrainingSpec()).steps()]
    assert steps == list(array_lines(spec))
    done = {str(cell): value for op, cell, value in steps if op in ("apply", "term")}
    for variable, values in values_of(spec).items():
        if variable not in (*spec.inputs, *spec.aliases) and values.size == 1:
            assert done[variable] == pytest.approx(values.item(), rel=1e-12, abs=1e-12)


# --- indices and shapes against NumPy -----------------------------------------------------------------------


@st.composite
def parts(draw: st.DrawFn) -> tuple[str, Any]:
    """A text that takes cells of X in some shape, and what NumPy makes of the same."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    text, value = "X", np.arange(math.prod(shape), dtype=float).reshape(shape)
    inputs = value.tolist()
    for _ in range(draw(st.integers(0, 4))):
        step = draw(st.sampled_from(["index", "T", "reshape", "stack", "concat", "rows"]))
        if step == "index" and value.ndim:
            spans = [_span(draw, size) for size in value.shape[: draw(st.integers(1, value.ndim))]]
            text = f"{text}[{', '.join(span for span, _ in spans)}]"
            value = np.asarray(value[tuple(taken for _, taken in spans)])
        elif step == "T":
            text, value = f"{text}.T", np.swapaxes(value, -1, -2) if value.ndim > 1 else value
        elif step == "reshape":
            text, value = f"reshape({text}, {value.size}, 1)", value.reshape(value.size, 1)
        elif step == "stack" and value.ndim < 4:
            axis = draw(st.integers(1, value.ndim + 1))
            text, value = f"stack({text}, {text}, axis={axis})", np.stack([value, value], axis - 1)
        elif step == "concat" and value.ndim:
            axis = draw(st.integers(1, value.ndim))
            text = f"concat({text}, {text}, axis={axis})"
            value = np.concatenate([value, value], axis - 1)
        elif step == "rows" and value.ndim:
            row = draw(st.integers(1, value.shape[0]))
            text, value = f"rows({text}, {row})", value[row - 1]
    return text, (inputs, value)


def _span(draw: st.DrawFn, size: int) -> tuple[str, int | slice]:
    first = draw(st.integers(1, size))
    last = draw(st.integers(first, size))
    kind = draw(st.sampled_from(["one", "span", "from", "to", "all"]))
    return {
        "one": (str(first), first - 1),
        "span": (f"{first}..{last}", slice(first - 1, last)),
        "from": (f"{first}..", slice(first - 1, None)),
        "to": (f"..{last}", slice(0, last)),
        "all": ("..", slice(None)),
    }[kind]  # type: ignore[return-value]


@given(parts())
@settings(max_examples=120)
def test_parts_of_arrays_are_numpys(drawn_part: tuple[str, Any]) -> None:
    text, (inputs, value) = drawn_part
    spec = program(["q = exp(0 * X)", f"p = {text}", "y = sum(p) + sum(q)"], {"X": inputs})
    found = values_of(spec)
    if text == "X":
        assert "p" not in spec.aliases
    else:
        assert not any(one.name == "p" for one in spec.operations)
    assert found["p"].shape == value.shape
    assert (found["p"] == value).all()


_PAIRS = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@given(_PAIRS, _PAIRS, st.sampled_from("+@"))
@settings(max_examples=200)
def test_shapes_go_together_where_numpys_do(a: tuple[int, ...], b: tuple[int, ...], sign: str) -> None:
    """An operation is refused exactly where NumPy refuses it, in one line that has both shapes."""
    x, y = np.ones(a), np.ones(b)
    try:
        shape = np.shape(x @ y if sign == "@" else x + y)
    except ValueError:
        with pytest.raises(ScenarioError) as caught:
            program(f"y = sum(A {sign} B)", {"A": x.tolist(), "B": y.tolist()})
        (line,) = str(caught.value).split("\n")
        sides = [f"({', '.join(map(str, s))})" if s else "a number" for s in (a, b)]
        assert f"y = … : A {sign} B: {sides[0]} {sign} {sides[1]}: " in line
    else:
        spec = program(f"y = sum(A {sign} B)", {"A": x.tolist(), "B": y.tolist()})
        assert spec.operations[0].shape == shape


# --- what the specs say beside the values -----------------------------------------------------------------


def test_one_pass_of_a_loop_hands_on_to_the_next() -> None:
    define, inputs, _ = PROGRAMS["lstm, several statements in a pass"]
    spec = program(define, inputs)
    handed = {one.name: one.handed_on for one in spec.operations if one.handed_on}
    made = {one.name: one for one in spec.operations}
    for t in (2, 3):
        assert handed.pop(f"g{t}") == (f"h{t - 1}",)
        assert made[f"g{t}"].operands[1].arrays == (f"h{t - 1}", "X")  # type: ignore[union-attr]
    assert set(handed.values()) == {("c1",), ("c2",)}
    assert all(handed[name] == made[name].operands[1:] for name in handed)


def test_only_a_later_pass_of_the_same_loop_is_handed_something() -> None:
    spec = program(
        ["for i in 1..2: for j in 1..2: a{i}{j} = 2 * b{i}{j-1}; b{i}{j} = a{i}{j} + b{i-1}2", "y = b22 * b12"],
        {"b10": 1, "b20": 2, "b02": 3},
    )  # fmt: skip
    handed = {one.name: one.handed_on for one in spec.operations if one.handed_on}
    assert handed.pop("b21") == handed.pop("b22") == ("b12",)
    assert sorted(handed.values()) == [("b11",), ("b21",)]
    assert "y" not in handed


def test_the_passes_of_another_loop_hand_on_nothing() -> None:
    spec = program(
        ["for a in 1..1: for b in 1..2: x{b} = 2 * z{a}", "for b in 1..2: y{b} = x1 * x2", "y = y1 * y2"], {"z1": 1}
    )  # fmt: skip
    assert not any(one.handed_on for one in spec.operations)


def test_the_statistics_of_a_normalisation_are_marked() -> None:
    spec = program("y = sum(batch_norm(A, g, 0))", {"A": drawn(1, 4, 3), "g": [1, 2, 3]})
    found = values_of(spec)
    marked = [one for one in spec.operations if one.is_statistic]
    a = np.asarray(drawn(1, 4, 3))
    assert [one.function for one in marked] == ["div", "div"]
    assert found[marked[0].name] == pytest.approx(a.mean(axis=0))
    assert found[marked[1].name] == pytest.approx(a.var(axis=0))


def test_what_only_takes_cells_has_none_of_its_own() -> None:
    spec = program(
        ["q = X[2]", "s = stack(q[1], X[1, 2])", "y = (2 * s)[1]"],
        {"X": [[1, 2], [3, 4]]},
        labels={"X": ["a", "b"]},
    )
    assert [one.name for one in spec.operations] == ["v1", "y"]
    (taken,) = [operand for operand in spec.operations[0].operands if isinstance(operand, Taken)]
    assert (taken.arrays, taken.places.tolist()) == (("X",), [2, 1])
    assert {name: alias.places.tolist() for name, alias in spec.aliases.items()} == {"q": [2, 3], "s": [2, 1]}
    assert spec.labels == {"X": ("a", "b")}
    assert spec.operations[1].function == "linear"  # the output has a cell of its own


def test_a_number_a_list_and_a_drawn_array() -> None:
    drawing = {"shape": [3, 2], "scheme": "normal", "std": 0.5, "seed": 1}
    spec = program("y = a + b[1] + sum(c)", {"a": 1, "b": [2], "c": drawing})
    assert type(spec.values[0]) is float
    assert np.shape(spec.values[1]) == (1,)
    assert (spec.values[2] == np.random.default_rng(1).normal(0, 0.5, (3, 2))).all()
    plain = program(["u = x * w", "y = u + u"], {"x": 1, "w": 2})
    assert not plain.has_arrays
    assert [one.operands for one in plain.operations] == [("x", "w"), ("u", "u")]


# --- samples ------------------------------------------------------------------------------------------------

SAMPLES = [
    {"values": {"x": [1, 2], "target": 0.5}},
    {"values": {"x": [3, 4], "target": 1.5}},
    {"values": {"target": -1, "x": [0, 0.25]}},
]


def test_samples_bring_inputs_along() -> None:
    training = {"learning_rate": 0.1, "batch": 2, "reduction": "sum", "shuffle": 3, "epochs": 2}
    define = "E = half_squared_error(sum(w * x), target)"
    spec = program(define, {"w": [1, -1]}, parameters=["w"], sample=SAMPLES, training=training)
    assert spec.inputs == ("w", "x", "target")
    assert spec.by_sample["x"].tolist() == [[1, 2], [3, 4], [0, 0.25]]
    assert spec.by_sample["target"].tolist() == [0.5, 1.5, -1]
    assert [np.asarray(value).tolist() for value in spec.values] == [[1, -1], [1, 2], 0.5]
    assert [values_of(spec, k)["E"].item() for k in range(3)] == [1.125, 3.125, 0.28125]


def test_samples_of_a_table_have_a_column_a_cell(tmp_path: Path) -> None:
    table = 'target, x[2] ,"K[1, 1]","K[2,1]",x[1]\n0.5,2,7,8,1\n\n1.5,4,9,10,3\n'
    (tmp_path / "s.csv").write_text(table, encoding="utf-8")
    text = 'format = 1\ntitle = "t"\nsamples = "s.csv"\n'
    text += '[expression]\ndefine = "E = squared_error(sum(x) * sum(K), target)"\n'
    spec = loads(text, "f.toml", reach=Reach(tmp_path)).problem
    assert isinstance(spec, ExpressionSpec)
    assert spec.inputs == ("target", "x", "K")
    assert spec.by_sample["x"].tolist() == [[1, 2], [3, 4]]
    assert spec.by_sample["K"].tolist() == [[[7], [8]], [[9], [10]]]
    assert spec.by_sample["target"].shape == (2,)


def test_every_number_of_a_program_is_a_float() -> None:
    """Whole numbers, too: written out, or drawn as a constant."""
    text = """
    format = 1
    title = "Whole numbers"
    [expression]
    define = ["E = sum(A * B) + c"]
    [expression.inputs]
    A = [1, 2]
    B = { shape = [2], scheme = "constant", value = 0 }
    c = 3
    """
    problem = loads(text, "whole.toml").problem
    assert isinstance(problem, ExpressionSpec)
    assert [np.asarray(value).dtype for value in problem.values] == [np.float64] * 3
