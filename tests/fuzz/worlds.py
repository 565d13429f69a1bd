"""Scenario files that are right: shipped, and at random: nets, expressions, programs over arrays.

What is made up has every feature of the format in it sooner or later: skips, softmax anywhere, frozen parts, batches,
shuffling, l2, every optimizer, notes.
"""

from __future__ import annotations

import random
from functools import cache

from bpstep.scenario.catalogue import builtin_path
from tests.fuzz.arrays import array_program
from tests.helpers.shipped import SMALL

__all__ = ["ACTIVATIONS", "COSTS", "LARGE", "NOTATIONS", "SMALL", "formula", "made_up", "shipped"]

#: The scenario of real size; it comes seldom, for its time is that of a hundred others.
LARGE = "deep-784-128-10"
#: All the others that are shipped.
ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky-relu", "softplus", "softmax")
COSTS = (
    "half-squared-error", "squared-error", "mean-squared-error", "absolute-error", "binary-cross-entropy",
    "mean-binary-cross-entropy", "cross-entropy",
)  # fmt: skip
NOTATIONS = ("bpstep", "nielsen", "ng", "pdp", "autodiff")
_SCHEMES = ("uniform", "normal", "xavier-uniform", "xavier-normal", "he-uniform", "he-normal")
_OPTIMIZERS = (
    '"sgd"', '"adam"', '{ name = "momentum", momentum = 0.8 }', '{ name = "momentum", nesterov = true }',
    '{ name = "adamw", weight_decay = 0.1 }', '{ name = "adam", beta1 = 0.5, beta2 = 0.9, epsilon = 1e-3 }',
)  # fmt: skip
_UNARY = (
    "exp",
    "ln",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "sqrt",
    "abs",
    "sigmoid",
    "relu",
    "softplus",
)


@cache
def shipped(name: str) -> str:
    """The text of a shipped scenario."""
    return builtin_path(name).read_text(encoding="utf-8")


def made_up(chance: random.Random) -> str:
    """A scenario that loads."""
    return chance.choices((_network, _expression, array_program), (50, 20, 30))[0](chance)


def _number(chance: random.Random) -> str:
    return str(chance.choice((0, 1, -1, 0.5, round(chance.gauss(0, 1), 3), round(chance.gauss(0, 1), 3))))


def _list(chance: random.Random, count: int) -> str:
    return f"[{', '.join(_number(chance) for _ in range(count))}]"


def _network(chance: random.Random) -> str:
    inputs = [f"x{k + 1}" for k in range(chance.randint(1, 3))]
    sizes = {"inputs": len(inputs)}
    body = [f"inputs = {inputs}".replace("'", '"')] if chance.random() < 0.7 else [f"inputs = {len(inputs)}"]
    layers: list[str] = []
    count = chance.choice((1, 2, 2, 2, 3, 4))
    for place in range(count):
        layers += _layer(chance, "abcd"[place], sizes, last=place == count - 1)
    last = [line for line in layers if line.startswith("activation")][-1]
    cost = chance.choice(COSTS if "softmax" in last or "sigmoid" in last else COSTS[:4])
    body.append(f'cost = "{cost}"')
    if chance.random() < 0.2:
        body.append("input_gradients = true")
    samples, width = chance.randint(1, 4), list(sizes.values())[-1]
    rows = []
    for _ in range(samples):
        rows += [
            "[[sample]]",
            f"input = {_list(chance, len(inputs))}",
            f"target = {_target(chance, width, last)}",
        ]
    training = _training(chance, samples) if chance.random() < 0.8 else []
    return "\n".join([*_head(chance), "[network]", *body, *layers, *rows, *training]) + "\n"


