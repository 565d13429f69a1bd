"""Programs over arrays against the textbook loop: every step, its cell and its number, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from bpstep.engine.calculator import worked_out
from bpstep.engine.pieces import piece_values
from bpstep.engine.reference_arrays import array_lines
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, ExpressionSpec, Operation, Taken, TrainingSpec, Window

DRAWN = np.random.default_rng(0).normal


def window(size: int, stride: int = 1, padding: int = 0) -> Window:
    return Window((size, size), (stride, stride), (padding, padding))


def taken(name: str, places: Array) -> Taken:
    return Taken((name,), np.zeros_like(places), places)


def op(
    name: str, function: str, *operands: str | float | Taken, shape: tuple[int, ...] = (), **more: object
) -> Operation:
    return Operation(name, function, operands, shape, **more)  # type: ignore[arg-type]


SUM = op("y", "sum", "last")

#: A name, the inputs, and the statements; the sum of ``last`` is differentiated.
PROGRAMS: dict[str, tuple[Mapping[str, Array], Sequence[Operation]]] = {
    "matrix times vector": (
        {"A": DRAWN(size=(3, 2)), "x": DRAWN(size=2)},
        [op("v", "matmul", "A", "x", shape=(3,)), op("last", "tanh", "v", shape=(3,))],
    ),
    "matrix times itself": (
        {"A": DRAWN(size=(2, 2))}, [op("last", "matmul", "A", "A", shape=(2, 2))],
    ),
    "transposed": (
        {"A": DRAWN(size=(3, 2))},
        [
            op("v", "matmul", taken("A", np.arange(6).reshape(3, 2).T), "A", shape=(2, 2)),
            op("last", "tanh", "v", shape=(2, 2)),
        ],
    ),
    "stacks of matrices": (
        {"A": DRAWN(size=(2, 2, 3)), "B": DRAWN(size=(3, 2))},
        [op("v", "matmul", "A", "B", shape=(2, 2, 2)), op("last", "sin", "v", shape=(2, 2, 2))],
    ),
    "a row times a stack of matrices": (
        {"x": DRAWN(size=3), "B": DRAWN(size=(2, 3, 2))},
        [op("v", "matmul", "x", "B", shape=(2, 2)), op("last", "sin", "v", shape=(2, 2))],
    ),
    "a stack of matrices times a column": (
        {"A": DRAWN(size=(2, 2, 3)), "x": DRAWN(size=3)},
        [op("v", "matmul", "A", "x", shape=(2, 2)), op("last", "sin", "v", shape=(2, 2))],
    ),
    "convolution": (
        {"X": DRAWN(size=(4, 4)), "K": DRAWN(size=(2, 2))},
        [op("v", "conv", "X", "K", shape=(3, 3), window=window(2)), op("last", "tanh", "v", shape=(3, 3))],
    ),
    "convolution of several channels, in strides": (
        {"X": DRAWN(size=(2, 5, 4)), "K": DRAWN(size=(3, 2, 3, 2))},
        [
            op(
                "v", "conv", "X", "K", shape=(3, 2, 2),
                window=Window((3, 2), (2, 2), (0, 0)),
            ),
            op("last", "tanh", "v", shape=(3, 2, 2)),
        ],
    ),
    "convolution over the edge, of several channels": (
        {"X": DRAWN(size=(2, 4, 4)), "K": DRAWN(size=(3, 2, 3, 3))},
        [
            op("v", "conv", "X", "K", shape=(3, 2, 2), window=window(3, 2, 1)),
            op("last", "tanh", "v", shape=(3, 2, 2)),
        ],
    ),
    "pools that overlap": (
        {"X": DRAWN(size=(2, 4, 4))},
        [op("v", "max-pool", "X", shape=(2, 3, 3), window=window(2)), op("last", "tanh", "v", shape=(2, 3, 3))],
    ),
    "ties": (
        {"X": np.zeros((4, 4)), "a": np.array([1.0, 2.0, 2.0, 0.0])},
        [
            op("v", "max-pool", "X", shape=(2, 2), window=window(2, 2)), op("m", "largest", "a"),
            op("last", "mul", "v", "m", shape=(2, 2)),
        ],
    ),
    "sums of windows and along axes": (
        {"X": DRAWN(size=(4, 4))},
        [
            op("v", "sum-pool", "X", shape=(2, 2), window=window(2, 2)), op("m", "sum", "v", shape=(2,), axis=1),
            op("last", "tanh", "m", shape=(2,)),
        ],
    ),
    "broadcast": (
        {"A": DRAWN(size=(3, 2)), "b": DRAWN(size=2), "c": DRAWN(size=(3, 1))},
        [
            op("v", "add", "A", "b", shape=(3, 2)), op("w", "mul", "v", "v", shape=(3, 2)),
            op("u", "div", "w", "c", shape=(3, 2)), op("last", "pow", "u", 2.0, shape=(3, 2)),
        ],
    ),
    "taken twice": (
        {"a": DRAWN(size=2), "w": DRAWN(size=4)},
        [
            op("v", "matmul", taken("a", np.array([0, 1, 0, 1])), "w"), op("u", "sum", taken("a", np.array([0, 0, 1]))),
            op("last", "mul", "u", "v"),
        ],
    ),
    "some cells only": (
        {"A": DRAWN(size=(2, 3)), "b": DRAWN(size=2)},
        [op("v", "matmul", taken("A", np.array([0, 3])), "b"), op("last", "sin", "v")],
    ),
    "softmax behind a mask": (
        {"A": DRAWN(size=(2, 3)), "M": np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])},
        [
            op("w", "where", "M", "A", -1e9, shape=(2, 3)), op("v", "softmax", "w", shape=(2, 3), axis=1),
            op("u", "softmax", "A", shape=(2, 3), axis=0), op("last", "mul", "u", "v", shape=(2, 3)),
        ],
    ),
    "a sum that goes on detached alone": (
        {"A": DRAWN(size=(2, 3))},
        [
            op("s", "sum", "A"), op("e", "exp", "s"), op("v", "detach", "e"),
            op("last", "mul", "v", "A", shape=(2, 3)),
        ],
    ),
    "detached": (
        {"A": DRAWN(size=(2, 3))},
        [op("v", "detach", "A", shape=(2, 3)), op("last", "mul", "v", "A", shape=(2, 3))],
    ),
    "a cost": (
        {"a": np.array([0.1, 0.2, 0.2]), "t": np.array([0.0, 1.0, 0.5])},
        [op("p", "softmax", "a", shape=(3,)), op("last", "cross-entropy", "p", "t")],
    ),
}  # fmt: skip


def program(name: str, parameters: tuple[str, ...] = ()) -> ExpressionSpec:
    inputs, statements = PROGRAMS[name]
    return ExpressionSpec(tuple(inputs), tuple(inputs.values()), (*statements, SUM), "y", parameters)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_step_is_that_of_the_textbook_loop(name: str) -> None:
    spec = program(name)
    steps = [(step.op, step.cell, step.value) for step in Run(spec, TrainingSpec()).steps()]
    assert steps == list(array_lines(spec))


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_formula_holds(name: str) -> None:
    for step in Run(program(name), TrainingSpec()).steps():
        right = worked_out(step.template, [factor.value for factor in step.inputs])
        assert step.value == pytest.approx(right + (step.was or 0.0), rel=1e-12, abs=1e-15), step


@pytest.mark.parametrize("name", PROGRAMS)
def test_pieces_are_worth_what_their_steps_are(name: str) -> None:
    run = Run(program(name), TrainingSpec())
    place = run.place(1)
    batch = run.eras(0)[0].batch
    steps = [step.value for step in run.steps()]
    for block in place.schedule.sample.blocks:
        for piece in block.pieces:
            found = piece_values(batch, block, piece, 0)
            for row in range(len(block.nodes)):
                first = block.first + row * block.width + piece.start
                assert found[row].tolist() == steps[first : first + piece.width]


@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_mode_comes_to_the_same(name: str) -> None:
    spec = program(name)
    reverse = Run(spec, TrainingSpec())
    numbers = reverse.numbers(0)
    for vector in numbers.graph.given:
        for j, cell in list(enumerate(vector.cells()))[:3]:
            if not numbers.graph.consumers[vector.id]:
                continue
            forward = Run(spec, TrainingSpec(), wrt=cell)
            last = list(forward.steps())[-1]
            found = last.value if str(last.cell) == "dot(y)" else 0.0
            assert found == pytest.approx(numbers.d_of(vector, 0, j), rel=1e-9, abs=1e-12)
