"""Skeletons of programs over arrays: what stands ready is right, in every shape that a program may have; a mistake that
is filled in is called by its name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpstep.cli import main
from bpstep.comparison.entries import entries_of
from bpstep.comparison.languages import LANGUAGES
from bpstep.comparison.report import Report, compare_numbers
from bpstep.comparison.stubs import stub
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, TrainingSpec
from bpstep.scenario.functions import COST_FUNCTIONS
from bpstep.scenario.loader import load, stated
from tests.helpers.array_programs import programs

SHIPPED = (
    "bptt", "lstm-cell", "gru-cell", "convolution", "convolution-channels", "max-pool", "batch-norm", "layer-norm",
    "attention", "embedding", "residual", "errata-lstm", "lenet", "micrograd-neuron",
)  # fmt: skip


def executed(run: Run, language: str = "numpy", body: str = "") -> dict[str, Any]:
    """What the program of a skeleton computes, with some lines of a learner in it; nothing is written."""
    text = stub(run, "scenario", language)
    kept, _, _ = text.partition("with open(")
    if body:
        kept = re.sub(r"    \w+ = None.*\n", "", kept)
        at = kept.index("    return {\n", kept.index("replace every None"))
        kept = kept[:at] + body + kept[at:]
    names: dict[str, Any] = {}
    exec(compile(kept, "mine.py", "exec"), names)
    return {key: value for key, value in names["numbers"].items() if value is not None}


def held(run: Run, numbers: dict[str, Any]) -> Report:
    arrays = {
        key: np.asarray(getattr(value, "detach", lambda v=value: v)()) for key, value in numbers.items()
    }
    return compare_numbers(run, entries_of(arrays.items()))


@pytest.mark.parametrize("name", SHIPPED)
def test_what_stands_ready_of_a_shipped_program_is_right(name: str) -> None:
    run = Run(load(name).problem, load(name).training)
    report = held(run, executed(run))
    assert report.ok
    assert not report.unread


@given(programs(), st.integers(1, 3))
@settings(max_examples=30)
def test_what_stands_ready_of_any_program_is_right(problem: ExpressionSpec, batch: int) -> None:
    """Whatever it takes of which arrays, over one sample or several: each of its operations is written rightly."""
    run = Run(problem, TrainingSpec(batch=batch))
    with np.errstate(all="ignore"):
        numbers = executed(run)
    assume(all(np.isfinite(np.asarray(value)).all() for value in numbers.values()))
    report = held(run, numbers)
    assert not report.wrong, report.first
    assert not report.unread


def test_every_blank_is_a_derivative_that_is_known() -> None:
    """Filled in with anything, each of them is read, and in the shape that its comment says."""
    scenario = load("embedding")
    run = Run(scenario.problem, scenario.training)
    text = stub(run, "scenario", "numpy")
    blanks = re.findall(r"    (\w+) = None  # the derivative of E by \w+(?:, (\(.*\)))?", text)
    body = "".join(f"    {name} = np.zeros({shape or ()})\n" for name, shape in blanks)
    report = held(run, executed(run, body=body))
    assert not report.unread
    assert {"d(M)", "d(W)", "d(h)"} <= executed(run, body=body).keys()


ATTENTION = """\
    d_A = A - target
    d_V = P.T @ d_A
    d_P = d_A @ V.T
    d_S = P * (d_P - (d_P * P).sum(axis=1, keepdims=True))
    d_v2 = d_S * mask
    d_v1 = d_v2 / np.sqrt(2)
    d_Q, d_K = d_v1 @ K, d_v1.T @ Q
    d_WQ, d_WK, d_WV = X.T @ d_Q, X.T @ d_K, X.T @ d_V
    d_X = d_Q @ WQ.T + d_K @ WK.T + d_V @ WV.T
    d_E = 1.0
