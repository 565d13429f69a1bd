"""Modules are known by their attributes: classes of the same shape, on NumPy, are read as PyTorch's are.

So what reads them is tried where PyTorch is not installed, too; and it is seen that it is not imported.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from bpstep.importing.networks import ModelError
from bpstep.importing.sequential import read_modules
from bpstep.importing.torch import scenario_of


class Tensor:
    """As much of a tensor as is asked for."""

    def __init__(self, numbers: Any, dtype: str = "torch.float64") -> None:
        self.numbers, self.grad, self.requires_grad, self.dtype = (
            np.array(numbers, dtype=float),
            None,
            True,
            dtype,
        )

    def detach(self) -> Tensor:
        return Tensor(self.numbers)

    cpu = double = detach

    def numpy(self) -> Any:
        return self.numbers


class Linear:
    def __init__(self, sources: int, neurons: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.weight, self.bias = Tensor(rng.normal(size=(neurons, sources))), Tensor(rng.normal(size=neurons))

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.weight.numbers.T + self.bias.numbers

    def back(self, dy: Any) -> Any:
        self.weight.grad, self.bias.grad = Tensor(dy.T @ self.x), Tensor(dy.sum(axis=0))
        return dy @ self.weight.numbers


class Tanh:
    def forward(self, x: Any) -> Any:
        self.y = np.tanh(x)
        return self.y

    def back(self, dy: Any) -> Any:
        return dy * (1 - self.y**2)


class GELU:
    pass


class Sequential:
    def __init__(self, *modules: Any) -> None:
        self._modules = {str(k): module for k, module in enumerate(modules)}

    def __call__(self, x: Tensor) -> Any:
        y = x.numbers
        for module in self._modules.values():
            y = module.forward(y)
        return y, self

    def back(self, dy: Any) -> None:
        for module in list(self._modules.values())[::-1]:
            dy = module.back(dy)


class MSELoss:
    def __init__(self, reduction: str = "mean", factor: float = 2.0) -> None:
        self.reduction, self.factor = reduction, factor

    def __call__(self, output: Any, t: Tensor) -> Any:
        y, model = output
        dy = self.factor * (y - t.numbers) / (y.size if self.reduction == "mean" else 1)

        class Loss:
            def backward(self) -> None:
                model.back(dy)

        return Loss()


def model() -> Sequential:
    return Sequential(Linear(2, 3, 1), Tanh(), Linear(3, 2, 2))


X, T = (
    Tensor(np.random.default_rng(3).normal(size=(4, 2))),
    Tensor(np.random.default_rng(4).normal(size=(4, 2))),
)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_what_looks_like_pytorch_is_read_as_pytorch(reduction: str) -> None:
    scenario, agreement = scenario_of(model(), X, T, MSELoss(reduction))
    assert agreement.count == 17
    assert agreement.apart < 1e-13
    problem: Any = scenario.problem
    assert [layer.activation for layer in problem.layers] == ["tanh", "linear"]
    assert (problem.cost, scenario.training.reduction) == {
        "mean": ("mean-squared-error", "mean"), "sum": ("squared-error", "sum"),
    }[reduction]  # fmt: skip


def test_gradients_that_are_others_are_seen() -> None:
    with pytest.raises(ModelError, match="expected the same"):
        scenario_of(model(), X, T, MSELoss(factor=2.001))
    nothing = model()
    nothing.back = lambda dy: None  # type: ignore[method-assign]
    with pytest.raises(ModelError, match="none of 4 parameters has a gradient"):
        scenario_of(nothing, X, T, MSELoss())


def test_what_is_not_supported_is_named_with_what_is() -> None:
    with pytest.raises(
        ModelError, match='module "1", GELU, is not supported; those that are: Sequential, Linear, Sigmoid'
    ):
        read_modules(Sequential(Linear(2, 3, 1), GELU()))
    with pytest.raises(ModelError, match="found a int; expected an nn"):
        read_modules(3)
    wrong = model()
    wrong._modules["2"].weight.numbers[0, 1] = np.nan
    with pytest.raises(ModelError, match="is not finite"):
        read_modules(wrong)


def test_pytorch_is_not_imported() -> None:
    code = "import sys, bpstep.importing.torch, bpstep.importing.graphs; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
