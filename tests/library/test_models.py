"""What a program has at hand becomes a run: a module of PyTorch, a graph of scalars."""

from __future__ import annotations

from typing import Any

import pytest

import bpstep
from bpstep.debugger.console import Console
from tests.importing.clones import made


@pytest.fixture(autouse=True)
def _without_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests with -s has one."""
    for module in ("models", "run"):
        monkeypatch.setattr(f"bpstep.library.{module}.has_screen", lambda: False)


def wrong() -> Any:
    """tanh′ is taken for 1 − y."""
    value = made("tuple", "tanh-derivative")
    x, w = value(0.5, label="x"), value(-2.0, label="w")
    p = x * w
    p.label = "p"
    loss = p.tanh() * 3.0
    loss.backward()
    return loss


def test_the_report_stands_where_the_first_number_is_wrong() -> None:
    report = bpstep.step(wrong())
    assert not report.ok
    assert report.first[0].name == "d(p)"
    assert report.run.explain().cell == "d(p)"
    assert f"print(report.run.step({report.first[0].step}))" in str(report)
    assert "follow-ups" in str(report)
    assert report.run["d(p)"] == report.first[0].right
    with pytest.raises(ValueError, match="the screen needs a terminal"):
        report.open()


def test_in_a_terminal_the_screen_opens_on_the_first_wrong_number(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Console] = []
    for module in ("models", "run"):
        monkeypatch.setattr(f"bpstep.library.{module}.has_screen", lambda: True)
    monkeypatch.setattr("bpstep.tui.app.run", lambda session, settings: shown.append(session))
    report = bpstep.step(wrong())
    (console,) = shown
    assert console.position == report.first[0].step > 0
    assert console.held is not None
    assert str(console.step and console.step.cell) == "d(p)"


def test_a_right_graph_agrees_and_can_be_stepped_through() -> None:
    value = made("list")
    a = value(2.0)
    loss = (a * a + 1.0).relu()
    loss.backward()
    report = bpstep.step(loss)
    assert report.ok
    assert report.run.step(1).formula == "v1 = x1 * x1"


def test_what_had_to_be_guessed_is_told() -> None:
    class Bare:
        def __init__(self, data: float, *prev: Any) -> None:
            self.data, self.grad, self._prev = data, None, prev

    assert "the numbers leave open which operation it is" in str(bpstep.step(Bare(4.0, Bare(2.0), Bare(2.0))))


@pytest.mark.parametrize("what", [3, "loss", None, object(), [1.0]])
def test_what_is_no_graph_is_a_value_error_of_one_line(what: object) -> None:
    with pytest.raises(ValueError, match="expected a scalar with data, grad and _prev") as caught:
        bpstep.step(what)
    assert "\n" not in str(caught.value)


def test_a_module_of_pytorch_is_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    x, t = torch.tensor([[0.5, -1.0], [1.0, 0.0]]), torch.tensor([[1.0], [0.0]])
    run = bpstep.from_torch(model, x, t, torch.nn.MSELoss())
    assert capsys.readouterr().out.startswith("all 13 gradients agree with PyTorch's to ")
    torch.nn.MSELoss()(model(x), t).backward()
    assert run.grad["l1"].weights == pytest.approx(model[0].weight.grad.numpy(), rel=1e-5)
    names = {name: p.grad for name, p in model.named_parameters()}
    assert bpstep.compare(run, {f"{name}.grad": grad for name, grad in names.items()}).ok
    assert bpstep.load(run.to_toml())["loss"] == run["loss"]
