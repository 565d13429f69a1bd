"""What of a run's structure can be set: cost, activations, optimizer, rule, mode.

A row of `STRUCTURE` makes a change from what was written, or refuses it; when the change acts is not its business.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from bpstep.debugger.arguments import one_of
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import Scope, cells_named
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rules import RULES
from bpstep.engine.setup import Setup
from bpstep.engine.specs import Array, NetworkSpec, OptimizerSpec
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["STRUCTURE", "Change", "Part", "forward_seed", "refuse_targets"]

Change = Callable[[Setup], Setup]


def _network(setup: Setup, what: str, column: int) -> NetworkSpec:
    if not isinstance(setup.problem, NetworkSpec):
        raise CommandError(f"an expression has no {what}", column)
    return setup.problem


def _cost(scope: Scope, which: str, value: str, columns: tuple[int, int]) -> Change:
    if which:
        raise CommandError('expected "cost = NAME"', columns[0])
    problem = _network(scope.moment.setup, "cost of its own", columns[0])
    name = one_of(value, COSTS, columns[1])
    refuse_targets(name, problem.t, columns[1])
    return lambda s: replace(s, problem=replace(_network(s, "cost", 0), cost=name))


def refuse_targets(cost: str, targets: Array, column: int) -> None:
    """`CommandError` where a cost can not be taken of these targets."""
    reason = COSTS[cost].refuses(targets)
    if reason:
        raise CommandError(reason, column)


def _activation(scope: Scope, which: str, value: str, columns: tuple[int, int]) -> Change:
    problem = _network(scope.moment.setup, "layers", columns[0])
    layers = [layer.name for layer in problem.layers]
    if not which:
        raise CommandError(f'expected "activation LAYER = NAME" (layers: {", ".join(layers)})', columns[0])
    one_of(which, layers, columns[0])
    name = one_of(value, ACTIVATIONS, columns[1])

    def change(setup: Setup) -> Setup:
        spec = _network(setup, "layers", 0)
        changed = tuple(replace(x, activation=name) if x.name == which else x for x in spec.layers)
        return replace(setup, problem=replace(spec, layers=changed))

    return change


def _optimizer(scope: Scope, which: str, value: str, columns: tuple[int, int]) -> Change:
    words = value.split()
    name = one_of(words[0], OPTIMIZERS, columns[1])
    known, settings = OPTIMIZERS[name].defaults, []
    for word in words[1:]:
        key, equals, number = word.partition("=")
        at = columns[1] + value.index(word)
        if key not in known or not equals:
            says = f"it has {', '.join(known)}" if known else "it has no settings"
            raise CommandError(f'the optimizer "{name}" does not know {quoted(key)}; {says}', at)
        settings.append((key, _setting(number, at)))
    spec = OptimizerSpec(name, tuple(settings))
    return lambda s: replace(s, training=replace(s.training, optimizer=spec))


def _setting(text: str, column: int) -> float | bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise CommandError(f"expected a number, found {quoted(text)}", column)
    return found


def _mode(scope: Scope, which: str, value: str, columns: tuple[int, int]) -> Change:
    words = value.split(maxsplit=1)
    if words[0] == "reverse" and len(words) == 1:
        return lambda s: replace(s, wrt=None)
    if words[0] != "forward" or len(words) != 2:
        raise CommandError("expected reverse, or forward CELL", columns[1])
    if scope.moment.setup.rule is not RULES["correct"]:
        raise CommandError("a rule is a way to back-propagate; set rule = correct first", columns[1])
    seed = forward_seed(scope, words[1], columns[1] + len(value) - len(words[1]))
    _refuse_edits_within(scope, columns[0])
    return lambda s: replace(s, wrt=seed)


def _refuse_edits_within(scope: Scope, column: int) -> None:
    """In forward mode no value changes within a batch; who goes back may have such changes ahead."""
    first = scope.moment.place.batch + 1 if scope.moment.position else 0
    timeline = scope.moment.run.timeline
    for edit in scope.moment.run.edits:
        length = timeline.segment_of_batch(edit.batch).schedule_of(edit.batch).length
        if edit.cell is None or edit.batch < first or not 0 < edit.offset < length:
            continue
        where = f"after step {timeline.start_of_batch(edit.batch) + edit.offset}"
        message = f'in forward mode a value is set before a batch; undo "{edit.text}" ({where}) first'
        raise CommandError(message, column, ExitCode.FAILED)


def forward_seed(scope: Scope, text: str, column: int) -> Cell:
    """The cell that a text names as what forward mode takes tangents by; `CommandError` where it can not."""
    found = cells_named(scope, text, column)
    if len(found) > 1:
        raise CommandError(f"expected one cell, found {len(found)}", column)
    spot = scope.moment.index.find(found[0])
    if spot is not None and spot.vector in scope.moment.setup.graph.constants:
        raise CommandError(f"nothing is differentiated by {found[0]}: it is only read", column)
    if spot is None or spot.kind not in ("given", "parameter"):
        raise CommandError(f"tangents are taken by an input or a parameter; {found[0]} is neither", column)
    return found[0]


def _rule(scope: Scope, which: str, value: str, columns: tuple[int, int]) -> Change:
    setup = scope.moment.setup
    rule = RULES[one_of(value, RULES, columns[1])]
    reason = rule.refuses(setup.problem, setup.training)
    if setup.wrt is not None:
        reason = "forward mode has no backward pass"
    if reason:
        raise CommandError(f'the rule "{rule.name}" does not apply here: {reason}', columns[1])
    return lambda s: replace(s, rule=rule)


@dataclass(frozen=True)
class Part:
    """A row: how what is set is called, what it may be, and from what was written the change, or a `CommandError`."""

    usage: str
    choices: Iterable[str]
    change: Callable[[Scope, str, str, tuple[int, int]], Change]

    @property
    def name(self) -> str:
        """The first word of its usage."""
        return self.usage.partition(" ")[0]


_ROWS = (
    Part("cost", COSTS, _cost),
    Part("activation LAYER", ACTIVATIONS, _activation),
    Part("optimizer", OPTIMIZERS, _optimizer),
    Part("rule", RULES, _rule),
    Part("mode", ("reverse", "forward"), _mode),
)

#: The parts of a structure, by name.
STRUCTURE: dict[str, Part] = {row.name: row for row in _ROWS}
