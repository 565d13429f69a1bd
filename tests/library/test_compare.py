"""Comparing from a program and in a test suite: right numbers pass, a mistake is named, its report is the message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import bpstep
from bpstep.debugger.console import Console
from bpstep.engine.specs import NetworkSpec, TrainingSpec
from bpstep.library.run import Run
from bpstep.scenario.model import Scenario
from tests.helpers.problems import networks
from tests.helpers.shipped import SMALL

MAZUR = "mazur-2-2-2"
WITHOUT_SLOPE = {"delta[h1]": 0.0363503064, "delta[h2]": 0.0413703269}


@pytest.mark.parametrize("name", SMALL)
def test_a_runs_own_gradients_agree_wherever_it_stands(name: str) -> None:
    run = bpstep.load(name)
    bpstep.testing.assert_gradients(run, run.grads)
    run.step(len(run) // 2)
    assert bpstep.compare(run, run.grads).ok


@given(networks())
@settings(max_examples=15)
def test_arrays_agree_by_the_usual_names(problem: NetworkSpec) -> None:
    run = Run(Scenario("s", "s", problem, TrainingSpec(batch=None)))
    numbers = {}
    for k, layer in enumerate(run.grad.values(), 1):
        numbers[f"dW{k}"] = layer.weights
        if layer.bias is not None:
            numbers[f"db{k}"] = layer.bias
    report = bpstep.compare(run, numbers, layout="out,in")
    assert (report.ok, report.unread) == (True, ()), str(report)


def test_a_mistake_is_named() -> None:
    report = bpstep.compare(bpstep.load(MAZUR), WITHOUT_SLOPE)
    assert (report.ok, report.read, report.wrong) == (False, 2, 2)
    assert [number.name for number in report.first] == ["delta[h1]", "delta[h2]"]
    assert report.first[0].step == 37
    assert report.mistake.startswith("no-derivative, in layer hidden")
    assert "the mistake   no-derivative" in str(report)
    assert "look at it    print(run.step(37))" in str(report)
    assert json.loads(json.dumps(report.to_dict()))["verdict"] == "mistake"
    assert repr(report).startswith("<Comparison: 2 numbers read: 0 agree, 2 do not")


def test_a_report_opens_at_the_first_wrong_number_with_yours_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Console] = []
    monkeypatch.setattr("bpstep.library.run.has_screen", lambda: True)
    monkeypatch.setattr("bpstep.tui.app.run", lambda session, settings: shown.append(session))
    run = bpstep.load(MAZUR)
    bpstep.compare(run, WITHOUT_SLOPE).open()
    bpstep.compare(run, run.grads).open()
    run.step(20)
    run.open()
    assert [console.position for console in shown] == [37, 0, 20]
    assert [console.held is not None for console in shown] == [True, True, False]
    monkeypatch.setattr("bpstep.library.run.has_screen", lambda: False)
    with pytest.raises(ValueError, match="the screen needs a terminal"):
        bpstep.compare(run, WITHOUT_SLOPE).open()


def test_numbers_come_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(WITHOUT_SLOPE), encoding="utf-8")
    run = bpstep.load(MAZUR)
    assert str(bpstep.compare(run, path)) == str(bpstep.compare(run, WITHOUT_SLOPE))


def test_the_pass_is_the_one_in_which_the_run_stands() -> None:
    run = bpstep.load("xor", epochs=3)
    first = run.grads
    run.until("epoch == 3")
    assert run.grads != first
    assert bpstep.compare(run, run.grads).ok
    assert not bpstep.compare(run, first).ok


def test_a_training_is_compared_epoch_by_epoch() -> None:
    run, twice = bpstep.load("xor", epochs=6), bpstep.load("xor", epochs=6)
    losses = []
    for _ in range(6):
        losses.append(run.until("loss > 0").value)
        if len(losses) < 6:
            run.until(f"epoch == {len(losses) + 1}")
    report = bpstep.compare(twice, {"loss": losses})
    assert (report.ok, report.read, report.first_epoch, report.mistake) == (True, 6, 0, "")
    wrong = bpstep.compare(twice, {"loss": [*losses[:3], 0.5, 0.6, 0.7]})
    assert (wrong.ok, wrong.wrong, wrong.first_epoch, wrong.first) == (False, 3, 4, ())
    assert "first wrong   the loss of epoch 4" in str(wrong)
    assert wrong.to_dict()["format"] == "bpstep-comparison-of-training"
    twice.until("end")
    layers = enumerate(twice.parameters.values(), 1)
    after = {
        name: array for k, one in layers for name, array in ((f"W{k}", one.weights), (f"b{k}", one.bias))
    }
    assert bpstep.compare(twice, after, epoch=6, layout="out,in").ok
    assert not bpstep.compare(twice, after, epoch=5, layout="out,in").ok


class Tensor:
    """What a tensor that records its derivatives looks like: NumPy can not read it, before it is detached."""

    def __init__(self, array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
        self.array = array

    def __array__(self) -> None:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad")

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return self.array


def test_tensors_are_read() -> None:
    run = bpstep.load(MAZUR)
    assert bpstep.compare(run, {"dW1": Tensor(run.grad["hidden"].weights)}, layout="out,in").ok
    made = bpstep.network([Tensor(np.ones((1, 2)))], x=[1, 2], t=[0])  # type: ignore[list-item]
    assert made["w[x2->l1_1]"] == 1.0


def test_a_failing_test_says_what_the_mistake_is() -> None:
    run = bpstep.load(MAZUR)
    with pytest.raises(AssertionError) as caught:
        bpstep.testing.assert_gradients(run, WITHOUT_SLOPE)
    assert str(caught.value) == str(bpstep.compare(run, WITHOUT_SLOPE))
    with pytest.raises(AssertionError) as caught:
        bpstep.testing.assert_gradients(MAZUR, WITHOUT_SLOPE)
    shown = str(caught.value).partition("look at it    print(")[2]
    assert eval(shown[:-1], {"bpstep": bpstep}).number == 37, "what is printed can be typed"


def test_a_number_that_was_never_compared_does_not_pass() -> None:
    run = bpstep.load(MAZUR)
    with pytest.raises(AssertionError, match=r"not read: dW9 .*there is no such layer"):
        bpstep.testing.assert_gradients(run, {**run.grads, "dW9": [[1.0]]})


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda run: bpstep.compare("xor", {}), "expected a run, such as bpstep.load gives; found 'xor'"),
        (lambda run: bpstep.compare(run, 3), "expected a dictionary of names and numbers, or a file; found 3"),
        (lambda run: bpstep.compare(run, {}), "there are no numbers; expected some"),
        (lambda run: bpstep.compare(run, {"dW1": None}), '"dW1" holds nothing; expected numbers'),
        (lambda run: bpstep.compare(run, {"dW1": [[1], [2, 3]]}), '"dW1" is ragged'),
        (lambda run: bpstep.compare(run, {"dW1": [float("nan")]}), "is nan; expected finite numbers"),
        (lambda run: bpstep.compare(run, {}, epoch=0), "epoch: found 0; expected a whole number from 1 on"),
        (lambda run: bpstep.compare(run, "no-such.json"), "no-such.json: can not read the file"),
        (lambda run: bpstep.compare(run, {"quux": 1.0}), "quux"),
        (lambda run: bpstep.compare(run, run.grads, layout="rows"), "layout: found 'rows'; expected out,in or in,out"),
        (lambda run: bpstep.compare(run, run.grads, relative=2), "relative: found 2; expected a number between 0"),
    ],
)  # fmt: skip
def test_what_can_not_be_compared_is_one_line(do: Callable[[bpstep.Run], object], says: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as caught:
        do(bpstep.load(MAZUR))
    assert says in str(caught.value)
