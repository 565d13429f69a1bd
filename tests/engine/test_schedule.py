"""The order of the steps (formats, section 3): by hand for small problems, by laws for random ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from bpstep.engine.build import Problem, sample_values
from bpstep.engine.index import Index
from bpstep.engine.run import Run
from bpstep.engine.setup import Setup
from bpstep.engine.specs import (
    INPUTS,
    ExpressionSpec,
    LayerSpec,
    NetworkSpec,
    Operation,
    OptimizerSpec,
    TrainingSpec,
)
from bpstep.engine.steps import Step
from bpstep.engine.timeline import LEVELS, Timeline
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import mazur, network, networks, trainings


def written(step: Step) -> str:
    """A step in one line: op, cell, and k/n where the cell has several contributions."""
    part = "" if step.part is None or step.part[1] == 1 else f" {step.part[0]}/{step.part[1]}"
    return f"{step.op} {step.cell}{part}"


def check(problem: Problem, training: TrainingSpec, expected: str) -> None:
    """The whole run is the steps of ``expected``, which are separated by semicolons or ends of lines."""
    lines = [line.strip() for line in expected.replace(";", "\n").splitlines() if line.strip()]
    assert [written(step) for step in Run(problem, training).steps()] == lines


# --- by hand ----------------------------------------------------------------------------------------


def test_mazur() -> None:
    check(
        mazur(),
        TrainingSpec(0.5),
        """
        term e[h1] 1/3; term e[h1] 2/3; bias e[h1] 3/3; apply y[h1]
        term e[h2] 1/3; term e[h2] 2/3; bias e[h2] 3/3; apply y[h2]
        term e[o1] 1/3; term e[o1] 2/3; bias e[o1] 3/3; apply y[o1]
        term e[o2] 1/3; term e[o2] 2/3; bias e[o2] 3/3; apply y[o2]
        cost cost 1/2; cost cost 2/2
        seed d(cost)
        local d(cost, y[o1]); contribute d(y[o1]); local d(y[o1], e[o1]); contribute d(e[o1])
        local d(cost, y[o2]); contribute d(y[o2]); local d(y[o2], e[o2]); contribute d(e[o2])
        contribute d(w[h1->o1]); contribute d(w[h2->o1]); contribute d(b[o1])
        contribute d(w[h1->o2]); contribute d(w[h2->o2]); contribute d(b[o2])
        contribute d(y[h1]) 1/2; contribute d(y[h1]) 2/2; local d(y[h1], e[h1]); contribute d(e[h1])
        contribute d(y[h2]) 1/2; contribute d(y[h2]) 2/2; local d(y[h2], e[h2]); contribute d(e[h2])
        contribute d(w[i1->h1]); contribute d(w[i2->h1]); contribute d(b[h1])
        contribute d(w[i1->h2]); contribute d(w[i2->h2]); contribute d(b[h2])
        update w[i1->h1]; update w[i2->h1]; update w[i1->h2]; update w[i2->h2]; update b[h1]; update b[h2]
        update w[h1->o1]; update w[h2->o1]; update w[h1->o2]; update w[h2->o2]; update b[o1]; update b[o2]
        """,
    )
    assert Run(mazur(), TrainingSpec(0.5)).length == 59


def test_softmax() -> None:
    """Activations after all sums; every d(y) before the first d(e); every output to every net input."""
    problem = network(("softmax", [[1.0], [2.0]], None), x=[[1.0]], t=[[0.0, 1.0]], cost="cross-entropy")
    check(
        problem,
        TrainingSpec(),
        """
        term e[a1]; term e[a2]; apply y[a1]; apply y[a2]; cost cost 1/2; cost cost 2/2; seed d(cost)
        local d(cost, y[a1]); contribute d(y[a1]); local d(cost, y[a2]); contribute d(y[a2])
        local d(y[a1], e[a1]); contribute d(e[a1]) 1/2; local d(y[a2], e[a1]); contribute d(e[a1]) 2/2
        local d(y[a1], e[a2]); contribute d(e[a2]) 1/2; local d(y[a2], e[a2]); contribute d(e[a2]) 2/2
        contribute d(w[x1->a1]); contribute d(w[x1->a2])
        """,
    )


def test_batch_with_l2() -> None:
    """The loss and the gradients of weights gather over the samples, then from l2; a bias does not decay;
    what is frozen has gradients, and neither states nor updates."""
    problem = network(("linear", [[2.0]], [0.5]), x=[[1.0], [3.0]], t=[[1.0], [0.0]])
    frozen = replace(problem, layers=(replace(problem.layers[0], frozen=frozenset({"weights"})),))
    sample = """
        term e[a1] 1/2; bias e[a1] 2/2; apply y[a1]; cost cost; reduce loss {k}/3; seed d(cost)
        local d(cost, y[a1]); contribute d(y[a1]); local d(y[a1], e[a1]); contribute d(e[a1])
        contribute d(w[x1->a1]) {k}/3; contribute d(b[a1]) {k}/2
    """
    check(
        frozen,
        TrainingSpec(0.1, batch=2, l2=0.5, optimizer=OptimizerSpec("adam")),
        f"""{sample.format(k=1)} {sample.format(k=2)}
        reduce loss 3/3; contribute d(w[x1->a1]) 3/3
        state m(b[a1]); state v(b[a1]); update b[a1]
        """,
    )


def test_l2_with_one_sample() -> None:
    problem = network(("linear", [[2.0]], None), x=[[1.0]], t=[[1.0]])
    check(
        problem,
        TrainingSpec(l2=0.5),
        """
        term e[a1]; apply y[a1]; cost cost; reduce loss 1/2; seed d(cost)
        local d(cost, y[a1]); contribute d(y[a1]); local d(y[a1], e[a1]); contribute d(e[a1])
        contribute d(w[x1->a1]) 1/2; reduce loss 2/2; contribute d(w[x1->a1]) 2/2
        """,
    )


def skipping() -> NetworkSpec:
    """x1 feeds a1 and, over a skip connection, b1 and b2; a1 feeds both, too."""
    a = LayerSpec("a", ("a1",), "tanh", (INPUTS,), np.array([[0.5]]))
    b = LayerSpec("b", ("b1", "b2"), "linear", ("a", INPUTS), np.array([[1.0, 2.0], [3.0, 4.0]]))
    c = LayerSpec("c", ("c1",), "linear", ("b", "a"), np.array([[1.0, 2.0, 3.0]]))
    x, t = np.array([[1.0]]), np.array([[1.0]])
    return NetworkSpec(("x1",), (a, b, c), "squared-error", x, t, input_gradients=True)


def test_skip_connections_and_input_gradients() -> None:
    """Columns in the order of `from`; consumers in file order, whatever order `from` gives."""
    check(
        skipping(),
        TrainingSpec(),
        """
        term e[a1]; apply y[a1]
        term e[b1] 1/2; term e[b1] 2/2; apply y[b1]; term e[b2] 1/2; term e[b2] 2/2; apply y[b2]
        term e[c1] 1/3; term e[c1] 2/3; term e[c1] 3/3; apply y[c1]; cost cost; seed d(cost)
        local d(cost, y[c1]); contribute d(y[c1]); local d(y[c1], e[c1]); contribute d(e[c1])
        contribute d(w[b1->c1]); contribute d(w[b2->c1]); contribute d(w[a1->c1])
        contribute d(y[b1]); local d(y[b1], e[b1]); contribute d(e[b1])
        contribute d(y[b2]); local d(y[b2], e[b2]); contribute d(e[b2])
        contribute d(w[a1->b1]); contribute d(w[x1->b1]); contribute d(w[a1->b2]); contribute d(w[x1->b2])
        contribute d(y[a1]) 1/3; contribute d(y[a1]) 2/3; contribute d(y[a1]) 3/3
        local d(y[a1], e[a1]); contribute d(e[a1])
        contribute d(w[x1->a1])
        contribute d(y[x1]) 1/3; contribute d(y[x1]) 2/3; contribute d(y[x1]) 3/3
        """,
    )
    consumers = [s.upstream.cell for s in Run(skipping(), TrainingSpec()).steps() if str(s.cell) == "d(y[a1])"
                 if s.upstream is not None]  # fmt: skip
    assert [str(cell) for cell in consumers] == ["d(e[b1])", "d(e[b2])", "d(e[c1])"]


def test_expression_with_fan_out() -> None:
    """Variables in reverse order of creation; the latest use first, each place of an operand on its own."""
    made = (
        Operation("v", "mul", ("x", "x")),
        Operation("u", "pow", ("x", 3.0)),
        Operation("y", "sub", ("v", "u")),
    )
    check(
        ExpressionSpec(("x",), (2.0,), made, "y", parameters=("x",)),
        TrainingSpec(0.1, optimizer=OptimizerSpec("momentum")),
        """
        apply v; apply u; apply y; seed d(y)
        local d(y, u); contribute d(u); local d(y, v); contribute d(v)
        local d(u, x); contribute d(x) 1/3
        local d(v, x, 2); contribute d(x) 2/3; local d(v, x, 1); contribute d(x) 3/3
        state m(x); update x
        """,
    )


def test_the_order_of_samples_batches_and_epochs() -> None:
    """Three samples in batches of two: what a short last batch does not need, it does not have."""
    problem = network(("linear", [[2.0]], None), x=[[1.0], [2.0], [3.0]], t=[[0.0], [0.0], [0.0]])
    run = Run(problem, TrainingSpec(0.1, batch=2, epochs=2))
    seen = [(s.when.epoch, s.when.batch, s.when.sample, s.op) for s in run.steps()]
    assert [s for s in seen if s[3] in ("reduce", "seed", "update")] == [
        (1, 1, 1, "reduce"), (1, 1, 1, "seed"), (1, 1, 2, "reduce"), (1, 1, 2, "seed"), (1, 1, 2, "update"),
        (1, 2, 3, "seed"), (1, 2, 3, "update"),
        (2, 3, 1, "reduce"), (2, 3, 1, "seed"), (2, 3, 2, "reduce"), (2, 3, 2, "seed"), (2, 3, 2, "update"),
        (2, 4, 3, "seed"), (2, 4, 3, "update"),
    ]  # fmt: skip
    assert [s.value for s in run.steps() if s.op == "seed"] == [0.5, 0.5, 1.0] * 2


def test_phases_layers_and_nodes() -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    places = [(s.when.phase, s.when.layer, s.when.node) for s in run.steps()]
    changes = [places[0], *(b for a, b in pairwise(places) if a != b)]
    neurons = [("hidden", "h1"), ("hidden", "h2"), ("output", "o1"), ("output", "o2")]
    assert changes == [
        *(("forward", layer, node) for layer, node in neurons),
        ("forward", "cost", "o1"), ("forward", "cost", "o2"), ("backward", "cost", "cost"),
        *(("backward", "output", node) for node in ("o1", "o2", "o1", "o2")),
        *(("backward", "hidden", node) for node in ("h1", "h2", "h1", "h2")),
        *(("update", "hidden", node) for node in ("h1", "h2", "h1", "h2")),
        *(("update", "output", node) for node in ("o1", "o2", "o1", "o2")),
    ]  # fmt: skip


def test_real_size() -> None:
    """784-128-10 has 307,035 steps, and counting them computes nothing."""
    hidden = tuple(f"h{k}" for k in range(128))
    out = tuple(f"o{k}" for k in range(10))
    layers = (
        LayerSpec("hidden", hidden, "sigmoid", (INPUTS,), np.zeros((128, 784)), np.zeros(128)),
        LayerSpec("out", out, "sigmoid", ("hidden",), np.zeros((10, 128)), np.zeros(10)),
    )
    inputs = tuple(f"x{k}" for k in range(784))
    problem = NetworkSpec(inputs, layers, "half-squared-error", np.zeros((1, 784)), np.zeros((1, 10)))
    timeline = Timeline(Setup(problem, TrainingSpec(0.5)), samples=1, epochs=1_000_000)
    assert timeline.length == 307_035 * 1_000_000
    place = timeline.place(timeline.length)
    assert (place.epoch, place.block.phase, place.block.nodes[-1]) == (999_999, "update", "o9")
    with pytest.raises(IndexError):
        timeline.place(timeline.length + 1)


# --- laws -------------------------------------------------------------------------------------------


class Memory:
    """What a reader who follows the steps from the first one knows; the engine must not know more."""

    def __init__(self, run: Run) -> None:
        problem = run.setup.problem
        self.problem = problem
        self.lasting: dict[str, float] = {"lr": run.rate_at(0, 0)}
        self.settings = run.setup.settings
        self.batch: dict[str, float] = {}
        self.sample: dict[str, float] = {}
        self.when: tuple[int, int, int] = (0, 0, 0)
        graph = self.graph = run.setup.graph
        self.by_batch = {f"d({vector.cell(j)})" for vector in graph.parameters for j in range(vector.size)}
        #: What nobody uses has the derivative 0, without a step.
        self.silent = {
            f"d({v.cell(j)})": 0.0 for v in graph.gathered for j in range(v.size) if not graph.uses_of(v, j)
        }
        start = run.snapshot(0).parameters
        for vector, array in zip(graph.parameters, graph.views(start), strict=True):
            for row in range(len(vector.names)):
                for column in range(max(1, len(vector.columns))):
                    flat = array.reshape(len(vector.names), -1)
                    self.lasting[str(vector.cell(vector.number(row, column)))] = float(flat[row, column])

    def turn_to(self, step: Step) -> None:
        """With a sample's first step its cells are unset again, with a batch's the gradients and the loss."""
        when = (step.when.epoch, step.when.batch, step.when.sample)
        if when[:2] != self.when[:2]:
            self.batch = {"d(loss)": 1.0, **self.settings, "t": float(when[1])}
        if when != self.when:
            self.sample = self.given(step.when.sample - 1)
        self.when = when

    def given(self, row: int) -> dict[str, float]:
        if isinstance(self.problem, ExpressionSpec):
            arrays = zip(self.graph.given, sample_values(self.problem), strict=True)
            return {str(v.cell(j)): array.item(row, j) for v, array in arrays for j in range(v.size)}
        x = {f"y[{n}]": v for n, v in zip(self.problem.inputs, self.problem.x[row].tolist(), strict=True)}
        t = {f"t[{n}]": v for n, v in zip(self.problem.outputs, self.problem.t[row].tolist(), strict=True)}
        return x | t

    def shelf(self, step: Step) -> dict[str, float]:
        """Where the cell that a step writes is remembered, and for how long."""
        if step.op in ("state", "update"):
            return self.lasting
        by_batch = step.op == "reduce" or (step.op == "contribute" and str(step.cell) in self.by_batch)
        return self.batch if by_batch else self.sample

    def __getitem__(self, cell: str) -> float:
        if cell[:2] in ("m(", "v(") and cell not in self.lasting:
            raise KeyError(f"{cell} is read before a step has written it")
        return {**self.silent, **self.batch, **self.sample, **self.lasting}[cell]


def same(a: float | None, b: float | None) -> bool:
    """Equal to the last bit, or both not a number, or both absent."""
    return repr(a) == repr(b)


def follow(run: Run) -> None:
    """No step reads what no earlier step, or the file, has set; every sum is seen growing."""
    memory = Memory(run)
    counts: dict[str, int] = {}
    for number, step in enumerate(run.steps(), start=1):
        assert step.number == number
        memory.turn_to(step)
        for factor in step.inputs:
            if factor.cell.kind != "sum":
                assert same(memory[str(factor.cell)], factor.value), (step, factor)
        shelf, cell = memory.shelf(step), str(step.cell)
        if step.op == "update":
            assert same(step.was, memory.lasting[cell])
        elif step.op == "state":
            assert same(step.was, memory.lasting.get(cell))
        elif step.op in ("apply", "local", "seed"):
            assert step.was is None
            assert step.part is None
        else:
            assert step.part is not None
            assert step.product is not None
            counts[cell] = counts.get(cell, 0) + 1 if cell in shelf else 1
            assert step.part[0] == counts[cell]
            assert same(step.was, shelf.get(cell))
            with np.errstate(all="ignore"):
                total = step.product if step.was is None else step.was + step.product
            assert same(step.value, total)
        if step.upstream is not None:
            assert step.local is not None
            assert same(step.product, step.upstream.value * step.local.value)
            assert step.upstream.cell.kind == "d"
        shelf[cell] = step.value


@given(networks(), trainings())
@settings(max_examples=60)
def test_networks_read_only_what_is_known(problem: NetworkSpec, training: TrainingSpec) -> None:
    follow(Run(problem, training))


@given(formulas(), formula_trainings())
@settings(max_examples=60)
def test_expressions_read_only_what_is_known(problem: ExpressionSpec, training: TrainingSpec) -> None:
    follow(Run(problem, training))


def complete(run: Run) -> None:
    """Whatever gathers contributions gets as many as its steps say: k runs from 1 to n."""
    last: dict[str, Step] = {}
    for step in run.steps():
        before = last.get(str(step.cell))
        if step.part is not None and step.part[0] > 1:
            assert before is not None
            assert before.part == (step.part[0] - 1, step.part[1])
        elif before is not None:
            assert before.is_final
        last[str(step.cell)] = step
    assert all(step.is_final for step in last.values())


@given(networks(), trainings())
@settings(max_examples=30)
def test_every_sum_is_completed(problem: NetworkSpec, training: TrainingSpec) -> None:
    complete(Run(problem, training))


def index_agrees(run: Run) -> None:
    """Which steps write a cell: the index says it without looking, and the steps say the same."""
    index = Index(run.setup)
    for batch in range(run.timeline.batches):
        start, plan = (
            run.timeline.start_of_batch(batch),
            run.timeline.segment_of_batch(batch).schedule_of(batch),
        )
        found: dict[str, set[int]] = {}
        cells = {}
        for step in run.steps(start + 1, start + plan.length):
            found.setdefault(str(step.cell), set()).add(step.number - 1 - start)
            cells[str(step.cell)] = step.cell
        for name, cell in cells.items():
            spot = index.find(cell)
            assert spot is not None, name
            writes = index.writes(plan, spot)
            each = {s * plan.sample.length + o for s in range(plan.samples) for o in writes.each}
            assert found[name] == each | {plan.samples * plan.sample.length + o for o in writes.tail}, name


@given(networks(), trainings())
@settings(max_examples=30)
def test_the_index_knows_who_writes_a_network(problem: NetworkSpec, training: TrainingSpec) -> None:
    index_agrees(Run(problem, training))


@given(formulas(), formula_trainings())
@settings(max_examples=30)
def test_the_index_knows_who_writes_an_expression(problem: ExpressionSpec, training: TrainingSpec) -> None:
    index_agrees(Run(problem, training))


# --- boundaries -------------------------------------------------------------------------------------


def addresses(run: Run, level: str) -> list[tuple[object, ...]]:
    """The address of every step, down to a level."""
    parts = 6 - LEVELS.index(level)
    made = []
    for step in run.steps():
        w = step.when
        full = (w.epoch, (w.batch, w.sample), w.phase, w.layer, w.node, step.number)
        made.append(full[:parts])
    return made


def boundaries_agree(run: Run) -> None:
    """Boundaries are where addresses change; `back` undoes `step` from one boundary to another."""
    timeline = run.timeline
    for level in LEVELS:
        where = addresses(run, level)
        marks = [0, *(p for p in range(1, run.length) if where[p - 1] != where[p]), run.length]
        for position in range(run.length + 1):
            after = next((p for p in marks if p > position), run.length)
            before = next((p for p in reversed(marks) if p < position), 0)
            assert timeline.next_boundary(position, level) == after, (level, position)
            assert timeline.previous_boundary(position, level) == before, (level, position)


@given(networks(), trainings())
@settings(max_examples=20)
def test_boundaries_of_networks(problem: NetworkSpec, training: TrainingSpec) -> None:
    boundaries_agree(Run(problem, training, epochs=min(2, training.epochs)))


@given(formulas(), formula_trainings())
@settings(max_examples=20)
def test_boundaries_of_expressions(problem: ExpressionSpec, training: TrainingSpec) -> None:
    boundaries_agree(Run(problem, training))


def test_a_planted_wrong_boundary_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Timeline.next_boundary
    monkeypatch.setattr(Timeline, "next_boundary", lambda self, p, level: right(self, p, level) + (p == 18))
    with pytest.raises(AssertionError):
        boundaries_agree(Run(mazur(), TrainingSpec(0.5)))


@given(networks(), trainings())
@settings(max_examples=25)
def test_places_one_after_the_other_are_the_places_of_their_numbers(
    problem: NetworkSpec, training: TrainingSpec
) -> None:
    timeline = Run(problem, training).timeline
    last = min(timeline.length, 400)
    expected = [timeline.place(number) for number in range(1, last + 1)]
    assert list(timeline.places(1, last)) == expected
    assert list(timeline.places(last // 2 + 1, last - 1)) == expected[last // 2 : last - 1]
    for number in (0, timeline.length + 1):
        with pytest.raises(IndexError):
            timeline.place(number)
