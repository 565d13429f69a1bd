"""The slips of one step: what students write in place of a derivative, each as an expression over cells.

A wrong *rule* is made everywhere in a run.  A *slip* is made once, by somebody who has the right numbers before them:
a factor left out, or doubled, or taken from the neighbour; the slope of another function, or of this one in the wrong
place; one contribution in place of the sum.  A slip is a row: an expression, and a sentence that says what was done.

    asked:  d(e[h1])  =  d(y[h1]) * y[h1] * (1 - y[h1])
    slip:   d(y[h1]) * e[h1] * (1 - e[h1])     "That takes the slope with e in the place of y."

As expressions they can be compared with what a learner writes on any numbers, so that a match is no coincidence; and
an author's check can prove of a variant that no slip would pass on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.exercises.array_slips import factors_of, of_variable
from bpstep.exercises.forward_slips import of_cost_terms, of_output, of_sum, of_tangent
from bpstep.exercises.slip import Slip
from bpstep.exercises.update_slips import of_batch, of_seed, of_state, of_update

__all__ = ["slips_of"]

_THE_STEP = "That is η times the gradient, the step of the update; the gradient alone is asked for."

#: A layer with more neurons is not searched for neighbours.
_MOST_NEIGHBOURS = 6

#: What is taken for the slope of an activation, in y and e of the neuron.
_SLOPES = (
    ("{y} * (1 - {y})", "That takes y(1 − y), the slope of the logistic function; {n} is not logistic."),
    ("1 - {y}^2", "That takes 1 − y², the slope of tanh; {n} is no tanh neuron."),
    ("{e} * (1 - {e})", "That takes e(1 − e): the slope is written with the output y, not with the net input."),
    ("1 - {e}^2", "That takes 1 − e²: the slope is written with the output y, not with the net input."),
    (
        "sigmoid({y}) * (1 - sigmoid({y}))",
        "That takes the slope of the logistic function at the output y; it is {n}'s own, at the net input e.",
    ),
    ("1 - tanh({y})^2", "That takes the slope of tanh at the output y; it is {n}'s own, at the net input e."),
    ("1 - {y}", "That takes 1 − y alone for the slope; the factor y is missing."),
    ("{y}", "That takes the output y for the slope f′."),
    ("{e}", "That takes the net input e for the slope f′."),
    ("{y}^2", "That takes y² for the slope f′."),
    ("(1 - {y})^2", "That takes (1 − y)² for the slope f′."),
    ("{y} * (1 + {y})", "That takes y(1 + y) for the slope f′: the sign in the bracket is wrong."),
)  # fmt: skip


def slips_of(session: Session, cell: Cell, steps: Sequence[Step]) -> list[Slip]:
    """The slips that can be made where these steps write a cell; of a step that nobody has a row for, none."""
    made = list(_made(session, cell, steps))
    known: dict[str, Slip] = {}
    for slip in made:
        known.setdefault(slip.text, slip)
    return list(known.values())


def _made(session: Session, cell: Cell, steps: Sequence[Step]) -> Iterator[Slip]:
    first = steps[0]
    if first.op == "local":
        yield from _of_slope(cell)
    elif first.op == "contribute":
        yield from _of_contributions(session, cell, steps)
    elif first.op == "apply" and cell.kind == "y":
        yield from of_output(cell)
    elif first.op in ("term", "bias"):
        yield from of_sum(steps)
    elif first.op == "cost":
        yield from of_cost_terms(session, steps)
    elif first.op == "tangent":
        yield from of_tangent(cell, steps)
    elif first.op == "seed":
        yield from of_seed(session)
    elif first.op == "state":
        yield from of_state(session.setup.optimizer, cell)
    elif first.op == "update":
        yield from of_update(session.setup.optimizer, cell, first)


# --- backward -----------------------------------------------------------------------------------------


def _of_slope(cell: Cell) -> Iterator[Slip]:
    """f′ of a neuron, or the slope of the cost."""
    head, tail = cell.of, cell.by
    if not isinstance(head, Cell) or not isinstance(tail, Cell):
        return
    if head.kind == "cost":
        yield from _of_cost(str(tail.of), "")
    elif head.kind == "y" and head.of == tail.of:
        yield from _slopes(str(head.of), "")


def _slopes(neuron: str, before: str) -> Iterator[Slip]:
    names = {"y": f"y[{neuron}]", "e": f"e[{neuron}]", "n": neuron}
    for text, says in _SLOPES:
        slope = text.format(**names)
        yield Slip(f"{before}({slope})" if before else slope, says.format(**names))


def _of_cost(output: str, before: str) -> Iterator[Slip]:
    y, t = f"y[{output}]", f"t[{output}]"
    for text, says in (
        (f"({y} - {t})", "That is y − t, the slope of half the squared error; this cost is another one."),
        (f"({t} - {y})", "That is t − y: the size is right, the sign is not."),
        (f"2 * ({y} - {t})", "That is twice y − t, the slope of (y − t)²; here the cost has a ½."),
        (f"({y} - {t})^2", "That is (y − t)², the cost and not its slope."),
        (f"({y} - {t})^2 / 2", "That is the cost itself, not its slope."),
        (f"-{t} / {y}", "That is −t / y, the slope of the cross-entropy; this cost is another one."),
    ):
        yield Slip(f"{before}{text}", says)


def _of_contributions(session: Session, cell: Cell, steps: Sequence[Step]) -> Iterator[Slip]:
    of = cell.of
    if not isinstance(of, Cell):
        return
    if of.kind in ("w", "b"):
        yield from _of_parameter(session, of, steps)
    elif of.kind == "e" and len(steps) == 1:
        yield from _of_delta(str(of.of))
    elif of.kind == "y" and isinstance(session.setup.problem, NetworkSpec):
        yield from _of_heard(session, str(of.of), steps)
    else:
        if of.kind == "e":
            y, target = f"y[{of.of}]", f"t[{of.of}]"
            yield Slip(
                f"({y} - {target}) * {y} * (1 - {y})",
                "That multiplies y − t by the slope of a logistic neuron.",
            )
            yield Slip(
                f"{y} - {target}", "That is y − t, which softmax comes to with the cross-entropy only."
            )
        yield from of_variable(steps)


def _of_delta(neuron: str) -> Iterator[Slip]:
    heard = f"d(y[{neuron}])"
    yield Slip(heard, f"That is what you get without f′(e[{neuron}]).")
    yield Slip(f"local[{neuron}]", f"That is f′(e[{neuron}]) alone: what comes back, {heard}, is missing.")
    yield from _slopes(neuron, f"{heard} * ")
    yield Slip(f"{heard} * local[{neuron}]^2", f"f′(e[{neuron}]) is in it twice.")
    yield Slip(f"{heard} + local[{neuron}]", "That adds what comes back and f′; they are multiplied.")


def _of_heard(session: Session, neuron: str, steps: Sequence[Step]) -> Iterator[Slip]:
    """∂E/∂y: at an output the slope of the cost, elsewhere the sum of what comes back over the wires."""
    pairs = [factors_of(step) for step in steps]
    if any(pair is None for pair in pairs):
        return
    known = [pair for pair in pairs if pair is not None]
    to = [
        str(upstream.of.of)
        for upstream, _ in known
        if isinstance(upstream.of, Cell) and upstream.of.kind == "e"
    ]
    if len(to) != len(known):
        yield from _of_cost(neuron, "")
        return
    yield Slip(
        " + ".join(f"d(y[{k}]) * w[{neuron}->{k}]" for k in to),
        "That passes ∂E/∂y back over the wires; what goes back is δ, with f′ in it.",
    )
    yield Slip(
        " + ".join(f"d(e[{k}])" for k in to), "That adds the deltas without the weights on their wires."
    )
    yield Slip(" + ".join(f"w[{neuron}->{k}]" for k in to), "That adds the weights without the deltas.")
    products = [f"d(e[{k}]) * w[{neuron}->{k}]" for k in to]
    if len(to) > 1:
        for place, (k, alone) in enumerate(zip(to, products, strict=True), 1):
            yield Slip(alone, f"That is contribution {place} of {len(to)} alone; all of them add up.")
            parts = [f"d(e[{k}])" if other is alone else other for other in products]
            says = f"That is what you get without w[{neuron}->{k}] in contribution {place} of {len(to)}."
            yield Slip(" + ".join(parts), says)
        yield Slip(
            f"({' + '.join(products)}) / {len(to)}", "That is the mean of what comes back; it is the sum."
        )
    for other in _beside(session, neuron):
        text = " + ".join(f"d(e[{k}]) * w[{other}->{k}]" for k in to)
        yield Slip(text, f"That takes the wires of {other}; those of {neuron} are in question.")
    for place, k in enumerate(to):
        wires = [(a, b) for a in (neuron, *_beside(session, neuron)) for b in (k, *_beside(session, k))]
        for a, b in wires[1:]:
            parts = [
                f"d(e[{k}]) * w[{a}->{b}]" if at == place else other for at, other in enumerate(products)
            ]
            says = f"That is what you get with w[{a}->{b}]; the wire in question is w[{neuron}->{k}]."
            yield Slip(" + ".join(parts), says)


def _of_parameter(session: Session, parameter: Cell, steps: Sequence[Step]) -> Iterator[Slip]:
    """The gradient of a weight or a bias: δ times what came over the wire."""
    if len(steps) > 1:
        yield from of_batch(session, steps)
        return
    neuron = str(parameter.by if parameter.kind == "w" else parameter.of)
    delta = f"d(e[{neuron}])"
    if parameter.kind == "b":
        yield Slip(f"d(y[{neuron}])", f"That is what you get without f′(e[{neuron}]).")
        yield Slip(
            f"{delta} * b[{neuron}]",
            "That multiplies by the bias itself; a bias is a weight on a constant 1.",
        )
        yield Slip(
            f"{delta} * y[{neuron}]", f"That multiplies by {neuron}'s own output; a bias is a weight on a 1."
        )
        yield Slip(
            f"lr * {delta}",
            _THE_STEP,
        )
        return
    source = str(parameter.of)
    came, weight = f"y[{source}]", str(parameter)
    yield Slip(delta, f"That is δ alone: what came over the wire, {came}, is missing.")
    yield Slip(came, f"That is what came over the wire alone: δ({neuron}) is missing.")
    yield Slip(f"d(y[{neuron}]) * {came}", f"That is what you get without f′(e[{neuron}]).")
    yield Slip(
        f"local[{neuron}] * {came}",
        f"What comes back to {neuron} is missing; f′ is one of δ's two factors.",
    )
    yield Slip(
        f"{delta} * {weight}",
        "That multiplies δ by the weight itself; it is δ times what came over the wire.",
    )
    yield Slip(
        f"{delta} * y[{neuron}]", f"That takes {neuron}'s own output; what came over the wire is {came}."
    )
    yield Slip(
        f"{delta} * e[{source}]",
        f"That takes the net input of {source}; over the wire came its output.",
    )
    yield Slip(f"{delta} * {came}^2", f"{came} is in it twice.")
    yield Slip(f"{delta} + {came}", "That adds the two factors; they are multiplied.")
    yield Slip(
        f"lr * {delta} * {came}",
        _THE_STEP,
    )
    for other in _beside(session, source):
        yield Slip(
            f"{delta} * y[{other}]", f"That takes what comes from {other}; this wire comes from {source}."
        )
    for other in _beside(session, neuron):
        yield Slip(f"d(e[{other}]) * {came}", f"That takes the δ of {other}; this wire leads to {neuron}.")


# --- helpers ------------------------------------------------------------------------------------------


def _beside(session: Session, neuron: str) -> list[str]:
    """The other neurons of a neuron's layer, or the other inputs."""
    problem = session.setup.problem
    if not isinstance(problem, NetworkSpec):
        return []
    layers = [problem.inputs, *(layer.neurons for layer in problem.layers)]
    own = next((names for names in layers if neuron in names), ())
    return [name for name in own if name != neuron][:_MOST_NEIGHBOURS]
