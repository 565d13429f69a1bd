"""Variants: other numbers for the same question.

A seed gives a variant, the same everywhere: numbers are drawn on the author's grid by `numpy.random`'s PCG64, and
the net is run again with them.  A variant is taken only if it separates: neither 0 nor any wrong rule that the item
names may give an answer that would pass.  After a hundred that do not, the exercise is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bpstep.engine.build import Problem
from bpstep.engine.cells import Cell
from bpstep.engine.specs import INPUTS, Array, ExpressionSpec, NetworkSpec
from bpstep.exercises.model import Exercise, Range
from bpstep.scenario.arithmetic import ArithmeticSyntaxError, Vocabulary, parse_cell
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError

__all__ = ["MOST_TRIES", "drawn", "generator", "redrawn", "redrawn_alike", "varied_scenario", "with_values"]

MOST_TRIES = 100


def generator(exercise: str, seed: int, *more: int) -> np.random.Generator:
    """The random numbers of a variant of an exercise."""
    return np.random.default_rng([zlib.crc32(exercise.encode()), seed, *more])


def drawn(scenario: Scenario, vary: Mapping[str, Range], numbers: np.random.Generator) -> Scenario:
    """The scenario with numbers drawn from the grid of each range."""
    values = {}
    for name, found in vary.items():
        count = int((found.high - found.low) / found.step + 1e-9)
        value = found.low + int(numbers.integers(0, count + 1)) * found.step
        values[_cell(scenario, name)] = float(f"{value:.12g}")
    return replace(scenario, problem=with_values(scenario.problem, values))


def redrawn(scenario: Scenario, numbers: np.random.Generator) -> Scenario:
    """The scenario with every parameter and every input other than it is: for formulas that must hold anywhere."""
    problem = scenario.problem
    if isinstance(problem, ExpressionSpec):
        choosing = {one.operands[0] for one in problem.operations if one.function == "where"}
        given = zip(problem.inputs, problem.values, strict=True)
        values = tuple(value if name in choosing else _moved(value, numbers) for name, value in given)
        return replace(scenario, problem=replace(problem, values=values))
    layers = tuple(
        replace(
            layer,
            weights=layer.weights + numbers.uniform(-0.7, 0.7, layer.weights.shape),
            bias=None if layer.bias is None else layer.bias + numbers.uniform(-0.5, 0.5, layer.bias.shape),
        )
        for layer in problem.layers
    )
    x = problem.x + numbers.uniform(0.05, 0.6, problem.x.shape)
    return replace(scenario, problem=replace(problem, layers=layers, x=x))


def _moved(value: float | Array, numbers: np.random.Generator) -> float | Array:
    """Another number; of an array, other numbers, the order of whose sizes stays but for ties: so the largest cell of
    a window stays the largest one."""
    moved = value * float(numbers.uniform(0.6, 1.4)) + float(numbers.uniform(0.05, 0.3))
    return moved + numbers.uniform(0.0, 0.05, moved.shape) if isinstance(moved, np.ndarray) else moved


def redrawn_alike(scenario: Scenario, numbers: np.random.Generator) -> Scenario:
    """A scenario with other numbers, in which what is equal stays equal, and 0, 1 and −1 stay what they are.

    Two neurons that begin alike are alike in it, too, and a constant stays constant.
    """
    problem, known = scenario.problem, {0.0: 0.0, 1.0: 1.0, -1.0: -1.0}

    def other(value: float) -> float:
        return known.setdefault(value, value + float(numbers.uniform(0.05, 0.6)))

    def others(array: Array) -> Array:
        return np.array([other(float(value)) for value in array.flat]).reshape(array.shape)

    if isinstance(problem, ExpressionSpec):
        values = [
            others(value) if isinstance(value, np.ndarray) else other(value) for value in problem.values
        ]
        return replace(scenario, problem=replace(problem, values=tuple(values)))
    layers = tuple(
        replace(layer, weights=others(layer.weights), bias=None if layer.bias is None else others(layer.bias))
        for layer in problem.layers
    )
    return replace(scenario, problem=replace(problem, layers=layers, x=others(problem.x)))


def _cell(scenario: Scenario, name: str) -> Cell:
    problem = scenario.problem
    if not isinstance(problem, ExpressionSpec):
        return parse_cell(name)
    shapes = {name: np.shape(value) for name, value in zip(problem.inputs, problem.values, strict=True)}
    arrays = {name: shape for name, shape in shapes.items() if shape}
    return parse_cell(name, vocabulary=Vocabulary(frozenset(shapes), arrays=arrays))


def varied_scenario(exercise: Exercise) -> Scenario:
    """The scenario of an exercise as it is written; `ScenarioError` where it can not be loaded, or where what is
    varied is no weight, bias, input or target of it."""
    try:
        scenario = load(exercise.scenario)
    except ScenarioError as error:
        raise ScenarioError([exercise.problem(("scenario",), str(error).split("\n")[0])]) from None
    problems = []
    for name in exercise.vary:
        try:
            with_values(scenario.problem, {_cell(scenario, name): 0.5})
        except ArithmeticSyntaxError as error:
            problems.append(exercise.problem(("vary", name), str(error)))
        except (KeyError, ValueError):
            message = "there is no such weight, bias, input or target"
            problems.append(exercise.problem(("vary", name), message))
    wrt = None
    if exercise.forward:
        try:
            wrt = _cell(scenario, exercise.forward)
            with_values(scenario.problem, {wrt: 0.5})
        except (ArithmeticSyntaxError, KeyError, ValueError):
            message = "expected an input or a parameter, which tangents can be taken by"
            problems.append(exercise.problem(("forward",), message))
        else:
            if wrt.kind == "t":
                problems.append(exercise.problem(("forward",), "nothing is asked of how a target changes"))
    if problems:
        raise ScenarioError(problems)
    return scenario if wrt is None else replace(scenario, wrt=wrt)


def with_values(problem: Problem, values: Mapping[Cell, float]) -> Problem:
    """A problem with other numbers in some of its parameters, inputs and targets (of the first sample)."""
    for cell, value in values.items():
        problem = _with_value(problem, cell, value)
    return problem


def _with_value(problem: Problem, cell: Cell, value: float) -> Problem:
    name = str(cell.of)
    if isinstance(problem, ExpressionSpec):
        if cell.kind != "var":
            raise KeyError(str(cell))
        place = problem.inputs.index(name.partition("[")[0])
        changed_value = _in_place(problem.inputs[place], problem.values[place], cell, value)
        return replace(problem, values=(*problem.values[:place], changed_value, *problem.values[place + 1 :]))
    if cell.kind in ("y", "t"):
        names = problem.inputs if cell.kind == "y" else problem.outputs
        array = (problem.x if cell.kind == "y" else problem.t).copy()
        array[0, names.index(name)] = value
        return replace(problem, x=array) if cell.kind == "y" else replace(problem, t=array)
    if cell.kind not in ("w", "b"):
        raise KeyError(str(cell))
    owner = name if cell.kind == "b" else str(cell.by)
    place = next(k for k, layer in enumerate(problem.layers) if owner in layer.neurons) if any(
        owner in layer.neurons for layer in problem.layers
    ) else -1  # fmt: skip
    if place < 0:
        raise KeyError(str(cell))
    layer = problem.layers[place]
    row = layer.neurons.index(owner)
    if cell.kind == "b":
        if layer.bias is None:
            raise KeyError(str(cell))
        bias = layer.bias.copy()
        bias[row] = value
        changed = replace(layer, bias=bias)
    else:
        weights = layer.weights.copy()
        weights[row, _columns(problem, place).index(name)] = value
        changed = replace(layer, weights=weights)
    return replace(problem, layers=(*problem.layers[:place], changed, *problem.layers[place + 1 :]))


def _in_place(name: str, old: float | Array, cell: Cell, value: float) -> float | Array:
    """An input with another number in one of its cells."""
    if not isinstance(old, np.ndarray):
        return value
    changed = old.copy()
    changed.flat[Vocabulary(arrays={name: old.shape}).cells_of(name).index(cell)] = value
    return changed


def _columns(problem: NetworkSpec, place: int) -> list[str]:
    names = {INPUTS: problem.inputs, **{layer.name: layer.neurons for layer in problem.layers}}
    return [name for source in problem.layers[place].sources for name in names[source]]
