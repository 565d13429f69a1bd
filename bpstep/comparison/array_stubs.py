"""A skeleton of a program over arrays, in NumPy or PyTorch: each operation a line, of a batch sample by sample.

    v1 = U @ x                                 S = softmax(np.where(mask != 0, v2, -1e9), axis=1)

What is computed has the names of the program, so that a file of it can be held against a run; for each of them there
is a derivative to fill in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bpstep.comparison.languages import Language
from bpstep.comparison.sheet import DERIVATIVES, DERIVATIVES_BY_SAMPLE, Sheet
from bpstep.comparison.taking import NUMPY, Joining, taken
from bpstep.comparison.translating import definitions_of
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.specs import Array, ExpressionSpec, Operand, Operation, Window
from bpstep.lazily import dataclass

__all__ = ["array_stub", "is_array_language"]


@dataclass(frozen=True)
class _Words:
    """How a language of arrays says what goes over an axis, and the operations that are no function of numbers."""

    axis: str
    sum: str
    largest: str
    #: The largest of what lies under a window: one of several equal ones alone, on the way back, too.
    winner: str
    softmax: str
    where: str
    detach: str
    beside: str
    joining: Joining


_WORDS = {
    "numpy": _Words(
        "axis", "np.sum", "np.max", "np.max({under}, axis={cells})", "softmax",
        "np.where({} != 0, {}, {})", "np.array({})", "np.stack", NUMPY,
    ),
    "torch": _Words(
        "dim", "torch.sum", "torch.amax", "{under}.flatten({first}).max(dim=-1).values", "torch.softmax",
        "torch.where({} != 0, {}, {})", "{}.detach()", "torch.stack",
        Joining("torch.cat([{}], dim={})", "torch.stack([{}])"),
    ),
}  # fmt: skip


def is_array_language(to: Language) -> bool:
    """Whether a program over arrays can be written in it."""
    return to.name in _WORDS


def array_stub(sheet: Sheet, scenario: str, to: Language, said: Mapping[str, str]) -> str:
    """The text of the program; ``said`` are the names that mean nothing else in it."""
    problem = sheet.run.setup_of(sheet.batch).problem
    assert isinstance(problem, ExpressionSpec)
    writer = _Writer(problem, to, said)
    values = _values(sheet, problem)
    lines = [writer.operation(operation) for operation in problem.operations]
    computed = [operation.name for operation in problem.operations]
    own = set(problem.by_sample) if sheet.samples > 1 else set()
    known, wanted = {name: said[name] for name in computed}, _wanted(sheet, said, problem.output)
    return to.program(
        title=scenario,
        given=[writer.given(name, value, is_by_sample=name in own) for name, value in values.items()],
        activations=writer.definitions(),
        forward=writer.sample_by_sample(lines, list(problem.by_sample), computed) if own else lines,
        known=known, wanted=[(name, says) for name, says, _ in wanted], about=_about(sheet, problem),
        keys={name: key for name, _, key in wanted},
    )  # fmt: skip


def _values(sheet: Sheet, problem: ExpressionSpec) -> dict[str, float | Array]:
    """The inputs; of those that come with each sample, those of the batch, or of its only sample."""
    rows = list(sheet.run.rows(sheet.batch))
    values = dict(zip(problem.inputs, problem.values, strict=True))
    for name, array in problem.by_sample.items():
        values[name] = array[rows] if sheet.samples > 1 else array[rows[0]]
    return values


def _wanted(sheet: Sheet, said: Mapping[str, str], root: str) -> list[tuple[str, str, str]]:
    """The derivatives to fill in, the last first: the name, what it is, and what it is called in the file."""
    found: dict[str, tuple[str, str, str]] = {}
    of = "the loss" if sheet.samples > 1 else root
    graph = sheet.run.setup_of(sheet.batch).graph
    for key in (DERIVATIVES_BY_SAMPLE, DERIVATIVES):
        slot = sheet.slots.get(key)
        cells = set() if slot is None else {slot.cell(index) for index in np.ndindex(slot.right.shape)}
        heard = {str(cell.of).partition("[")[0] for cell in cells}
        for vector in (graph.root, *graph.gathered):
            if vector.layer in heard:
                lead = (sheet.samples,) if key == DERIVATIVES_BY_SAMPLE else ()
                shape = f", {lead + vector.dims}" if lead + vector.dims else ""
                by = f"the derivative of {of} by {vector.layer}{shape}" + (": a row a sample" if lead else "")
                found[vector.layer] = f"d_{said[vector.layer]}", by, f"d({vector.layer})"
    return list(found.values())


def _about(sheet: Sheet, problem: ExpressionSpec) -> list[str]:
    lines = [f"the derivatives of {problem.output}, by every array"]
    if sheet.samples > 1:
        training = sheet.run.setup_of(sheet.batch).training
        lines = [f"the loss is the {training.reduction} of {problem.output} over {sheet.samples} samples"]
        lines.append("what comes with a sample, or is computed from it, has a row for each of them")
    return lines


@dataclass(frozen=True)
class _Writer:
    """Writes the operations of a program in a language."""

    problem: ExpressionSpec
    to: Language
    said: Mapping[str, str]

    @property
    def words(self) -> _Words:
        return _WORDS[self.to.name]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        found = {name: np.shape(v) for name, v in zip(self.problem.inputs, self.problem.values, strict=True)}
        return found | {operation.name: operation.shape for operation in self.problem.operations}

    def given(self, name: str, value: float | Array, *, is_by_sample: bool) -> str:
        """An input."""
        if not isinstance(value, np.ndarray):
            return self.to.number(self.said[name], float(value))
        text = f"{self.said[name]} = {self.to.array.format(rows=_listed(value))}"
        return f"{text}  {self.to.remark('a row a sample')}" if is_by_sample else text

    def definitions(self) -> list[str]:
        """The functions that the language does not have."""
        used = dict.fromkeys(operation.function for operation in self.problem.operations)
        helpers = ["windows"] if any(one.window is not None for one in self.problem.operations) else []
        return definitions_of(self.to, (*helpers, *used), {**self.to.activations, **self.to.definitions})

    def sample_by_sample(
        self, lines: Sequence[str], inputs: Sequence[str], computed: Sequence[str]
    ) -> list[str]:
        """The operations as a function of what a sample brings along, and its results beside each other."""
        of = ", ".join(self.said[name] for name in inputs)
        results = ", ".join(self.said[name] for name in computed)
        each = "zip(" + of + ")" if len(inputs) > 1 else f"([one] for one in {of})"
        several = results if len(computed) > 1 else f"[{results}]"
        return [
            f"def of_sample({of}):",
            *(f"    {line}" for line in "\n".join(lines).split("\n")),
            f"    return {results}" if len(computed) > 1 else f"    return ({results},)",
            "", "",
            f"every = [of_sample(*one) for one in {each}]",
            f"{several} = [{self.words.beside}(each) for each in zip(*every)]",
        ]  # fmt: skip

    def operation(self, one: Operation) -> str:
        """An operation as a line."""
        operands = [self.operand(operand) for operand in one.operands]
        name = self.said[one.name]
        if one.function in FUNCTIONS:
            return self.to.operation(name, one.function, operands)
        return f"{name} = {self.right_side(one, operands)}"

    def right_side(self, one: Operation, operands: Sequence[str]) -> str:
        words, given = self.words, ", ".join(operands)
        axis = "" if one.axis is None else f", {words.axis}={one.axis}"
        if one.function == "matmul":
            return f"{operands[0]} @ {operands[1]}"
        if one.function == "where":
            return words.where.format(*operands)
        if one.function == "detach":
            return words.detach.format(given)
        if one.function == "softmax":
            return f"{words.softmax}({given}, {words.axis}={-1 if one.axis is None else one.axis})"
        if one.function in ("sum", "largest"):
            return f"{getattr(words, one.function)}({given}{axis})"
        if one.window is None:
            if one.function not in COSTS and one.function not in self.to.definitions:
                raise ValueError(
                    f"{one.name} is made by {one.function}, which is not written in {self.to.name}"
                )
            return f"{one.function.replace('-', '_')}({given}{axis})"
        if one.function == "conv":
            return f"conv({given}, {_moved(one.window)})"
        cells = tuple(range(-len(one.window.size), 0))
        under = f"windows({given}, {one.window.size}, {_moved(one.window)})"
        if one.function == "max-pool":
            return words.winner.format(under=under, cells=cells, first=cells[0])
        return f"{words.sum}({under}, {words.axis}={cells})"

    def operand(self, operand: Operand) -> str:
        if isinstance(operand, float):
            return repr(operand)
        if isinstance(operand, str):
            return self.said[operand]
        return taken(operand, self.shapes, self.said, self.words.joining)


def _moved(window: Window) -> str:
    return f"{window.stride}, {window.padding}"


def _listed(array: Array, indent: str = "    ") -> str:
    """An array as lists, its rows one below the other."""
    if array.ndim < 2:
        return f"[{', '.join(map(repr, array.tolist()))}]"
    rows = [_listed(row, f"{indent} ") for row in array]
    return "[" + f",\n{indent}".join(rows) + "]"
