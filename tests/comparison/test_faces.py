"""The skeleton, the mutants, the figure of a gradient check, and the command: what a learner and a teacher meet."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bpstep.cli import main
from bpstep.comparison.difference import figure_read, likely_mistakes
from bpstep.comparison.entries import entries_of
from bpstep.comparison.languages import LANGUAGES
from bpstep.comparison.report import compare_numbers
from bpstep.comparison.wording import report_lines
from bpstep.debugger.console import Console
from bpstep.engine.run import Run
from bpstep.repl import converse
from bpstep.scenario.loader import load, loads
from tests.comparison.oracle import FUNCTIONS

# --- the skeleton -------------------------------------------------------------------------------------

#: backward() as a learner fills it in: from the last layer to the first, each as in the books.
RIGHT = {
    "numpy": """
    m = len(X)
    dz2 = (a2 - T) * a2 * (1 - a2) / m
    dW2 = dz2.T @ a1
    db2 = dz2.sum(axis=0)
    dz1 = (dz2 @ W2) * a1 * (1 - a1)
    dW1 = dz1.T @ X
    db1 = dz1.sum(axis=0)
""",
    "python": """
    m = len(X)
    dz2 = [[(y - t) * y * (1 - y) / m for y, t in zip(ys, ts)] for ys, ts in zip(a2, T)]
    dW2 = [[sum(d[j] * a[i] for d, a in zip(dz2, a1)) for i in range(len(a1[0]))] for j in range(len(W2))]
    db2 = [sum(d[j] for d in dz2) for j in range(len(W2))]
    dz1 = [[sum(d[k] * W2[k][j] for k in range(len(W2))) * a[j] * (1 - a[j]) for j in range(len(W1))]
           for d, a in zip(dz2, a1)]
    dW1 = [[sum(d[j] * x[i] for d, x in zip(dz1, X)) for i in range(len(X[0]))] for j in range(len(W1))]
    db1 = [sum(d[j] for d in dz1) for j in range(len(W1))]
""",
}
RIGHT["torch"] = RIGHT["numpy"].replace("axis=0", "dim=0")


def filled(stub: str, body: str) -> str:
    """A skeleton with the lines of a learner in the place of those with None."""
    kept = [line for line in stub.split("\n") if not re.match(r"    \w+ = None", line)]
    at = next(k for k, line in enumerate(kept) if "replace every None" in line)
    return "\n".join([*kept[: at + 1], body, *kept[at + 1 :]])


def stub_of(scenario: str, language: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["stub", scenario, "--lang", language]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("language", ["numpy", "python", "torch"])
@pytest.mark.parametrize("scenario", ["mazur-2-2-2", "xor"])
def test_a_skeleton_filled_in_rightly_agrees(
    language: str,
    scenario: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if language == "torch":
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    text = stub_of(scenario, language, capsys)
    exec(compile(filled(text, RIGHT[language]), "mine.py", "exec"), {})
    assert main(["compare", scenario, "mine.json"]) == 0
    assert "agree (" in capsys.readouterr().out
    exec(compile(text, "mine.py", "exec"), {})  # nothing filled in: what is ready is right
    assert main(["compare", scenario, "mine.json"]) == 0


@pytest.mark.parametrize(
    "scenario", ["softmax", "residual-chain", "dead-relu", "article-2-3-2-1", "fan-out", "adam"]
)
@pytest.mark.parametrize("language", ["numpy", "python"])
def test_what_stands_ready_in_a_skeleton_is_right(
    scenario: str,
    language: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(stub_of(scenario, language, capsys), "mine.py", "exec"), {})
    assert main(["compare", scenario, "mine.json"]) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_place_of_a_skeleton_is_left_empty(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    for scenario in ("xor", "fan-out"):
        text = stub_of(scenario, language, capsys)
        assert "«" not in text
        assert text.count("[") == text.count("]")
    assert main(["stub", "deep-784-128-10", "--lang", language]) == 2
    assert "at most 20000" in capsys.readouterr().err


# --- six bugs, as a new user meets them ---------------------------------------------------------------

BUGS = {
    "f′ forgotten in the hidden layer": ("(dz2 @ W2) * a1 * (1 - a1)", "dz2 @ W2", "no-derivative"),
    "W for its transpose": ("(dz2 @ W2)", "(dz2 @ W2.T)", "wrong-weights"),
    "the sign": ("(a2 - T)", "(T - a2)", "swapped-sign"),
    "1/m forgotten": (" / m", "", "cost-factor"),
    "the mean instead of the sum": ("db1 = dz1.sum(axis=0)", "db1 = dz1.mean(axis=0)", "bias-factor"),
    "f′ of z instead of a": ("a1 * (1 - a1)", "z1 * (1 - z1)", "slope-of-net"),
    "the sum without an axis": (
        "db2 = dz2.sum(axis=0)",
        "db2 = dz2.sum() * np.ones(2)",
        "bias-summed-over-layer",
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_from_the_skeleton_to_the_name_of_the_mistake(
    bug: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong, name = BUGS[bug]
    scenario = "xor" if name in ("cost-factor", "bias-factor") else "mazur-2-2-2"
    monkeypatch.chdir(tmp_path)
    assert right in RIGHT["numpy"]
    text = filled(stub_of(scenario, "numpy", capsys), RIGHT["numpy"].replace(right, wrong))
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    exec(compile(text, "mine.py", "exec"), {})
    assert main(["compare", scenario, "mine.json"]) == 1
    out = capsys.readouterr().out
    assert re.search(rf"^(the mistake|same from|) *{name}\b", out, re.MULTILINE), out
    assert main(["compare", scenario, "mine.json", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "mistake"
    assert name in [one[0]["name"] for one in document["mistakes"]]


# --- bugs that no one here made -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name", "words"),
    [
        (28.0, "resend", "the sum d(b) was sent on each time"),
        (4.0, "first-only", "only what arrived first"),
        (20.0, "overwrite-in-other-order", ""),
        (0.0, "seed-forgotten", ""),
    ],
)
def test_a_fan_out_that_was_gathered_wrongly_is_told(said: float, name: str, words: str) -> None:
    text = """format = 1
