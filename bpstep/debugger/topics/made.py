"""What topics of the help do not say themselves but take from tables: commands, operations, rules, functions, …"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bpstep.debugger.command import Command
from bpstep.debugger.topics.part import Part
from bpstep.english import listed

__all__ = ["STEPS", "made_of"]


def made_of(what: str, commands: Mapping[str, Command]) -> list[Part]:
    """The parts that a name stands for: ``rules``, ``commands`` (all of them), or ``commands step back`` (these)."""
    name, *words = what.split()
    if name != "commands":
        return _MADE[name]()
    if words:
        return _rows((commands[word].usage, commands[word].does) for word in words)
    return _rows((_with_aliases(command), command.says) for command in commands.values())


def _with_aliases(command: Command) -> str:
    return command.usage + (f" ({', '.join(command.aliases)})" if command.aliases else "")


def _rows(pairs: Iterable[tuple[str, str]]) -> list[Part]:
    return [Part("row", left, right) for left, right in pairs]


def _clock() -> list[Part]:
    from bpstep.engine.cells import CLOCK_KINDS

    return _rows([(", ".join(CLOCK_KINDS), "where and how we stand")])


#: What each kind of step does.
STEPS = {
    "term": "one product of a weighted sum: e += w · y",
    "bias": "the bias comes into the sum",
    "apply": "a function is applied: the output of a neuron, a variable",
    "cost": "the cost of one output",
    "reduce": "the costs of a batch become its loss",
    "seed": "the derivative of the end by itself, where the way back begins",
    "local": "a local derivative is worked out",
    "contribute": "upstream times local comes into a derivative, one consumer at a time",
    "tangent": "in forward mode: a tangent gathers",
    "state": "the optimizer's own numbers",
    "update": "a weight or a bias is changed",
}


def _steps() -> list[Part]:
    from bpstep.engine.steps import OPS

    return _rows((op, STEPS[op]) for op in OPS)


def _levels() -> list[Part]:
    from bpstep.engine.timeline import LEVELS

    return [Part("text", f"step and back take a level: {', '.join(LEVELS)}.")]


def _notations() -> list[Part]:
    from bpstep.scenario.notations import NOTATIONS

    return _rows(
        (row.name, f"net input {row.net}, output {row.output}, ∂/∂net {row.delta}, activation {row.activation}, "
                   f"target {row.target}, cost {row.cost}, rate {row.rate}")
        for row in NOTATIONS.values()
    )  # fmt: skip


def _looks() -> list[Part]:
    from bpstep.debugger.looks import LOOKS

    return _rows((f"--{row.name} {row.word}", row.says) for row in LOOKS.values())


def _activations() -> list[Part]:
    from bpstep.engine.activations import ACTIVATIONS

    return [Part("text", f"Activations: {', '.join(ACTIVATIONS)}.")]


def _costs() -> list[Part]:
    from bpstep.engine.costs import COSTS

    return _rows((row.name, row.formula.format(y="y", t="t", K="K")) for row in COSTS.values())


def _optimizers() -> list[Part]:
    """Each with what it remembers of every parameter, and its settings as they are where nothing is said of them."""
    from bpstep.engine.optimizers import OPTIMIZERS

    def told(states: tuple[str, ...], defaults: Mapping[str, float]) -> str:
        remembers = f"remembers {listed(states)}" if states else "remembers nothing"
        return "; ".join([remembers, *(f"{name} = {str(value).lower()}" for name, value in defaults.items())])

    return _rows((row.name, told(row.states, row.defaults)) for row in OPTIMIZERS.values())


def _events() -> list[Part]:
    from bpstep.debugger.events import EVENTS

    return _rows((row.name, row.says) for row in EVENTS.values())


def _rules() -> list[Part]:
    from bpstep.engine.rules import RULES

    return _rows((rule.name, rule.says) for rule in RULES.values())


def _functions() -> list[Part]:
    from bpstep.scenario.functions import function_names

    return [Part("text", f"Functions of one number: {', '.join(function_names())}.")]


def _functions_of_arrays() -> list[Part]:
    from bpstep.scenario.functions import ARRAY_FUNCTIONS

    return _rows((form.text, form.says) for form in ARRAY_FUNCTIONS.values())


def _mistakes() -> list[Part]:
    from bpstep.comparison.table import MISTAKES

    names = dict.fromkeys(row.name for row in MISTAKES)
    return [Part("text", f"Mistakes that are known: {', '.join(names)}.")]


#: By the name that stands for it in a page.
_MADE: dict[str, Callable[[], list[Part]]] = {
    "clock": _clock,
    "steps": _steps,
    "levels": _levels,
    "notations": _notations,
    "rules": _rules,
    "looks": _looks,
    "activations": _activations,
    "costs": _costs,
    "optimizers": _optimizers,
    "events": _events,
    "functions": _functions,
    "functions-of-arrays": _functions_of_arrays,
    "mistakes": _mistakes,
}