"""


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("", "", ""),
        ("P.T @ d_A", "P @ d_A", "transpose-forgotten"),
    ],
)
def test_from_the_skeleton_to_the_name_of_the_mistake(right: str, wrong: str, name: str) -> None:
    run = Run(load("attention").problem, load("attention").training)
    report = held(run, executed(run, body=ATTENTION.replace(right, wrong)))
    assert report.ok is (not name)
    assert report.mistake.partition(",")[0] == name


def test_of_a_batch_the_learner_fills_in_rows() -> None:
    text = """
    h = sigmoid(W @ x)
    """
    define = [line.strip() for line in text.strip().split("\n")] + ["E = half_squared_error(h, t)"]
    document = {
        "format": 1, "title": "batch", "training": {"batch": "full", "learning_rate": 0.1},
        "expression": {"define": define, "parameters": ["W"], "inputs": {"W": [[0.5, -0.2], [0.3, 0.8]]}},
        "sample": [{"values": {"x": [1, k], "t": [k, 0]}} for k in range(3)],
    }  # fmt: skip
    scenario = stated(document, "batch")
    run = Run(scenario.problem, scenario.training)
    body = "    d_h = (h - t) / 3\n    d_v1 = d_h * h * (1 - h)\n    d_W = d_v1.T @ x\n    d_E = d_x = None\n"
    assert held(run, executed(run, body=body)).ok
    assert "cost-factor" in held(run, executed(run, body=body.replace(" / 3", ""))).mistake


@pytest.mark.parametrize(
    "name", ["attention", "convolution-channels", "max-pool", "lenet", "embedding", "batch-norm"]
)
def test_in_pytorch_its_own_derivatives_agree(name: str) -> None:
    torch = pytest.importorskip("torch")
    run = Run(load(name).problem, load(name).training)
    text = stub(run, "scenario", "torch")
    given = re.findall(r"^(\w+) = torch.tensor", text, re.MULTILINE)
    names: dict[str, Any] = {}
    start = text.index("# forward: ready")
    exec(compile(text[:start], "mine.py", "exec"), names)
    for one in given:
        names[one].requires_grad_(True)
    exec(compile(text[start : text.index("def backward")], "mine.py", "exec"), names)
    names["E"].backward()
    parameters = run.setup.problem.parameters
    report = held(run, {f"d({one})": names[one].grad for one in parameters})
    assert report.ok
    assert report.read == sum(torch.numel(names[one]) for one in parameters)


@pytest.mark.parametrize("language", ["numpy", "python"])
def test_every_function_of_the_language_is_known_to_a_skeleton(language: str) -> None:
    """Of single numbers: every function and every cost runs, and gives what the engine has."""
    calls = [one.text.format(a="a", b="b") for one in FUNCTIONS.values() if one.name != "linear"]
    costs = [f"{cost}(a, b)" for cost in COST_FUNCTIONS]
    define = [f"y{k} = {call}" for k, call in enumerate([*calls, *costs])]
    define.append("y = " + " + ".join(f"y{k}" for k in range(len(define))))
    expression = {"define": define, "inputs": {"a": 0.6, "b": 0.8}}
    scenario = stated({"format": 1, "title": "all", "expression": expression}, "all")
    run = Run(scenario.problem, scenario.training)
    report = held(run, executed(run, language))
    assert report.ok
    assert report.read == len(run.setup.problem.operations)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_without_arrays_says_so(
    language: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["stub", "attention", "--lang", language]) == (0 if language in ("numpy", "torch") else 2)
    out, err = capsys.readouterr()
    if language not in ("numpy", "torch"):
        assert err.strip() == (
            f"bpstep: a program over arrays is not written in {language}; expected --lang numpy or torch"
        )
        return
    assert "«" not in out
    if language == "numpy":
        monkeypatch.chdir(tmp_path)
        exec(compile(out, "mine.py", "exec"), {})
        assert set(json.loads(Path("mine.json").read_text())) >= {"Q", "P", "A", "E"}
        assert main(["compare", "attention", "mine.json"]) == 0


def test_of_a_program_too_large_for_a_skeleton_the_number_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stub", "char-rnn"]) == 2
    assert "at most 20000" in capsys.readouterr().err
