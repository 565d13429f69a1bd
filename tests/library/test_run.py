"""A run for programs: the numbers of the engine by name, steps, and one clear line for whatever can not be done."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import bpstep
from bpstep.debugger.topics import text_of
from bpstep.engine.run import Run as EngineRun
from bpstep.engine.specs import NetworkSpec, TrainingSpec
from bpstep.library.run import Run
from bpstep.scenario.model import Scenario
from tests.helpers.problems import networks, trainings

MAZUR = "mazur-2-2-2"


def test_numbers_are_those_of_the_pass_whole() -> None:
    run = bpstep.load(MAZUR)
    steps = {step.cell: step for step in map(run.step, range(1, len(run) + 1)) if step.phase != "update"}
    for position in (0, 20, 34, 36, 50, len(run)):
        run = bpstep.load(MAZUR)
        if position:
            run.step(position)
        assert {cell: run[cell] for cell in steps} == {cell: step.value for cell, step in steps.items()}


def test_parameters_are_as_the_steps_until_here_have_left_them() -> None:
    run = bpstep.load(MAZUR)
    before = run.parameters["hidden"]
    assert (run["w[i1->h1]"], before.weights[0, 0]) == (0.15, 0.15)
    update = run.until("update")
    assert run["w[i1->h1]"] == update.value != 0.15
    run.until("end")
    after = run.parameters["hidden"]
    np.testing.assert_array_equal(after.weights, before.weights - 0.5 * run.grad["hidden"].weights)
    assert after.bias is not None
    assert run["b[h2]"] == after.bias[1]
    run.restart()
    assert (run.position, run["w[i1->h1]"]) == (0, 0.15)


def test_arrays_are_copies() -> None:
    run = bpstep.load(MAZUR)
    run.grad["hidden"].weights[:] = 7.0
    run.parameters["hidden"].weights[:] = 7.0
    assert run.grad["hidden"].weights[0, 0] == run["d(w[i1->h1])"] != 7.0
    assert run["w[i1->h1]"] == 0.15


@given(networks(), trainings())
@settings(max_examples=15)
def test_gradients_are_the_engines_number_by_number(problem: NetworkSpec, training: TrainingSpec) -> None:
    run, engine = Run(Scenario("s", "s", problem, training)), EngineRun(problem, training)
    last = {
        str(s.cell): s.value
        for s in engine.steps(1, engine.timeline.start_of_batch(1))
        if s.op == "contribute"
    }
    assert run.grads == {name: last[name] for name in run.grads}
    for layer in problem.layers:
        found = run.grad[layer.name]
        assert found.weights.ravel().tolist() == [
            run.grads[f"d(w[{source}->{neuron}])"]
            for neuron in layer.neurons
            for source in names_before(problem, layer.sources)
        ]
        if layer.bias is not None and found.bias is not None:
            assert found.bias.tolist() == [run.grads[f"d(b[{neuron}])"] for neuron in layer.neurons]


def names_before(problem: NetworkSpec, sources: tuple[str, ...]) -> list[str]:
    neurons = {"inputs": problem.inputs, **{layer.name: layer.neurons for layer in problem.layers}}
    return [name for source in sources for name in neurons[source]]


def test_an_expression_has_numbers_and_no_layers() -> None:
    run = bpstep.load("chain-rule")
    x = 1.2
    assert run["d(x)"] == pytest.approx(2 * x * math.cos(x * x) * math.exp(math.sin(x * x)))
    assert run.grads == {"d(x)": run["d(x)"]}
    with pytest.raises(ValueError, match=r"an expression has no layers; .* run.grads"):
        _ = run.grad


def test_a_step_says_what_it_does() -> None:
    run = bpstep.load(MAZUR)
    step = run.until("delta[h1]")
    assert (step.number, run.position, step.cell, step.op, step.phase) == (
        37, 37, "d(e[h1])", "contribute", "backward",
    )  # fmt: skip
    assert step.upstream is not None
    assert step.local is not None
    assert step.value == step.upstream[1] * step.local[1]
    assert step.inputs == dict([step.upstream, step.local])
    assert "0.03635 * 0.2413" in step.numbers
    assert "Back through the activation" in str(step)
    assert run.explain().number == 37
    noted = run.until("note")
    assert noted.note
    assert noted.note in str(noted)
    before = run.position
    assert str(step).startswith("step 37")
    assert run.position == before, "to read a step moves nothing"


def test_rows_are_flat_and_alike() -> None:
    run = bpstep.load(MAZUR)
    rows = run.to_dicts()
    assert len(rows) == len(run) == 59
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert all(isinstance(value, str | int | float | None) for row in rows for value in row.values())
    assert [row["step"] for row in run.to_dicts(20, 22)] == [20, 21, 22]


def test_a_run_is_loaded_from_a_name_a_file_and_a_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = bpstep.load("xor", epochs=7).to_toml()
    path.write_text(text, encoding="utf-8")
    lengths = {len(bpstep.load("xor", epochs=7)), len(bpstep.load(text)), len(bpstep.load(path))}
    assert lengths == {len(bpstep.load(str(path)))}
    assert bpstep.load("deep-784-128-10", seed=3)["w[x1->h1]"] != bpstep.load("deep-784-128-10")["w[x1->h1]"]


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda run: run["delta[h9]"], 'there is no cell "delta[h9]"'),
        (lambda run: run["delta[h1"], 'expected "]"'),
        (lambda run: run[3], 'expected the name of a cell, such as "delta[h1]"; found 3'),
        (lambda run: run["value"], "value has no value at step 0"),
        (lambda run: run.step(0), "there is no step 0; expected one of 1 to 59"),
        (lambda run: run.step(60), "there is no step 60; expected one of 1 to 59"),
        (lambda run: run.step(1.5), "expected the number of a step, a whole number; found 1.5"),
        (lambda run: run.until("nowhere"), 'there is nothing called "nowhere"'),
        (lambda run: run.until("delta[h1] > 9"), "no later step: delta[h1] > 9"),
        (lambda run: run.until(None), "expected a cell, a phase"),
        (lambda run: run.explain(), "nothing is done yet; expected a step first"),
        (lambda run: run.to_dicts(5, 4), "there are no steps 5 to 4; expected some of 1 to 59"),
        (lambda run: run.open(), "the screen needs a terminal"),
        (lambda run: bpstep.load("no-such"), "there is no built-in scenario and no file of this name"),
        (lambda run: bpstep.load(""), "expected a name, a file or a text; found ''"),
        (lambda run: bpstep.load(3), "expected a name, a file or a text; found 3"),
        (lambda run: bpstep.load("xor", epochs=0), "epochs: found 0; expected a whole number from 1 on"),
        (lambda run: bpstep.load("xor", seed=True), "seed: found True; expected a whole number from 0 on"),
    ],
)
def test_what_can_not_be_done_is_one_line(do: Callable[[bpstep.Run], object], says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        do(bpstep.load(MAZUR))
    assert says in str(caught.value)


def test_the_end_of_a_run_is_told() -> None:
    run = bpstep.load(MAZUR)
    assert run.until("end").number == len(run)
    with pytest.raises(ValueError, match="the run is at its end"):
        run.step()


def test_what_is_public_is_there_typed_and_told() -> None:
    assert set(bpstep.__all__) <= set(dir(bpstep))
    told = text_of("python") + text_of("models")
    for name in bpstep.__all__:
        public = getattr(bpstep, name)
        assert public.__doc__, name
        for part in list(vars(public)) if isinstance(public, type) else ():
            field = part in getattr(public, "__dataclass_fields__", ())
            assert part.startswith("_") or field or getattr(public, part).__doc__, f"{name}.{part}"
        assert isinstance(public, type) or f"bpstep.{name}" in told, f"the help shows {name}"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bpstep.nothing  # type: ignore[attr-defined]


def test_to_import_it_loads_nothing() -> None:
    code = "import sys, bpstep; dir(bpstep); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    loaded = done.stdout.split()
    assert not {"numpy", "typing", "rich", "textual", "dataclasses"} & set(loaded)
    assert [name for name in loaded if name.startswith("bpstep.")] == []


def test_numbers_and_steps_load_no_screen_and_no_pictures() -> None:
    code = (
        "import sys, bpstep; run = bpstep.load('mazur-2-2-2'); run.step(37), run['loss'], run.grad, run.to_toml(); "
        "bpstep.compare(run, run.grads); bpstep.check(lambda x: (x, 1.0), 1.0); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & {
        "rich",
        "textual",
        "IPython",
        "ipywidgets",
    }


def test_help_reads_well() -> None:
    code = "import bpstep, pydoc; print(pydoc.plain(pydoc.render_doc(bpstep)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in bpstep.__all__:
        assert name in done.stdout
    assert "What is public: the names in" in done.stdout


def test_the_bare_name_of_an_array_gives_it_whole() -> None:
    text = """
        format = 1
        title = "arrays"
        [expression]
        define = "y = sum(tanh(A @ x))"
        [expression.inputs]
        A = [[0.5, 1.0], [2.0, -1.0], [0.25, 0.0]]
        x = [1, 2]
    """
    run = bpstep.load(text)
    run.until("end")
    a, x = np.array([[0.5, 1.0], [2.0, -1.0], [0.25, 0.0]]), np.array([1.0, 2.0])
    assert run["A"].tolist() == a.tolist()
    np.testing.assert_allclose(run["d(A)"], np.outer(1.0 - np.tanh(a @ x) ** 2, x), rtol=1e-12)
    assert run["d(A[1,2])"] == run["d(A)"][0, 1]
    assert bpstep.compare(run, {"dA": run["d(A)"], "dx": run["d(x)"]}).ok
