"""Programs over arrays that are right: loops, shapes, windows, norms, rows by number, with samples or without."""

from __future__ import annotations

import json
import random
import re

from tests.helpers.programs import PROGRAMS

__all__ = ["array_program"]


def array_program(chance: random.Random) -> str:
    """A scenario over arrays that loads: one of the known programs, or a made-up chain of statements."""
    if chance.random() < 0.4:
        define, inputs, _ = PROGRAMS[chance.choice(sorted(PROGRAMS))]
        return _file(define, {name: json.dumps(value) for name, value in inputs.items()})
    return _made_up(chance)


def _file(define: list[str], inputs: dict[str, str]) -> str:
    values = [f"{name} = {text}" for name, text in inputs.items()]
    return "\n".join(
        [
            "format = 1",
            'title = "over arrays"',
            "[expression]",
            f"define = {json.dumps(define)}",
            "[expression.inputs]",
            *values,
            "",
        ]
    )


def _array(chance: random.Random, *sizes: int) -> str:
    """Numbers in that many rows and columns, as TOML writes them."""
    if not sizes:
        return str(chance.choice((0.0, 1.0, -1.0, 0.5, round(chance.gauss(0, 1), 3))))
    return f"[{', '.join(_array(chance, *sizes[1:]) for _ in range(sizes[0]))}]"


def _made_up(chance: random.Random) -> str:
    """A matrix, a few changes of it that keep its rows and columns, perhaps a loop, and a number of it all."""
    rows, columns = chance.randint(1, 3), chance.randint(1, 3)
    inputs = {
        "X": _array(chance, rows, columns),
        "W": _array(chance, columns, columns),
        "b": _array(chance, columns),
        "h0": _array(chance, columns),
    }
    define, now = [], "X"
    for number in range(chance.randint(1, 3)):
        define.append(f"A{number} = {chance.choice(_SAME_SHAPE).format(now)}")
        now = f"A{number}"
    last = f"sum({now})"
    if chance.random() < 0.5:
        define.append(f"for t in 1..{rows}: h{{t}} = tanh(W @ h{{t-1}} + {now}[{{t}}] + b)")
        last = f"sum({now} * {now}) + sum(h{rows}^2)"
    written = set(re.findall(r"\w+", " ".join([*define, last])))
    needed = written | ({"h0"} if last.endswith("^2)") else set())  # the loop reads it as h{t-1}
    kept = {name: text for name, text in inputs.items() if name in needed}
    return _file([*define, f"E = {last}"], kept)


_SAME_SHAPE = (
    "tanh({0} @ W + b)",
    "softmax({0})",
    "log_softmax({0}, axis=1)",
    "{0}.T.T * 2",
    "layer_norm({0}, 2, 1)",
    "batch_norm({0}, b, 1)",
    "max({0}, 0) + {0}",
    "({0} - mean({0})) * b",
    "max_pool({0}, 1)",
    "conv({0}, W[1..1, 1..1])",
    "stack({0}, {0})[1]",
    "where(detach({0}), {0}, 0.5)",
    "{0} / (1 + sum({0}^2))",
)
