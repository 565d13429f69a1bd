"""Graphs of scalars, walked wrongly by a small differentiator of our own: the way it was walked is named.

`Value` is written after the shape of micrograd; it shares no code with bpstep, and the formula of an expression is
evaluated by Python itself.
"""

from __future__ import annotations

import math
import random

import pytest

from bpstep.comparison.entries import entries_of
from bpstep.comparison.report import Report, compare_numbers
from bpstep.engine.run import Run
from bpstep.scenario.loader import loads


class Value:
    """A number that remembers what it was made of, and by which local derivatives."""

    made = 0

    def __init__(self, data: float, parents: tuple[tuple[Value, float], ...] = (), op: str = "") -> None:
        Value.made += 1
        self.data, self.parents, self.op, self.grad, self.order = data, parents, op, 0.0, Value.made

    def __add__(self, other: Value) -> Value:
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)), "+")

    def __sub__(self, other: Value) -> Value:
        return Value(self.data - other.data, ((self, 1.0), (other, -1.0)), "-")

    def __mul__(self, other: Value) -> Value:
        return Value(self.data * other.data, ((self, other.data), (other, self.data)), "*")


def sin(x: Value) -> Value:
    return Value(math.sin(x.data), ((x, math.cos(x.data)),), "sin")


def tanh(x: Value) -> Value:
    y = math.tanh(x.data)
    return Value(y, ((x, 1 - y * y),), "tanh")


def exp(x: Value) -> Value:
    return Value(math.exp(x.data), ((x, math.exp(x.data)),), "exp")


def backward(root: Value, every: list[Value], slip: str) -> None:
    """Derivatives of the root; right where there is no slip.  Several slips are joined by a plus."""
    if slip.startswith(("resend", "first-only")):
        send(root, 1.0, slip, set())
        return
    slips = slip.split(" + ")
    root.grad = 0.0 if "seed-forgotten" in slips else root.data if "seed-is-output" in slips else 1.0
    for node in sorted(every, key=lambda value: -value.order):
        for parent, local in node.parents:
            bent = node.op in ("sin", "tanh", "exp")
            if "no-derivative" in slips and bent:
                local = 1.0
            if "value-for-derivative" in slips:
                local = node.data
            if "swapped-operands" in slips and node.op == "*":
                local = (
                    next(x for p, x in node.parents if p is not parent)
                    if len(set(node.parents)) > 1
                    else local
                )
            if "sign of sin" in slips and node.op == "sin":
                local = -local
            share = local if "no-upstream" in slips else node.grad * local
            if "overwrite" in slips:
                parent.grad = share
            else:
                parent.grad += share


def send(node: Value, message: float, slip: str, seen: set[int]) -> None:
    """Backward by recursion, that does not wait until all has arrived."""
    node.grad += message
    if slip == "first-only" and id(node) in seen:
        return
    seen.add(id(node))
    parents = node.parents[::-1] if slip == "resend-from-the-last" else node.parents
    for parent, local in parents:
        send(parent, node.grad * local, slip, seen)


def random_expression(chance: random.Random) -> tuple[list[str], dict[str, float]]:
    """Statements of one operation each, in which most variables have several uses."""
    inputs = {name: round(chance.uniform(0.3, 1.7), 3) for name in ("p", "q")}
    known, unused, lines = list(inputs), list(inputs), []
    for k in range(chance.randint(3, 6)):
        name = f"u{k}"
        a = chance.choice(unused or known)
        b = chance.choice([one for one in known if one != a])
        lines.append(
            f"{name} = {chance.choice([f'{a} * {b}', f'{a} + {b}', f'{a} - {b}', f'sin({a})', f'tanh({a})'])}"
        )
        used = {a, b} if b in lines[-1].split(" = ")[1] else {a}
        unused = [one for one in unused if one not in used] + [name]
        known.append(name)
    while len(unused) > 1:
        a, b, *rest = unused
        name = f"u{len(lines)}"
        lines.append(f"{name} = {a} + {b}")
        unused = [*rest, name]
    return lines, inputs


