"""PyTorch's modules and losses, as they are: every gradient is PyTorch's, and what is not supported is named.

Runs where PyTorch is installed; what needs no PyTorch is tried on classes of the same shape in test_sequential.py.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from bpstep.engine.run import Run
from bpstep.importing.networks import ModelError
from bpstep.importing.torch import scenario_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'bpstep[torch]'")
nn = torch.nn

ACTIVATIONS = ("Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Softplus")


def net(sizes: list[int], activation: str, *last: Any, dtype: Any = None, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    modules: list[Any] = []
    for m, n in pairwise(sizes):
        modules += [nn.Linear(m, n), getattr(nn, activation)()]
    return nn.Sequential(*modules[:-1], *last).to(dtype or torch.float64)


def batch(samples: int, inputs: int, outputs: int, dtype: Any = None) -> tuple[Any, Any, Any]:
    """Inputs, targets in 0 … 1, and classes."""
    generator = torch.Generator().manual_seed(samples)
    x = torch.randn(samples, inputs, generator=generator, dtype=dtype or torch.float64)
    t = torch.rand(samples, outputs, generator=generator, dtype=dtype or torch.float64)
    return x, t, torch.randint(outputs, (samples,), generator=generator)


#: Losses with what stands last before them, and whether they take classes.
ENDS: list[tuple[str, str, bool]] = [
    ("MSELoss", "", False), ("MSELoss", "Sigmoid", False), ("MSELoss", "Softmax", False), ("BCELoss", "Sigmoid", False),
    ("BCELoss", "Softmax", False), ("BCEWithLogitsLoss", "", False), ("CrossEntropyLoss", "", True),
    ("CrossEntropyLoss", "", False), ("CrossEntropyLoss", "LogSoftmax", True), ("NLLLoss", "LogSoftmax", True),
]  # fmt: skip


def end(name: str) -> list[Any]:
    return [] if not name else [getattr(nn, name)(dim=1) if "Softmax" in name else getattr(nn, name)()]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("loss", "last", "is_classes"), ENDS)
def test_every_reduction_of_every_loss_is_pytorchs(
    loss: str, last: str, is_classes: bool, reduction: str
) -> None:
    for samples, outputs in product((1, 4), (1, 3)):
        if "Softmax" in last and outputs == 1:
            continue
        model = net([2, 3, outputs], "Tanh", *end(last))
        x, t, classes = batch(samples, 2, outputs)
        goal = getattr(nn, loss)(reduction=reduction)
        scenario, agreement = scenario_of(model, x, classes if is_classes else t, goal)
        assert agreement.count == sum(p.numel() for p in model.parameters())
        assert agreement.apart < 1e-12
        ours = Run(scenario.problem, scenario.training).loss(0)
        assert ours == pytest.approx(goal(model(x), classes if is_classes else t).item(), rel=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_pytorchs(activation: str) -> None:
    x, t, _ = batch(5, 3, 2, torch.float32)
    for seed in range(3):
        model = net([3, 6, 5, 2], activation, dtype=torch.float32, seed=seed)
        scenario, agreement = scenario_of(model, x, t, nn.functional.mse_loss)
        assert 0.0 < agreement.apart < 1e-5
        assert (
            scenario.summary
            == f"All {agreement.count} gradients agree with PyTorch's to {agreement.apart:.0e}.".replace(
                "e-0", "e-"
            )
        )


@pytest.mark.parametrize(
    "loss", ["mse_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy"]
)
def test_the_functions_are_taken_as_their_classes(loss: str) -> None:
    last = [nn.Sigmoid()] if loss == "binary_cross_entropy" else []
    x, t, _ = batch(4, 2, 3)
    scenario_of(net([2, 3, 3], "ReLU", *last), x, t, getattr(nn.functional, loss))


def test_one_sample_without_its_axis() -> None:
    model = net([2, 3, 3], "Tanh")
    x, t, classes = batch(1, 2, 3)
    for target, goal in (
        (t[0], nn.MSELoss()),
        (t[0], nn.CrossEntropyLoss()),
        (classes[0], nn.CrossEntropyLoss()),
    ):
        scenario_of(model, x[0], target, goal)


def test_smoothing_of_labels_is_a_change_of_targets() -> None:
    x, t, classes = batch(4, 2, 3)
    goal = nn.CrossEntropyLoss(label_smoothing=0.2)
    for target in (t, classes):
        scenario_of(net([2, 3, 3], "Tanh"), x, target, goal)


def test_names_frozen_parameters_and_nested_modules_come_along() -> None:
    from collections import OrderedDict

    torch.manual_seed(1)
    inner = nn.Sequential(OrderedDict(hidden=nn.Linear(2, 3, bias=False), curve=nn.ReLU()))
    model = nn.Sequential(OrderedDict(body=inner, out=nn.Linear(3, 1)))
    flat = nn.Sequential(OrderedDict(hidden=inner.hidden, curve=inner.curve, out=model.out))
    model.out.weight.requires_grad_(False)
    x, t, _ = batch(3, 2, 1, torch.float32)
    for module, names in ((model, ["l1", "l2"]), (flat, ["hidden", "out"])):
        scenario, agreement = scenario_of(module, x, t, nn.MSELoss())
        layers = scenario.problem.layers  # type: ignore[union-attr]
        assert [layer.name for layer in layers] == names
        assert (layers[0].bias, layers[1].frozen) == (None, frozenset({"weights"}))
        assert agreement.count == 7


def test_nothing_of_the_learners_is_changed() -> None:
    model = net([2, 2, 1], "Tanh")
    x, t, _ = batch(3, 2, 1)
    x.requires_grad_(True)
    model[0].weight.grad = torch.full((2, 2), 7.0, dtype=torch.float64)
    before = [p.detach().clone() for p in model.parameters()]
    scenario_of(model, x, t, nn.MSELoss())
    assert model[0].weight.grad.eq(7.0).all()
    assert model[0].bias.grad is None
    assert x.grad is None
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_planted_difference_is_seen() -> None:
    """A hook that doubles a gradient, and a class that calls itself Linear and adds 1."""
    model = net([2, 3, 1], "Tanh")
    x, t, _ = batch(3, 2, 1)
    handle = model[0].weight.register_hook(lambda grad: 2 * grad)
    with pytest.raises(
        ModelError, match=r"the gradient of 0\.weight\[\d, \d\] is \S+ in PyTorch and \S+ here"
    ):
        scenario_of(model, x, t, nn.MSELoss())
    handle.remove()
    scenario_of(model, x, t, nn.MSELoss())
    model[2].forward = lambda a: nn.functional.linear(a, model[2].weight, model[2].bias + 1)
    with pytest.raises(ModelError, match="does the module do more than its layers say"):
        scenario_of(model, x, t, nn.MSELoss())


def test_what_is_not_supported_is_said_in_one_line() -> None:
    x, t, classes = batch(4, 2, 3)
    model = net([2, 3, 3], "Tanh")
    one = nn.Linear(2, 2, dtype=torch.float64)

    class Mine(nn.Module):
        pass

    cases = [
        (Mine(), x, t, nn.MSELoss(), "found a Mine; expected an nn.Sequential, whose modules may be Seq"),
        (nn.Sequential(one, nn.GELU()), x, t, nn.MSELoss(), 'module "1", GELU, is not supported; those that are: Seq'),
        (nn.Sequential(nn.ReLU(), one), x, t, nn.MSELoss(), "before the first Linear"),
        (nn.Sequential(one, nn.ReLU(), nn.Tanh()), x, t, nn.MSELoss(), "behind another activation"),
        (nn.Sequential(one, nn.LeakyReLU(0.2)), x, t, nn.MSELoss(), "negative_slope=0.2; expected 0.01"),
        (nn.Sequential(one, nn.Softmax(dim=0)), x, t, nn.MSELoss(), "dim=0; expected 1"),
        (nn.Sequential(one, nn.ReLU(), one), x, t, nn.MSELoss(), "shares its weights"),
        (nn.Sequential(), x, t, nn.MSELoss(), "there is no Linear"),
        (nn.Sequential(one, nn.Linear(3, 1)), x, t, nn.MSELoss(), 'module "1" takes 3 numbers, and module "0" gives 2'),
        (model, x, t, nn.L1Loss(), "the loss L1Loss is not supported; those that are: MSELoss, BCELoss"),
        (model, x, t, lambda y, t: (y - t).sum(), "the loss <lambda> is not supported"),
        (model, x, t, nn.MSELoss(reduction="none"), "reduction='none'; expected 'mean' or 'sum'"),
        (model, x, classes, nn.CrossEntropyLoss(weight=torch.ones(3)), "has a weight"),
        (model, x, classes + 1, nn.CrossEntropyLoss(), "is 3; expected the number of a class, 0 to 2"),
        (model, x, t[:, 0], nn.MSELoss(), "target has the shape (4,), and the outputs (4, 3)"),
        (model, x, classes, nn.NLLLoss(), "expected LogSoftmax last"),
        (net([2, 3], "Tanh", nn.Softmax(1)), x, classes, nn.CrossEntropyLoss(), "takes the softmax itself"),
        (net([2, 3], "Tanh", nn.Sigmoid()), x, t, nn.BCEWithLogitsLoss(), "takes the sigmoid itself"),
        (net([2, 3], "Tanh", nn.LogSoftmax(1)), x, t, nn.MSELoss(), "does not go with LogSoftmax"),
        (model, x[:, :1], t, nn.MSELoss(), "inputs have the shape (4, 1); expected (samples, 2)"),
        (model, x * torch.nan, t, nn.MSELoss(), "inputs is not finite"),
        (model, x.float(), t, nn.MSELoss(), "PyTorch itself does not get through"),
        (model, "x", t, nn.MSELoss(), "expected a tensor"),
    ]  # fmt: skip
    for module, inputs, target, loss, says in cases:
        with pytest.raises((ModelError, ValueError)) as caught:
            scenario_of(module, inputs, target, loss)
        assert says in str(caught.value), (says, str(caught.value))
        assert "\n" not in str(caught.value)


def test_a_net_of_the_size_that_students_train() -> None:
    model = net([20, 40, 10], "ReLU", nn.LogSoftmax(dim=1), dtype=torch.float32)
    x, _, classes = batch(32, 20, 10, torch.float32)
    scenario, agreement = scenario_of(model, x, classes, nn.NLLLoss())
    assert str(agreement).startswith("all 1 250 gradients agree with PyTorch's to ")
    assert np.array_equal(scenario.problem.x, x.double().numpy())  # type: ignore[union-attr]
