"""From a module of PyTorch, a batch and a loss to a scenario whose gradients are PyTorch's.

That they are is not believed but seen: ``loss.backward()`` runs at once, on the module as it is, and every gradient is
held against bpstep's own.  PyTorch is handed over, not imported: what is called here are methods of what came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from bpstep.engine.run import Run
from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.importing.losses import read_loss
from bpstep.importing.networks import ModelError, network_document, sizes_text
from bpstep.importing.sequential import Module, numbers_of, read_modules
from bpstep.lazily import dataclass
from bpstep.scenario.loader import stated
from bpstep.scenario.model import Scenario
from bpstep.visible import shortened

__all__ = ["Agreement", "scenario_of"]

#: How far gradients may be apart, as a share of the largest of their array, by the precision of the module.
_NEAR = {"float64": 1e-9, "float32": 1e-4, "float16": 5e-2, "bfloat16": 5e-2}


@dataclass(frozen=True)
class Agreement:
    """How many gradients agree with PyTorch's, and how far they are apart at most, as a share of the largest of their
    array."""

    count: int
    apart: float

    def __str__(self) -> str:
        to = f"to {self.apart:.0e}".replace("e-0", "e-") if self.apart else "to the last digit"
        every = f"all {counted(self.count, 'gradient')} agree" if self.count > 1 else "the gradient agrees"
        return f"{every} with PyTorch's {to}"


def scenario_of(module: Any, inputs: Any, target: Any, loss: Any) -> tuple[Scenario, Agreement]:
    """The scenario of a module, a batch and a loss, and how far its gradients agree with PyTorch's.

    ``inputs`` (samples, inputs), or (inputs,) for one sample; ``target`` as the loss takes it.  Raises `ModelError` for
    what is not supported, or where the gradients do not agree.
    """
    read = read_modules(module)
    x, t = numbers_of(inputs), numbers_of(target)
    width = read.layers[0].weights.shape[1]
    if x.ndim not in (1, 2) or x.shape[-1] != width or not x.size:
        raise ModelError(f"inputs have the shape {x.shape}; expected (samples, {width})")
    for name, array in (("inputs", x), ("target", t)):
        if not np.isfinite(array).all():
            raise ModelError(f"{name} is not finite; expected finite numbers")
    goal = read_loss(loss, read.layers[-1], t, len(x) if x.ndim == 2 else 0)
    layers = [*read.layers[:-1], replace(read.layers[-1], activation=goal.activation)]
    title = f"From PyTorch: {sizes_text(layers)}"
    document = network_document(
        title, layers, goal.cost, x.reshape(-1, width), goal.t, reduction=goal.reduction
    )
    scenario = stated(document, "module")
    agreement = _agreement(read, scenario, _gradients(read, module, inputs, target, loss))
    return replace(scenario, summary=f"{str(agreement)[0].upper()}{str(agreement)[1:]}."), agreement


def _gradients(read: Module, module: Any, inputs: Any, target: Any, loss: Any) -> list[Array | None]:
    """What ``loss.backward()`` gives for each weight and bias, in order; None where PyTorch keeps none."""
    tensors = [tensor for pair in read.parameters for tensor in pair]
    with _set_aside(tensors):
        try:
            loss(module(_cut_off(inputs)), _cut_off(target)).backward()
        except Exception as error:  # PyTorch's own words, of whatever kind, say what it does not like
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ModelError(f"PyTorch itself does not get through: {shortened(first, 120)}") from None
        grads = [getattr(tensor, "grad", None) for tensor in tensors]
        return [None if grad is None else numbers_of(grad) for grad in grads]


@contextmanager
def _set_aside(tensors: Sequence[Any]) -> Iterator[None]:
    """The gradients that the parameters have already come back untouched."""
    kept = [(tensor, tensor.grad) for tensor in tensors if hasattr(tensor, "grad")]
    try:
        for tensor, _ in kept:
            tensor.grad = None
        yield
    finally:
        for tensor, grad in kept:
            tensor.grad = grad


def _cut_off(tensor: Any) -> Any:
    """A tensor whose own gradient is left alone."""
    return tensor.detach() if hasattr(tensor, "detach") else tensor


def _agreement(read: Module, scenario: Scenario, theirs: Sequence[Array | None]) -> Agreement:
    run = Run(scenario.problem, scenario.training)
    numbers = run.numbers(0)
    ours = {(vector.layer, vector.kind): numbers.derivative(vector.id) for vector in numbers.graph.parameters}
    names = [layer.name for layer in scenario.problem.layers]  # type: ignore[union-attr]
    count, apart = 0, 0.0
    for k, grad in enumerate(theirs):
        layer, kind, tensor = k // 2, "wb"[k % 2], read.parameters[k // 2][k % 2]
        if grad is None:
            continue
        mine = ours[names[layer], kind].reshape(grad.shape)
        off = np.abs(mine - grad) / (np.abs(grad).max(initial=0.0) or 1.0)
        worst = np.unravel_index(int(np.argmax(np.where(np.isnan(off), np.inf, off))), off.shape)
        if not off[worst] <= _NEAR.get(str(tensor.dtype).rpartition(".")[2], 1e-4):
            name = f"{read.layers[layer].name}.{'weight' if kind == 'w' else 'bias'}"
            place = ", ".join(str(int(i)) for i in worst)
            raise ModelError(
                f"the gradient of {name}[{place}] is {grad[worst]:.6g} in PyTorch and {mine[worst]:.6g} here; "
                "expected the same: does the module do more than its layers say, or is it saturated?"
            )
        count, apart = count + grad.size, max(apart, float(off[worst]))
    if not count:
        raise ModelError(
            f"none of {counted(len(theirs), 'parameter')} has a gradient; expected requires_grad"
        )
    return Agreement(count, apart)