def computed(lines: list[str], inputs: dict[str, float], slip: str) -> dict[str, Value]:
    names: dict[str, Value] = {name: Value(value) for name, value in inputs.items()}
    for line in lines:
        name, formula = line.split(" = ")
        names[name] = eval(formula, {"sin": sin, "tanh": tanh, "exp": exp}, names)
    backward(names[line.split(" = ")[0]], list(names.values()), slip)
    return names


def held(lines: list[str], inputs: dict[str, float], numbers: dict[str, float]) -> Report:
    listed = "\n".join(f"{name} = {value}" for name, value in inputs.items())
    text = f'format = 1\ntitle = "x"\n[expression]\ndefine = {lines}\n[expression.inputs]\n{listed}\n'
    scenario = loads(text.replace("'", '"'), "x.toml")
    return compare_numbers(Run(scenario.problem, scenario.training), entries_of(numbers.items()))


SLIPS = {
    "resend": {"resend"}, "resend-from-the-last": {"resend-from-the-last"}, "first-only": {"first-only"},
    "overwrite": {"overwrite", "overwrite-in-other-order"}, "seed-forgotten": {"seed-forgotten"},
    "seed-is-output": {"seed-is-output"}, "no-upstream": {"no-upstream"}, "no-derivative": {"no-derivative"},
    "value-for-derivative": {"value-for-derivative"}, "swapped-operands": {"swapped-operands"},
    "sign of sin": {"factor -1"},
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_graph_that_is_walked_wrongly_is_told_by_the_way_it_was_walked(slip: str) -> None:
    chance = random.Random(slip)
    seen = 0
    for _ in range(12):
        lines, inputs = random_expression(chance)
        right, wrong = computed(lines, inputs, ""), computed(lines, inputs, slip)
        visible = any(abs(right[n].grad - wrong[n].grad) > 1e-5 * (1 + abs(right[n].grad)) for n in right)
        report = held(lines, inputs, {f"d({name})": value.grad for name, value in wrong.items()})
        if not visible or report.ok:
            continue
        seen += 1
        names = {match.hypotheses[0].mistake.name for match in report.finding.matches}
        assert names & SLIPS[slip], (lines, inputs, report.finding.verdict, names)
        order = [str(step.cell) for step in report.sheet.steps()]
        assert report.first[0].name in order
    assert seen >= 3


@pytest.mark.parametrize(
    "slip", ["overwrite + sign of sin", "no-derivative + overwrite", "swapped-operands + sign of sin"]
)
def test_two_slips_at_once_are_named(slip: str) -> None:
    chance = random.Random(slip)
    seen = named = 0
    for _ in range(12):
        lines, inputs = random_expression(chance)
        wrong = computed(lines, inputs, slip)
        report = held(lines, inputs, {f"d({name})": value.grad for name, value in wrong.items()})
        if report.finding.verdict not in ("right", "mistake"):
            seen += 1
            wanted = [SLIPS[one] for one in slip.split(" + ")]
            pairs = [[one.mistake.name for one in match.hypotheses] for match in report.finding.matches]
            named += any(all(any(name in names for name in pair) for names in wanted) for pair in pairs)
    assert seen >= 2
    assert named >= 0.9 * seen


def test_a_right_graph_agrees_and_wrong_at_random_has_no_name() -> None:
    chance = random.Random(3)
    for _ in range(10):
        lines, inputs = random_expression(chance)
        right = {f"d({name})": value.grad for name, value in computed(lines, inputs, "").items()}
        assert held(lines, inputs, right).ok
        assert held(lines, inputs, {name: float(f"{value:.4g}") for name, value in right.items()}).ok
        noise = {name: value * math.exp(chance.gauss(0, 1)) + 0.1 for name, value in right.items()}
        assert not held(lines, inputs, noise).finding.matches
