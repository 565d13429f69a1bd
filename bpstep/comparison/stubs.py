"""A skeleton to fill in: the numbers of a scenario in the learner's own language, and the writing of the file.

What stands ready is the start (weights, samples), the forward pass, and the end (a file for ``bpstep compare``); in
between there is ``backward``, which the learner writes.  What they leave empty is not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from keyword import iskeyword

import numpy as np

from bpstep.comparison.array_stubs import array_stub, is_array_language
from bpstep.comparison.languages import LANGUAGES, Language
from bpstep.comparison.net import THE_INPUTS, Net
from bpstep.comparison.sheet import DERIVATIVES, Sheet, sheet_of
from bpstep.comparison.translating import definitions_of
from bpstep.engine.build import Problem
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec
from bpstep.english import counted

__all__ = ["MOST_NUMBERS", "stub"]

#: A program with more numbers in it than this is nothing to read.
MOST_NUMBERS = 20_000

#: Names that a skeleton uses itself, or that a language keeps for itself.
_TAKEN = {"np", "json", "math", "torch", "numbers", "file", "text", "rows", "end", "function", "begin", "each",
          "weighted", "sigmoid", "relu", "softplus", "name", "sum", "max", "min", "repr", "softmax", "conv",
          "windows", "erf", "gelu", "silu", "every", "one", "of_sample", "zip", "map", "leaky_relu"}  # fmt: skip


def stub(run: Run, scenario: str, language: str) -> str:
    """The text of a program about the first batch of a run; raises `ValueError` where the scenario has too many numbers
    to stand in one."""
    to = LANGUAGES[language]
    count = _numbers_in(run.setup.problem)
    if count > MOST_NUMBERS:
        raise ValueError(
            f"the scenario has {counted(count, 'number')}; a skeleton holds at most {MOST_NUMBERS}"
        )
    sheet = sheet_of(run)
    net = sheet.net
    if net is None:
        return _of_expression(sheet, scenario, to)
    return to.program(
        title=scenario, given=_given(net, to), activations=_used(net, to), forward=_forward(net, to),
        known=_known(net), wanted=_wanted(net), about=_about(net),
    )  # fmt: skip


def _numbers_in(problem: Problem) -> int:
    """How many numbers a problem begins with."""
    if isinstance(problem, ExpressionSpec):
        return sum(map(np.size, problem.values)) + sum(map(np.size, problem.by_sample.values()))
    return problem.x.size + problem.t.size + sum(layer.weights.size for layer in problem.layers)


def _given(net: Net, to: Language) -> list[str]:
    lines = [to.remark(f"{counted(net.samples, 'sample')}, a row each: inputs X, targets T")]
    lines += [to.matrix("X", net.x), to.matrix("T", net.t)]
    for k, layer in enumerate(net.layers, 1):
        lines.append("")
        lines.append(to.remark(f"layer {k} ({layer.name}): {layer.activation}; a row of W{k} is a neuron"))
        lines.append(to.matrix(f"W{k}", layer.weights))
        if layer.bias is not None:
            lines.append(to.vector(f"b{k}", layer.bias))
    return lines


def _used(net: Net, to: Language) -> list[str]:
    return definitions_of(to, [layer.activation for layer in net.layers], to.activations)


def _forward(net: Net, to: Language) -> list[str]:
    lines = []
    for k, layer in enumerate(net.layers, 1):
        sources = [_output(source) for source in layer.sources]
        lines.append(to.weighted(f"z{k}", sources, f"W{k}", f"b{k}" if layer.bias is not None else ""))
        lines.append(to.activated(f"a{k}", layer.activation, f"z{k}"))
    return lines


def _output(source: int) -> str:
    return "X" if source == THE_INPUTS else f"a{source + 1}"


def _known(net: Net) -> dict[str, str]:
    """What stands ready and goes into the file, too: the weights, for they show how matrices lie, and the pass."""
    return {name: name for k in range(1, len(net.layers) + 1) for name in (f"W{k}", f"z{k}", f"a{k}")}


def _wanted(net: Net) -> list[tuple[str, str]]:
    """What backward is to compute, from the last layer to the first, each with its shape."""
    found = []
    for k, layer in reversed(tuple(enumerate(net.layers, 1))):
        rows, columns = layer.weights.shape
        found.append((f"dz{k}", f"({net.samples}, {rows}): a row a sample"))
        found.append((f"dW{k}", f"({rows}, {columns}): as W{k}"))
        if layer.bias is not None:
            found.append((f"db{k}", f"({rows},): as b{k}"))
    return found


def _about(net: Net) -> list[str]:
    formula = COSTS[net.cost].formula.format(y="y", t="t", K="K")
    lines = [f"the cost of a sample is {formula} ({net.cost})"]
    if net.samples > 1:
        lines.append(f"the loss is its {'mean' if net.share < 1.0 else 'sum'} over the {net.samples} samples")
    if net.l2 > 0.0:
        lines.append(f"and l2/2 times the sum of all weights squared, l2 = {net.l2!r}")
    return lines


# --- expressions --------------------------------------------------------------------------------------


def _of_expression(sheet: Sheet, scenario: str, to: Language) -> str:
    problem = sheet.run.setup_of(sheet.batch).problem
    assert isinstance(problem, ExpressionSpec)
    said = _safe_names([*problem.inputs, *(operation.name for operation in problem.operations)])
    if is_over_arrays(problem):
        if not is_array_language(to):
            raise ValueError(
                f"a program over arrays is not written in {to.name}; expected --lang numpy or torch"
            )
        return array_stub(sheet, scenario, to, said)
    derivatives = sheet.slots[DERIVATIVES]
    names = [str(derivatives.cell((k,)).of) for k in range(len(derivatives.right))]
    given = [
        to.number(said[name], float(value))
        for name, value in zip(problem.inputs, problem.values, strict=True)
    ]
    forward = []
    for operation in problem.operations:
        operands = [repr(x) if isinstance(x, float) else said[str(x)] for x in operation.operands]
        forward.append(to.operation(said[operation.name], operation.function, operands))
    wanted = [(f"d_{said[name]}", f"the derivative of {problem.output} by {name}") for name in names]
    return to.program(
        title=scenario, given=given, activations=_called(problem, to), forward=forward,
        known={name: said[name] for name in (operation.name for operation in problem.operations)},
        wanted=wanted, about=[f"the derivatives of {problem.output}, by every variable"],
        keys={f"d_{said[name]}": f"d({name})" for name in names},
    )  # fmt: skip


def _safe_names(names: Sequence[str]) -> dict[str, str]:
    """Names that mean nothing else in a program: a variable called ``in`` or ``np`` gets an underscore."""
    return {
        name: f"{name}_" if name in _TAKEN or iskeyword(name) or name.startswith("d_") else name
        for name in names
    }


def _called(problem: ExpressionSpec, to: Language) -> list[str]:
    used = [operation.function for operation in problem.operations]
    return definitions_of(to, used, {**to.definitions, **to.activations})


def is_over_arrays(problem: ExpressionSpec) -> bool:
    """Whether a program takes more than single numbers: arrays, samples of a batch, functions of several cells."""
    several = (one.function not in FUNCTIONS and one.function not in COSTS for one in problem.operations)
    return problem.has_arrays or bool(problem.by_sample) or any(several)
