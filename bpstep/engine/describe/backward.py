"""The steps of the backward pass: seed, local, contribute.

A local derivative is called by the name under which a student knows it.  d(e[o1], y[h1]) is the weight
w[h1->o1], so a contribution reads ``d(y[h1]) += d(e[o1]) * w[h1->o1]``; its `Step.local` keeps the full
name.  A wrong rule takes something else in its place, and then that is what stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bpstep.engine import cells
from bpstep.engine.blocks import BACKWARD
from bpstep.engine.calculator import is_sum
from bpstep.engine.cells import Cell
from bpstep.engine.describe.here import Here, before, numbered, put_in_place
from bpstep.engine.edge import Edge, nth_use
from bpstep.engine.functions import enclosed
from bpstep.engine.rules import CORRECT
from bpstep.engine.steps import Factor, Step

__all__ = ["BACKWARD_STEPS", "known_as", "local_cell", "local_step"]

#: What stands for a local derivative in a formula: a text, and the inputs in its places.
_Known = tuple[str, tuple[Factor, ...]]


def _seed(here: Here) -> Step:
    root, numbers = here.numbers.graph.root, here.numbers
    value = numbers.d_of(root, here.sample, 0)
    one_over = numbers.graph.seed_over(numbers.samples)
    because = f"the loss is the mean of {numbers.samples} samples" if one_over > 1 else ""
    text = f"1 / {one_over}" if one_over > 1 else "1"
    return here.step("seed", cells.d(root.cell(0)), "=", value, (), text, because=because)


def _contribute(here: Here) -> Step:
    vector, numbers = here.piece.vector, here.numbers
    j, within = here.cell_and_place
    contribution, place = divmod(within, here.piece.stride)
    edge, _, i, _ = nth_use(here.piece.edges, j, contribution)
    if place < here.piece.stride - 1:
        return local_step(here, edge, i, j)
    upstream = _upstream(here, edge, i)
    local = Factor(local_cell(edge, i, j), numbers.slope(edge, here.sample, i, j))
    text, read = (
        _known_weight(here, edge, i, j) if edge.weights is not None else known_as(here, edge, i, j, local)
    )
    sums = here.sums.gathered(vector, here.sample, j)
    nth = (
        here.sums.arrived_before(vector, j, here.sample, in_tail=here.in_tail)
        + here.piece.first
        + contribution
    )
    return here.step(
        "contribute", cells.d(vector.cell(j)), "=" if numbers.setup.rule.overwrites else "+=", sums[nth],
        (upstream, *read), _times_upstream(text, len(read)),
        was=before(sums, nth), part=(nth + 1, len(sums)), product=upstream.value * local.value,
        upstream=upstream, local=local,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _times_upstream(text: str, count: int) -> str:
    """The template of a contribution: the upstream derivative times what ``text`` says, with so many inputs."""
    right = text.format(*(f"{{{number}}}" for number in range(1, 1 + count)))
    if right == "1":
        return "{0}"
    return f"{{0}} * ({right})" if is_sum(right) else f"{{0}} * {right}"


def _upstream(here: Here, edge: Edge, i: int) -> Factor:
    numbers = here.numbers
    vector = numbers.setup.rule.upstream_vector(edge, numbers.graph)
    return Factor(cells.d(vector.cell(i)), numbers.d_of(vector, here.sample, i))


def local_cell(edge: Edge, i: int, j: int) -> Cell:
    """d(head, tail) between two cells."""
    return cells.local(edge.head.cell(i), edge.tail.cell(j), edge.place)


def known_as(here: Here, edge: Edge, i: int, j: int, local: Factor) -> _Known:
    """What stands for a local derivative in a formula: the cell that holds it, the number 1, or its own words."""
    if edge.shown:
        return "{0}", (local,)
    rule = CORRECT if here.numbers.tangents is not None else here.numbers.setup.rule
    taken, *pair = rule.weight_text(edge, here.numbers.graph, i, j)
    other = edge.stands_for(*pair)
    if taken == "0":
        return taken, ()
    if other is not None:
        return "{0}", (Factor(other[0].cell(other[1]), local.value),)
    if edge.one_over(here.numbers.samples) == 1:
        return enclosed(local.value), ()
    inputs, text = put_in_place(edge.said(here.read, i, j))
    return text, inputs


def _known_weight(here: Here, edge: Edge, i: int, j: int) -> _Known:
    """The weight that a delta goes back through, or what a wrong rule takes for it."""
    numbers, weights = here.numbers, edge.weights
    assert weights is not None
    text, head, tail = numbers.setup.rule.weight_text(edge, numbers.graph, i, j)
    place = edge.stands_for(head, tail)
    assert place is not None, "an edge through weights knows which"
    weight = here.read(*place)
    readable = {"w": weight}
    if "{g}" in text:  # the gradient as far as the backward pass had it: what comes once a batch comes later
        gradient = here.sums.gathered(weights, here.sample, place[1])[here.sample]
        readable["g"] = Factor(cells.d(weight.cell), float(gradient))
        readable["lr"] = Factor(cells.clock("lr"), numbers.rate)
    read, text = numbered(text, readable)
    return text, read


def local_step(here: Here, edge: Edge, i: int, j: int) -> Step:
    """A `local` step: the derivative of cell ``i`` of the head by cell ``j`` of the tail."""
    numbers = here.numbers
    in_forward_mode = numbers.tangents is not None
    said = edge.said(here.read, i, j, in_order=in_forward_mode)
    rule = CORRECT if in_forward_mode else numbers.setup.rule  # forward mode knows no wrong rules
    text = rule.slope_text(edge, numbers.graph, said.text, edge.is_own(i, j))
    inputs, template = put_in_place(said._replace(text=text))
    because = said.convention if text == said.text else ""
    value = numbers.slope(edge, here.sample, i, j)
    return here.step("local", local_cell(edge, i, j), "=", value, inputs, template, because=because)


#: By phase and op.
BACKWARD_STEPS: dict[tuple[str, str], Callable[[Here], Step]] = {
    (BACKWARD, "seed"): _seed,
    (BACKWARD, "contribute"): _contribute,
}
