"""What can be chosen from a list, as commands: the rules, the notations, the things to play with.

A list is a row of `LISTS`; a face shows it and submits the line of the choice that is taken.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.debugger.expressions import Scope
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rules import RULES
from bpstep.engine.specs import NetworkSpec
from bpstep.lazily import dataclass
from bpstep.scenario.notations import NOTATIONS

__all__ = ["LISTS", "Choice"]


@dataclass(frozen=True)
class Choice:
    """A row of a list: what it is called, what it means, and its command.  ``why_not`` is why it can not be taken."""

    label: str
    says: str
    line: str
    is_now: bool = False
    why_not: str = ""


def _rules(scope: Scope) -> list[Choice]:
    """Every rule, with what it gets wrong."""
    setup = scope.moment.setup
    return [
        Choice(
            rule.name, rule.says, f"set rule = {rule.name}", rule is setup.rule and not scope.moment.conceals,
            rule.refuses(setup.problem, setup.training),
        )
        for rule in RULES.values()
    ]  # fmt: skip


def _notations(scope: Scope) -> list[Choice]:
    now = scope.notation
    return [
        Choice(name, f"{n.net}, {n.output}, {n.delta}; {n.activation}, {n.target}, {n.cost}, {n.rate}",
               f"set notation = {name}", name == now)
        for name, n in NOTATIONS.items()
    ]  # fmt: skip


def _changes(scope: Scope) -> list[Choice]:
    """Cost, learning rate and optimizer: what there is to play with."""
    setup = scope.moment.setup
    found: list[Choice] = []
    rate = scope.moment.rate if setup.training.learning_rate is not None else None
    for times, says in ((0.1, "a tenth of"), (0.5, "half of"), (2, "twice"), (10, "ten times")):
        if rate is not None:
            value = f"{rate * times:.6g}"
            found.append(Choice(f"lr = {value}", f"{says} {rate:g}, from here on", f"set lr = {value}"))
    if rate is None:
        found.append(Choice("lr = 0.1", "a learning rate, so that there is an update", "set lr = 0.1"))
    problem = setup.problem
    if isinstance(problem, NetworkSpec):
        n = NOTATIONS[scope.notation]
        letters = {"y": f"{n.output}(k)", "t": f"{n.target}(k)", "K": str(len(problem.outputs))}
        for cost in COSTS.values():
            found.append(
                Choice(
                    f"cost = {cost.name}", cost.formula.format(**letters), f"set cost = {cost.name}",
                    cost.name == problem.cost, cost.refuses(problem.t),
                )
            )  # fmt: skip
    for name in OPTIMIZERS:
        now = setup.training.optimizer.name == name
        found.append(Choice(f"optimizer = {name}", "from the next update on", f"set optimizer = {name}", now))
    return found


#: The lists, by name: their title, and what makes their rows.
LISTS: dict[str, tuple[str, Callable[[Scope], list[Choice]]]] = {
    "rules": ("rules: the right one, and the mistakes people make", _rules),
    "notations": ("notations: the same cells under other letters", _notations),
    "changes": ("play with it: learning rate, cost, optimizer", _changes),
}
