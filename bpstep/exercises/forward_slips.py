"""The slips of a forward step: an output, a net input, the cost, a tangent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.exercises.slip import Slip

__all__ = ["of_cost_terms", "of_output", "of_sum", "of_tangent"]


def of_output(cell: Cell) -> Iterator[Slip]:
    """The output of a neuron: another activation, or none."""
    e = f"e[{cell.of}]"
    for text, name in ((f"sigmoid({e})", "logistic"), (f"tanh({e})", "tanh"), (f"max({e}, 0)", "relu")):
        yield Slip(text, f"That is what a {name} neuron gives; {cell.of} is none.")
    yield Slip(e, "That is the net input; the activation is missing.")


def of_sum(steps: Sequence[Step]) -> Iterator[Slip]:
    """A net input: without its bias, or one term of it."""
    terms = [step.right for step in steps]
    if steps[-1].op == "bias" and len(terms) > 1:
        yield Slip(" + ".join(terms[:-1]), "That is the sum without the bias.")
    for place, term in enumerate(terms, 1):
        if len(terms) > 1:
            yield Slip(term, f"That is term {place} of {len(terms)} alone; all of them add up.")


def of_cost_terms(session: Session, steps: Sequence[Step]) -> Iterator[Slip]:
    """The cost of a sample: the miss, its square, a square of the wrong thing; one term of several."""
    problem = session.setup.problem
    if not isinstance(problem, NetworkSpec):
        return
    rows = (
        ("{y} - {t}", "That is y − t, by how much the output misses; the cost is made of its square."),
        ("abs({y} - {t})", "That is |y − t|; this cost takes the square."),
        ("({y} - {t})^2", "That is (y − t)²; this cost has a ½."),
        ("({y} - {t}) / 2", "That is half of y − t; it is the square that is halved."),
        (
            "({y}^2 - {t}^2) / 2",
            "That takes the difference of the squares; it is the square of the difference.",
        ),
    )
    for text, says in rows:
        terms = [f"({text.format(y=f'y[{name}]', t=f't[{name}]')})" for name in problem.outputs]
        yield Slip(" + ".join(terms), says)
    for place, step in enumerate(steps, 1):
        if len(steps) > 1:
            yield Slip(step.right, f"That is the term of output {place} of {len(steps)} alone; they add up.")


def of_tangent(cell: Cell, steps: Sequence[Step]) -> Iterator[Slip]:
    """A tangent: without its local derivative, with the value in place of the tangent, or one source alone."""
    parts = []
    for step in steps:
        tail = step.local.cell.by if step.local is not None else None
        if not isinstance(tail, Cell) or not step.inputs:
            return
        parts.append(
            (step.right, str(step.inputs[-1].cell), str(step.local.cell) if step.local else "", str(tail))
        )
    yield Slip(str(cell.of), f"That is the value of {cell.of} itself; its tangent is how fast it changes.")
    for place, (right, dot, local, tail) in enumerate(parts, 1):
        alone = f" for {tail}" if len(parts) > 1 else ""
        others = [other for other, *_ in parts if other is not right]
        yield Slip(" + ".join([*others, dot]), f"That leaves out the local derivative {local}{alone}.")
        yield Slip(" + ".join([*others, f"{local} * {tail}"]),
                   f"That takes the value of {tail}; what is carried forward is its tangent, {dot}.")  # fmt: skip
        if len(parts) > 1:
            yield Slip(right, f"That is what comes from {tail} alone, contribution {place} of {len(parts)}; "
                              "all of them add up.")  # fmt: skip