def _layer(chance: random.Random, letter: str, sizes: dict[str, int], *, last: bool) -> list[str]:
    before = list(sizes)
    sources = [before[-1]]
    if len(before) > 1 and chance.random() < 0.25:
        sources = chance.choice(([*sources, before[0]], [before[0], *sources]))
    width, columns = chance.randint(1, 3), sum(sizes[source] for source in sources)
    neurons = [f"{letter}{k + 1}" for k in range(width)]
    found = ["[[network.layer]]", f'name = "{letter}"', f"neurons = {neurons}".replace("'", '"')]
    found.append(
        f'activation = "{chance.choice(ACTIVATIONS if last else ACTIVATIONS[:6] * 3 + ACTIVATIONS)}"'
    )
    if sources != [before[-1]]:
        found.append(f"from = {sources}".replace("'", '"'))
    if chance.random() < 0.6:
        found.append(f"weights = [{', '.join(_list(chance, columns) for _ in range(width))}]")
        bias = chance.choice((_list(chance, width), _number(chance), "false", ""))
    else:
        found.append(f'init = {{ scheme = "{chance.choice(_SCHEMES)}", seed = {chance.randrange(99)} }}')
        bias = chance.choice(("true", "false", ""))
    if bias:
        found.append(f"bias = {bias}")
    if chance.random() < 0.1:
        found.append(chance.choice(('frozen = ["weights"]', 'frozen = ["bias"]')))
    sizes[letter] = width
    return found


def _target(chance: random.Random, width: int, last: str) -> str:
    if "softmax" in last or "sigmoid" in last:
        hot = chance.randrange(width)
        return str([float(k == hot) for k in range(width)])
    return _list(chance, width)


def _training(chance: random.Random, samples: int) -> list[str]:
    found = [
        "[training]",
        f"learning_rate = {chance.choice((0.1, 0.5, 1))}",
        f"epochs = {chance.randint(1, 4)}",
    ]
    if samples:
        batch = chance.choice(("1", "2", str(samples), '"full"'))
        found.append(f"batch = {batch}")
        found += chance.choice(
            ([], ['reduction = "sum"'], ["l2 = 0.01"], [f"shuffle = {chance.randrange(9)}"])
        )
    return [*found, f"optimizer = {chance.choice(_OPTIMIZERS)}"] if chance.random() < 0.6 else found


def _head(chance: random.Random) -> list[str]:
    found = ["format = 1", 'title = "made up"']
    if chance.random() < 0.3:
        found.append(f'notation = "{chance.choice(NOTATIONS)}"')
    if chance.random() < 0.2:
        found.append('story = """\nOnce upon a time: `step`, **loss**.\n\n* one\n* two\n"""')
    return found


def _expression(chance: random.Random) -> str:
    inputs = ["x", "z", "t1"][: chance.randint(1, 3)]
    names, define = list(inputs), []
    for k in range(chance.randint(1, 3)):
        define.append(f"q{k} = {chance.choice(names)} * ({formula(chance, names)})")
        names.append(f"q{k}")
    rest = " + ".join(names)
    define.append(f"out = {rest} + {formula(chance, names)}")
    values = [f"{name} = {_number(chance)}" for name in inputs]
    lines = [*_head(chance), "[expression]", f"define = {define}".replace("'", '"')]
    if chance.random() < 0.5:
        lines.append(f'parameters = ["{chance.choice(inputs)}"]')
        lines += ["[expression.inputs]", *values, *_training(chance, 0)]
    else:
        lines += ["[expression.inputs]", *values]
    return "\n".join(lines) + "\n"


def formula(chance: random.Random, names: list[str], depth: int = 0) -> str:
    """A formula over some names, small most often."""
    what = chance.random()
    if depth > 5 or what < 0.25:
        return chance.choice(names)
    if what < 0.35:
        return chance.choice(("2", "0.5", "3", "1", "pi", "10", "1e-3"))
    inner = [formula(chance, names, depth + 1) for _ in range(2)]
    if what < 0.55:
        return f"{chance.choice(_UNARY)}({inner[0]})"
    if what < 0.6:
        return f"{chance.choice(('max', 'min'))}({inner[0]}, {inner[1]})"
    if what < 0.65:
        return f"-{inner[0]}" if not inner[0].startswith("-") else f"-({inner[0]})"
    if what < 0.75:
        return f"({inner[0]})^{chance.choice(('2', '3', '0.5', '-1', '(' + inner[1] + ')'))}"
    left, right = (part if chance.random() < 0.4 else f"({part})" for part in inner)
    return f"{left} {chance.choice('+-*/')} {right}"
