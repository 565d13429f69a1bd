"""Scenarios that are large in one way: deep, wide, long, with many samples or many epochs.

They are what an author may state by a slip of the finger.  Whatever is asked of them has its answer within the time of
any other input, or one line that says why not.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["large"]

_HEAD = 'format = 1\ntitle = "large"\n'
_TRAINING = "[training]\nlearning_rate = 0.1\n"
_SAMPLE = "[[sample]]\ninput = [0.5, -1.0]\ntarget = [0.3]\n"


def _layer(neurons: str, activation: str = "tanh") -> str:
    return (
        f'[[network.layer]]\nneurons = {neurons}\nactivation = "{activation}"\n'
        'init = { scheme = "xavier-uniform", seed = 3 }\nbias = true\n'
    )


def _network(layers: str, samples: str = _SAMPLE, training: str = _TRAINING) -> str:
    return f'{_HEAD}[network]\ninputs = 2\ncost = "half-squared-error"\n{layers}{samples}{training}'


def _deep(chance: random.Random) -> str:
    return _network("".join(_layer("1") for _ in range(chance.choice((130, 1000, 3000)))))


def _wide(chance: random.Random) -> str:
    return _network(_layer(str(chance.choice((1000, 30_000)))) + _layer("1", "linear"))


def _square(chance: random.Random) -> str:
    size = chance.choice((100, 600))
    return _network(_layer(str(size)) + _layer(str(size)) + _layer("1", "sigmoid"))


def _many_samples(chance: random.Random) -> str:
    samples = "".join(_SAMPLE for _ in range(chance.choice((300, 3000))))
    batch = chance.choice(("1", '"full"'))
    return _network(_layer("2") + _layer("1"), samples, f"{_TRAINING}batch = {batch}\nl2 = 0.1\n")


def _many_epochs(chance: random.Random) -> str:
    training = f'{_TRAINING}epochs = {chance.choice((10_000, 10**6, 10**9))}\noptimizer = "adam"\n'
    return _network(_layer("2") + _layer("1"), training=training)


def _softmax(chance: random.Random) -> str:
    size = chance.choice((50, 500))
    target = ", ".join("1.0" if k == 3 else "0.0" for k in range(size))
    samples = f"[[sample]]\ninput = [0.5, -1.0]\ntarget = [{target}]\n"
    return _network(_layer(str(size), "softmax"), samples).replace("half-squared-error", "cross-entropy")


def _expression(define: list[str]) -> str:
    lines = ", ".join(f'"{line}"' for line in define)
    return f"{_HEAD}[expression]\ndefine = [{lines}]\n[expression.inputs]\nx = 0.9\n"


def _long(chance: random.Random) -> str:
    count = chance.choice((300, 3000))
    return _expression(["q0 = x * x", *(f"q{k} = q{k - 1} * x + 0.1" for k in range(1, count))])


def _used_often(chance: random.Random) -> str:
    return _expression([f"y = {' * '.join(['x'] * chance.choice((300, 4000)))}"])


def _branching(chance: random.Random) -> str:
    """Twice as many paths with every line."""
    lines = (f"q{k} = sin(q{k - 1}) + q{k - 1}" for k in range(1, chance.choice((60, 400))))
    return _expression(["q0 = x * x", *lines])


def _nested(chance: random.Random) -> str:
    return _expression([f"y = {'sin(' * 95}x{')' * 95} + {'(' * 95}x{')' * 95}"])


_SORTS: tuple[Callable[[random.Random], str], ...] = (
    _deep, _wide, _square, _many_samples, _many_epochs, _softmax, _long, _used_often, _branching, _nested,
)  # fmt: skip


def large(chance: random.Random) -> str:
    """The text of a large scenario."""
    return chance.choice(_SORTS)(chance)
