"""Moments worth a look: of every kind of step one, in every scenario, and in some that have what no shipped one has.

What is said of a step depends on its kind (op, the cell that it writes, which of how many contributions), not on its
number; so one step of each kind stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bpstep.debugger.console import Console
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.scenario.loader import load, loads
from bpstep.scenario.model import Scenario
from tests.helpers.shipped import WALKED

__all__ = ["EVERY", "forward_mode", "moments", "moments_of", "opened_at", "scenario"]

#: Scenarios by name, that have together what the shipped ones lack: softmax in the middle, l2, a shorter last batch,
#: every optimizer, every cost, letters of the general formulas as names of variables.
MADE = {
    "deep-softmax": """
        format = 1
        title = "Softmax in the middle, l2, batches of two and one"
        [network]
        inputs = ["x1", "x2"]
        cost = "binary-cross-entropy"
        input_gradients = true
        [[network.layer]]
        neurons = ["h1", "h2"]
        activation = "tanh"
        weights = [[0.5, -0.25], [0.75, 0.5]]
        bias = [0.25, -0.5]
        [[network.layer]]
        neurons = ["g1", "g2"]
        activation = "softmax"
        weights = [[1.0, -0.5], [0.5, 0.25]]
        [[network.layer]]
        neurons = ["o1", "o2"]
        activation = "sigmoid"
        weights = [[0.75, -1.0], [-0.5, 0.5]]
        bias = 0.25
        [[sample]]
        input = [1.0, 2.0]
        target = [0.25, 1.0]
        [[sample]]
        input = [0.0, -1.0]
        target = [0.0, 0.75]
        [[sample]]
        input = [-1.0, 0.5]
        target = [1.0, 0.0]
        [training]
        learning_rate = 0.5
        batch = 2
        epochs = 2
        l2 = 0.01
        optimizer = { name = "adamw", weight_decay = 0.1 }
    """,
    "one-sample-l2": """
        format = 1
        title = "One sample, l2, Nesterov, no biases"
        [network]
        inputs = 2
        cost = "mean-squared-error"
        [[network.layer]]
        neurons = ["h1", "h2"]
        activation = "leaky-relu"
        weights = [[0.5, -0.25], [-0.75, 0.5]]
        [[network.layer]]
        neurons = ["o1", "o2"]
        activation = "linear"
        weights = [[0.75, -1.0], [-0.5, 0.5]]
        [[sample]]
        input = [1.0, 2.0]
        target = [0.25, -1.0]
        [training]
        learning_rate = 0.5
        epochs = 2
        l2 = 0.01
        optimizer = { name = "momentum", momentum = 0.8, nesterov = true }
    """,
    "summed-kink": """
        format = 1
        title = "A summed batch, |y - t| at its kink, relu at 0"
        [network]
        inputs = ["x1"]
        cost = "absolute-error"
        [[network.layer]]
        neurons = ["h1"]
        activation = "relu"
        weights = [[1.0]]
        bias = [0.0]
        [[network.layer]]
        neurons = ["o1"]
        activation = "softplus"
        weights = [[0.5]]
        bias = false
        [[sample]]
        input = [0.0]
        target = [0.5]
        [[sample]]
        input = [1.0]
        target = [0.9740769841801067]
        [training]
        learning_rate = 0.1
        batch = "full"
        reduction = "sum"
        epochs = 2
    """,
    "long-names": """
        format = 1
        title = "Names longer than a column, among them those of indices"
        [network]
        inputs = ["the_first_input", "i"]
        cost = "squared-error"
        [[network.layer]]
        neurons = ["k", "a_hidden_neuron", "j"]
        activation = "tanh"
        weights = [[0.5, -0.25], [0.75, 0.5], [-0.5, 1.0]]
        bias = [0.25, 0.0, -0.5]
        [[network.layer]]
        neurons = ["the_output_neuron", "n"]
        activation = "sigmoid"
        weights = [[1.0, -0.5, 0.25], [0.5, 0.75, -0.75]]
        [[sample]]
        input = [1.0, 2.0]
        target = [0.25, 1.0]
        [training]
        learning_rate = 0.5
    """,
    "letters": """
        format = 1
        title = "Variables with the letters of the rules: A, B, k, p; the root itself is used"
        [expression]
        define = ["A = k*x", "B = -sin(A) + A^2", "v = B*A - k/B", "y = v + abs(x)"]
        parameters = ["k", "x"]
        [expression.inputs]
        k = 0.5
        x = 1.5
        [training]
        learning_rate = 0.1
        epochs = 2
        optimizer = "adam"
    """,
}

EVERY = (*WALKED, *MADE)


@cache
def scenario(name: str) -> Scenario:
    """A scenario by its name, shipped or made here."""
    return loads(MADE[name], name) if name in MADE else load(name)


@cache
def moments(name: str, commands: tuple[str, ...] = ()) -> tuple[int, ...]:
    """One step of each kind, of the first two epochs; of a real-size net those in a thousand places."""
    return moments_of(opened_at(name, commands))


def moments_of(session: Console) -> tuple[int, ...]:
    """One step of each kind of a session's run."""
    timeline = session.run.timeline
    length = min(session.length, 2 * timeline.start_of_batch(timeline.batches_per_epoch))
    some = (1 + k * (length - 1) // 999 for k in range(1000))
    found: dict[tuple[object, ...], int] = {}
    for number in range(1, length + 1) if length <= 2000 else sorted(set(some)):
        found.setdefault(tuple(_kind(session.run.step(number))), number)
    return tuple(found.values())


def _kind(step: Step) -> Iterator[object]:
    """What the words of a step depend on."""
    yield from (step.op, step.template, step.sign, step.was is None, bool(step.because), step.value == 0.0)
    if step.part is not None:
        yield from (step.part[0] == 1, step.part[0] == step.part[1], step.part[1] == 1)
    for cell in (step.cell, *(factor.cell for factor in step.inputs[:3])):
        while isinstance(cell, Cell) and cell.kind != "var":
            yield cell.kind
            cell = cell.of  # type: ignore[assignment]


def forward_mode(name: str) -> tuple[str, ...]:
    """The command that turns to forward mode, by the first parameter of a scenario, or its first input."""
    graph = opened_at(name).setup.graph
    vector = (*graph.parameters, *graph.given)[0]
    return (f"set mode = forward {vector.cell(vector.number(0, 0))}",)


def opened_at(name: str, commands: tuple[str, ...] = (), position: int = 0) -> Console:
    """A session with some commands carried out, at a position."""
    session = Console(scenario(name))
    for command in commands:
        session.execute(command)
    session.position = position
    return session