title = "fan-out"
[expression]
define = ["b = 4 * a", "c = b + 3", "q = 5 * b", "e = c + q"]
[expression.inputs]
a = 1
"""
    scenario = loads(text, "fan.toml")
    report = compare_numbers(Run(scenario.problem, scenario.training), entries_of([("d(a)", said)]))
    assert report.first[0].right == 24.0
    assert name in [match.hypotheses[0].mistake.name for match in report.finding.matches]
    assert words in "\n".join(report_lines(report))


def course_data() -> str:
    """The gradient-checking exercise of deeplearning.ai's course 2, week 1, as a scenario."""
    rng = np.random.RandomState(1)
    X, T = rng.randn(4, 3), np.array([[1, 1, 0]])
    shapes = ((5, 4, "relu"), (3, 5, "relu"), (1, 3, "sigmoid"))
    text = 'format = 1\ntitle = "gradient checking"\n[network]\ninputs = 4\ncost = "binary-cross-entropy"\n'
    for rows, columns, f in shapes:
        W, b = rng.randn(rows, columns), rng.randn(rows, 1)
        text += f'[[network.layer]]\nneurons = {rows}\nactivation = "{f}"\n'
        text += f"weights = {W.tolist()}\nbias = {b.ravel().tolist()}\n"
    for x, t in zip(X.T, T.T, strict=True):
        text += f"[[sample]]\ninput = {x.tolist()}\ntarget = {t.tolist()}\n"
    return text + '[training]\nlearning_rate = 0.1\nbatch = "full"\n'


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        ("0.285093156781", {"weight-factor 2, in layer l2 only", "bias-factor 4, in layer l1 only"}),
        ("0.173442", {"weight-factor 2, in layer l2 only"}),
        ("0.254423", {"bias-factor 4, in layer l1 only"}),
    ],
)
def test_the_figure_of_a_gradient_check_names_the_mistake(figure: str, names: set[str]) -> None:
    scenario = loads(course_data(), "course.toml")
    run = Run(scenario.problem, scenario.training)
    assert run.numbers(0).loss == pytest.approx(2.40783339, abs=5e-9)
    likely = likely_mistakes(run, figure_read(figure))
    assert [{one.title for one in found} for found, _ in likely.found] == [names]
    assert likely.by_chance < 0.1


def test_a_figure_of_few_digits_is_told_with_its_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "xor", "--difference", "0.33"]) == 1
    assert "not sure" in capsys.readouterr().out
    assert main(["compare", "xor", "--difference", "3e-9"]) == 0
    for bad in ("abc", "-1", "2", "nan", "1e999"):
        assert main(["compare", "xor", f"--difference={bad}"]) == 2
        assert "expected a number from 0 to 1" in capsys.readouterr().err


# --- for teachers -------------------------------------------------------------------------------------


def test_every_mutant_is_wrong_and_is_told_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mutants", "mazur-2-2-2", "--out", str(tmp_path / "mut"), "--json"]) == 0
    index = json.loads(capsys.readouterr().out)
    assert len(index["mutants"]) > 100
    assert main(["compare", "mazur-2-2-2", str(tmp_path / "mut" / "right.json")]) == 0
    for row in index["mutants"][::20]:
        capsys.readouterr()
        assert main(["compare", "mazur-2-2-2", str(tmp_path / "mut" / row["file"]), "--json"]) == 1
        found = json.loads(capsys.readouterr().out)
        titles = [f"{m[0]['name']} {m[0]['value'] or ''}".strip() for m in found["mistakes"]]
        assert any(row["mistake"].startswith(title) for title in titles), row


def test_a_file_of_results_for_gradescope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.json").write_text('{"db1": [0.1, 0.2], "db2": [0.13849856, -0.03809824]}')
    assert main(["compare", "mazur-2-2-2", str(tmp_path / "mine.json"), "--format", "gradescope"]) == 1
    tests = json.loads(capsys.readouterr().out)["tests"]
    assert {test["name"]: test["status"] for test in tests} == {
        "numbers like d(b[h1])": "failed", "numbers like d(b[o1])": "passed",
    }  # fmt: skip


# --- in a session -------------------------------------------------------------------------------------


def test_compare_and_break_wrong_in_a_session(tmp_path: Path) -> None:
    main(["mutants", "mazur-2-2-2", "--out", str(tmp_path)])
    session = Console(load("mazur-2-2-2"))
    session.folder = tmp_path
    out = io.StringIO()
    lines = "compare no-derivative-in-layer-hidden-only.json\nprint step\nbreak wrong\ngoto start\n"
    lines += "continue\nprint step\n"
    assert converse(session, io.StringIO(lines), out) == 0
    assert "no-derivative, in layer hidden only" in out.getvalue()
    assert out.getvalue().count("step = 42") == 2


def test_the_room_needs_neither_rich_nor_textual() -> None:
    code = (
        "import sys, bpstep.comparison.wording, bpstep.comparison.reading, bpstep.comparison.stubs, "
        "bpstep.comparison.mutants; sys.exit('rich' in sys.modules or 'textual' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_oracle_is_right() -> None:
    """Its slopes are those of its functions."""
    z = np.linspace(-2, 2, 9) + 0.01
    for f, slope in FUNCTIONS.values():
        np.testing.assert_allclose((f(z + 1e-6) - f(z - 1e-6)) / 2e-6, slope(z), rtol=1e-5, atol=1e-8)
