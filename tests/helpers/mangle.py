"""Files that are broken in the ways in which files get broken, and in worse ones.

`mangled(seed)` takes a shipped scenario, or one of the texts that `bpstep new` and this module know, and breaks its
tables (types swapped, keys dropped, doubled or misspelt, numbers huge or not finite, lists ragged) or its text
(pieces cut, lines swapped, control characters, other line ends).  The same seed gives the same text.

    >>> mangled(7) == mangled(7)
    True
"""

from __future__ import annotations

import copy
import datetime
import json
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from bpstep.scenario.catalogue import builtin_path
from bpstep.scenario.template import TEMPLATE
from tests.helpers.shipped import SMALL

__all__ = [
    "EVERY_EXPRESSION_KEY",
    "EVERY_NETWORK_KEY",
    "EVERY_PROGRAM_KEY",
    "mangled",
    "paths_of",
    "replaced",
    "toml",
]

#: A small file in which every key of a network stands, with a value that is right.
EVERY_NETWORK_KEY = """\
format = 1
title = "Every key"
summary = "One line."
story = "Words."
source = "A book."
notation = "nielsen"
requires = ">=0.1, <9"
[network]
inputs = ["x1", "x2"]
cost = "half-squared-error"
input_gradients = true
[[network.layer]]
name = "hidden"
neurons = ["h1", "h2"]
activation = "sigmoid"
weights = [[0.1, 0.2], [0.3, 0.4]]
bias = [0.5, 0.6]
frozen = ["bias"]
[[network.layer]]
name = "wide"
neurons = 2
activation = "tanh"
init = { scheme = "uniform", low = -0.5, high = 0.5, seed = 3 }
bias = true
[[network.layer]]
neurons = ["o1"]
activation = "linear"
from = ["hidden", "wide"]
init = { scheme = "normal", mean = 0.1, std = 0.5, seed = 4 }
bias = 0.25
[[sample]]
input = [1, 2.5]
target = [1]
[[sample]]
input = [0.5, -1]
target = [0]
[[note]]
at = "delta[h1]"
say = "The delta is {delta[h1]}."
when = "delta[h1] > -10"
epoch = 2
sample = 1
[training]
learning_rate = 0.5
batch = 2
reduction = "sum"
epochs = 2
shuffle = 1
l2 = 0.01
optimizer = { name = "momentum", momentum = 0.8, nesterov = true }
"""

#: The same for an expression.
EVERY_EXPRESSION_KEY = """\
format = 1
title = "Every key"
[expression]
define = ["v = x^2 * a", "u = sin(v)", "y = exp(u)"]
output = "y"
parameters = ["x"]
[expression.inputs]
x = 1.2
a = 2
[[note]]
at = "d(v)"
say = "It is {d(v)}."
[training]
learning_rate = 0.1
epochs = 3
optimizer = "adam"
"""

#: The same for a program over arrays, with samples.
EVERY_PROGRAM_KEY = """\
format = 1
title = "Every key"
[expression]
define = ["for t in 1..2: h{t} = tanh(U @ h{t-1} + x)", "s = rows(h2, ids)", "E = squared_error(s, target) * a"]
parameters = ["U", "h0"]
[expression.inputs]
U = { shape = [2, 2], scheme = "uniform", low = -0.5, high = 0.5, seed = 3 }
h0 = [0.1, 0.2]
ids = [2, 1, 2]
a = 2
[expression.labels]
h1 = ["the", "cat"]
[[sample]]
[sample.values]
x = [1, 2]
target = [0, 1, 0.5]
[[sample]]
[sample.values]
x = [1, 2]
target = [0, 1, 0.5]
[training]
learning_rate = 0.1
batch = 2
reduction = "sum"
epochs = 3
shuffle = 2
optimizer = "adam"
"""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Raw:
    """A value as it is to be written, such as a number that Python would write in another way."""

    text: str


_TEXTS = (
    "", " ", "x", "h1", "hidden", "inputs", "sigmoid", "softmax", "full", "2x", "a b", "cost", "pi", "é", "²",
    "\x1b[31mred\x1b[0m", "\u202eevil", "a\u0301", "\u0000", "line\nline", "delta[h1]", "w[a->b]", "{", "{y[h1}", "}",
    "x^x^x^x^x", "y = " + "(" * 90 + "x" + ")" * 90, "y = " + "-" * 300 + "x", "y = x" + "^x" * 300, "y = 9^9^9^9 + x",
    "=", "y =", "= x", "y = 1e400*x", "nothing.csv", "/", "../..", "/dev/zero", "a" * 3000,
)  # fmt: skip
_NUMBERS = (
    Raw("0"), Raw("-1"), Raw("1"), Raw("2"), Raw("1000000000"), Raw("1" + "0" * 30), Raw("1" + "0" * 400),
    Raw("-1" + "0" * 320), Raw("9" * 5000), Raw("0x" + "f" * 6000), Raw("1e308"), Raw("-1e308"), Raw("1e400"),
    Raw("nan"), Raw("inf"), Raw("-inf"), Raw("5e-324"), Raw("0.5"), Raw("-0.0"), Raw("1.5"),
)  # fmt: skip
_OTHERS = (
    True, False, [], [[]], [[[]]], {}, {"name": "adam"}, {"x": 1}, [1, "x"], ["x", 1], [True], [{}], [0.1, 0.2],
    [[0.1]], {"scheme": "constant"}, Raw("1979-05-27T07:32:00Z"), Raw("07:32:00"), Raw("1979-05-27"), Raw("nul"),
)  # fmt: skip
_PIECES = (
    "", "[", "]", "[[", "]]", "{", "}", '"', "'", '"""', "=", "1", "-", ".", ",", "#", "\n", "\r", "\t", "true", "nan",
    "é", "\x00", "\x1b", "\u202e", "\ufeff", "\\", "\\u0000", "e999", "_", "[sample]\n", "[[note]]\n", "[a.a.a.a]\n",
)  # fmt: skip


