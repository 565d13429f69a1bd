"""A new sort of edge is one class, and the operation that has it: nobody else knows of sorts.

Here a layer's outputs are thinned out, every second cell of them goes on.  The new edge says who uses whom, and what
the local derivative is; it steps, traces, is checked in three ways, runs in forward mode, is unfolded by `why`, and its
paths are walked.  And no module but those that define the sorts asks for one of them.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest

import bpstep
from bpstep import engine
from bpstep.debugger.console import Console
from bpstep.debugger.paths import paths
from bpstep.debugger.why import WhyNode, why
from bpstep.engine import build as compilers
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.check import check_gradients
from bpstep.engine.edge import Edge
from bpstep.engine.graph import Graph
from bpstep.engine.operation import Operation
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, LayerSpec, NetworkSpec, TrainingSpec
from bpstep.engine.vectors import CellNumber, Mask, Reader, Said, Values, Vector
from bpstep.scenario.model import Scenario
from bpstep.view.say.trace import write_trace
from tests.helpers.problems import network


class Thinned(Edge):
    """To the cells 1, 3, 5, ... of the tail from the cells of the head; of each, three times the value.

    A cell with an even number is used by nobody: the edge leads on from a vector of the odd ones.
    """

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        return (j // 2) + 0 * k

    def tails(self, i: int) -> Sequence[int]:
        return range(2 * i, min(2 * i + 2, self.tail.size))

    def local(self, values: Values) -> Array:
        found = 3.0 * values[self.tail.id]
        found[:, 1::2] = 0.5
        return found

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local[:, j]
        return found

    def reads(self, changed: Sequence[Mask]) -> Mask:
        found = changed[self.tail.id].copy()
        found[1::2] = False
        return found

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        return Said("0.5", {}) if j % 2 else Said("3 * {x}", {"x": read(self.tail, j)})


class Thin(Operation):
    """Cell i is 3/2 times the square of the operand's cell 2i, and half of its cell 2i + 1."""

    by_row = False

    def value(self, values: Values) -> Array:
        x = values[self.edges[0].tail.id]
        found: Array = 1.5 * x[:, ::2] * x[:, ::2]
        found[:, : x.shape[1] // 2] += 0.5 * x[:, 1::2]
        return found

    def said(self, read: Reader, i: int, k: int) -> Said:
        tail = self.edges[0].tail
        names = {letter: read(tail, j) for letter, j in zip("ab", self.edges[0].tails(i), strict=False)}
        return Said(" + ".join(["1.5 * {a} * {a}", "0.5 * {b}"][: len(names)]), names)


class Compiler(compilers._NetworkCompiler):
    """A network whose layers called ``thin`` are such operations on the layer before."""

    def layer(self, spec: LayerSpec) -> None:
        if spec.name != "thin":
            super().layer(spec)
            return
        (source,) = (self.outputs_of[name] for name in spec.sources)
        y = self.vector("y", spec.neurons, spec.name)
        self.operation(Thin(y, (Thinned(self.next_edge(), y, source),)))
        self.outputs_of[spec.name] = y
        self.backward.append([y])


@pytest.fixture
def thinned(monkeypatch: pytest.MonkeyPatch) -> NetworkSpec:
    """x1 x2 -> three tanh neurons -> two thinned cells -> one output; two samples."""
    plain = network(
        ("tanh", [[0.5, -0.4], [0.3, 0.8], [-0.6, 0.2]], [0.1, -0.2, 0.3]), ("sigmoid", [[0.7, -0.5]], [0.05]),
        x=[[0.4, -0.9], [1.1, 0.3]], t=[[0.2], [0.9]],
    )  # fmt: skip
    first, last = plain.layers
    thin = LayerSpec("thin", ("c1", "c2"), "linear", (first.name,), np.empty((2, 0)))

    def build(problem: NetworkSpec, training: TrainingSpec) -> Graph:
        return Compiler(problem, training).graph()

    monkeypatch.setattr("bpstep.engine.setup.build", build)
    monkeypatch.setattr("bpstep.engine.batches.initial_parameters", _parameters)
    return replace(plain, layers=(first, thin, replace(last, sources=("thin",))))


def _parameters(problem: NetworkSpec) -> Array:
    return compilers.initial_parameters(
        replace(problem, layers=tuple(x for x in problem.layers if x.name != "thin"))
    )


TRAINING = TrainingSpec(learning_rate=0.5, batch=None, epochs=1, l2=0.01)


def test_it_is_stepped_and_traced(thinned: NetworkSpec) -> None:
    run = Run(thinned, TRAINING)
    to = io.StringIO()
    write_trace(Scenario("thin", "thin", thinned, TRAINING), run, "jsonl", to)
    records = [json.loads(line) for line in to.getvalue().splitlines()[1:]]
    assert len(records) == run.length
    by_cell = {record["cell"]: record for record in records}
    assert by_cell["y[c2]"]["formula"] == "y[c2] = 1.5 * y[a3] * y[a3]"
    assert by_cell["d(y[c1], y[a1])"]["formula"] == "d(y[c1], y[a1]) = 3 * y[a1]"
    assert by_cell["d(y[c1], y[a2])"]["value"] == 0.5
    assert by_cell["d(y[a2])"]["formula"] == "d(y[a2]) += d(y[c1]) * d(y[c1], y[a2])"


def test_its_gradients_are_checked_in_three_ways(thinned: NetworkSpec) -> None:
    rows = check_gradients(Run(thinned, TRAINING))
    assert len(rows) == 3 * 3 + 2 + 1
    assert {row.verdict for row in rows} == {"good"}
    assert all(row.reverse != 0.0 for row in rows)


def test_forward_mode_comes_to_the_same(thinned: NetworkSpec) -> None:
    reverse = Run(thinned, TRAINING)
    for vector in reverse.setup.graph.parameters:
        for j, cell in enumerate(vector.cells()):
            forward = Run(thinned, TRAINING, wrt=cell)
            steps = [step for step in forward.steps() if step.cell == cells.dot(cells.LOSS)]
            assert steps[-1].value == pytest.approx(reverse.numbers(0).d_of(vector, 0, j), rel=1e-12)
            passes_by = any(str(step.cell) == "d(y[c1], y[a1])" for step in forward.steps())
            assert passes_by == ("a1" in (cell.of, cell.by)), cell


def _nodes(tree: WhyNode) -> Iterator[WhyNode]:
    yield tree
    for child in tree.children:
        yield from _nodes(child)


def test_why_and_paths_lead_through_it(thinned: NetworkSpec) -> None:
    session = Console(Scenario("thin", "thin", thinned, replace(TRAINING, batch=1, l2=0.0)))
    session.position = session.run.timeline.start_of_batch(1)
    tree = why(session.moment, cells.d(Cell("w", "x1", "a1")))
    assert tree is not None
    assert {"d(y[a1])", "d(y[c1], y[a1])", "d(y[c1])"} <= {str(node.reading.cell) for node in _nodes(tree)}
    found = paths(session.moment, Cell("w", "x1", "a1"))
    assert found is not None
    way = " ".join(str(cell) for cell in found.listed[0].cells)
    assert way == "w[x1->a1] e[a1] y[a1] y[c1] e[b1] y[b1] cost"
    assert found.total == pytest.approx(found.derivative, rel=1e-12)


def test_what_was_done_before_an_edit_stays(thinned: NetworkSpec) -> None:
    """Also in the middle of what arrives over the new edge."""
    session = Console(Scenario("thin", "thin", thinned, TRAINING))
    whole = [step.value for step in session.run.steps(1, 40)]
    for position in range(1, 40):
        session.position = position
        session.execute("set w[c1->b1] = 0.25")
        assert [step.value for step in session.run.steps(1, position)] == whole[:position]
        session.execute("undo")


#: Who makes operations and edges, and so knows sorts of them, without defining one.
_MAKERS = {"build", "array_build"}


def _sorts() -> dict[str, list[str]]:
    """The classes of operations and edges, and what they share, by the modules of the engine that define them."""
    names = [module.name for module in iter_modules(engine.__path__)]
    modules = {name: vars(import_module(f"bpstep.engine.{name}")) for name in names}
    own = {
        name: [
            one
            for one, made in there.items()
            if isinstance(made, type) and made.__module__.endswith(f".{name}")
        ]
        for name, there in modules.items()
    }
    return {
        name: found
        for name, found in own.items()
        if name not in ("edge", "operation")
        and any(issubclass(modules[name][one], Edge | Operation) for one in found)
    }


def test_nobody_asks_for_the_sort_of_an_edge_or_of_an_operation() -> None:
    """But who defines one, in whichever module of the engine that is, and who makes them."""
    sorts = _sorts()
    assert {"edges", "operations", "array_edges"} <= set(sorts)
    names = [name for found in sorts.values() for name in found]
    package = Path(bpstep.__file__).parent
    asked = re.compile(rf"^ *(from|import) bpstep\.engine\.({'|'.join(sorts)})\b", re.MULTILINE)
    felt = re.compile(r"\b(get|has)attr\([a-z_.]*(edge|operation|producer)\b")
    for file in sorted(package.rglob("*.py")):
        if file.parent == package / "engine" and file.stem in {*sorts, *_MAKERS}:
            continue
        text = file.read_text(encoding="utf-8")
        assert not felt.search(text), file
        assert not asked.search(text), file
        for name in names:  # a class of one's own may have the name of a sort
            is_own = re.search(
                rf"^class {name}\b|^from \S+ import (\([^)]*|.*)\b{name}\b", text, re.MULTILINE
            )
            assert is_own or not re.search(rf"isinstance\([^)]*\b{name}\b", text), (file, name)


def test_the_vector_is_named_by_itself() -> None:
    w = Vector(0, "w", ("h1", "h2"), "hidden", ("x1", "x2", "x3"), is_parameter=True, per_sample=False)
    assert (w.size, w.shape, w.number(1, 2), str(w.cell(5))) == (6, (2, 3), 5, "w[x3->h2]")
    assert [str(cell) for cell in w.cells()][:2] == ["w[x1->h1]", "w[x2->h1]"]