@cache
def _sources() -> tuple[str, ...]:
    small = list(SMALL)
    shipped = [builtin_path(name).read_text(encoding="utf-8") for name in small]
    return (*shipped, *[TEMPLATE, EVERY_NETWORK_KEY, EVERY_EXPRESSION_KEY, EVERY_PROGRAM_KEY] * 4)


def mangled(seed: int) -> str:
    """The text of a file that was sound before it was broken in one to four places."""
    rng = random.Random(seed)
    text = rng.choice(_sources())
    if rng.random() < 0.7:
        tables = tomllib.loads(text)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            _break_tables(tables, rng)
        text = toml(tables)
    if rng.random() < 0.4:
        for _ in range(rng.choice((1, 1, 2, 4))):
            text = rng.choice(_TEXT_BREAKERS)(text, rng)
    return text


# --- tables -----------------------------------------------------------------------------------------------


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every key and of every element in a value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, inner in parts:
        yield (*path, part)
        yield from paths_of(inner, (*path, part))


def replaced(tables: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The tables with another value at a path."""
    changed = copy.deepcopy(tables)
    _parent(changed, path)[path[-1]] = value
    return changed


def _parent(value: Any, path: Path) -> Any:
    for part in path[:-1]:
        value = value[part]
    return value


def _odd(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(rng.choice((_TEXTS, _NUMBERS, _OTHERS))))


def _break_tables(tables: dict[str, Any], rng: random.Random) -> None:
    paths = list(paths_of(tables))
    if not paths:
        return
    path = rng.choice(paths)
    inside, part = _parent(tables, path), path[-1]
    action = rng.randrange(9)
    if action <= 2:
        inside[part] = _odd(rng)
    elif action == 3:
        del inside[part]
    elif action == 4 and isinstance(inside, dict):
        name = str(part)
        at = rng.randrange(len(name) + 1)
        inside[name[:at] + rng.choice(("", "s", "_", "é", "-", " ", "\x07")) + name[at + 1 :]] = inside.pop(
            part
        )
    elif action == 4:
        inside.insert(int(part), copy.deepcopy(inside[int(part)]))
    elif action == 5:
        inside[part] = [inside[part]] * rng.choice((0, 1, 2, 5))
    elif action == 6 and isinstance(inside[part], list):
        inside[part].append(_odd(rng))
    elif action == 6 and isinstance(inside[part], dict):
        inside[part][rng.choice(("momentum", "seed", "extra", "from", "", "\u202e"))] = _odd(rng)
    elif action == 7:
        other = rng.choice(paths)
        inside[part] = copy.deepcopy(_parent(tables, other)[other[-1]])
    elif isinstance(inside[part], list) and inside[part]:
        rng.shuffle(inside[part])
        inside[part].pop()


def toml(tables: dict[str, Any]) -> str:
    """Tables as TOML: a header for tables and for lists of tables, as authors write them."""
    lines: list[str] = []
    _table(tables, (), lines)
    return "\n".join(lines) + "\n"


def _table(table: dict[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    def is_array(value: Any) -> bool:
        return isinstance(value, list) and bool(value) and all(isinstance(x, dict) for x in value)

    def has_header(name: str, value: Any) -> bool:
        return (isinstance(value, dict) or is_array(value)) and name not in ("init", "optimizer")

    for name, value in table.items():
        if not has_header(name, value):
            lines.append(f"{_key(name)} = {_value(value)}")
    for name, value in table.items():
        here = (*path, _key(name))
        if not has_header(name, value):
            continue
        brackets = ("[[", "]]") if is_array(value) else ("[", "]")
        for inner in value if is_array(value) else [value]:
            lines.append(brackets[0] + ".".join(here) + brackets[1])
            _table(inner, here, lines)


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_value(x)}" for name, x in value.items()) + " }"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return repr(value)


# --- text -------------------------------------------------------------------------------------------------


def _insert(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(_PIECES) + text[at + rng.choice((0, 0, 1, 6)) :]


def _swap_lines(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[first], lines[second] = lines[second], lines[first]
    return "".join(lines)


def _double_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        at = rng.randrange(len(lines))
        lines.insert(rng.randrange(len(lines)), lines[at])
    return "".join(lines)


def _drop_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        del lines[rng.randrange(len(lines))]
    return "".join(lines)


def _cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _other_line_ends(text: str, rng: random.Random) -> str:
    return text.replace("\n", rng.choice(("\r\n", "\r", "\n\n")))


def _number(text: str, rng: random.Random) -> str:
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + rng.choice(_NUMBERS).text + text[at + 1 :]


_TEXT_BREAKERS: tuple[Callable[[str, random.Random], str], ...] = (
    _insert, _insert, _insert, _swap_lines, _double_line, _drop_line, _cut, _other_line_ends, _number, _number,
)  # fmt: skip
